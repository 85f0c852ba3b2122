"""Lines for an ignore file: the fewest that keep out what no image needs, proved over all builds of a context.

A line is taken only if a walk with it really drops what it is for, and nothing else, and if no build names
any of it. What is needed after all is told with the reason.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence

from dfguard.context.ignore import IgnoreFile, parse_ignore
from dfguard.context.tree import BuildContext, ContextFile, read_context
from dfguard.dockerfile.nodes import Cmd, Entrypoint, Healthcheck, Run
from dfguard.errors import InputError
from dfguard.finding import Confidence
from dfguard.flow.takes import Take, names, takes
from dfguard.gitignored import GitIgnored
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
VERSION_FILES = ("pyproject.toml", "setup.py", "setup.cfg")
VERSION_FROM_HISTORY = re.compile(rb"setuptools[_-]scm|hatch-vcs|versioneer|versioningit|\bpbr\b|dynamic-versioning")
MAX_SECRET = 1024 * 1024
SPECIAL = re.compile(r"([\\*?\[\]])")


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
    """What to add to the ignore file at `path`; `before` and `after` are files and bytes of the context."""

    path: str
    lines: tuple[Line, ...]
    refused: tuple[Refused, ...]
    before: tuple[int, int]
    after: tuple[int, int]
    builds: tuple[str, ...]


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
    lines: list[Line] = []
    refused: list[Refused] = []
    current = context
    for group in _groups(context):
        why = _needed(group, units, context)
        if why:
            refused.append(Refused(group.tops[0], why))
            continue
        line, current = _line(group, context, current, tuple(line.text for line in lines))
        if line is None:
            refused.append(Refused(group.tops[0], "no line drops it and nothing else"))
        elif line.files:
            lines.append(line)
    path = context.ignore.path or os.path.join(context.root if context.root != "." else "", ".dockerignore")
    builds = tuple(dict.fromkeys(unit.path for unit in units))
    return Suggestion(path, tuple(lines), tuple(refused), _amount(context), _amount(current), builds)


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
    for (name, reason, everywhere), tops in sorted(found.items(), key=lambda item: (item[0][1], item[0][0])):
        yield _Group(name, reason, everywhere, tuple(tops))


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


def _needed(group: _Group, units: Sequence[Unit], context: BuildContext) -> str:
    """Why a build needs what a group names, "" when none does."""
    wanted = {top.rpartition("/")[2] for top in group.tops}
    for unit in units:
        for take in takes(unit.graph):
            named = next((top for top in group.tops if _names(take, top)), None)
            if named is not None:
                return f"{unit.path}:{take.span.start_line} names {named}"
        for instruction, _ in unit.instructions:
            if isinstance(instruction, (Run, Cmd, Entrypoint, Healthcheck)):
                text = instruction.span.text
                if any(_mentions(text, name) for name in wanted):
                    return f"{unit.path}:{instruction.start_line} speaks of it"
                if wanted & set(HISTORY) and re.search(r"\b(?:git|svn|hg)\s+(?!clone\b|config\b)[a-z-]+", text):
                    return f"{unit.path}:{instruction.start_line} asks the history"
    if wanted & set(HISTORY):
        for name in VERSION_FILES:
            if context.get(name) is not None and VERSION_FROM_HISTORY.search(_read(context, name)):
                return f"{name} takes the version from the history"
    return ""


def _names(take: Take, top: str) -> bool:
    if take.pattern is None:
        return _mentions(take.span.text, top.rpartition("/")[2])
    return bool(take.pattern) and names(take.pattern, top)


def _mentions(text: str, name: str) -> bool:
    return re.search(rf"(?<![\w.-]){re.escape(name.removeprefix('*'))}(?![\w.-])", text) is not None


def _read(context: BuildContext, path: str) -> bytes:
    try:
        return context.head(path, MAX_SECRET)
    except InputError:
        return b""


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
    escaped = group.name if group.name.startswith("*.") else SPECIAL.sub(r"\\\1", group.name)
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
