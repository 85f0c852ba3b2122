"""BuildKit's shell lexer: quotes, escapes and variables, as the builder reads them.

The rules are those of https://github.com/moby/buildkit/blob/master/frontend/dockerfile/shell/lex.go,
with its quirks, because where a heredoc starts and what a word expands to depend on them. The
nesting of `${a:-${b:-...}}` is held in a list, so that no input can exhaust the stack.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from dfguard.dockerfile import patterns
from dfguard.dockerfile.lines import SPACE
from dfguard.struct import Struct

Lookup = Callable[[str], "str | None"]

MAX_VALUE = 1 << 20  # characters that variables may add to one text: ENV A=$A$A doubles at every line
_SPECIAL_PARAMETERS = "@*#?-$!0"
_WORD_MODIFIERS = "+-?#%"


class VariableUse(Struct):
    """`$name` or `${name...}`: `start` to `end` in the text, and what follows the name (`:-`, `#`, `/`, ...)."""

    name: str
    start: int
    end: int
    modifier: str


class LexedWord(Struct):
    """A word of a text split at blanks: `start` to `end` in the text, `value` after the lexer's work."""

    value: str
    start: int
    end: int


class LexError(ValueError):
    """BuildKit refuses the text; `at` is the offset of the guilty quote or `$`."""

    def __init__(self, at: int, reason: str) -> None:
        super().__init__(reason)
        self.at = at
        self.reason = reason


class Demanded(LexError):
    """`${name:?}` has no value; `name` is that of the variable."""

    def __init__(self, at: int, name: str, reason: str) -> None:
        super().__init__(at, f"{name}: {reason}")
        self.name = name


class TooLong(LexError):
    """The text is too long to be expanded here; BuildKit would go on."""


class Settings(Struct):
    """How to read: `escape` is the escape character.

    `raw_quotes` and `raw_escapes` keep quotes and escapes in the result, `quotes=False` gives quotes
    no meaning (heredoc bodies), `keep_unset` leaves variables without a value as written.
    """

    escape: str = "\\"
    raw_quotes: bool = False
    raw_escapes: bool = False
    quotes: bool = True
    keep_unset: bool = False


class _Frame:
    """An open `"` (`stop` is `"`), `${name-` or the text itself (`stop` is empty).

    `slot` is where its output starts; `missing` how many variables were missing before it.
    """

    __slots__ = ("begin", "colon", "missing", "modifier", "name", "pattern", "raw_escapes", "slot", "stop")

    def __init__(self, stop: str, raw_escapes: bool, begin: int, slot: int) -> None:
        self.stop = stop
        self.raw_escapes = raw_escapes
        self.begin = begin
        self.slot = slot
        self.name = ""
        self.modifier = ""
        self.colon = False
        self.pattern: str | None = None
        self.missing = 0


@lru_cache(maxsize=64)
def _ordinary(stop: str, escape: str, quotes: bool) -> re.Pattern[str]:
    """A run of characters without meaning in a frame."""
    special = stop + "$" + escape if stop == '"' else stop + "$<" + escape + ("'\"" if quotes else "")
    blanks = "" if stop else SPACE
    return re.compile(f"[^{re.escape(special + blanks)}]+")


