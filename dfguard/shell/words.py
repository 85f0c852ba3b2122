"""What a word of a shell script stands for: quotes removed, known variables substituted.

POSIX.1-2024, Shell Command Language, sections 2.2 (quoting), 2.6.2 (parameter expansion), 2.6.5 (field
splitting). Everything whose result needs a running system (command substitution, arithmetic, unknown
variables) makes the word unknown.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from dfguard.regex import regex
from dfguard.shell.expansions import changed, read_expansion

if TYPE_CHECKING:
    from collections.abc import Callable

    from dfguard.shell.expansions import Expansion

    Lookup = Callable[[str], str | None]

MAX_LENGTH = 20_000  # `A=$B$B; C=$A$A; ...` doubles with each step
MAX_BRACES = 200
MAX_DEPTH = 8  # of `${A:-${B:-...}}`

SPECIAL = regex(r"""[\\'"$`*?(\[{]""")
_IN_DOUBLE_QUOTES = regex(r"""[\\"$`]""")
_VARIABLE = regex(r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})", re.ASCII)


class Unknowable(Exception):
    """The value of the word is not in the text."""


class Value:
    """`text` is the word as `echo` would print it; `fields` are the arguments that a program receives.

    `glob`: it holds an unquoted `*`, `?` or `[...]`, which the shell replaces by matching paths.
    """

    __slots__ = ("fields", "glob", "text")

    def __init__(self, text: str, fields: tuple[str, ...], glob: bool) -> None:
        self.text = text
        self.fields = fields
        self.glob = glob


def evaluate(word: str, lookup: Lookup, *, braces: bool = False) -> Value | None:
    """The value of a word; None when it depends on what only a running shell knows.

    `lookup` gives the value of a variable or None; `braces`: `{a,b}` is expanded (bash, ksh, zsh).
    """
    if not SPECIAL.search(word):
        return Value(word, (word,), False)
    words = _expand_braces(word) if braces and "{" in word else [word]
    fields: list[str] = []
    glob = False
    try:
        for each in words:
            if len(words) > 1 and "{" in each:
                return None
            scan = _Scan(each, lookup)
            scan.run()
            fields += scan.fields
            glob = glob or scan.glob
    except Unknowable:
        return None
    return Value(" ".join(fields) if len(words) > 1 else scan.value, tuple(fields), glob)


