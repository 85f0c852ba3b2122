"""One pattern of an ignore file, as moby/patternmatcher compiles it.

https://github.com/moby/patternmatcher/blob/main/patternmatcher.go: a pattern without wildcards is
compared, one `**` at an end is a prefix or suffix test (`**x` is any path that ends in `x`), all
else becomes a regular expression.
"""

from __future__ import annotations

import re
from functools import lru_cache

from dfguard.context import glob
from dfguard.context.automaton import Match, expression, last_literal, matcher, segments
from dfguard.context.goregex import MalformedExpression, Steps, read_alternatives
from dfguard.struct import Struct

# moby means to escape `|{}` too, but its table of escapes loses all from `@` on: `a|b*` is an alternative.
_ESCAPED = frozenset(".+()$")
_SPECIAL = frozenset("*?[]\\")
_PLAIN = frozenset("*?[]\\^|{}\ufeff\ufffd")  # what must not stand in a star's neighbourhood to be taken as it is


class MalformedPattern(ValueError):
    """The builder refuses `pattern` (cleaned, without `!`); the message says why."""

    def __init__(self, pattern: str, fault: str) -> None:
        super().__init__(f"malformed pattern `{pattern}`: {fault}")
        self.pattern = pattern


EXACT, HEAD, TAIL, STAR = "exact", "head", "tail", "star"


class Shape(Struct):
    """A pattern that can be looked up instead of being compared with one path after another.

    EXACT is the path `head`. HEAD is every path that starts with `head`, TAIL every path that ends with
    `tail` when a slash is put in front of it. STAR is a name that starts with `head` and ends with `tail`,
    in the folder `folder`, or in any folder whose path has no line feed when that is None.
    """

    kind: str
    head: str = ""
    tail: str = ""
    folder: str | None = None


class Compiled(Struct):
    """What a pattern is to the matcher.

    `match` tells whether a whole path matches and raises MalformedPattern for a pattern with a
    `fault`: the builder meets the fault only when it gets to compare the pattern with a path. Every
    path that can match ends with `tail` and has `depth` segments, None when that varies; `folder` is
    the one folder where matches lie, None when there may be several. `shape` is None for what has to be
    compared.
    """

    text: str
    match: Match
    depth: int | None = None
    folder: str | None = None
    fault: str = ""
    tail: str = ""
    shape: Shape | None = None


def first_fault(text: str) -> str:
    """Why the builder refuses the pattern before it looks at any file, "" when it does not.

    It asks Go's filepath.Match to compare the pattern with `.`, which sees only some mistakes.
    """
    if "[" not in text and "\\" not in text:
        return ""
    return fault_of(text) if glob.read(text).faulty_on(".") else ""


def fault_of(text: str) -> str:
    """What is wrong with the first bracket or escape that Go's filepath.Match refuses.

    https://pkg.go.dev/path/filepath#Match: `[` [ `^` ] { character-range } `]`, each character alone or as lo-hi.
    """
    at = 0
    while at < len(text):
        if text[at] == "\\":
            if at + 1 == len(text):
                return "a backslash at its end escapes nothing"
            at += 2
        elif text[at] == "[":
            why, at = _bracket_fault(text, at + 1)
            if why:
                return why
        else:
            at += 1
    return "a bracket or an escape in it is not closed"


def _bracket_fault(text: str, at: int) -> tuple[str, int]:
    """What is wrong inside of a bracket, "" for nothing, and the place behind it."""
    start = at = at + (text[at : at + 1] == "^")
    while True:
        if text[at : at + 1] == "]" and at > start:
            return "", at + 1
        for part in ("begin", "end"):
            char = text[at : at + 1]
            if char == "]":
                return ("a range in `[...]` has no end" if part == "end" else "there is nothing in `[]`"), at
            if char == "-":
                return "a `-` in `[...]` stands where a character is expected (`\\-` is one)", at
            at += 2 if char == "\\" else 1
            if at >= len(text):
                return "`[` is not closed", at
            if part == "begin" and text[at] != "-":
                break
            at += part == "begin"