class Lexer:
    """One reading of one text.

    `run` returns the expanded text; after it `words` holds the text split at blanks, `uses` the
    variables, innermost first, and `missing` the names that had no value where one was needed.
    """

    def __init__(self, text: str, lookup: Lookup, settings: Settings, given: Callable[[str], bool]) -> None:
        self.text = text
        self.lookup = lookup
        self.settings = settings
        self.given = given
        self.words: list[LexedWord] = []
        self.uses: list[VariableUse] = []
        self.missing: list[str] = []
        self._at = 0
        self._out: list[str] = []
        self._room = MAX_VALUE
        self._frames: list[_Frame] = []
        self._word: list[str] = []
        self._word_start = 0

    def run(self) -> str:
        """Read the whole text. Raises LexError where BuildKit gives up."""
        text, end, frames = self.text, len(self.text), self._frames
        frames.append(_Frame("", self.settings.raw_escapes, 0, 0))
        while self._at < end:
            frame = frames[-1]
            ordinary = _ordinary(frame.stop, self.settings.escape, self.settings.quotes)
            run = ordinary.match(text, self._at)
            if run:
                self._emit(run[0], self._at, run.end())
            else:
                self._special(frame, text[self._at])
        frame = frames[-1]
        if frame.stop == '"':
            raise LexError(frame.begin, "a double quote is never closed")
        if frame.stop:
            raise LexError(frame.begin, "a / is missing in ${}" if frame.stop == "/" else "${ is never closed")
        self._flush(end)
        return "".join(self._out)

    def _special(self, frame: _Frame, character: str) -> None:
        if character == frame.stop:
            self._close(frame)
        elif character == "$":
            self._dollar()
        elif character == self.settings.escape:
            self._escape(frame)
        elif character == "<":
            self._less()
        elif character == '"':
            self._open('"', frame.raw_escapes)
            if self.settings.raw_quotes:
                self._out.append('"')
            self._at += 1
        elif character == "'":
            self._single_quote()
        else:
            self._flush(self._at)  # a blank between words
            self._out.append(character)
            self._at += 1

    # -- output: at the outermost level it also goes into words

    def _emit(self, text: str, start: int, stop: int) -> None:
        self._out.append(text)
        if len(self._frames) == 1:
            self._add(text, start)
        self._at = stop

    def _add(self, text: str, start: int) -> None:
        if text:
            if not self._word:
                self._word_start = start
            self._word.append(text)

    def _flush(self, end: int) -> None:
        if self._word:
            self.words.append(LexedWord("".join(self._word), self._word_start, end))
            self._word.clear()

    def _finish_element(self, slot: int, start: int, split: bool) -> None:
        """Take the output from `slot` on, of a quote or a variable that began at `start`, into the words."""
        if len(self._frames) > 1:
            return
        value = "".join(self._out[slot:])
        if not split:
            self._add(value, start)
            return
        rows = value.translate(_SPACES_TO_BLANK).split(" ")
        for number, row in enumerate(rows):
            if number:
                self._flush(self._at)
            self._add(row, start)

    # -- quotes and escapes

    def _escape(self, frame: _Frame) -> None:
        start, escape = self._at, self.settings.escape
        following = self.text[start + 1 : start + 2]
        written = escape if frame.raw_escapes else ""
        if frame.stop != '"':
            self._emit(written + following, start, start + 1 + len(following))
        elif not following:
            self._emit(written, start, start + 1)
        elif following in ('"', "$", escape):
            self._emit(written + following, start, start + 2)
        else:
            self._emit(written + escape, start, start + 1)

    def _single_quote(self) -> None:
        start = self._at
        stop = self.text.find("'", start + 1)
        if stop < 0:
            raise LexError(start, "a single quote is never closed")
        keep = self.settings.raw_quotes
        self._emit(self.text[start : stop + 1] if keep else self.text[start + 1 : stop], start, stop + 1)

    def _less(self) -> None:
        """`<`, or `<<` with the blanks behind it, which belong to the word of a heredoc."""
        start = at = self._at
        if self.text.startswith("<<", at):
            at += 2
            while self.text[at : at + 1] in ("\t", "\r", " "):
                at += 1
        else:
            at += 1
        self._emit(self.text[start:at], start, at)

    # -- frames

    def _open(self, stop: str, raw_escapes: bool) -> _Frame:
        frame = _Frame(stop, raw_escapes, self._at, len(self._out))
        frame.missing = len(self.missing)
        self._frames.append(frame)
        return frame

    def _close(self, frame: _Frame) -> None:
        self._at += 1
        if frame.stop == '"':
            if self.settings.raw_quotes:
                self._out.append('"')
            self._frames.pop()
            self._finish_element(frame.slot, frame.begin, split=False)
        elif frame.stop == "/":
            frame.pattern = "".join(self._out[frame.slot + 1 :])
            del self._out[frame.slot + 1 :]
            frame.stop = "}"
        else:
            self._frames.pop()
            self._substitute(frame)
            self._finish_element(frame.slot, frame.begin, split=True)

    # -- variables

    def _dollar(self) -> None:
        start, slot = self._at, len(self._out)
        self._at += 1
        if self.text[self._at : self._at + 1] == "{":
            self._at += 1
            self._braced(start)
            return
        name = self._name()
        if not name:
            self._out.append("$")
        else:
            self._plain(name, start, "$" + name)
        self._finish_element(slot, start, split=True)

    def _plain(self, name: str, start: int, written: str) -> None:
        self.uses.append(VariableUse(name, start, self._at, ""))
        value = self._value(name)
        if value is None:
            self.missing.append(name)
            value = written if self.settings.keep_unset else ""
        self._out.append(value)

    def _braced(self, start: int) -> None:
        if self.text[self._at : self._at + 1] in ("", "{", "}", ":"):
            raise LexError(start, "bad substitution" if self._at < len(self.text) else "${ is never closed")
        name = self._name()
        character = self.text[self._at : self._at + 1]
        self._at += 1
        if character == "}":
            slot = len(self._out)
            self._plain(name, start, "${" + name + "}")
            self._finish_element(slot, start, split=True)
            return
        colon = character == ":"
        if colon:
            character = self.text[self._at : self._at + 1]
            self._at += 1
            if character in ("#", "%"):
                raise LexError(start, f"unsupported modifier (:{character}) in substitution")
        elif character == "/":
            if self.text.startswith("/", self._at):
                self._at += 1
                character = "//"
        elif not character:
            raise LexError(start, "${ is never closed")
        elif character not in _WORD_MODIFIERS:
            raise LexError(start, f"unsupported modifier ({character}) in substitution")
        self._open_substitution(start, name, character, colon)

    def _open_substitution(self, start: int, name: str, modifier: str, colon: bool) -> None:
        pattern = modifier in ("/", "//") and not colon
        frame = self._open("/" if pattern else "}", pattern or modifier in ("#", "%"))
        frame.begin, frame.name, frame.modifier, frame.colon = start, name, modifier, colon
        self._out.append("")  # room for "${name-" should the variable stay as written
        self._word.clear()  # the builder loses what stands before it in the word

    def _substitute(self, frame: _Frame) -> None:
        """Put the value of `${name-word}` in the place of the word, which is the output from the slot on."""
        shown = ":" + frame.modifier if frame.colon else frame.modifier
        self.uses.append(VariableUse(frame.name, frame.begin, self._at, shown))
        value = self._value(frame.name)
        if value is None and self.settings.keep_unset:
            self._out[frame.slot] = "${" + frame.name + (shown if frame.pattern is None else f"/{frame.pattern}/")
            self._out.append("}")
            return
        if value is None and (frame.modifier not in ("-", "+") or self.given(frame.name)):
            self.missing.append(frame.name)
        if frame.modifier in ("-", "+"):
            self._choose(frame, value)
            return
        word = "".join(self._out[frame.slot :])
        del self._out[frame.slot :]
        self._out.append(self._modified(frame, value, word))

    def _choose(self, frame: _Frame, value: str | None) -> None:
        """`-` and `+`: leave the word, or put something in its place and forget what it lacked."""
        unset = value is None or (frame.colon and not value)
        if unset == (frame.modifier == "-"):
            return
        lacked = self.missing[frame.missing :]
        del self.missing[frame.missing :], self._out[frame.slot :]
        if lacked[-1:] == [frame.name] and value is None:
            self.missing.append(frame.name)
        self._out.append("" if unset else value or "")

    def _modified(self, frame: _Frame, value: str | None, word: str) -> str:
        if frame.modifier != "?":
            return self._by_pattern(frame, value or "", word)
        if value is None and not self.given(frame.name):
            raise Demanded(frame.begin, frame.name, word or "is not allowed to be unset")
        if frame.colon and value == "":
            raise Demanded(frame.begin, frame.name, word or "is not allowed to be empty")
        return value or ""

    def _by_pattern(self, frame: _Frame, value: str, word: str) -> str:
        modifier = frame.modifier
        try:
            if frame.pattern is not None:
                replaced = patterns.replace(value, frame.pattern, word, modifier == "//", self._room)
                self._room -= max(0, len(replaced) - len(value))
                return replaced
            longest = word.startswith(modifier)
            if modifier == "#":
                return patterns.trim_prefix(value, word[longest:], longest)
            if modifier == "%":
                return patterns.trim_suffix(value, word[longest:], longest)
        except patterns.TooLong as error:
            raise TooLong(frame.begin, str(error)) from None
        except patterns.BadPattern as error:
            shown = word if frame.pattern is None else frame.pattern
            raise LexError(frame.begin, f"invalid pattern ({shown}) in substitution: {error}") from None
        raise LexError(frame.begin, f"unsupported modifier (:{modifier}) in substitution")

    def _value(self, name: str) -> str | None:
        value = self.lookup(name)
        if value:
            self._room -= len(value)
            if self._room < 0:
                raise TooLong(self._at, "the text grows too long when its variables are expanded")
        return value

    def _name(self) -> str:
        text, start = self.text, self._at
        first = text[start : start + 1]
        at = start
        if first.isdecimal():
            while text[at : at + 1].isdecimal():
                at += 1
        elif first and first in _SPECIAL_PARAMETERS:
            at += 1
        else:
            while (character := text[at : at + 1]) == "_" or character.isalpha() or character.isdecimal():
                at += 1
        self._at = at
        return text[start:at]


_SPACES_TO_BLANK = dict.fromkeys(map(ord, SPACE), " ")
