"""A build context as a tree of few rows: folders stay folded where nothing in them is worth a row.

Shown first are secrets, then folders whose files fare differently, then heavy ones.
"""

from __future__ import annotations

from collections.abc import Iterable

from dfguard.context.tree import ContextFile
from dfguard.report.context.view import ContextView
from dfguard.struct import Struct

ROWS = 40
IN_FOLDER = 12  # rows of one folder before the rest is summed up
HEAVY = 0.1  # of all bytes: a folder worth opening

# What a file is to its folder: how far it gets, who takes it, the line that drops it.
State = tuple[object, ...]
DROPPED = "dropped"


class Row(Struct):
    """One line of the tree: a file, a folder or what is left of one.

    `states` counts the files below by what becomes of them. `rest` is the number of entries that a row
    without a name sums up. `entry` is None for the sum, and for a folder that only the tree knows.
    """

    depth: int
    name: str
    path: str
    folder: bool
    files: int
    size: int
    states: dict[State, int]
    secrets: int
    entry: ContextFile | None
    rest: int = 0
    folded: bool = False


class Node:
    """A file or folder with the sums of all that is below."""

    __slots__ = ("children", "entry", "files", "name", "path", "secrets", "size", "states")

    def __init__(self, name: str, path: str) -> None:
        self.name = name
        self.path = path
        self.children: dict[str, Node] = {}
        self.entry: ContextFile | None = None
        self.files = 0
        self.size = 0
        self.secrets = 0
        self.states: dict[State, int] = {}

    @property
    def mixed(self) -> bool:
        """Whether the files below fare differently."""
        return len(self.states) > 1


def grow(view: ContextView, entries: Iterable[ContextFile]) -> Node:
    """The tree of these entries of a context, kept or dropped."""
    root = Node("", "")
    folders: dict[str, list[Node]] = {"": [root]}
    for entry in entries:
        above, _, name = entry.path.rpartition("/")
        line = folders.get(above) or _line(folders, above)
        node = line[-1].children.get(name)
        if node is None:
            node = line[-1].children[name] = Node(name, entry.path)
        node.entry = entry
        if entry.kind == "dir":
            folders[entry.path] = [*line, node]
            if not entry.pruned:
                continue
        _count(view, entry, [*line, node])
    return root


def _line(folders: dict[str, list[Node]], path: str) -> list[Node]:
    """The nodes from the root down to a folder, made where they are not there yet."""
    line, at = folders[""], 0
    while at >= 0:
        at = path.find("/", at + 1)
        here = path if at < 0 else path[:at]
        known = folders.get(here)
        if known is None:
            node = line[-1].children.setdefault(here.rpartition("/")[2], Node(here.rpartition("/")[2], here))
            known = folders[here] = [*line, node]
        line = known
    return line


def _count(view: ContextView, entry: ContextFile, line: list[Node]) -> None:
    state: State
    if entry.kept:
        fate = view.fate(entry)
        state = (fate.reach, fate.takers, fate.stages)
    else:
        state = (DROPPED, entry.pattern.index if entry.pattern else -1, entry.pruned)
    files, size = int(entry.kind != "dir"), entry.size
    secret = int(entry.path in view.secrets)
    for node in line:
        node.files += files
        node.size += size
        node.secrets += secret
        node.states[state] = node.states.get(state, 0) + 1


def rows(root: Node, *, everything: bool = False) -> list[Row]:
    """The tree from top to bottom, folders first unfolded where that tells most."""
    opened = {id(node) for node in _folders(root)} if everything else _opened(root)
    out: list[Row] = []
    most = len(root.children) if everything else IN_FOLDER
    pending: list[tuple[int, Node | Row]] = list(reversed([(0, n) for n in _shown(root, everything, most * 2)]))
    while pending:
        depth, node = pending.pop()
        if isinstance(node, Row):
            out.append(node.but(depth=depth))
            continue
        is_open = id(node) in opened
        folded = bool(node.children) and not is_open
        out.append(_row(node, depth, folded))
        if is_open:
            pending += reversed([(depth + 1, inner) for inner in _shown(node, everything, most)])
    return out


def _folders(root: Node) -> Iterable[Node]:
    pending = [root]
    while pending:
        node = pending.pop()
        if node.children:
            yield node
            pending += node.children.values()


def _opened(root: Node) -> set[int]:
    """The folders to unfold within ROWS, the most telling first."""
    opened: set[int] = set()
    left = ROWS - min(len(root.children), IN_FOLDER * 2)
    waiting = [node for node in root.children.values() if node.children]
    while waiting:
        best = max(waiting, key=lambda node: _worth(node, root))
        waiting.remove(best)
        cost = min(len(best.children), IN_FOLDER + 1)
        if not any(_worth(best, root)[:3]) or cost > left:
            continue
        left -= cost
        opened.add(id(best))
        waiting += (node for node in best.children.values() if node.children)
    return opened


def _worth(node: Node, root: Node) -> tuple[bool, bool, bool, int]:
    return node.secrets > 0, node.mixed, node.size > HEAVY * root.size > 0, node.size


def _shown(folder: Node, everything: bool, most: int) -> list[Node | Row]:
    """The children by name, the least telling ones summed up in a last row."""
    by_name = sorted(folder.children.values(), key=lambda node: node.name)
    if everything or len(by_name) <= most + 1:
        return list(by_name)
    kept = sorted(by_name, key=lambda node: _worth(node, folder), reverse=True)[:most]
    chosen = {id(node) for node in kept}
    rest = [node for node in by_name if id(node) not in chosen]
    states: dict[State, int] = {}
    for node in rest:
        for state, number in node.states.items():
            states[state] = states.get(state, 0) + number
    files, size, secrets = (sum(getattr(node, key) for node in rest) for key in ("files", "size", "secrets"))
    summed = Row(0, "", folder.path, False, files, size, states, secrets, None, len(rest))
    return [*(node for node in by_name if id(node) in chosen), summed]


def _row(node: Node, depth: int, folded: bool) -> Row:
    folder = bool(node.children) or (node.entry is not None and node.entry.kind == "dir")
    return Row(
        depth, node.name, node.path, folder, node.files, node.size, node.states, node.secrets, node.entry, 0, folded
    )