class _Scan:
    """One pass over one word."""

    def __init__(self, word: str, lookup: Lookup, depth: int = 0) -> None:
        self.word = word
        self.lookup = lookup
        self.depth = depth
        self.fields: list[str] = []
        self.field: list[str] = []
        self.all: list[str] = []
        self.size = 0
        self.started = False
        self.glob = False
        self.last_bracket = word.rfind("]")

    @property
    def value(self) -> str:
        return "".join(self.all)

    def run(self) -> None:
        at = 0
        while at < len(self.word):
            special = SPECIAL.search(self.word, at)
            stop = special.start() if special else len(self.word)
            if stop > at:
                self.add(self.word[at:stop])
            at = self.special(stop) if special else stop
        self.end_field()

    def special(self, at: int) -> int:
        """Read what begins with the special character at `at`; gives the offset behind it."""
        sign = self.word[at]
        if sign == "\\":
            if self.word[at + 1 : at + 2] != "\n":
                self.add(self.word[at + 1 : at + 2])
            return at + 2
        if sign == "'":
            return self.single_quotes(at)
        if sign == '"':
            return self.double_quotes(at + 1)
        if sign == "$":
            return self.variable(at, quoted=False)
        if sign in "`(":
            raise Unknowable
        self.glob = self.glob or sign in "*?" or (sign == "[" and at < self.last_bracket)
        self.add(sign)
        return at + 1

    def single_quotes(self, at: int) -> int:
        end = self.word.find("'", at + 1)
        if end < 0:
            raise Unknowable
        self.add(self.word[at + 1 : end])
        return end + 1

    def double_quotes(self, at: int) -> int:
        self.add("")
        while True:
            special = _IN_DOUBLE_QUOTES.search(self.word, at)
            if not special or special[0] == "`":
                raise Unknowable
            self.add(self.word[at : special.start()])
            at = special.start()
            if special[0] == '"':
                return at + 1
            at = self.variable(at, quoted=True) if special[0] == "$" else self.escaped(at)

    def escaped(self, at: int) -> int:
        """A backslash between double quotes: it escapes four characters only."""
        following = self.word[at + 1 : at + 2]
        if following != "\n":
            self.add(following if following in ("$", "`", '"', "\\") else "\\" + following)
        return at + 2

    def variable(self, at: int, *, quoted: bool) -> int:
        match = _VARIABLE.match(self.word, at)
        if not match:
            return self.other_dollar(at, quoted=quoted)
        value = self.lookup(match[1] or match[2])
        if value is None:
            raise Unknowable
        if quoted:
            self.add(value)
        else:
            self.split(value)
        return match.end()

    def expansion(self, found: Expansion, *, quoted: bool) -> None:
        """Add what `${NAME...}` stands for."""
        value = self.lookup(found.name)
        if value is None or self.depth >= MAX_DEPTH or (quoted and "'" in found.operand):
            raise Unknowable
        if found.length:
            value = str(len(value))
        elif found.operator.strip(":") in ("-", "=", "+", "?"):
            chosen = self.chosen(found, value)
            if chosen is None:
                self.operand(found.operand, quoted=quoted)
                return
            value = chosen
        elif found.operator:
            inner = self.inner(found.operand)
            changed_value = changed(value, found.operator, inner.value)
            if changed_value is None or any(quote in found.operand for quote in "'\"\\"):
                raise Unknowable
            value = changed_value
        if quoted:
            self.add(value)
        else:
            self.split(value)

    def chosen(self, found: Expansion, value: str) -> str | None:
        """The value, or "", as `:-`, `:+` and their like say; None for the operand."""
        is_set = bool(value) or not found.operator.startswith(":")
        if found.operator.endswith("+"):
            return None if is_set else ""
        if found.operator.endswith("?") and not is_set:
            raise Unknowable
        return value if is_set else None

    def inner(self, operand: str) -> _Scan:
        scan = _Scan(operand, self.lookup, self.depth + 1)
        scan.run()
        return scan

    def operand(self, operand: str, *, quoted: bool) -> None:
        """Add the word behind `:-`; quotes in it keep it together."""
        scan = self.inner(operand)
        if quoted or any(quote in operand for quote in "'\"\\"):
            self.add(scan.value)
        else:
            self.split(scan.value)

    def other_dollar(self, at: int, *, quoted: bool) -> int:
        following = self.word[at + 1 : at + 2]
        found = read_expansion(self.word, at) if following == "{" else None
        if found:
            self.expansion(found, quoted=quoted)
            return found.end
        if not quoted and following == '"':
            return at + 1
        if not quoted and following == "'":
            return self.ansi_quotes(at + 2)
        if following and (following in "({[@*#?!$-" or following.isdigit()):
            raise Unknowable
        self.add("$")
        return at + 1

    def ansi_quotes(self, at: int) -> int:
        match = re.compile(r"((?:[^'\\]|\\[\\'\"nrt])*)'").match(self.word, at)
        if not match:
            raise Unknowable
        signs = {"n": "\n", "r": "\r", "t": "\t"}
        self.add(re.sub(r"\\(.)", lambda escape: signs.get(escape[1], escape[1]), match[1]))
        return match.end()

    def split(self, value: str) -> None:
        """Add an unquoted variable's value: blanks in it end a field."""
        self.glob = self.glob or any(sign in value for sign in "*?[")
        for number, part in enumerate(re.split(r"[ \t\n]+", value)):
            if number:
                self.end_field()
                self.all.append(" ")
            if part:
                self.add(part)

    def add(self, text: str) -> None:
        self.size += len(text)
        if self.size > MAX_LENGTH:
            raise Unknowable
        self.started = True
        self.field.append(text)
        self.all.append(text)

    def end_field(self) -> None:
        if self.started:
            self.fields.append("".join(self.field))
        self.field = []
        self.started = False


@lru_cache(maxsize=1)
def _brace() -> re.Pattern[str]:
    return re.compile(r"(?<![$\\])\{(?:(\d{1,4})\.\.(\d{1,4})|([^{}\s'\"\\$`]*))\}")


def _expand_braces(word: str) -> list[str]:
    """Expand `{a,b}` and `{1..3}` without nesting; a word with more than MAX_BRACES results stays as it is."""
    if any(quote in word for quote in "'\"`\\"):
        return [word]
    done: list[str] = [""]
    at = 0
    for match in _brace().finditer(word):
        choices = _numbers(int(match[1]), int(match[2])) if match[1] else match[3].split(",")
        if len(choices) < 2:
            continue
        if len(done) * len(choices) > MAX_BRACES:
            return [word]
        done = [head + word[at : match.start()] + choice for head in done for choice in choices]
        at = match.end()
    return [head + word[at:] for head in done]


def _numbers(first: int, last: int) -> list[str]:
    step = 1 if first <= last else -1
    return [str(number) for number in range(first, last + step, step)]
