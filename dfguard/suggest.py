"""Lines for an ignore file: the fewest that keep out what no image needs, proved over all builds of a context.

A line is taken only if a walk with it really drops what it is for, and nothing else, and if no build names
any of it. What is needed after all is told with the reason.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator, Sequence

from dfguard import build_needs
from dfguard.context.ignore import IgnoreFile, parse_ignore
from dfguard.context.tree import BuildContext, ContextFile, read_context
from dfguard.errors import InputError
from dfguard.finding import Confidence
from dfguard.gitignored import GitIgnored
from dfguard.regex import regex
from dfguard.secrets.names import classify
from dfguard.secrets.weigh import weigh
from dfguard.source import Source
from dfguard.struct import Struct
from dfguard.unit import Unit

HISTORY = dict.fromkeys((".git", ".svn", ".hg", ".bzr"), "version control history")
FOLDERS = {
    **dict.fromkeys(("node_modules", "bower_components", ".venv", ".tox", ".nox"), "installed dependencies"),
    **dict.fromkeys(("__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".parcel-cache"), "a cache"),
    **dict.fromkeys((".terraform", ".vagrant", ".serverless"), "state of a tool"),
}
OUTPUT = frozenset(("dist", "build", "target", "out", "coverage", ".next", ".nuxt", ".turbo", "bin", "obj", ".gradle"))
FILES = {".DS_Store": "left by the file manager", "Thumbs.db": "left by the file manager"}
MAX_SECRET = 1024 * 1024
HEAVY = 50 * 1000 * 1000  # bytes: worth a word
SPECIAL = regex(r"([\\*?\[\]])")


class Line(Struct):
    """One suggested line: what it is for, and the kept files and bytes that it drops."""

    text: str
    reason: str
    files: int
    size: int


class Refused(Struct):
    """Something that is left in, and why."""

    path: str
    reason: str


class Suggestion(Struct):
    """What to add to the ignore file at `path`; `before` and `after` are files and bytes of the context.

    `heavy` is the folder or file at the top of the context that holds most of what stays, with its bytes; None
    where none stands out.
    """

    path: str
    lines: tuple[Line, ...]
    refused: tuple[Refused, ...]
    before: tuple[int, int]
    after: tuple[int, int]
    builds: tuple[str, ...]
    heavy: tuple[str, int] | None = None


class _Group(Struct):
    """Entries that one line would drop: the topmost of each, all called alike."""

    name: str
    reason: str
    everywhere: bool
    tops: tuple[str, ...]


def suggest(units: Sequence[Unit]) -> Suggestion:
    """Lines for the ignore file of builds that share a context; raises InputError where it can't be read."""
    context = units[0].context
    if context is None:
        raise units[0].context_error or InputError(units[0].path, "its build context is not known")
    fatal = next((error for error in context.errors if error.fatal or error.span is None), None)
    if fatal is not None:
        raise InputError(os.path.join(context.root, fatal.path), f"{fatal.message}; nothing can be suggested")
    work = _Work(units, context)
    for group in _groups(context):
        work.take_up(group)
    work.try_again()
    work.leave_out_idle_lines()
    path = context.ignore.path or os.path.join(context.root if context.root != "." else "", ".dockerignore")
    builds = tuple(dict.fromkeys(unit.path for unit in units))
    return Suggestion(
        path,
        tuple(work.lines),
        tuple(work.refused),
        _amount(context),
        _amount(work.current),
        builds,
        _heavy(work.current),
    )