@lru_cache(maxsize=4096)
def compile_pattern(text: str) -> Compiled:
    """Compile a cleaned pattern without its `!`; never raises, see `Compiled.fault`."""
    if _SPECIAL.isdisjoint(text):
        return _exact(text)
    star = _star(text)
    if star is not None:
        return star
    kind, go_expression = _translate(text)
    if kind == "exact":
        return _exact(text)
    if kind == "prefix":
        prefix = text[:-2]
        return Compiled(text, lambda path: path.startswith(prefix), shape=Shape(HEAD, prefix))
    if kind == "suffix":
        if text.startswith("\ufeff"):
            return Compiled(text, _suffix(text))
        return Compiled(text, _suffix(text), tail=text[2:].removeprefix("/"), shape=Shape(TAIL, tail=text[2:]))
    try:
        alternatives = read_alternatives(go_expression)
    except MalformedExpression as error:
        return Compiled(text, _refuse(text, str(error)), fault=str(error))
    tail = last_literal(alternatives[0]) if len(alternatives) == 1 else ""
    return Compiled(text, matcher(alternatives), segments(alternatives), tail=tail)


def _exact(text: str) -> Compiled:
    return Compiled(
        text, text.__eq__, text.count("/") + 1, text.rpartition("/")[0], tail=text, shape=Shape(EXACT, text)
    )


def _star(text: str) -> Compiled | None:
    """A pattern with one star, in its last segment, and else a plain path or `**/`."""
    anywhere = text.startswith("**/")
    before, star, tail = text[3 * anywhere :].partition("*")
    if (
        not star
        or not _PLAIN.isdisjoint(before + tail)
        or "/" in tail
        or before.startswith("/")
        or (anywhere and "/" in before)
    ):
        return None
    folder, _, head = before.rpartition("/")
    if anywhere:
        return Compiled(text, _star_anywhere(head, tail), tail=tail, shape=Shape(STAR, head, tail))
    size = len(before) + len(tail)

    def match(path: str) -> bool:
        return path.startswith(before) and path.endswith(tail) and len(path) >= size and "/" not in path[len(before) :]

    return Compiled(text, match, text.count("/") + 1, folder, tail=tail, shape=Shape(STAR, head, tail, folder))


def _star_anywhere(head: str, tail: str) -> Match:
    size = len(head) + len(tail)

    def match(path: str) -> bool:
        folder, _, name = path.rpartition("/")
        return name.startswith(head) and name.endswith(tail) and len(name) >= size and "\n" not in folder

    return match


def alternatives_of(text: str) -> tuple[Steps, ...]:
    """The steps of a pattern as the Go expression that moby makes of it; raises MalformedExpression."""
    return read_alternatives(_translate(text)[1])


def python_expression(text: str) -> str:
    """The pattern as a Python regular expression for the whole path; one that never matches for a fault.

    Only for showing and for other engines: `re` may backtrack on it without end.
    """
    if compile_pattern(text).fault:
        return "(?!)"
    kind = _translate(text)[0] if _SPECIAL.intersection(text) else "exact"
    if kind == "expression":
        return f"(?:{expression(alternatives_of(text))})"
    if kind == "prefix":
        return re.escape(text[:-2]) + r"[\s\S]*"
    if kind == "suffix":
        return r"(?:[\s\S]*/)?" + re.escape(text[3:]) if text[2:3] == "/" else r"[\s\S]*" + re.escape(text[2:])
    return re.escape(text)


def _suffix(text: str) -> Match:
    suffix = text[2:]
    if text.startswith("\ufeff"):  # moby cuts two bytes off, which are not the `**`
        rest = text.encode("utf-8", "surrogateescape")[2:]
        return lambda path: path.encode("utf-8", "surrogateescape").endswith(rest)
    if suffix.startswith("/"):
        whole = suffix[1:]
        return lambda path: path.endswith(suffix) or path == whole
    return lambda path: path.endswith(suffix)


def _refuse(text: str, fault: str) -> Match:
    def match(path: str) -> object:
        raise MalformedPattern(text, fault)

    return match


def _translate(text: str) -> tuple[str, str]:
    """The kind of comparison (exact, prefix, suffix, expression) and the Go expression."""
    kind, out, at, first = "exact", ["^"], 0, True
    text = text.removeprefix("\ufeff")  # Go's text/scanner drops it
    while at < len(text):
        char = text[at]
        at += 1
        if char == "*" and text.startswith("*", at):
            at += 2 if text.startswith("/", at + 1) else 1
            if at < len(text):
                out.append("(.*/)?")
                kind = "expression"
            elif kind == "exact":
                kind = "prefix"
            else:
                out.append(".*")
                kind = "expression"
            kind = "suffix" if first else kind
        elif char in "*?":
            out.append("[^/]*" if char == "*" else "[^/]")
            kind = "expression"
        elif char == "\\":
            out.append(char + text[at : at + 1])
            kind = "expression" if at < len(text) else kind
            at += 1
        else:
            out.append("\\" + char if char in _ESCAPED else char)
            kind = "expression" if char in "[]" else kind
        first = False
    return kind, "".join(out) + "$"
