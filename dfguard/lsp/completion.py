"""What may stand at a place of a Dockerfile: instructions, flags, stages, variables, mounts, and context paths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lsprotocol import types

from dfguard.dockerfile.nodes import From
from dfguard.lsp.names import VARIABLE, occurrences
from dfguard.unit import Unit

INSTRUCTIONS = (
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "ONBUILD", "RUN",
    "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
)  # fmt: skip
FLAGS = {
    "FROM": ("platform=",),
    "COPY": ("from=", "chown=", "chmod=", "link", "exclude=", "parents"),
    "ADD": ("chown=", "chmod=", "link", "exclude=", "checksum=", "keep-git-dir=", "unpack="),
    "RUN": ("mount=", "network=", "security=", "device="),
    "HEALTHCHECK": ("interval=", "timeout=", "start-period=", "start-interval=", "retries="),
}
MOUNTS = ("bind", "cache", "tmpfs", "secret", "ssh")
OPTIONS = (
    "type=", "target=", "source=", "from=", "id=", "required", "readonly", "rw", "mode=", "uid=", "gid=", "size=",
    "sharing=", "env=",
)  # fmt: skip
MOST = 200
_LAST_WORD = re.compile(r"\S*\Z")
_KEYWORD = re.compile(r"[ \t]*(?:onbuild[ \t]+)?([A-Za-z]+)[ \t]", re.IGNORECASE)


def complete(unit: Unit, offset: int) -> list[types.CompletionItem]:
    """What may stand at a place, at most MOST entries."""
    line = before(unit.dockerfile.source.text, offset, unit.dockerfile.escape)
    return [*_items(unit, line, offset)][:MOST]


def before(text: str, offset: int, escape: str) -> str:
    """The logical line up to a place, its continuations joined."""
    start = text.rfind("\n", 0, offset) + 1
    line = text[start:offset]
    while start > 0:
        above = text.rfind("\n", 0, start - 1) + 1
        previous = text[above : start - 1].rstrip("\r \t")
        if not previous.endswith(escape):
            break
        line = f"{previous[: -len(escape)]} {line}"
        start = above
    return line


def _items(unit: Unit, line: str, offset: int) -> Iterator[types.CompletionItem]:
    word = _LAST_WORD.search(line)
    assert word is not None
    keyword = _KEYWORD.match(line)
    variable = re.search(r"\$\{?([A-Za-z_0-9]*)\Z", word[0])
    if line.lstrip().startswith("#"):
        return
    if variable is not None:
        known = {one.span.text for one in occurrences(unit) if one.kind == VARIABLE and one.given}
        yield from _made(sorted(known), types.CompletionItemKind.Variable)
    elif keyword is None:
        yield from _made(INSTRUCTIONS, types.CompletionItemKind.Keyword)
    elif word[0].startswith("--"):
        yield from _in_flag(unit, keyword[1].upper(), word[0], offset)
    elif keyword[1].upper() == "FROM":
        yield from _made(_stages_above(unit, offset), types.CompletionItemKind.Module)
    elif keyword[1].upper() in ("COPY", "ADD") and "--from=" not in line:
        yield from _paths(unit, word[0])


def _in_flag(unit: Unit, keyword: str, word: str, offset: int) -> Iterator[types.CompletionItem]:
    name, equals, value = word[2:].partition("=")
    if not equals:
        yield from _made(FLAGS.get(keyword, ()), types.CompletionItemKind.Property)
    elif name == "from" or value.rpartition(",")[2].startswith("from="):
        yield from _made(_stages_above(unit, offset), types.CompletionItemKind.Module)
    elif name == "mount" and value.rpartition(",")[2].startswith("type="):
        yield from _made(MOUNTS, types.CompletionItemKind.EnumMember)
    elif name == "mount":
        yield from _made(OPTIONS, types.CompletionItemKind.Property)


def _stages_above(unit: Unit, offset: int) -> list[str]:
    """The names of the stages that end before a place."""
    froms = [one for one in unit.dockerfile.instructions if isinstance(one, From) and one.span.end < offset]
    return [one.alias.raw for one in froms if one.alias is not None]


def _paths(unit: Unit, word: str) -> Iterator[types.CompletionItem]:
    """The files and folders of the build context in the folder that a word names so far."""
    folder = word.rpartition("/")[0].removeprefix("./").strip("/")
    prefix = f"{folder}/" if folder else ""
    for entry in unit.context.files if unit.context is not None else ():
        rest = entry.path[len(prefix) :]
        if entry.path.startswith(prefix) and rest and "/" not in rest:
            folder_kind = entry.kind == "dir"
            kind = types.CompletionItemKind.Folder if folder_kind else types.CompletionItemKind.File
            yield types.CompletionItem(f"{rest}/" if folder_kind else rest, kind=kind)


def _made(words: Iterable[str], kind: types.CompletionItemKind) -> Iterator[types.CompletionItem]:
    return (types.CompletionItem(word, kind=kind) for word in words)
