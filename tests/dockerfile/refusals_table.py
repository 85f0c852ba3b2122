"""The table of refusals_cases.toml."""

from __future__ import annotations

from pathlib import Path

import tomli

from dfguard.struct import Struct

_FILE = Path(__file__).parent / "refusals_cases.toml"


class Case(Struct):
    """A Dockerfile; what BuildKit refuses of it (`kind` and `place`, "" for nothing), since which engine.

    `shown` is the part of it that the case is about.
    """

    shown: str
    file: str
    kind: str
    place: str
    since: str


_TABLE = tomli.loads(_FILE.read_text(encoding="utf-8"))
_HEAD: str = _TABLE["head"].lstrip("\n")

CASES: tuple[Case, ...] = tuple(
    Case(
        case["text"],
        case["text"] if group.get("whole") else f"{_HEAD}{case['text']}\n",
        case.get("kind", ""),
        case.get("place", ""),
        group.get("since", ""),
    )
    for group in _TABLE["group"]
    for case in group["cases"]
)
