"""Here-documents: taken out of a script before it is parsed, since their bodies are no shell text.

tree-sitter-bash fails on two here-documents of one command and hangs the rest of the line below the
first; a script without them has neither problem.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING

from dfguard.shell.shelltext import ShellText
from dfguard.struct import Struct

if TYPE_CHECKING:
    from dfguard.dockerfile.nodes import Heredoc


class Body:
    """What stands between a `<<WORD` and its terminator; `expand`: the shell substitutes variables in it."""

    __slots__ = ("expand", "text")

    def __init__(self, text: ShellText, expand: bool) -> None:
        self.text = text
        self.expand = expand


class _Found(Struct):
    """One here-document: where `<<`, the body and what follows the terminator's line begin."""

    opener: int
    start: int
    end: int
    after: int
    tabs: bool
    expand: bool


def body_of(heredoc: Heredoc) -> Body:
    """The body of a here-document that BuildKit found, as the shell reads it."""
    span = heredoc.body
    text = ShellText(span.source, [(span.start, span.end)])
    return Body(_without_noise(text, heredoc.chomp), heredoc.expand)


def lift(text: ShellText) -> tuple[ShellText, dict[int, Body]]:
    """The script without the bodies of its here-documents, and each body by the position of its `<<`."""
    if "<<" not in text.text:
        return text, {}
    found = _find(text.text)
    bodies: dict[int, Body] = {}
    removed = passed = 0
    for here in found:
        while found[passed].after <= here.opener:
            removed += found[passed].after - found[passed].start
            passed += 1
        body = text.part(here.start, here.end)
        bodies[here.opener - removed] = Body(_without_noise(body, here.tabs), here.expand)
    return text.part(0, len(text.text), [(here.start, here.after) for here in found]), bodies


def _without_noise(text: ShellText, tabs: bool) -> ShellText:
    """Cut the CR of CRLF line ends, and leading tabs when the here-document was opened by `<<-`."""
    if "\r" not in text.text and not (tabs and "\t" in text.text):
        return text
    pattern = r"\r+(?=\n|\Z)|(?:\A|(?<=\n))\t+" if tabs else r"\r+(?=\n|\Z)"
    return text.part(0, len(text.text), [match.span() for match in re.finditer(pattern, text.text)])


@lru_cache(maxsize=1)
def _tokens() -> re.Pattern[str]:
    return re.compile(
        r"""(?<![^\s;&|()])\#[^\n]* | \\. | '[^']*' | "(?:[^"\\]|\\.)*" | <<<
        | \(\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)\)
        | (?P<open><<(?P<tabs>-?)[ \t]*
            (?:'(?P<single>[^'\n]+)' | "(?P<double>[^"\n]+)" | (?P<escape>\\?)(?P<bare>[A-Za-z_][\w.!+-]*)))
        | (?P<newline>\n)""",
        re.DOTALL | re.VERBOSE,
    )


def _find(text: str) -> list[_Found]:
    lines = _line_starts(text)
    found: list[_Found] = []
    waiting: list[re.Match[str]] = []
    token = _tokens().search(text)
    while token:
        at = token.end()
        if token["open"]:
            waiting.append(token)
        elif token["newline"]:
            for opener in waiting:
                here = _locate(text, opener, at, lines)
                if here:
                    found.append(here)
                    at = here.after
            waiting = []
        token = _tokens().search(text, at)
    return found


def _line_starts(text: str) -> dict[str, list[int]]:
    """Where each line stands, by its text without tabs in front; one pass, so that looking up is cheap."""
    starts: dict[str, list[int]] = {}
    at = 0
    for line in text.split("\n"):
        starts.setdefault(line.rstrip("\r").lstrip("\t"), []).append(at)
        at += len(line) + 1
    return starts


def _locate(text: str, opener: re.Match[str], start: int, lines: dict[str, list[int]]) -> _Found | None:
    """The here-document of `opener`, whose body begins at `start`; None when no line ends it."""
    name = opener["single"] or opener["double"] or opener["bare"]
    starts = lines.get(name, [])
    for end in starts[bisect_left(starts, start) :]:
        if opener["tabs"] or text[end] != "\t":
            after = text.find("\n", end) + 1 or len(text)
            return _Found(
                opener.start(), start, end, after, bool(opener["tabs"]), not (opener["escape"] or not opener["bare"])
            )
    return None
