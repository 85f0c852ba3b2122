"""A look at a Python text before it is parsed: is it nested deeper than the parser can take?

Parsers recurse. CPython's raises MemoryError or RecursionError for deep input, some releases crash on long
chains of operators or attributes, and all take seconds for a number of a million digits; libcst crashes
on 3,000 parentheses. One pass over the tokens, without recursion, bounds the depth of any tree of the text.
"""

from __future__ import annotations

import re

from dfguard.regex import regex

MOST_BRACKETS = 90
MOST_INDENTS = 90
MOST_DEPTH = 500  # brackets, and operators, attributes, calls and `elif`s that follow one another
_MOST_DIGITS = 4000
_CHAIN = r"[-+*/%@&|^~<>=!.:]+|\b(?:not|lambda|if|else|await|yield|and|or|in|is|for|from)\b"
_TOKEN = regex(
    rf"""
    \#[^\r\n]*
    | (?P<string>
        '''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*''' | \"\"\"[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*\"\"\"
        | '[^'\\\r\n]*(?:\\(?:\r\n|.)[^'\\\r\n]*)*' | "[^"\\\r\n]*(?:\\(?:\r\n|.)[^"\\\r\n]*)*"
    )
    | (?P<unclosed>['"])
    | (?P<number>(?<![0-9_])[0-9][0-9_]{{{_MOST_DIGITS}}})
    | (?P<newline>(?:\r\n|\r|\n)(?P<indent>[ \t\f]*)(?P<word>elif\b|else\b|(?=[^\s\#]))?)
    | (?P<open>[(\[{{])
    | (?P<close>[)\]}}])
    | (?P<stop>[,;])
    | (?P<chain>{_CHAIN})
    """,
    re.VERBOSE | re.DOTALL,
)
_LINK = regex(rf"[(\[{{]|{_CHAIN}")
_BRACES = regex(r"\{\{|\}\}|[{}]")


def refusal(text: str) -> str | None:
    """Why a text must not be parsed, None when it may; linear in its length."""
    scan = _Scan(text)
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind is not None:
            scan.take(kind, token)
            if scan.why:
                return scan.why
    return "brackets that do not close" if len(scan.chains) > 1 else None


class _Scan:
    """The brackets that are open, each with the links of the chain in it, and the indents."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.chains = [0]
        self.indents: list[tuple[int, int]] = []  # (width, `elif`s in a row)
        self.why = ""

    def take(self, kind: str, token: re.Match[str]) -> None:
        """Go on by one token; `why` is set at the first thing that is too deep."""
        chains = self.chains
        if kind == "chain":
            self.link(len(token[0]))
        elif kind == "stop":
            chains[-1] = 0
        elif kind == "open":
            chains.append(0)
            if len(chains) > MOST_BRACKETS:
                self.why = f"brackets nested deeper than {MOST_BRACKETS}"
        elif kind == "close":
            if len(chains) == 1:
                self.why = "brackets that do not close"
                return
            chains.pop()
            self.link(1)
        elif kind == "number":
            self.why = f"a number of more than {_MOST_DIGITS:,} digits"
        elif kind == "unclosed":
            self.why = "a string that does not close"
        elif kind == "string":
            if self.text[max(0, token.start() - 2) : token.start()].lower().strip("r")[-1:] in ("f", "t"):
                self.link(_deepest_field(token[0]))
        elif len(chains) == 1 and token["word"] is not None:
            chains[0] = 0
            self.line(len(token["indent"]), token["word"])

    def link(self, count: int) -> None:
        """Something that makes the tree deeper than what stands before it in this bracket."""
        self.chains[-1] += count
        if self.chains[-1] > MOST_BRACKETS and sum(self.chains) > MOST_DEPTH:
            self.why = f"expressions nested deeper than {MOST_DEPTH}"

    def line(self, width: int, word: str) -> None:
        """A statement begins."""
        indents = self.indents
        while indents and indents[-1][0] > width:
            indents.pop()
        if not indents or indents[-1][0] < width:
            indents.append((width, 0))
            if len(indents) > MOST_INDENTS:
                self.why = f"blocks nested deeper than {MOST_INDENTS}"
        elif word == "elif":
            indents[-1] = width, indents[-1][1] + 1
            if sum(count for _, count in indents) > MOST_DEPTH:
                self.why = f"more than {MOST_DEPTH} `elif` in a row"
        elif word != "else":
            indents[-1] = width, 0


def _deepest_field(literal: str) -> int:
    """The most links that one `{field}` of an f-string holds."""
    deepest = opened = depth = 0
    for brace in _BRACES.finditer(literal):
        if brace[0] == "{":
            opened = opened if depth else brace.end()
            depth += 1
        elif brace[0] == "}" and depth:
            depth -= 1
            if not depth:
                deepest = max(deepest, sum(1 for _ in _LINK.finditer(literal, opened, brace.start())))
    return deepest
