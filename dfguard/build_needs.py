"""Why a build needs a part of its context: what its lines name, what its commands speak of, what tools read unasked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from dfguard.context.tree import BuildContext
from dfguard.dockerfile.nodes import Cmd, Entrypoint, Healthcheck, Run
from dfguard.errors import InputError
from dfguard.flow.takes import Take, names, takes
from dfguard.unit import Unit

HISTORY = frozenset((".git", ".svn", ".hg", ".bzr"))
MAX_SCRIPT = 1024 * 1024
MAX_SCRIPTS = 50

_VERSION_FILES = ("pyproject.toml", "setup.py", "setup.cfg")
_VERSION_FROM_HISTORY = re.compile(rb"setuptools[_-]scm|hatch-vcs|versioneer|versioningit|\bpbr\b|dynamic-versioning")
_ASKS = re.compile(
    r"\bgit\s+(?:-[-\w]+(?:[= ]\S+)?\s+)*(?:describe|rev-parse|rev-list|log|show|symbolic-ref|ls-files|status|diff|tag"
    r"|branch|submodule|checkout|restore|archive|grep)\b|\bsvnversion\b|\bsvn\s+(?:info|log)\b|\bhg\s+(?:id|identify|log|parents)\b"
)
_OWN_REPOSITORY = re.compile(r"\bgit\s+(?:-\S+\s+)*(?:clone|init)\b")
# A program, and the files of the context that tell it what to do.
_SCRIPTS = (
    (re.compile(r"\bmake\b"), re.compile(r"(?:GNU)?[Mm]akefile\Z|[^/]*\.mk\Z")),
    (re.compile(r"\bjust\b"), re.compile(r"\.?[Jj]ustfile\Z")),
    (re.compile(r"\btask\b"), re.compile(r"[Tt]askfile\.ya?ml\Z")),
    (re.compile(r"\bcmake\b"), re.compile(r"(?:.*/)?(?:CMakeLists\.txt|[^/]*\.cmake)\Z")),
    (re.compile(r"\b(?:npm|yarn|pnpm|bun)\b"), re.compile(r"package\.json\Z")),
    (re.compile(r"\bcargo\b"), re.compile(r"(?:.*/)?(?:build\.rs|Cargo\.toml)\Z")),
    (re.compile(r"\bgradlew?\b"), re.compile(r"(?:.*/)?(?:build|settings)\.gradle(?:\.kts)?\Z")),
    (re.compile(r"\bmvnw?\b"), re.compile(r"(?:.*/)?pom\.xml\Z")),
    (re.compile(r"\bgoreleaser\b"), re.compile(r"\.?goreleaser\.ya?ml\Z")),
    (re.compile(r"\bmix\b"), re.compile(r"(?:.*/)?mix\.exs\Z")),
)
_SCRIPT_ASKS = re.compile(
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
# Settings that a program reads without being told to.
_READ_UNASKED = {
    ".npmrc": re.compile(r"\b(?:npm|npx|pnpm|yarn|bun)\b"),
    ".yarnrc.yml": re.compile(r"\byarn\b"),
    ".yarnrc": re.compile(r"\byarn\b"),
    "nuget.config": re.compile(r"\b(?:dotnet|nuget|msbuild)\b"),
    "auth.json": re.compile(r"\bcomposer\b"),
    "config.toml": re.compile(r"\bcargo\b"),
    "gradle.properties": re.compile(r"\bgradlew?\b"),
}
_HANDLES = r"\b(?:cp|mv|ln|cat|tar|zip|unzip|rsync|cd|install|chmod|chown|pushd)\b[^\n;&|]*?"


def named(top: str, units: Sequence[Unit]) -> str:
    """Which line names a path or something below it; "" when none does."""
    for unit in units:
        for take in takes(unit.graph):
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
    program = _READ_UNASKED.get(path.rpartition("/")[2].lower())
    for unit in units if program is not None else ():
        for text, line in _commands(unit, runs_only=True):
            found = program.search(text) if program is not None else None
            if found:
                return f"{found[0]} may read it in {unit.path}:{line}; hand it over with `RUN --mount=type=secret`"
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
        for text, line in _commands(unit, runs_only=True):
            wanted = [told for program, told in _SCRIPTS if program.search(text)]
            words = set(re.findall(r"[\w@.-]+", text))
            for path in files:
                name = path.rpartition("/")[2]
                runs = (name in words and "." in name) or any(told.match(path) for told in wanted)
                if runs and path not in seen and len(seen) < MAX_SCRIPTS:
                    seen.add(path)
                    yield path, f"{unit.path}:{line}"


def _commands(unit: Unit, *, runs_only: bool = False) -> Iterator[tuple[str, int]]:
    kinds = (Run,) if runs_only else (Run, Cmd, Entrypoint, Healthcheck)
    for instruction, _ in unit.instructions:
        if isinstance(instruction, kinds):
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
        for take in takes(unit.graph):
            if take.pattern and before.sources(take.pattern) and not after.sources(take.pattern):
                return f"{unit.path}:{take.span.start_line} would find nothing"
    return ""


def _read(context: BuildContext, path: str) -> bytes:
    try:
        return context.head(path, MAX_SCRIPT)
    except InputError:
        return b""
