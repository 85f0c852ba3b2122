"""What a build leaves behind in the final image: tools of developers, and the lists and caches of package managers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.image.model import Image
from dfguard.image.view import LIVE, View
from dfguard.regex import regex
from dfguard.source import LayerPlace
from dfguard.struct import Struct

SHELL, COMPILER, DEBUGGER, MANAGER, CACHE = "shell", "compiler", "debugger", "package manager", "cache"
REPOSITORY = "repository"

_PROGRAM = regex(r"(?:/usr(?:/local)?)?/s?bin/([^/]+)|/usr/local/go/bin/(go)|/(?:root|usr/local)/\.?cargo/bin/(\w+)")
_KINDS = {
    SHELL: r"(?:ba|da|z|k|mk|tc|c|fi|a)?sh|busybox",
    COMPILER: r"(?:gcc|g\+\+|cc|c\+\+|clang|clang\+\+|tcc|rustc|gfortran)(?:-\d+(?:\.\d+)*)?"
    r"|(?:x86_64|aarch64)-linux-gnu-(?:gcc|g\+\+)(?:-\d+)?|go|javac|make|cmake",
    DEBUGGER: r"gdb|gdbserver|lldb(?:-\d+)?|strace|ltrace|valgrind|dlv|tcpdump|perf",
    MANAGER: r"apt|apt-get|dpkg|apk|yum|dnf|microdnf|tdnf|rpm|zypper|pacman|pip3?|npm|yarn|pnpm|gem|cargo|composer",
}
_REPOSITORY = re.compile(r"(.*/\.(?:git/(?=HEAD$)|hg/(?=requires$)|svn/(?=wc\.db$)))")
_KIND = [(kind, re.compile(pattern)) for kind, pattern in _KINDS.items()]
_CACHES = (
    ("/var/lib/apt/lists/", "apt's package lists", "rm -rf /var/lib/apt/lists/*"),
    ("/var/cache/apt/archives/", "packages that apt fetched", "apt-get clean"),
    ("/var/cache/apk/", "apk's index", "apk add --no-cache"),
    ("/var/cache/dnf/", "dnf's cache", "dnf clean all"),
    ("/var/cache/yum/", "yum's cache", "yum clean all"),
    ("/root/.cache/pip/", "pip's cache", "pip install --no-cache-dir"),
    ("/root/.npm/_cacache/", "npm's cache", "npm cache clean --force"),
)


class Leftover(Struct):
    """Something in the final image that only the build needed.

    `kind` is one of those above, `names` what it is, `layer` the layer that brought it, `base` whether that is one of
    the base's. `size` are its bytes; `remedy` what removes it, for a cache.
    """

    kind: str
    place: LayerPlace
    names: tuple[str, ...]
    layer: int
    base: bool
    size: int
    remedy: str = ""


def leftovers(image: Image, view: View, base_layers: int) -> Iterator[Leftover]:
    """All of them, one for each layer and kind."""
    for layer in view.layers:
        programs: dict[str, list[tuple[str, int]]] = {}
        caches: dict[int, list[tuple[str, int]]] = {}
        for version in layer.versions:
            entry = version.entry
            if version.fate is not LIVE or entry.kind not in ("file", "symlink", "hardlink"):
                continue
            kind = kind_of(version.path) if entry.kind != "file" or entry.mode & 0o111 else ""
            if kind:
                programs.setdefault(kind, []).append((version.path, entry.size))
            repository = _REPOSITORY.match(version.path) if "/." in version.path else None  # seldom, and slow
            if entry.kind == "file" and repository is not None:
                place = LayerPlace(image.name, image.layers[layer.index].digest, version.path)
                own = layer.index < base_layers
                yield Leftover(REPOSITORY, place, (repository[1].rstrip("/"),), layer.index, own, entry.size)
            if entry.kind == "file" and entry.size and version.path.startswith(("/var/", "/root/.")):
                at = next((i for i, row in enumerate(_CACHES) if version.path.startswith(row[0])), None)
                if at is not None and not version.path.endswith("/lock"):
                    caches.setdefault(at, []).append((version.path, entry.size))
        digest, base = image.layers[layer.index].digest, layer.index < base_layers
        for kind, files in programs.items():
            names = tuple(sorted({path.rpartition("/")[2] for path, _ in files}))
            place = LayerPlace(image.name, digest, files[0][0])
            yield Leftover(kind, place, names, layer.index, base, sum(size for _, size in files))
        for at, files in caches.items():
            place = LayerPlace(image.name, digest, files[0][0])
            size = sum(size for _, size in files)
            yield Leftover(CACHE, place, (_CACHES[at][1],), layer.index, base, size, _CACHES[at][2])


def kind_of(path: str) -> str:
    """What kind of tool a path is, "" for none."""
    found = _PROGRAM.fullmatch(path)
    name = next((group for group in found.groups() if group), "") if found else ""
    return next((kind for kind, pattern in _KIND if pattern.fullmatch(name)), "") if name else ""
