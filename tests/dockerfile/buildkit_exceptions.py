"""Where we don't read as the BuildKit 0.12 of the oracles does, and why: every known reason, in one place.

Every instruction that is read otherwise has to be explained; only where one side ends it at another line
can't the rest of the file be compared. We read as BuildKit's master branch does (2026), where
every one of these but `bytes 85 and A0` is gone; other known differences are undone in buildkit_readings.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import zip_longest
from typing import Any

from buildkit_readings import Reading

from dfguard.dockerfile.lines import SPACE
from dfguard.dockerfile.scan import RawInstruction, scan
from dfguard.source import BOM, Source

Entry = dict[str, Any]


class Difference:
    """An instruction that two readings have otherwise: `mine` and `other`, None where one has ended.

    `text` is its logical line as we read it, `escape` our escape character. Where the other side refuses
    the file, `refused` is its reason and `mine` the instruction that holds the line it names.
    """

    def __init__(self, source: Source, mine: Entry | None, other: Entry | None, refused: str) -> None:
        scanned = scan(source)
        self.source = source
        self.escape = scanned.escape
        self.mine, self.other, self.refused = mine, other, refused
        self.line: int = (mine or other or {"lines": (0, 0)})["lines"][0]
        raws = [item for item in scanned.items if isinstance(item, RawInstruction)]
        self.text = next((raw.line.text for raw in raws if raw.span.start_line == self.line), "")

    def __str__(self) -> str:
        theirs = self.refused or self.other
        return f"{self.source.path}:{self.line}: {self.text!r}\n  ours   {self.mine}\n  theirs {theirs}"


def compare(source: Source, mine: Reading, other: Reading) -> list[Difference]:
    """All differences up to the first that moves lines; none when both refuse the file."""
    if other.refused:
        if mine.refused:
            return []
        return [_refusal(source, mine, other)]
    found: list[Difference] = []
    for left, right in zip_longest(mine.entries, other.entries):
        if left != right:
            found.append(Difference(source, left, right, ""))
            if left is None or right is None or left["lines"] != right["lines"]:
                break
    return found


def _refusal(source: Source, mine: Reading, other: Reading) -> Difference:
    """Where the other side refuses what we read: at the line it names; without one, where there may be a reason."""
    entries: list[Entry | None] = [entry for entry in mine.entries if not other.line or entry["lines"][0] <= other.line]
    places = (entries[-1:] if other.line else entries) or [None]
    found = [Difference(source, entry, None, other.refused) for entry in places]
    return next((difference for difference in found if reason(difference)), found[0])


def _blank_after_opener(difference: Difference) -> bool:
    mine, other = difference.mine, difference.other
    if mine is None or not re.search(r"<<[\t\r ]", difference.text):
        return False
    return other is None or (mine["lines"], mine["heredocs"]) != (other["lines"], other["heredocs"])


def _text_behind_json(difference: Difference) -> bool:
    if difference.mine is None or "[" not in difference.text or _is_json(difference.mine):
        return False
    return "JSON" in difference.refused if difference.other is None else _is_json(difference.other)


def _is_json(entry: Entry) -> bool:
    trigger = entry["trigger"]
    return bool(trigger["json"] if isinstance(trigger, dict) else entry["json"])


def _escape_in_flags(difference: Difference) -> bool:
    return difference.escape == "`" and bool(re.search(r"[ \t]--.*[\\`]", difference.text))


def _blank_bytes(difference: Difference) -> bool:
    data = difference.text.encode("utf-8", "surrogateescape")
    return b"\x85" in data or b"\xa0" in data


def _substitution_before_opener(difference: Difference) -> bool:
    return bool(re.search(r"\$\{.*<<|<<.*\$\{", difference.text))


def _nul(difference: Difference) -> bool:
    return any("\0" in word for word in (difference.mine or {"words": ()})["words"])


def _directive(difference: Difference) -> bool:
    """Whether the comments that the file begins with hold a directive that only newer BuildKits take for one."""
    for line in difference.source.text.removeprefix(BOM).split("\n"):
        body = line.lstrip(SPACE)
        if not body.startswith("#"):
            return False
        if re.match(r"#\s*check\s*=", body, re.IGNORECASE) or re.match(r"#\s*[^\S\t\n\f\r ]", body):
            return True
    return False


KNOWN: dict[str, tuple[str, Callable[[Difference], bool]]] = {
    "bytes 85 and A0": (
        "BuildKit reads flags byte by byte, so that half of `à` is a blank there; we keep characters whole",
        _blank_bytes,
    ),
    "blank after <<": (
        "`RUN << EOF` opens a heredoc since BuildKit 0.22 (https://github.com/moby/buildkit/pull/5817)",
        _blank_after_opener,
    ),
    "text behind JSON": (
        "text behind the closing bracket makes it no JSON form in newer BuildKits; it was dropped before",
        _text_behind_json,
    ),
    "escape in flags": (
        "flags are read with the file's escape character in newer BuildKits; it was always a backslash before",
        _escape_in_flags,
    ),
    "substitution beside <<": (
        "`${x:-y}` makes newer BuildKits forget what stands before it in a word, which may be the `<<`",
        _substitution_before_opener,
    ),
    "directives": (
        "`# check=` is a directive since dockerfile:1.8, and newer BuildKits allow any blank behind the `#`",
        _directive,
    ),
    "NUL in JSON": ("the package `dockerfile` hands strings over as C does, which ends them at a NUL", _nul),
}


def reason(difference: Difference) -> str:
    """The name of the reason that explains a difference, "" when none does."""
    return next((name for name, (_, explains) in KNOWN.items() if explains(difference)), "")
