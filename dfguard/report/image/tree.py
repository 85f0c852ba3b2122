"""The paths of all layers as one tree in columns: what the layer explorer draws its folders from.

A page of a million rows opens nowhere: of an image with more than `MOST_PATHS` paths the smallest files stay out, and
each folder says how many and how large those below it are, so that its size stays true.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from dfguard.amounts import count
from dfguard.image.view import ADDED, CHANGED, DELETED, LIVE, OVERWRITTEN, REWRITTEN, Version, View
from dfguard.report.cells import escape
from dfguard.secrets.redact import redact

MOST_PATHS = 200_000
LIVES = -1

_CHANGES = {ADDED: 0, CHANGED: 1, REWRITTEN: 2}
_FATES = {LIVE: 0, DELETED: 1, OVERWRITTEN: 2}
_REST = ("rest", 0, 0, 0)

Look = tuple[str, int, int, int]  # kind, mode, uid, gid
How = tuple[int, int, int]  # the layer, how it came and went, the layer that hides it


class Columns:
    """The tree in depth-first order: of each path its name and depth, of each version of a path where it stands.

    `step` is how many paths further down a version stands than the one before it. `how` is 3 * change + fate, by the
    order of the tables above, `by` the layer that hides it or LIVES, `look` an index into `looks`. `links` are targets
    by the index of the version, `places` where the paths are that were asked for. `left_out` of `paths` have no row.
    """

    def __init__(self) -> None:
        self.names: list[str] = []
        self.depths: list[int] = []
        self.step: list[int] = []
        self.layer: list[int] = []
        self.size: list[int] = []
        self.how: list[int] = []
        self.by: list[int] = []
        self.look: list[int] = []
        self.links: dict[int, str] = {}
        self.looks: dict[Look, int] = {}
        self.places: dict[str, int] = {}
        self.paths = 0
        self.left_out = 0
        self._last = 0

    def data(self) -> dict[str, Any]:
        """All of it for JSON."""
        plain = ("names", "depths", "step", "layer", "size", "how", "by", "look", "links")
        return {name: getattr(self, name) for name in plain} | {"looks": list(self.looks)}

    def path(self, name: str, depth: int) -> None:
        """Add a path below those before it."""
        self.names.append(name)
        self.depths.append(depth)

    def version(self, how: How, size: int, look: Look) -> None:
        """Add a version of the path that was added last."""
        here = len(self.names) - 1
        self.step.append(here - self._last)
        self._last = here
        self.layer.append(how[0])
        self.how.append(how[1])
        self.by.append(how[2])
        self.size.append(size)
        self.look.append(self.looks.setdefault(look, len(self.looks)))


class _Node:
    """A path on its way into columns; `rest` is what is left out below it: how many and how many bytes."""

    __slots__ = ("below", "rest", "versions")

    def __init__(self) -> None:
        self.below: dict[str, _Node] = {}
        self.versions: list[Version] = []
        self.rest: dict[How, tuple[int, int]] = {}


def columns(view: View, marked: Collection[str], most: int = MOST_PATHS) -> Columns:
    """All versions of all paths; where there are more than `most`, those of `marked` and the largest are kept."""
    found: dict[str, list[Version]] = {}
    for layer in view.layers:
        for version in layer.versions:
            found.setdefault(version.path, []).append(version)
    root, taken = _Node(), 1
    out = Columns()
    out.paths = len(found)
    for path in _in_rank(found, marked, most):
        parts = [part for part in path.split("/") if part]
        node, known = _reach(root, parts)
        new = len(parts) - known
        if taken + new > most:
            out.left_out += 1
            _leave_out(node, found[path])
            continue
        taken += new
        for part in parts[known:]:
            node = node.below.setdefault(part, _Node())
        node.versions += found[path]
    _write(root, out, marked)
    return out


def _in_rank(found: dict[str, list[Version]], marked: Collection[str], most: int) -> list[str]:
    if len(found) <= most:
        return sorted(found)
    sizes = {path: max(version.entry.size for version in versions) for path, versions in found.items()}
    return sorted(found, key=lambda path: (path not in marked, -sizes[path], path))


def _reach(root: _Node, parts: list[str]) -> tuple[_Node, int]:
    """The last node on the way to a path that is there, and how many parts lead to it."""
    node = root
    for at, part in enumerate(parts):
        after = node.below.get(part)
        if after is None:
            return node, at
        node = after
    return node, len(parts)


def _leave_out(node: _Node, versions: list[Version]) -> None:
    for version in versions:
        how = _how(version)
        number, size = node.rest.get(how, (0, 0))
        node.rest[how] = (number + 1, size + version.entry.size)


def _how(version: Version) -> How:
    by = LIVES if version.by is None else version.by
    return version.layer, 3 * _CHANGES[version.change] + _FATES[version.fate], by


def _write(root: _Node, out: Columns, marked: Collection[str]) -> None:
    pending: list[tuple[str, _Node, int]] = [("", root, 0)]
    while pending:
        name, node, depth = pending.pop()
        out.path(escape(name), depth)
        for version in node.versions:
            entry = version.entry
            if version.path in marked:
                out.places[version.path] = len(out.names) - 1
            if entry.link:
                out.links[len(out.step)] = escape(redact(entry.link))
            out.version(_how(version), entry.size, (entry.kind, entry.mode, entry.uid, entry.gid))
        for left, size, how in _rests(node):
            out.path(left, depth + 1)
            out.version(how, size, _REST)
        pending += ((name, node.below[name], depth + 1) for name in sorted(node.below, reverse=True))


def _rests(node: _Node) -> Iterator[tuple[str, int, How]]:
    for how, (number, size) in sorted(node.rest.items()):
        yield f"{count(number, 'smaller path')} left out of this page", size, how
