"""Gates on what an image wastes, with dive's names and formula: from the command line or a `.dive-ci` file."""

from __future__ import annotations

import re

from dfguard.errors import ConfigError, UsageError
from dfguard.image.efficiency import DiveScore
from dfguard.struct import Struct

NAMES = ("lowestEfficiency", "highestWastedBytes", "highestUserWastedPercent")
_UNITS = {
    "": 1,
    "B": 1,
    "K": 10**3,
    "KB": 10**3,
    "M": 10**6,
    "MB": 10**6,
    "G": 10**9,
    "GB": 10**9,
    "T": 10**12,
    "TB": 10**12,
}


class Breach(Struct):
    """A gate that an image does not pass."""

    name: str
    found: str
    limit: str

    def __str__(self) -> str:
        return f"failed: {self.name} is {self.found}, the gate is {self.limit}"


class Gates(Struct):
    """The gates that are set; None for those that are not. `wasted_bytes` in bytes, the others from 0 to 1."""

    efficiency: float | None = None
    wasted_bytes: int | None = None
    user_wasted: float | None = None

    def breaches(self, score: DiveScore) -> tuple[Breach, ...]:
        """The gates that an image does not pass; like dive's, a figure that equals the limit passes."""
        out = []
        if self.efficiency is not None and score.efficiency < self.efficiency:
            out.append(Breach(NAMES[0], f"{score.efficiency:.4f}", f"{self.efficiency:g}"))
        if self.wasted_bytes is not None and score.wasted > self.wasted_bytes:
            out.append(Breach(NAMES[1], f"{score.wasted:,} bytes", f"{self.wasted_bytes:,} bytes"))
        if self.user_wasted is not None and score.wasted_user_percent > self.user_wasted:
            out.append(Breach(NAMES[2], f"{score.wasted_user_percent:.4f}", f"{self.user_wasted:g}"))
        return tuple(out)


def read_gates(efficiency: str | None, wasted_bytes: str | None, user_wasted: str | None) -> Gates:
    """The gates of three texts, as options give them. Raises UsageError, naming the gate, for a wrong one."""
    values = (efficiency, wasted_bytes, user_wasted)
    texts = {name: text for name, text in zip(NAMES, values, strict=True) if text is not None}
    try:
        return _gates(texts)
    except _Wrong as error:
        raise UsageError(str(error)) from None


def read_dive_ci(path: str, text: str) -> Gates:
    """The gates of a `.dive-ci` file: `rules:` and below it one gate a line, or `disabled`.

    Raises ConfigError, at the line, for a line that is none and for a value that is wrong.
    """
    texts: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        bare = re.sub(r"(^|\s)#.*", "", line).strip()
        if not bare or bare == "rules:":
            continue
        name, colon, value = bare.partition(":")
        name = name.strip("\"'").replace("-", "")
        known = {each.lower(): each for each in NAMES}
        if not colon or name.lower() not in known:
            raise ConfigError(path, number, f"expected `rules:` or one of {', '.join(NAMES)}, found {bare[:60]!r}")
        gate, value = known[name.lower()], value.strip().strip("\"'")
        if value != "disabled":
            texts[gate] = value
            try:
                _gates({gate: value})
            except _Wrong as error:
                raise ConfigError(path, number, str(error)) from None
    return _gates(texts)


class _Wrong(ValueError):
    """A gate's value can't be read."""


def _gates(texts: dict[str, str]) -> Gates:
    efficiency, wasted, user = (texts.get(name) for name in NAMES)
    return Gates(
        None if efficiency is None else _part(NAMES[0], efficiency),
        None if wasted is None else _bytes(wasted),
        None if user is None else _part(NAMES[2], user),
    )


def _part(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise _Wrong(f"{name} is {text!r}; expected a number from 0 to 1")
    return value


def _bytes(text: str) -> int:
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]{0,2})", text)
    if not found or found[2].upper() not in _UNITS:
        raise _Wrong(f"{NAMES[1]} is {text!r}; expected bytes, such as 20MB")
    return int(float(found[1]) * _UNITS[found[2].upper()])
