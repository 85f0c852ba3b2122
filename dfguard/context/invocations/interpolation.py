"""`${NAME:-default}` in compose files and `.env` files.

As https://github.com/compose-spec/compose-go/blob/main/template/template.go, but for a variable without
a value: Compose warns and puts nothing in its place, here the value counts as not known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dfguard.context.invocations.nodes import Steps
from dfguard.regex import regex
from dfguard.struct import Struct

MAX_DEPTH = 20
_VARIABLE = regex(r"\$(?:(?P<escaped>\$)|(?P<named>[A-Za-z_][A-Za-z0-9_]*)|(?P<open>\{))")
_NAME = regex(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATORS = (":-", ":+", ":?", "-", "+", "?")


class Interpolated(Struct):
    """A text with its variables replaced.

    `missing` are the names without a value that it hangs on; nothing stands in their place. `error` says
    why Compose refuses the text, "" when it does not. `steps` are (offset in the result, offset in the
    original) pairs.
    """

    text: str
    missing: tuple[str, ...] = ()
    error: str = ""
    steps: Steps = ((0, 0),)


def interpolate(text: str, values: Mapping[str, str]) -> Interpolated:
    """Replace the variables of a text."""
    if "$" not in text:
        return Interpolated(text)
    work = _Work(values)
    out = work.expand(text, 0)
    return Interpolated(out, tuple(dict.fromkeys(work.missing)), work.error, tuple(work.steps))


class _Work:
    """One text under way."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values
        self.missing: list[str] = []
        self.error = ""
        self.steps: list[tuple[int, int]] = [(0, 0)]

    def expand(self, text: str, depth: int) -> str:
        out: list[str] = []
        size = at = 0
        while (match := _VARIABLE.search(text, at)) is not None:
            end, value = self.replace(text, match, depth)
            before = text[at : match.start()]
            out += (before, value)
            size += len(before) + len(value)
            at = end
            if depth == 0:
                self.steps.append((size, at))
        return "".join((*out, text[at:]))

    def replace(self, text: str, match: re.Match[str], depth: int) -> tuple[int, str]:
        """Where the variable ends, and what comes in its place."""
        if match["escaped"]:
            return match.end(), "$"
        if match["named"]:
            return match.end(), self.value(match["named"])
        close = _closing(text, match.end())
        name = _NAME.match(text, match.end(), max(close, match.end()))
        rest = text[name.end() : close] if name else ""
        operator = next((sign for sign in _OPERATORS if rest.startswith(sign)), "")
        if close < 0 or name is None or (rest and not operator) or depth > MAX_DEPTH:
            self.error = self.error or f"`{text[match.start() : match.start() + 40]}` is no variable: write $$ for a $"
            return match.end(), ""
        return close + 1, self.braced(name[0], operator, rest[len(operator) :], depth)

    def value(self, name: str) -> str:
        if name not in self.values:
            self.missing.append(name)
        return self.values.get(name, "")

    def braced(self, name: str, operator: str, argument: str, depth: int) -> str:
        known = name in self.values
        full = known and (not operator.startswith(":") or self.values[name] != "")
        if not operator:
            return self.value(name)
        if operator.endswith("?"):
            if not full:
                self.missing.append(name)
            return self.values.get(name, "")
        if operator.endswith("-"):
            return self.values[name] if full else self.expand(argument, depth + 1)
        return self.expand(argument, depth + 1) if full else ""


def _closing(text: str, start: int) -> int:
    """Where the brace that opens right before `start` is closed, -1 if nowhere."""
    depth, at = 1, start
    while at < len(text):
        if text[at] == "}":
            depth -= 1
            if not depth:
                return at
        elif text.startswith("${", at):
            depth += 1
            at += 1
        at += 1
    return -1
