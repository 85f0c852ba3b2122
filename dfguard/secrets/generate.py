"""Turn detectors.toml into generated.py: `python -m dfguard.secrets.generate`.

A module of literals is there in a fraction of a millisecond; the import of tomli alone takes longer
than that. tests/secrets/test_detectors.py holds the two together.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).with_name("detectors.toml")
TARGET = Path(__file__).with_name("generated.py")
_HEADER = '''"""Token and key formats; made from detectors.toml by `python -m dfguard.secrets.generate`: do not edit."""

# fmt: off
# ruff: noqa: E501

from __future__ import annotations

# id, title, confidence, text, line, before, reach, pattern, check
Row = tuple[str, str, str, bool, bool, int, int, bytes, str | None]

'''
_KEYS = {"id", "title", "confidence", "literals", "fold", "text", "line", "before", "reach", "pattern", "check"}


def render(text: str) -> str:
    """The Python source for the text of a detectors.toml; ValueError says what is wrong with it."""
    import tomli

    detectors = tomli.loads(text)["detector"]
    rows = [_row(detector) for detector in detectors]
    if len({row[0] for row in rows}) != len(rows):
        raise ValueError("a detector id appears twice")
    literals: dict[tuple[bytes, bool], list[int]] = {}
    for index, detector in enumerate(detectors):
        for literal in detector["literals"]:
            literals.setdefault((literal.encode(), detector.get("fold", False)), []).append(index)
    return "".join(
        (
            _HEADER,
            "DETECTORS: tuple[Row, ...] = (\n",
            *(f"    {_literal(row)},\n" for row in rows),
            ")\n\n# literal, in lower-cased text, the detectors that start from it\n",
            "LITERALS: tuple[tuple[bytes, bool, tuple[int, ...]], ...] = (\n",
            *(f"    {_literal((*key, tuple(indexes)))},\n" for key, indexes in literals.items()),
            ")\n",
        )
    )


def _row(source: dict[str, Any]) -> tuple[Any, ...]:
    from dfguard.secrets.checks import CHECKS

    unknown = source.keys() - _KEYS
    if unknown or source.get("check") not in {None, *CHECKS}:
        raise ValueError(f"{source['id']}: unknown keys {sorted(unknown)} or check {source.get('check')}")
    if source.get("fold") and any(literal != literal.lower() for literal in source["literals"]):
        raise ValueError(f"{source['id']}: literals of a folding detector are lower case")
    pattern = source["pattern"].encode()
    re.compile(pattern)
    head = (source["id"], source["title"], source["confidence"], source.get("text", False), source.get("line", False))
    return (*head, source.get("before", 0), source.get("reach", 0), pattern, source.get("check"))


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
