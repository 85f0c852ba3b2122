"""Layers of an image that a real engine built, folded into what each layer adds and removes."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

State = dict[str, tuple[str, bytes]]  # absolute path -> kind and content or link target

# What the engine itself leaves in layers: mount points, and files that it mounts into the container of a RUN.
NOISE = ("/dev", "/proc", "/sys", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/etc/mtab", "/.dockerenv")


def why_no_engine() -> str:
    """Why no image can be built here, "" when one can."""
    try:
        run = subprocess.run(["docker", "version"], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"docker can't be run ({error}); tests/engine/up.sh brings an engine up"
    if run.returncode:
        said = " ".join(run.stderr.split())[:160]
        return f"no container engine answers ({said}); tests/engine/up.sh brings one up"
    return ""


FOLDERS = ("bin", "dev", "etc", "home", "lib", "proc", "root", "sys", "tmp", "usr", "var")
USERS = b"root:x:0:0:root:/root:/bin/sh\n"


def busybox_root(*programs: str) -> bytes | None:
    """The files of a small base image, from the machine's own static busybox and `programs` with their libraries.

    None when one of them is not here; tests/engine/up.sh installs busybox.
    """
    busybox = next((p for p in ("/bin/busybox", "/usr/bin/busybox") if os.path.exists(p)), None)
    found = [shutil.which(program) for program in programs]
    if busybox is None or None in found:
        return None
    applets = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for folder in FOLDERS:
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(entry)
        users = tarfile.TarInfo("etc/passwd")
        users.size = len(USERS)
        archive.addfile(users, io.BytesIO(USERS))
        archive.add(os.path.realpath(busybox), "bin/busybox")
        for applet in applets:
            if applet != "busybox" and applet not in programs:
                entry = tarfile.TarInfo(f"bin/{applet}")
                entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
                archive.addfile(entry)
        libraries = {lib for program in found if program for lib in _libraries(program)}
        for name, program in zip(programs, found, strict=True):
            archive.add(os.path.realpath(program or ""), f"bin/{name}")
        for library in sorted(libraries):
            archive.add(os.path.realpath(library), library.lstrip("/"))
    return out.getvalue()


def _libraries(program: str) -> list[str]:
    said = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    return re.findall(r"(/\S+) \(0x", said)


def import_base(root: bytes, name: str) -> None:
    """Make an image of one layer, in place of one of that name."""
    remove_image(name)
    run = subprocess.run(["docker", "import", "-", name], input=root, capture_output=True)
    assert run.returncode == 0, run.stderr.decode()


def remove_image(name: str) -> None:
    """Forget an image; it may be absent."""
    subprocess.run(["docker", "image", "rm", "--force", name], capture_output=True)


def save(name: str) -> bytes:
    """An image as an archive."""
    return subprocess.run(["docker", "save", name], capture_output=True, check=True).stdout


def build(context: Path, name: str, *options: str) -> bytes:
    """Build a folder and save the image."""
    return build_with_log(context, name, *options)[0]


def build_classic(context: Path, name: str, *options: str) -> tuple[bytes, str] | None:
    """The same by the builder that was before BuildKit; None when this engine has none. Nothing stays in the engine."""
    remove_image(name)
    command = ["docker", "build", "--force-rm", "--network", "none", "--tag", name, *options, str(context)]
    run = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "DOCKER_BUILDKIT": "0"})
    if run.returncode and "legacy builder" not in run.stdout + run.stderr:
        return None
    assert run.returncode == 0, run.stderr
    saved = save(name)
    remove_image(name)
    for step in reversed(list(_steps(run.stdout))):  # what other stages left: images without a name
        remove_image(step)
    return saved, run.stdout


def _steps(printed: str) -> Iterator[str]:
    """The images behind the steps of the classic builder, but for those that FROM names."""
    names = False
    for line in printed.splitlines():
        if line.startswith("Step "):
            names = " : FROM " in line
        elif not names and (found := re.fullmatch(r" ---> ([0-9a-f]{12})", line)):
            yield found[1]


def build_with_log(context: Path, name: str, *options: str) -> tuple[bytes, str]:
    """Build a folder; the saved image, and what the builder and its steps printed.

    What had the name before is removed first: else the engine would keep it without a name.
    """
    remove_image(name)
    command = ["docker", "build", "--progress", "plain", "--network", "none", "--tag", name, *options, str(context)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return save(name), run.stdout + run.stderr


def states(saved: bytes) -> list[State]:
    """What the image holds after each of its layers, folders and the engine's own files left out."""
    with tarfile.open(fileobj=io.BytesIO(saved)) as archive:
        names = json.loads(_read(archive, "manifest.json"))[0]["Layers"]
        blobs = [_read(archive, name) for name in names]
    out: list[State] = []
    full: dict[str, tuple[str, bytes]] = {}
    for blob in blobs:
        with tarfile.open(fileobj=io.BytesIO(blob)) as layer:
            full = _fold(full, layer)
        out.append({path: entry for path, entry in full.items() if entry[0] != "folder" and not _is_noise(path)})
    return out


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(name)
    assert file is not None, name
    return file.read()


def _is_noise(path: str) -> bool:
    return path in NOISE or path.startswith(tuple(noise + "/" for noise in NOISE))


def _fold(before: State, layer: tarfile.TarFile) -> State:
    after = dict(before)
    members = [(_absolute(member.name), member) for member in layer]
    for path, _ in members:  # whiteouts speak of lower layers only, wherever they stand
        folder, _, name = path.rpartition("/")
        if name == ".wh..wh..opq":
            _drop(after, folder, itself=False)
        elif name.startswith(".wh."):
            _drop(after, f"{folder}/{name[4:]}", itself=True)
    for path, member in members:
        if path.rpartition("/")[2].startswith(".wh."):
            continue
        entry = _entry(layer, member, after)
        if entry[0] != "folder" and after.get(path, ("", b""))[0] == "folder":
            _drop(after, path, itself=True)
        after[path] = entry
    return after


def _entry(layer: tarfile.TarFile, member: tarfile.TarInfo, after: State) -> tuple[str, bytes]:
    if member.isdir():
        return "folder", b""
    if member.issym():
        return "link", member.linkname.encode()
    if member.islnk():
        return after[_absolute(member.linkname)]
    return "file", _read(layer, member.name)


def _absolute(name: str) -> str:
    return "/" + name.removeprefix("./").strip("/")


def _drop(state: State, path: str, *, itself: bool) -> None:
    for found in [p for p in state if p.startswith(path + "/") or (itself and p == path)]:
        del state[found]


@contextmanager
def based(image: str, *bases: str) -> Iterator[None]:
    """Small base images from the machine's own static busybox; they and `image` are removed at the end.

    Skips the test, with the reason, where there is no engine or no busybox.
    """
    why = why_no_engine()
    if why:
        pytest.skip(why)
    root = busybox_root()
    if root is None:
        pytest.skip("no static busybox here to make a base image of; tests/engine/up.sh installs one")
    for base in bases:
        import_base(root, base)
    yield
    for name in (image, *bases):
        remove_image(name)
