"""The build contexts of tests/engine/predictions, made of data: files, folders, links and archives."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

APPLETS_IN = "bin"
FOLDERS = ("bin", "dev", "etc", "home", "lib", "proc", "root", "sys", "tmp", "usr", "usr/bin", "var")
ACCOUNTS = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\n"
    "nobody:x:65534:65534::/:/bin/false\n",
    "etc/group": "root:x:0:\nstaff:x:50:\napp:x:1001:\nnogroup:x:65534:\n",
    "etc/shadow": "root:*:19000:0:99999:7:::\n",
}
FILES = {
    ".env": "SECRET=1",
    "a.txt": "A\nA2\n",
    "b.txt": "B\n",
    "run.sh": "#!/bin/sh\necho run > /made-by-run\n",
    "setuid": "S",
    "d/x": "X",
    "d/.hidden": "H",
    "d/s/y": "Y",
    "d/s/z.txt": "Z",
    "e/f.txt": "F",
    "private/key": "K",
    "private/run": "R",
    "private/in/deep": "D",
    "[id].js": "I",
    "with blank": "W",
}
EMPTY = ("d/empty", "links")
LINKS = {
    "to-a": "a.txt",
    "to-d": "d",
    "d/to-x": "x",
    "links/file": "../a.txt",
    "links/gone": "nowhere",
    "links/abs": "/etc",
}
MODES = {
    "b.txt": 0o600,
    "run.sh": 0o755,
    "setuid": 0o4755,
    "private": 0o700,
    "private/key": 0o400,
    "private/run": 0o751,
    "private/in": 0o750,
    "d/s/z.txt": 0o664,
}


def lay_out(root: Path) -> None:
    """The files of the usual context, with fixed modes."""
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    for path in EMPTY:
        (root / path).mkdir(parents=True, exist_ok=True)
    for path, target in LINKS.items():
        (root / path).symlink_to(target)
    for top, folders, files in os.walk(root):
        for name in (*folders, *files):
            full = Path(top, name)
            if not full.is_symlink():
                full.chmod(MODES.get(str(full.relative_to(root)), 0o755 if full.is_dir() else 0o644))
    for name, data in archives().items():
        (root / name).write_bytes(data)
        (root / name).chmod(0o644)
    (root / "rootfs.tar").write_bytes(rootfs())
    (root / "rootfs.tar").chmod(0o644)
    zstd = shutil.which("zstd")
    if zstd:
        subprocess.run([zstd, "-q", "plain.tar", "-o", "a.tar.zst"], cwd=root, check=True)


def tar(compression: str = "") -> bytes:
    """A small archive with all kinds of entries."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:

        def add(name: str, mode: int, data: bytes = b"", kind: bytes = tarfile.REGTYPE, link: str = "") -> None:
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode, entry.size, entry.linkname = kind, mode, len(data), link
            entry.uid, entry.gid = 3, 4
            archive.addfile(entry, io.BytesIO(data))

        add("inside", 0o640, b"hello")
        add("deep/er/file", 0o755, b"x")
        add("dir", 0o711, kind=tarfile.DIRTYPE)
        add("dir/in", 0o600, b"g")
        add("sl", 0o777, kind=tarfile.SYMTYPE, link="inside")
        add("hl", 0o644, kind=tarfile.LNKTYPE, link="inside")
        add("./dot/here", 0o644, b"h")
    data = out.getvalue()
    if compression == "gz":
        return gzip.compress(data, mtime=0)
    return {"": lambda: data, "bz2": lambda: bz2.compress(data), "xz": lambda: lzma.compress(data)}[compression]()


def archives() -> dict[str, bytes]:
    """Archives by name; names lie where a builder asks the content only."""
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("zipped.txt", "zip")
        archive.writestr("folder/inner", "inner")
    return {
        "plain.tar": tar(),
        "packed.bin": tar("gz"),
        "a.tar.bz2": tar("bz2"),
        "a.tar.xz": tar("xz"),
        "notar.gz": gzip.compress(b"plain text\n" * 60, mtime=0),
        "x.zip": zipped.getvalue(),
    }


def busybox() -> str | None:
    """The machine's own static busybox."""
    return next((p for p in ("/bin/busybox", "/usr/bin/busybox") if os.path.exists(p)), None)


def rootfs() -> bytes:
    """A root file system of busybox, its applets and a few accounts."""
    program = busybox()
    assert program is not None
    applets = subprocess.run([program, "--list"], capture_output=True, text=True, check=True).stdout.split()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for folder in FOLDERS:
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if folder == "tmp" else 0o755
            archive.addfile(entry)
        entry = tarfile.TarInfo("bin/busybox")
        entry.mode, entry.size = 0o755, os.path.getsize(program)
        with open(program, "rb") as file:
            archive.addfile(entry, file)
        for path, text in ACCOUNTS.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
        for applet in sorted(set(applets) - {"busybox"}):
            entry = tarfile.TarInfo(f"bin/{applet}")
            entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
            archive.addfile(entry)
    return out.getvalue()