class _Work:
    """The lines so far, and the context as it is with them."""

    def __init__(self, units: Sequence[Unit], context: BuildContext) -> None:
        self.units = units
        self.context = context
        self.current = context
        self.lines: list[Line] = []
        self.refused: list[Refused] = []
        self.without_line: list[_Group] = []
        self.put_off = False
        self.links = tuple(file for file in context.files if file.kind == "symlink" and file.link_target)

    def take_up(self, group: _Group) -> None:
        """Find the line for a group, or why it has to stay; what is needed of it only stays alone."""
        why = self.spoken_for(group)
        if why:
            self.refused.append(Refused(group.tops[0], why))
            return
        free = []
        for top in group.tops:
            why = build_needs.named(top, self.units, self.context.root) or self.led_to(top, group)
            if why:
                self.refused.append(Refused(top, why))
            else:
                free.append(top)
        if len(free) == len(group.tops):
            self.add(group)
        else:
            for top in free:
                self.add(_Group(top, group.reason, False, (top,)))

    def try_again(self) -> None:
        """Groups that shared something with one whose line came later find theirs now."""
        left, self.without_line = self.without_line, []
        self.put_off = bool(left)
        for group in left:
            self.add(group)
        for group in self.without_line:
            self.refused.append(Refused(group.tops[0], "no line drops it and nothing else"))

    def leave_out_idle_lines(self) -> None:
        """Drop the lines that later ones have made needless, and say of the others anew what they drop.

        Only a later line with a pattern for names, or one that was put off, may do so: it saves walks.
        """
        last = max((at for at, line in enumerate(self.lines) if line.text.startswith("**/*")), default=0)
        kept, before = _files(self.current), len(self.lines)
        for line in self.lines[: max(last, len(self.lines) - 1 if self.put_off else 0)]:
            rest = [other for other in self.lines if other is not line]
            if _files(self.walk(rest)) == kept:
                self.lines = rest
        if len(self.lines) < before:
            self.count_anew()

    def count_anew(self) -> None:
        """Say of each line what it drops after those before it."""
        before, lines = self.context, self.lines
        for number, line in enumerate(lines):
            after = self.walk(lines[: number + 1])
            lost = _files(before).items() - _files(after).items()
            self.lines[number] = line.but(files=len(lost), size=sum(size for _, size in lost))
            before = after

    def walk(self, lines: Sequence[Line]) -> BuildContext:
        """The context with these lines at the end of its ignore file."""
        return read_context(self.context.root, with_lines(self.context.ignore, (line.text for line in lines)))

    def spoken_for(self, group: _Group) -> str:
        """Why a build needs all that is called like the group, "" when none does."""
        names = {top.rpartition("/")[2] for top in group.tops} if not group.name.startswith("*.") else {group.name}
        for name in sorted(names):
            why = build_needs.spoken_of(name, self.units)
            if not why and name in build_needs.HISTORY:
                why = build_needs.asks_history(self.units, self.context)
            if not why:
                why = build_needs.read_unasked(name, self.units)
            if why:
                return why
        return ""

    def led_to(self, top: str, group: _Group) -> str:
        """Which link of what stays leads to something that would go, "" when none does."""
        tops = set(group.tops)
        for link in self.links:
            target = posixpath.normpath(posixpath.join(posixpath.dirname(link.path), link.link_target or ""))
            if _below(target, {top}) and not _below(link.path, tops):
                return f"the link {link.path} leads to {target}"
        return ""

    def add(self, group: _Group) -> None:
        """Take the first line that drops the group and nothing else, and leaves every line of a build something."""
        line, walked = _line(group, self.context, self.current, tuple(line.text for line in self.lines))
        if line is None:
            self.without_line.append(group)
        elif line.files:
            why = build_needs.found_nothing(self.current, walked, self.units)
            if why:
                self.refused.append(Refused(group.tops[0], why))
            else:
                self.lines.append(line)
                self.current = walked


def _files(context: BuildContext) -> dict[str, int]:
    return {file.path: file.size for file in context.files if file.kind != "dir"}


def _heavy(context: BuildContext) -> tuple[str, int] | None:
    sizes: dict[str, int] = {}
    for file in context.files:
        name, slash, _ = file.path.partition("/")
        sizes[name + slash] = sizes.get(name + slash, 0) + file.size
    top = max(sizes, key=lambda name: sizes[name], default="")
    return (top, sizes[top]) if top and sizes[top] >= HEAVY and sizes[top] * 2 >= context.kept_size else None


def _amount(context: BuildContext) -> tuple[int, int]:
    return sum(file.kind != "dir" for file in context.files), context.kept_size


