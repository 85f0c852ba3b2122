"""Packages for the package managers of tests/engine/predictions: a .deb in an archive, a wheel, an npm tarball."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

PACKAGE_JSON = '{"name": "app", "version": "1.0.0", "private": true}\n'
MAKEFILE = "all:\n\techo built > out\ninstall:\n\tmkdir -p /opt/made && cp out /opt/made/\n"


def lay_out(root: Path) -> None:
    """Write them below a folder."""
    package = deb()
    (root / "repo").mkdir()
    (root / "repo" / "demo_1.0_all.deb").write_bytes(package)
    (root / "repo" / "Packages").write_text(index(package))
    (root / "wheels" / "src").mkdir(parents=True)
    (root / "wheels" / "demo-1.0-py3-none-any.whl").write_bytes(wheel())
    (root / "wheels" / "src" / "module.py").write_text("A = 1\n")
    (root / "demo-1.0.0.tgz").write_bytes(npm())
    (root / "package.json").write_text(PACKAGE_JSON)
    (root / "Makefile").write_text(MAKEFILE)
    for path in (root, *root.rglob("*")):
        if not path.is_symlink() and "files" not in path.parts:
            path.chmod(0o755 if path.is_dir() else 0o644)


CONTROL = "Package: demo\nVersion: 1.0\nArchitecture: all\nMaintainer: Nobody <nobody@localhost>\nDescription: demo\n"


def deb() -> bytes:
    """A package with two files."""
    members = {
        "debian-binary": b"2.0\n",
        "control.tar.gz": _tar({"./control": CONTROL}),
        "data.tar.gz": _tar({"./usr/share/demo/data": "data\n", "./usr/share/demo/more": "more\n"}),
    }
    out = b"!<arch>\n"
    for name, data in members.items():
        out += f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode() + data + b"\n" * (len(data) % 2)
    return out


def index(package: bytes) -> str:
    """The Packages file of an archive that holds it."""
    digest = hashlib.sha256(package).hexdigest()
    return f"{CONTROL}Filename: ./demo_1.0_all.deb\nSize: {len(package)}\nSHA256: {digest}\n\n"


def _tar(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        folders = sorted({str(parent) for name in files for parent in Path(name).parents if str(parent) != "."})
        for folder in folders:
            entry = tarfile.TarInfo(f"./{folder}")
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(entry)
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return gzip.compress(out.getvalue(), mtime=0)


def wheel() -> bytes:
    """A package of one module."""
    files = {
        "demo/__init__.py": "NAME = 'demo'\n",
        "demo-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n",
        "demo-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "demo-1.0.dist-info/RECORD": "demo/__init__.py,,\ndemo-1.0.dist-info/METADATA,,\ndemo-1.0.dist-info/WHEEL,,\n"
        "demo-1.0.dist-info/RECORD,,\n",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def npm() -> bytes:
    """A package as `npm pack` makes it."""
    manifest = '{"name": "demo", "version": "1.0.0", "main": "index.js"}\n'
    return _tar({"package/package.json": manifest, "package/index.js": "module.exports = 1\n"})
