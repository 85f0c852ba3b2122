"""What a history entry tells of its instruction, in the dialects of BuildKit, the classic builder and buildah.

BuildKit writes `RUN |1 NAME=value /bin/sh -c command # buildkit`; the classic builder and buildah write
`|1 NAME=value /bin/sh -c command` and, for all but RUN, `/bin/sh -c #(nop) COPY file:<hash> in /app`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from dfguard.image.model import HistoryEntry, Image, Layer
from dfguard.regex import regex
from dfguard.secrets.redact import redact
from dfguard.struct import Struct

BUILDKIT, CLASSIC, BUILDAH, OTHER = "buildkit", "classic", "buildah", "other"

_KEYWORDS = frozenset(
    "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME "
    "WORKDIR".split()
)
_NOP = regex(r"#\(nop\)(\s+)([A-Z]+)(?:\s+|$)")
_FILES = ("ADD", "COPY", "WORKDIR")  # which both write with one blank
_LAYERED = frozenset(("RUN", *_FILES))
_ARGS = regex(r"\|([0-9]{1,4}) ")


class Told(Struct):
    """One history entry, read: `keyword` is "" for what no Dockerfile made, `text` all behind it.

    `args` are the build arguments that a RUN saw, as (name, value).
    """

    builder: str
    keyword: str
    text: str
    args: tuple[tuple[str, str], ...] = ()


def read_history(history: Iterable[HistoryEntry]) -> list[Told]:
    """Read all entries. The classic builder and buildah are told apart by the whole: `#(nop)  ENV` has two blanks
    with the one and one with the other."""
    told = [read_created_by(entry) for entry in history]
    if any(each.builder == BUILDAH for each in told):
        return [each.but(builder=BUILDAH) if each.builder == CLASSIC else each for each in told]
    return told


def read_created_by(entry: HistoryEntry) -> Told:
    """Read `created_by` of a history entry."""
    text = entry.created_by
    if entry.comment.startswith("buildkit") or text.endswith("# buildkit"):
        return _buildkit(text.removesuffix("# buildkit").rstrip(" "))
    builder = BUILDAH if entry.comment.startswith("FROM ") else CLASSIC
    nop = _NOP.search(text)
    if nop and nop[2] in _KEYWORDS:
        if nop[1] == " " and nop[2] not in _FILES:
            builder = BUILDAH
        return Told(builder, nop[2], text[nop.end() :].rstrip(" "))
    args, command = _args(text)
    if args or re.match(r"/[^ ]+ -\S*c |[a-z]+ -\S*c |cmd /S /C |powershell ", command):
        return Told(builder, "RUN", command, args)
    if not text or entry.comment.lower().startswith(("imported from", "create new from")):
        return Told(OTHER, "", text)
    return Told(builder if builder == BUILDAH else OTHER, "RUN" if builder == BUILDAH else "", text)


def _buildkit(text: str) -> Told:
    keyword, _, rest = text.partition(" ")
    if keyword not in _KEYWORDS:
        return Told(BUILDKIT, "", text)
    if keyword != "RUN":
        return Told(BUILDKIT, keyword, rest)
    args, command = _args(rest)
    return Told(BUILDKIT, keyword, command, args)


def _args(text: str) -> tuple[tuple[tuple[str, str], ...], str]:
    """The arguments of `|2 A=1 B=2 command`. A value with blanks can't be told from what follows: it ends there."""
    found = _ARGS.match(text)
    if not found:
        return (), text
    at = found.end()
    most = int(found[1])
    pairs = []
    for word in text[at:].split(" ", most)[:most]:
        name, equals, value = word.partition("=")
        if not equals or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", name):
            break
        pairs.append((name, value))
        at += len(word) + 1
    return tuple(pairs), text[at:]


def instruction_of(image: Image, layer: Layer) -> str:
    """The step of the history that made a layer, as a Dockerfile has it and in one line, secrets masked."""
    if layer.history is None:
        return ""
    entry = image.history[layer.history]
    told = read_created_by(entry)
    if told.keyword in _KEYWORDS - _LAYERED:  # buildah without --layers hangs the one layer on the last instruction
        return "all instructions in one layer"
    text = f"{told.keyword} {told.text}" if told.keyword else entry.created_by or entry.comment
    return redact(" ".join(text.split()))


class LayerNames(Struct):
    """How layers are called in messages: by the instruction that made each, in order."""

    instructions: tuple[str, ...]

    def of(self, index: int) -> str:
        """`layer 2 (COPY . /app)`."""
        text = self.instructions[index] if index < len(self.instructions) else ""
        return f"layer {index} ({text if len(text) <= 60 else text[:57] + '...'})" if text else f"layer {index}"