def _groups(context: BuildContext) -> Iterator[_Group]:
    """What should stay out, in the order in which the lines come: history, trees, output, files, secrets."""
    found: dict[tuple[str, str, bool], list[str]] = {}
    inside = "\0"
    ignored = GitIgnored.at(context.root)
    for entry in context.files:
        if entry.path.startswith(inside):
            continue
        kind = _kind(entry, context, ignored)
        if kind is not None:
            found.setdefault(kind, []).append(entry.path)
            inside = entry.path + "/" if entry.kind == "dir" else inside
    for (name, reason, everywhere), tops in sorted(found.items(), key=_turn):
        yield _Group(name, reason, everywhere, tuple(tops))


def _turn(item: tuple[tuple[str, str, bool], list[str]]) -> tuple[bool, str, str]:
    """Patterns come last: what lies in a folder that goes is not theirs."""
    (name, reason, everywhere), _ = item
    return everywhere and name.startswith("*"), reason, name


def _kind(entry: ContextFile, context: BuildContext, ignored: GitIgnored) -> tuple[str, str, bool] | None:
    """Name, reason, and whether it is unwanted at every depth; None for what may be wanted."""
    name = entry.name
    if entry.kind == "dir":
        if name in HISTORY:
            return name, HISTORY[name], False
        if name in FOLDERS:
            return name, FOLDERS[name], True
        full = os.path.join(os.path.abspath(context.root), entry.path)
        if name in OUTPUT and ignored.ignores(full, folder=True):
            return entry.path, "build output that git ignores too", False
        return None
    if name in HISTORY:  # the file that a work tree or a submodule has in its place
        return name, HISTORY[name], False
    if name in FILES:
        return name, FILES[name], True
    if name.endswith((".pyc", ".pyo")):
        return "*" + name[-4:], "a cache", True
    return _secret(entry, context)


def _secret(entry: ContextFile, context: BuildContext) -> tuple[str, str, bool] | None:
    if entry.kind != "file" or classify(entry.path) is None:
        return None
    try:
        data = context.head(entry.path, MAX_SECRET)
    except InputError:
        return None
    found = weigh(entry.path, data)
    if found is None or found.confidence is Confidence.LOW:
        return None
    return entry.path, f"a secret ({found.kind})", False


def _line(
    group: _Group, context: BuildContext, current: BuildContext, before: tuple[str, ...]
) -> tuple[Line | None, BuildContext]:
    """The first spelling of a line that drops the group and nothing else, by walking with it."""
    tops = set(group.tops)
    for text in _spellings(group):
        walked = read_context(context.root, with_lines(context.ignore, (*before, text)))
        kept = {file.path for file in walked.files}
        lost = [file for file in current.files if file.path not in kept]
        if not tops & kept and all(_below(file.path, tops) or file.kind == "dir" for file in lost):
            files = [file for file in lost if file.kind != "dir"]
            return Line(text, group.reason, len(files), sum(file.size for file in files)), walked
    return None, current


def _spellings(group: _Group) -> Iterator[str]:
    escaped = group.name if group.name.startswith("*.") and group.everywhere else SPECIAL.sub(r"\\\1", group.name)
    root_only = all("/" not in top for top in group.tops)
    if group.everywhere or not (root_only or escaped == group.tops[0]):
        yield f"**/{escaped}"
        yield f"**/{escaped}/**"
    else:
        yield escaped
        yield f"{escaped}/**"


def _below(path: str, tops: set[str]) -> bool:
    while path:
        if path in tops:
            return True
        path = path.rpartition("/")[0]
    return False


def with_lines(ignore: IgnoreFile, lines: Iterable[str]) -> IgnoreFile:
    """The ignore file with lines at its end; see `appended`."""
    text = ignore.source.text if ignore.source is not None else ""
    return parse_ignore(Source(ignore.path or ".dockerignore", appended(text, lines)))


def appended(text: str, lines: Iterable[str]) -> str:
    """A text with lines at its end, in its own line ends; what is there stays as it is."""
    end = "\r\n" if "\r\n" in text else "\n"
    gap = end if text and not text.endswith("\n") else ""
    return text + gap + "".join(line + end for line in lines)
