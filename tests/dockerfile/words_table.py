"""The table of words_cases.toml."""

from __future__ import annotations

from pathlib import Path

import tomli

from dfguard.struct import Struct

_FILE = Path(__file__).parent / "words_cases.toml"


class Case(Struct):
    """A word, and its `value` or, where that is None, the `error`; `since` is a version of the engine or ""."""

    raw: str
    escape: str
    value: str | None
    error: str
    unset: tuple[str, ...]
    since: str
    why: str


_TABLE = tomli.loads(_FILE.read_text(encoding="utf-8"))

ENVIRONMENT: dict[str, str] = _TABLE["environment"]
CASES: tuple[Case, ...] = tuple(
    Case(
        case["raw"],
        group.get("escape", "\\"),
        case.get("value"),
        case.get("error", ""),
        tuple(case.get("unset", ())),
        group.get("since", ""),
        group.get("why", ""),
    )
    for group in _TABLE["group"]
    for case in group["cases"]
)
