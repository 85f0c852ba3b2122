"""What a broken JSON form was meant to be: the edits that make an array of strings of it."""

from __future__ import annotations

import re

from dfguard.dockerfile.lines import SPACE
from dfguard.edit import Edit
from dfguard.regex import regex
from dfguard.source import Span

_PAIRS = {
    "'": "'",
    "\u2018": "\u2019",
    "\u201c": "\u201d",
    "\u201d": "\u201d",
}  # also what word processors make of quotes
_BARE = regex(r"[^\s,\[\]{}()'\"\u2018\u2019\u201c\u201d|&;<>$`]+")
_JSON_STRING = regex(r'"(?:[^"\\\n]|\\[^\n])*"')
_BAD_ESCAPE = regex(r'\\(?:(["\\/bfnrt]|u[0-9a-fA-F]{4})|.?)', re.DOTALL)
_REST = regex(r"[\s\],;]*(?:\s#[^\n]*)?")


def repair(form: Span, escape: str = "\\") -> tuple[Edit, ...] | None:
    """The edits that make valid JSON of a text that starts with `[`; None when it seems to be something else.

    Mended are quotes of another kind, or none, around the strings, single backslashes, missing and
    superfluous commas, a missing bracket, and what stands behind the last one.
    """
    return _Repair(form, escape).run()


class _Repair:
    """One pass over the text, item by item; `end` is behind the last item, `comma` the last comma kept."""

    def __init__(self, form: Span, escape: str) -> None:
        self.form = form
        self.text = form.text
        self.gap = re.compile(rf"(?:[{SPACE}]|{re.escape(escape)}[ \t]*\r?\n(?:[ \t]*#[^\n]*\n)*)*")
        self.edits: list[Edit] = []
        self.at = self.end = 1
        self.comma = -1
        self.after_item = self.after_bare = False

    def run(self) -> tuple[Edit, ...] | None:
        """Read all items; see `repair`."""
        while True:
            self.at = self.skip(self.at)
            sign = self.text[self.at : self.at + 1]
            if sign in ("]", ""):
                return self.close()
            if sign == ",":
                self.take_comma()
            elif not self.take_item(sign):
                return None

    def take_comma(self) -> None:
        """A comma behind an item counts, any other goes."""
        if self.after_item:
            self.comma, self.after_item = self.at, False
        else:
            self.put(self.at, self.at + 1, "")
        self.at += 1

    def take_item(self, sign: str) -> bool:
        """Read the item at `at`; False when nothing like a string stands there, or words without commas do."""
        start, bare = self.at, sign not in ('"', *_PAIRS)
        text = self.bare() if bare else self.string() if sign == '"' else self.quotes(_PAIRS[sign])
        if text is None or (self.after_item and (bare or self.after_bare)):
            return False
        if self.after_item:
            self.put(self.end, self.end, ",")
        if text != self.text[start : self.at]:
            self.put(start, self.at, text)
        self.end, self.after_item, self.after_bare = self.at, True, bare
        return True

    def string(self) -> str | None:
        """A JSON string, with every single backslash doubled."""
        match = _JSON_STRING.match(self.text, self.at)
        if match is None:
            return None
        self.at = match.end()
        return _BAD_ESCAPE.sub(lambda part: part[0] if part[1] else "\\" + part[0], match[0])

    def quotes(self, close: str) -> str | None:
        """What stands between quotes of another kind."""
        start = self.at + 1
        stop = self.text.find(close, start)
        if stop < 0 or "\n" in self.text[start:stop]:
            return None
        self.at = stop + 1
        return quoted(self.text[start:stop])

    def bare(self) -> str | None:
        """A word without quotes."""
        match = _BARE.match(self.text, self.at)
        if match is None:
            return None
        self.at = match.end()
        return quoted(match[0])

    def close(self) -> tuple[Edit, ...] | None:
        """The end of the array, and what stands behind it."""
        if self.end == 1 or (self.after_bare and self.comma < 0):
            return None
        open_ended = self.at >= len(self.text)
        if not self.after_item:
            self.put(self.comma, self.comma + 1, "]" if open_ended else "")
        elif open_ended:
            self.put(self.end, self.end, "]")
        rest = self.text[self.at + 1 :]
        if rest and not _REST.fullmatch(rest):
            return None
        if rest:
            self.put(self.at + 1, len(self.text), "")
        return tuple(self.edits)

    def skip(self, at: int) -> int:
        match = self.gap.match(self.text, at)
        return match.end() if match else at

    def put(self, start: int, end: int, text: str) -> None:
        self.edits.append(Edit(self.form.sub(start, end), text))


def quoted(text: str) -> str:
    """A text without control characters as a JSON string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
