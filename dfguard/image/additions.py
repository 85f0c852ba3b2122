"""Permissions that the build added over the base: set-user-ID programs, and what everybody may write."""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.image.model import Image
from dfguard.image.view import LIVE, Version, View
from dfguard.source import LayerPlace
from dfguard.struct import Struct

SET_ID, WORLD_WRITABLE, SEARCH_PATH = "set-id", "world-writable", "search-path"
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_STICKY = 0o1000
_SHARED = ("/tmp", "/var/tmp", "/dev", "/run/lock", "/proc", "/sys")  # writable for everybody by their purpose
_SYSTEM = ("/etc/os-release", "/usr/lib/os-release", "/bin/busybox")


class Addition(Struct):
    """Files or folders of one layer that the base does not have so: the first one's path, and how many there are.

    `kind` is one of SET_ID, WORLD_WRITABLE and SEARCH_PATH (a folder where programs are looked up, writable for
    everybody). `mode` is that of the first.
    """

    kind: str
    place: LayerPlace
    path: str
    mode: int
    layer: int
    count: int = 1


def base_layers_of(image: Image) -> int:
    """How many layers are the base's where nobody tells: the first one, if it holds a distribution."""
    first = image.layers[0].content.entries if image.layers else ()
    return int(any(entry.path in _SYSTEM for entry in first))


def additions(image: Image, view: View, base_layers: int) -> Iterator[Addition]:
    """All that is live in the final image, each kind once a layer; set-user-ID programs each for itself."""
    before = {v.path: v.entry.mode for layer in view.layers[:base_layers] for v in layer.versions}
    folders = search_path(image, view)
    for layer in view.layers[base_layers:]:
        fresh = [v for v in layer.versions if v.fate is LIVE and v.entry.kind in ("file", "dir")]
        digest = image.layers[layer.index].digest
        found: dict[str, list[Version]] = {}
        for version in fresh:
            old = before.get(version.path, 0)
            kind = _kind(version, old, folders)
            if kind:
                found.setdefault(kind, []).append(version)
        for kind, versions in found.items():
            each = versions if kind in (SET_ID, SEARCH_PATH) else versions[:1]
            count = 1 if kind in (SET_ID, SEARCH_PATH) else len(versions)
            for one in each:
                place = LayerPlace(image.name, digest, one.path)
                yield Addition(kind, place, one.path, one.entry.mode, layer.index, count)


def _kind(version: Version, old: int, folders: frozenset[str]) -> str:
    entry = version.entry
    if entry.kind == "file" and entry.mode & 0o6000 & ~old and entry.mode & 0o111:
        return SET_ID
    if not entry.mode & 0o002 or old & 0o002 or (entry.kind == "dir" and entry.mode & _STICKY):
        return ""
    if entry.kind == "dir" and entry.path in folders:
        return SEARCH_PATH
    return "" if any(entry.path == place or entry.path.startswith(f"{place}/") for place in _SHARED) else WORLD_WRITABLE


def search_path(image: Image, view: View) -> frozenset[str]:
    """The folders in which programs are looked up, links followed."""
    told = dict(image.config.env).get("PATH", DEFAULT_PATH)
    return frozenset(real for part in told.split(":") if part.startswith("/") and (real := view.real(part)))
