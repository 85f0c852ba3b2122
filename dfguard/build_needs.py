"""Why a build needs a part of its context: what its lines name, what its commands speak of, what tools read unasked."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence

from dfguard.context.tree import BuildContext
from dfguard.dockerfile.nodes import Cmd, Entrypoint, Healthcheck, Run
from dfguard.errors import InputError
from dfguard.flow.takes import Take, named_takes, names, takes
from dfguard.regex import regex
from dfguard.unit import Unit

HISTORY = frozenset((".git", ".svn", ".hg", ".bzr"))
MAX_SCRIPT = 1024 * 1024
MAX_SCRIPTS = 50

_VERSION_FILES = ("pyproject.toml", "setup.py", "setup.cfg")
_VERSION_FROM_HISTORY = regex(rb"setuptools[_-]scm|hatch-vcs|versioneer|versioningit|\bpbr\b|dynamic-versioning")
_ASKS = regex(
    r"\bgit\s+(?:-[-\w]+(?:[= ]\S+)?\s+)*(?:describe|rev-parse|rev-list|log|show|symbolic-ref|ls-files|status|diff|tag"
    r"|branch|submodule|checkout|restore|archive|grep)\b|\bsvnversion\b|\bsvn\s+(?:info|log)\b|\bhg\s+(?:id|identify|log|parents)\b"
)
_OWN_REPOSITORY = regex(r"\bgit\s+(?:-\S+\s+)*(?:clone|init)\b")
# A program, and the files of the context that tell it what to do.
_SCRIPTS = {
    "make": re.compile(r"(?:GNU)?[Mm]akefile\Z|[^/]*\.mk\Z"),
    "just": re.compile(r"\.?[Jj]ustfile\Z"),
    "task": re.compile(r"[Tt]askfile\.ya?ml\Z"),
    "cmake": re.compile(r"(?:.*/)?(?:CMakeLists\.txt|[^/]*\.cmake)\Z"),
    **dict.fromkeys(("npm", "yarn", "pnpm", "bun"), re.compile(r"package\.json\Z")),
    "cargo": re.compile(r"(?:.*/)?(?:build\.rs|Cargo\.toml)\Z"),
    **dict.fromkeys(("gradle", "gradlew"), re.compile(r"(?:.*/)?(?:build|settings)\.gradle(?:\.kts)?\Z")),
    **dict.fromkeys(("mvn", "mvnw"), re.compile(r"(?:.*/)?pom\.xml\Z")),
    "goreleaser": re.compile(r"\.?goreleaser\.ya?ml\Z"),
    "mix": re.compile(r"(?:.*/)?mix\.exs\Z"),
}
_SCRIPT_ASKS = regex(
    rb"\bgit\s+(?:-C\s+\S+\s+)?(?:describe|rev-parse|rev-list|log|show|symbolic-ref|ls-files)\b|\bvergen\b|\bshadow-rs\b"
    rb"|\bgit[-_.](?:commit-id|version|revision)\b|\bbuildnumber-maven\b|\bpalantir\.git\b"
)
# What makes a folder in the image, so that a word about it is about the one in there.
_MADE = {
    "node_modules": re.compile(r"\b(?:npm|pnpm|bun)\s+(?:\S+\s+)*?(?:ci|install|i|add)\b|\byarn\b"),
    "bower_components": re.compile(r"\bbower\b"),
    ".venv": re.compile(r"\bvenv\b|\bvirtualenv\b|\buv\b|\bpoetry\b|\bpipenv\b|\bpdm\b"),
    ".terraform": re.compile(r"\bterraform\s+init\b"),
}
_CACHES = frozenset(("__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".parcel-cache", "*.pyc", "*.pyo"))
# Settings that programs read without being told to.
_NODE = frozenset(("npm", "npx", "pnpm", "yarn", "bun"))
_READ_UNASKED = {
    ".npmrc": _NODE,
    ".yarnrc.yml": frozenset(("yarn",)),
    ".yarnrc": frozenset(("yarn",)),
    "nuget.config": frozenset(("dotnet", "nuget", "msbuild")),
    "auth.json": frozenset(("composer",)),
    "gradle.properties": frozenset(("gradle", "gradlew")),
}
_HANDLES = r"\b(?:cp|mv|ln|cat|tar|zip|unzip|rsync|cd|install|chmod|chown|pushd)\b[^\n;&|]*?"


def takes_from(unit: Unit, root: str) -> Iterator[Take]:
    """What a build takes from the folder `root`, its context or one of its named contexts."""
    given = unit.invocation
    if given.context is not None and os.path.realpath(given.context) == os.path.realpath(root):
        yield from takes(unit.graph)
    for folder in given.folders:
        if os.path.realpath(folder.value) == os.path.realpath(root):
            yield from named_takes(unit.graph, folder.name)


def named(top: str, units: Sequence[Unit], root: str) -> str:
    """Which line names a path or something below it; "" when none does."""
    for unit in units:
        for take in takes_from(unit, root):
            if _names(take, top):
                return f"{unit.path}:{take.span.start_line} names {top}"
    return ""


def spoken_of(name: str, units: Sequence[Unit]) -> str:
    """Which command speaks of a name, as of something that comes from the context; "" when none does."""
    if name in _CACHES:
        return ""
    for unit in units:
        made = _MADE.get(name)
        for text, line in _commands(unit):
            if made is not None and made.search(text):
                break
            if _speaks(text, name):
                return f"{unit.path}:{line} speaks of it"
    return ""


def read_unasked(path: str, units: Sequence[Unit]) -> str:
    """Which command reads a file of settings by itself; "" when none does."""
    programs = _READ_UNASKED.get(path.rpartition("/")[2].lower(), frozenset())
    for unit in units if programs else ():
        for command, _ in unit.commands:
            if command.program in programs:
                line = command.span.start_line
                return (
                    f"{command.program} may read it in {unit.path}:{line}; hand it over with `RUN --mount=type=secret`"
                )
    return ""


def asks_history(units: Sequence[Unit], context: BuildContext) -> str:
    """What asks the history of the repository for something, as for a version; "" when nothing seems to."""
    for unit in units:
        for text, line in _commands(unit):
            asked = _ASKS.search(text)
            if asked is not None and not _OWN_REPOSITORY.search(text[: asked.start()]):
                return f"{unit.path}:{line} asks the history"
    for name in _VERSION_FILES:
        if context.get(name) is not None and _VERSION_FROM_HISTORY.search(_read(context, name)):
            return f"{name} takes the version from the history"
    for path, by in _scripts(units, context):
        found = _SCRIPT_ASKS.search(_read(context, path))
        if found is not None:
            return (
                f"{path}, which {by} runs, asks the history ({' '.join(found[0].decode('ascii', 'replace').split())})"
            )
    return ""


def _scripts(units: Sequence[Unit], context: BuildContext) -> Iterator[tuple[str, str]]:
    """The files of the context that commands run, and the place of the command; the first MAX_SCRIPTS."""
    files = [file.path for file in context.files if file.kind == "file"]
    seen: set[str] = set()
    for unit in units:
        for command, _ in unit.commands:
            told = _SCRIPTS.get(command.program)
            words = set(re.findall(r"[\w@.-]+", command.span.text))
            for path in files:
                runs = path.rpartition("/")[2] in words and "." in path
                if (runs or (told is not None and told.match(path))) and path not in seen and len(seen) < MAX_SCRIPTS:
                    seen.add(path)
                    yield path, f"{unit.path}:{command.span.start_line}"


def _commands(unit: Unit) -> Iterator[tuple[str, int]]:
    for instruction, _ in unit.instructions:
        if isinstance(instruction, (Run, Cmd, Entrypoint, Healthcheck)):
            yield instruction.span.text, instruction.start_line


def _names(take: Take, top: str) -> bool:
    if take.pattern is None:
        return mentions(take.span.text, top.rpartition("/")[2])
    return bool(take.pattern) and names(take.pattern, top)


def _speaks(text: str, name: str) -> bool:
    """Whether a command handles a name as a path, or says it, where it is too odd to be another word."""
    if not re.fullmatch(r"[a-z]+", name):
        return mentions(text, name)
    word = rf"(?<![\w.-]){re.escape(name)}"
    return re.search(rf"{word}/|{_HANDLES}{word}(?![\w.-])", text) is not None


def mentions(text: str, name: str) -> bool:
    """Whether a text holds a name as a word of its own."""
    return re.search(rf"(?<![\w.-]){re.escape(name.removeprefix('*'))}(?![\w.-])", text) is not None


def found_nothing(before: BuildContext, after: BuildContext, units: Iterable[Unit]) -> str:
    """Which line took something of a context before, and would take nothing after; "" when none does."""
    for unit in units:
        for take in takes_from(unit, before.root):
            if take.pattern and before.sources(take.pattern) and not after.sources(take.pattern):
                return f"{unit.path}:{take.span.start_line} would find nothing"
    return ""


def _read(context: BuildContext, path: str) -> bytes:
    try:
        return context.head(path, MAX_SCRIPT)
    except InputError:
        return b""
