"""Turn detectors.toml into generated.py: `python -m dfguard.secrets.generate`.

A module of literals is there in a fraction of a millisecond; the import of tomli alone takes longer
than that. tests/secrets/test_secret_detectors.py holds the two together.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dfguard.secrets.gates import gate_of
from dfguard.secrets.places import LONGEST_TOKEN

if sys.version_info >= (3, 11):
    from re import _parser as sre_parse  # type: ignore[attr-defined]
else:
    import sre_parse

SOURCE = Path(__file__).with_name("detectors.toml")
TARGET = Path(__file__).with_name("generated.py")
_HEADER = '''"""Token and key formats; made from detectors.toml by `python -m dfguard.secrets.generate`: do not edit."""

# fmt: off
# ruff: noqa: E501

from __future__ import annotations

'''
_KEYS = frozenset("id title confidence literals pattern gate check text edges before offset plain".split())
_CONTEXT_KEYS = frozenset("id title confidence words name value gate check".split())
_WORD = r"A-Za-z0-9_-"
_ESCAPED = r"|(?<=\\[abfnrtv])|(?<=%[0-9A-Fa-f]{2})|(?<=\\u[0-9a-f]{4})"
_SHORTEST_VALUE, _LONGEST_VALUE = 20, 20_000
_TELLING = 5  # bytes; a shorter literal is met too often to ask Hyperscan for it alone
_SHORTEST_KEY = 3  # characters of a literal by which it is looked up; prefilter.py

Row = tuple[Any, ...]


def render(text: str) -> str:
    """The Python source for the text of a detectors.toml; ValueError says what is wrong with it."""
    import tomli

    table = tomli.loads(text)
    detectors, contexts = table["detector"], table["context"]
    rows = [_detector(source) for source in detectors]
    if len({row[0] for row in rows}) != len(rows):
        raise ValueError("a detector id appears twice")
    plain: dict[bytes, list[int]] = {}
    words: dict[tuple[bytes, bytes], list[int]] = {}
    offsets: dict[tuple[int, bytes], list[int]] = {}
    for index, source in enumerate(detectors):
        for literal in _expanded(source):
            if source.get("plain"):
                plain.setdefault(literal, []).append(index)
            elif "offset" in source:
                offsets.setdefault((source["offset"], literal), []).append(index)
            else:
                words.setdefault(_halves(literal, source["id"]), []).append(index)
    tables: tuple[tuple[str, str, str, Iterable[Row]], ...] = (
        ("DETECTORS", _DETECTOR, "id, title, confidence, text, before, pattern, for Hyperscan unless by literal", rows),
        ("CONTEXTS", _CONTEXT, "id, title, confidence, words, name, length of the value, its pattern, for Hyperscan",
         map(_context, contexts)),
        ("PLAIN", "bytes, tuple[int, ...]", "literal, detectors", ((key, tuple(v)) for key, v in plain.items())),
        ("WORDS", "bytes, bytes, tuple[int, ...]", "literal before a word, at its start, detectors",
         ((*key, tuple(v)) for key, v in words.items())),
        ("OFFSETS", "int, bytes, tuple[int, ...]", "place of the literal from the start of a long word, it, detectors",
         ((*key, tuple(v)) for key, v in offsets.items())),
    )  # fmt: skip
    return _HEADER + "\n".join(_table(*table) for table in tables)


_DETECTOR = "str, str, str, bool, int, bytes, bytes, str | None"
_CONTEXT = "str, str, str, tuple[str, ...], str, int, int, bytes, bytes, str | None"


def _detector(source: dict[str, Any]) -> Row:
    _refuse_unknown(source, _KEYS)
    pattern = source["pattern"]
    edges = source.get("edges", "both")
    dot = "." if r"\." in pattern else ""
    left = rf"(?:(?<![{dot}{_WORD}]){_ESCAPED})" if edges in ("both", "left") else ""
    right = rf"(?![{_WORD}])" if edges == "both" else ""
    whole = f"{left}{pattern}{right}".encode()
    re.compile(whole)
    head = (source["id"], source["title"], source["confidence"], source.get("text", False), source.get("before", 0))
    short = min(map(len, _expanded(source))) < _TELLING and _width(pattern)[1] <= LONGEST_TOKEN
    by_pattern = source.get("plain") or "offset" in source or short
    gate = source.get("gate") or (gate_of(pattern) if by_pattern else "")
    return (*head, whole, gate.encode(), source.get("check"))


def _context(source: dict[str, Any]) -> Row:
    _refuse_unknown(source, _CONTEXT_KEYS)
    words, name = tuple(source.get("words", ())), source.get("name", "")
    if bool(words) == bool(name) or any(word != word.lower() for word in words):
        raise ValueError(f"{source['id']}: expected `words` in lower case, or `name`")
    value = source["value"]
    least, most = _width(value)
    if not source.get("gate") and least < _SHORTEST_VALUE:
        raise ValueError(
            f"{source['id']}: expected `gate`, as a value may have fewer than {_SHORTEST_VALUE} characters"
        )
    pattern = rf"(?i)(?:.*[^a-z0-9])?(?:{name})" if name else ""
    head = (source["id"], source["title"], source["confidence"], words, pattern)
    return (*head, least, most, f"(?:{value})".encode(), source.get("gate", "").encode(), source.get("check"))


def _width(pattern: str) -> tuple[int, int]:
    """The fewest and the most characters that a pattern matches."""
    least, most = sre_parse.parse(pattern).getwidth()
    return int(least), min(int(most), _LONGEST_VALUE)


def _refuse_unknown(source: dict[str, Any], known: frozenset[str]) -> None:
    from dfguard.secrets.checks import CHECKS

    unknown = source.keys() - known
    if unknown or source.get("check") not in {None, *CHECKS}:
        raise ValueError(f"{source['id']}: unknown keys {sorted(unknown)} or check {source.get('check')}")


def _expanded(source: dict[str, Any]) -> list[bytes]:
    """The literals with their classes of characters written out."""
    found = [""]
    out: list[bytes] = []
    for literal in source["literals"]:
        found = [""]
        for part in re.findall(r"\[[^\]]+\]|[^\[]", literal):
            found = [text + char for text in found for char in (_class(part[1:-1]) if len(part) > 1 else part)]
        out += (text.encode() for text in found)
    return out


def _class(inner: str) -> str:
    def spell(match: re.Match[str]) -> str:
        return "".join(map(chr, range(ord(match[1]), ord(match[2]) + 1)))

    return re.sub(r"(\w)-(\w)", spell, inner)


def _halves(literal: bytes, name: str) -> tuple[bytes, bytes]:
    """What stands before a word, and the start of the word: `v1.0-` -> `v1.`, `0-`."""
    match = re.fullmatch(rb"(?s)(.*[^A-Za-z0-9_-])?([A-Za-z0-9_-]*)", literal)
    assert match is not None
    before, start = match[1] or b"", match[2]
    if len(before or start) < _SHORTEST_KEY:
        raise ValueError(f"{name}: the literal {literal.decode()!r} is shorter than {_SHORTEST_KEY} characters")
    return before, start


def _table(name: str, types: str, columns: str, rows: Iterable[Row]) -> str:
    lines = "".join(f"    {_literal(row)},\n" for row in rows)
    return f"# {columns}\n{name}: tuple[tuple[{types}], ...] = (\n{lines})\n"


def _literal(value: Any) -> str:
    """The value as Python text with double quotes, which the formatter of the other modules wants."""
    if isinstance(value, (bytes, str)):
        text = value.decode() if isinstance(value, bytes) else value
        return ("b" if isinstance(value, bytes) else "") + '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, tuple):
        inner = ", ".join(map(_literal, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return repr(value)


if __name__ == "__main__":
    TARGET.write_text(render(SOURCE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
