"""What an image holds after each of its layers, folders, modes and owners included; and the prediction beside it."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterable, Mapping
from typing import NamedTuple

# What the engine itself leaves in layers: mount points, and files that it mounts into the container of a RUN.
NOISE = ("/dev", "/proc", "/sys", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/etc/mtab", "/.dockerenv")
NOISE_FOLDERS = (*NOISE, "/", "/etc")


class Entry(NamedTuple):
    """One path: `kind` is file, folder, link or other; `content` is the target of a link, empty for folders."""

    kind: str
    mode: int
    owner: str
    content: bytes


State = dict[str, Entry]


def saved_states(saved: bytes) -> list[State]:
    """The state after each layer of a `docker save`."""
    with tarfile.open(fileobj=io.BytesIO(saved)) as archive:
        names = json.loads(_read(archive, "manifest.json"))[0]["Layers"]
        blobs = [_read(archive, name) for name in names]
    out: list[State] = []
    full: State = {}
    for blob in blobs:
        with tarfile.open(fileobj=io.BytesIO(blob)) as layer:
            full = fold(full, layer)
        out.append({path: entry for path, entry in full.items() if not is_noise(path, entry)})
    return out


def is_noise(path: str, entry: Entry) -> bool:
    """Whether the engine makes or changes a path on its own."""
    if entry.kind == "folder" and path in NOISE_FOLDERS:
        return True
    return path in NOISE or path.startswith(tuple(noise + "/" for noise in NOISE))


def _read(archive: tarfile.TarFile, name: str | tarfile.TarInfo) -> bytes:
    file = archive.extractfile(name)
    assert file is not None, name
    return file.read()


def fold(before: Mapping[str, Entry], layer: tarfile.TarFile) -> State:
    """What is there when a layer lies on top."""
    after = dict(before)
    members = [("/" + member.name.removeprefix("./").strip("/"), member) for member in layer]
    gone = {path.replace("/.wh.", "/") for path, _ in members if path.rpartition("/")[2].startswith(".wh.")}
    opaque = {path.rpartition("/")[0] for path, _ in members if path.endswith("/.wh..wh..opq")}
    replaced = {
        path for path, member in members if not member.isdir() and path in before and before[path].kind == "folder"
    }
    if gone or opaque or replaced:  # whiteouts speak of lower layers only, wherever they stand
        after = {path: entry for path, entry in after.items() if not _hidden(path, gone | replaced, opaque)}
    for path, member in members:
        if not path.rpartition("/")[2].startswith(".wh."):
            after[path] = _entry(layer, member, after)
    return after


def _hidden(path: str, gone: set[str], opaque: set[str]) -> bool:
    if path in gone:
        return True
    at = path.rpartition("/")[0]
    while at:
        if at in gone or at in opaque:
            return True
        at = at.rpartition("/")[0]
    return False


def _entry(layer: tarfile.TarFile, member: tarfile.TarInfo, after: State) -> Entry:
    mode, owner = member.mode & 0o7777, f"{member.uid}:{member.gid}"
    if member.isdir():
        return Entry("folder", mode, owner, b"")
    if member.issym():
        return Entry("link", 0o777, owner, member.linkname.encode("utf-8", "surrogateescape"))
    if member.islnk():
        return after["/" + member.linkname.removeprefix("./").strip("/")]
    if not member.isreg():
        return Entry("other", mode, owner, b"")
    return Entry("file", mode, owner, _read(layer, member))


def changes(before: Mapping[str, Entry], after: Mapping[str, Entry]) -> dict[str, Entry | None]:
    """The paths that a layer changes, None for those that it removes."""
    out: dict[str, Entry | None] = {path: entry for path, entry in after.items() if before.get(path) != entry}
    out.update((path, None) for path in before if path not in after)
    return out


def differing(one: Iterable[State], other: Iterable[State]) -> set[str]:
    """The paths whose content differs between two builds of the unchanged file: times, random names."""
    return {path for a, b in zip(one, other, strict=True) for path in a.keys() | b.keys() if a.get(path) != b.get(path)}
