"""`find` over the files that are known, and what it does with what it finds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from dfguard.flow.paths import shell_regex
from dfguard.flow.workplace import Act, Workplace
from dfguard.shell.argument import Argument
from dfguard.shell.effects import Finds


class Found:
    """What a `find` lists: `paths` as it prints them, and whether that is all for sure."""

    def __init__(self) -> None:
        self.paths: list[tuple[str, str]] = []  # as printed, and absolute
        self.complete = True


def search(effect: Finds, work: Workplace, act: Act) -> Found:
    """The known files and folders that pass the tests, a folder before what it holds."""
    found = Found()
    for root in effect.roots:
        path, sure = work.path(root, act.command)
        if path is None or not sure:
            found.complete = False
            continue
        for entry in work.named(root, path) or ([path] if work.is_folder(path) else []):
            printed = root.text if not root.glob else entry
            found.paths += _below(effect, entry, printed, work, found)
        found.complete = found.complete and work.knows_all(root, path)
    return found


def _below(effect: Finds, top: str, printed: str, work: Workplace, found: Found) -> Iterator[tuple[str, str]]:
    tree = work.filesystem(top).tree
    folders = list(tree.folders_below(top))
    cut = len(top.rstrip("/"))
    deepest = effect.most
    for folder in folders:
        if not tree.is_whole(folder) and (deepest is None or _depth(folder, cut) < deepest):
            found.complete = False
    tests = [(negated, _test(test, value, work)) for negated, test, value in effect.tests]
    limited = effect.least or deepest is not None
    for path in sorted({*folders, *work.paths_in(top)}):
        if limited:
            depth = _depth(path, cut)
            if depth < effect.least or (deepest is not None and depth > deepest):
                continue
        shown = printed.rstrip("/") + path[cut:] if path[cut:] or printed != "/" else printed
        if all(passes(path, shown) is not negated for negated, passes in tests):
            yield shown, path


def _depth(path: str, cut: int) -> int:
    return path[cut:].count("/")


def _test(test: str, value: str, work: Workplace) -> Callable[[str, str], bool]:
    """A test of a path: absolute, and as `find` prints it."""
    if test == "-empty":
        return lambda path, shown: _is_empty(path, work)
    if test == "-type":
        kinds = value.split(",")
        return lambda path, shown: _kind(path, work) in kinds
    matches = re.compile(shell_regex(value), re.IGNORECASE if test == "-iname" else 0).fullmatch
    if test in ("-path", "-wholename"):
        return lambda path, shown: matches(shown) is not None
    return lambda path, shown: matches(shown.rstrip("/").rpartition("/")[2]) is not None


def _kind(path: str, work: Workplace) -> str:
    tree = work.filesystem(path).tree
    if path not in tree.files:
        return "d"
    return "l" if tree.link_of(path) is not None else "f"


def _is_empty(path: str, work: Workplace) -> bool:
    tree = work.filesystem(path).tree
    return tree.is_empty(path) if path not in tree.files else work.attributes(path).size == 0


def as_arguments(paths: list[tuple[str, str]], place: Argument) -> tuple[Argument, ...]:
    """What was found as words of a command."""
    return tuple(Argument(place.span, place.raw, absolute, (absolute,)) for _, absolute in paths)
