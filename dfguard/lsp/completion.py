"""What may stand at a place of a Dockerfile: instructions, flags, stages, variables, mounts, and context paths."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lsprotocol import types

from dfguard.dockerfile.nodes import From
from dfguard.lsp.names import VARIABLE, occurrences
from dfguard.lsp.positions import Lines
from dfguard.struct import Struct
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
VALUES = {"type": MOUNTS, "sharing": ("shared", "private", "locked"), "network": ("default", "none", "host")}
TRIGGERS = tuple(one for one in INSTRUCTIONS if one not in ("FROM", "ONBUILD"))
AFTER = {"ONBUILD": TRIGGERS, "HEALTHCHECK": ("CMD", "NONE")}
MOST = 200
_FLAGGED = re.compile(r"[ \t]*(?:onbuild[ \t]+)?[a-z]+(?:[ \t]+--\S*)*[ \t]+\S*\Z", re.IGNORECASE)
_LAST_WORD = re.compile(r"\S*\Z")
_KEYWORD = re.compile(r"[ \t]*(?:onbuild[ \t]+)?([A-Za-z]+)[ \t]", re.IGNORECASE)
_JSON = re.compile(r"""(?:--\S*[ \t]+)*[ \t]*\[[^"]*(?:"[^"]*"[^"]*)*"[^"]*\Z""")
_VARIABLE = re.compile(r"\$\{?([A-Za-z_0-9]*)\Z")
Kind = types.CompletionItemKind


class Offer(Struct):
    """Words that may stand at a place, for what is written of them already."""

    words: tuple[str, ...]
    kind: Kind
    written: str


def complete(unit: Unit, offset: int, lines: Lines) -> types.CompletionList:
    """What may stand at a place, at most MOST entries; each replaces what is written of it already."""
    line = before(unit.dockerfile.source.text, offset, unit.dockerfile.escape)
    offers = [*_offers(unit, line, offset)]
    many = sum(len(offer.words) for offer in offers) > MOST
    items = []
    for offer in offers:
        where = lines.range(offset - len(offer.written), offset)
        words = (one for one in offer.words if not many or one.lower().startswith(offer.written.lower()))
        items += [types.CompletionItem(one, kind=offer.kind, text_edit=types.TextEdit(where, one)) for one in words]
    return types.CompletionList(is_incomplete=many, items=items[:MOST])


def before(text: str, offset: int, escape: str) -> str:
    """The logical line up to a place, its continuations joined and the comments between them left out."""
    start = text.rfind("\n", 0, offset) + 1
    line = text[start:offset]
    while start > 0:
        above = text.rfind("\n", 0, start - 1) + 1
        previous = text[above : start - 1].rstrip("\r \t")
        start = above
        if previous.lstrip().startswith("#"):
            continue
        if not previous.endswith(escape):
            break
        line = f"{previous[: -len(escape)]} {line}"
    return line


def _offers(unit: Unit, line: str, offset: int) -> Iterator[Offer]:
    word = _LAST_WORD.search(line)
    assert word is not None
    keyword = _KEYWORD.match(line)
    name = keyword[1].upper() if keyword is not None else ""
    variable = _VARIABLE.search(word[0])
    words = line[keyword.end() if keyword is not None else 0 : word.start()].split()
    if line.lstrip().startswith("#"):
        return
    if variable is not None:
        known = {one.span.text for one in occurrences(unit) if one.kind == VARIABLE and one.given}
        yield Offer(tuple(sorted(known)), Kind.Variable, variable[1])
    elif _in_heredoc(unit, offset):
        return
    elif keyword is None:
        yield Offer(INSTRUCTIONS, Kind.Keyword, word[0])
    elif word[0].startswith("-") and name in FLAGS:
        if _FLAGGED.match(line):
            yield from _in_flag(unit, name, word[0], offset)
    elif name in AFTER and all(one.startswith("--") for one in words):
        yield Offer(AFTER[name], Kind.Keyword, word[0])
    elif name == "FROM":
        yield from _after_from([one for one in words if not one.startswith("--")], word[0], _stages_above(unit, offset))
    elif name in ("COPY", "ADD") and "--from=" not in line:
        assert keyword is not None
        json = _JSON.match(line, keyword.end())
        yield from _paths(unit, word[0] if json is None else line.rpartition('"')[2], spaced=json is not None)


def _in_heredoc(unit: Unit, offset: int) -> bool:
    """Whether a place is in the text of a heredoc, or on the line that ends it."""
    heredocs = (heredoc for instruction, _ in unit.instructions for heredoc in instruction.heredocs)
    return any(one.body.start <= offset <= (one.terminator or one.body).end for one in heredocs)


def _in_flag(unit: Unit, keyword: str, word: str, offset: int) -> Iterator[Offer]:
    flag, equals, value = word.partition("=")
    if not equals:
        yield Offer(tuple(f"--{one}" for one in FLAGS[keyword]), Kind.Property, word)
        return
    name = flag.removeprefix("--")
    option, given, written = value.rpartition(",")[2].partition("=") if name == "mount" else (name, "=", value)
    if not given:
        yield Offer(OPTIONS, Kind.Property, option)
    elif option == "from":
        yield Offer(_stages_above(unit, offset), Kind.Module, written)
    else:
        yield Offer(VALUES.get(option, ()), Kind.EnumMember, written)


def _after_from(words: list[str], written: str, stages: tuple[str, ...]) -> Iterator[Offer]:
    if not words:
        yield Offer(stages, Kind.Module, written)
    elif len(words) == 1:
        yield Offer(("AS",), Kind.Keyword, written)


def _stages_above(unit: Unit, offset: int) -> tuple[str, ...]:
    """The names of the stages that end before a place."""
    froms = [one for one in unit.dockerfile.instructions if isinstance(one, From) and one.span.end < offset]
    return tuple(one.alias.raw for one in froms if one.alias is not None)


def _paths(unit: Unit, word: str, *, spaced: bool) -> Iterator[Offer]:
    """The files and folders of the build context in the folder that a word names so far; `spaced`: blanks may be."""
    folder, _, written = word.rpartition("/")
    folder = folder.removeprefix(".").strip("/")
    prefix = f"{folder}/" if folder else ""
    found: dict[Kind, list[str]] = {Kind.Folder: [], Kind.File: []}
    for entry in unit.context.files if unit.context is not None else ():
        rest = entry.path[len(prefix) :]
        if entry.path.startswith(prefix) and rest and "/" not in rest and (spaced or " " not in rest):
            is_folder = entry.kind == "dir"
            found[Kind.Folder if is_folder else Kind.File].append(f"{rest}/" if is_folder else rest)
    return (Offer(tuple(words), kind, written) for kind, words in found.items())
