"""The environment variables that stand for options; imported only where one is set."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from dfguard.cli.rule_choice import codes_of
from dfguard.errors import UsageError
from dfguard.finding import Confidence, Severity
from dfguard.presets import PRESETS
from dfguard.struct import Struct

_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


class Environment(Struct):
    """What the environment sets: `config` a file, `values` fields of Config."""

    config: str | None
    values: dict[str, object]


def _codes(text: str) -> object:
    return codes_of([text])


def _switch(text: str) -> object:
    if text.lower() in _TRUE + _FALSE:
        return text.lower() in _TRUE
    raise UsageError(f"{text!r} is neither true nor false")


def _globs(text: str) -> object:
    return tuple(glob for glob in text.split(os.pathsep) if glob)


def _one_of(*choices: str) -> Callable[[str], str]:
    def checked(text: str) -> str:
        if text not in choices:
            raise UsageError(f"{text!r} is none of {', '.join(choices)}")
        return text

    return checked


_SEVERITY = _one_of(*(severity.value for severity in Severity))
_CONFIDENCE = _one_of(*(confidence.value for confidence in Confidence))

# The variable, the field of Config that it sets, and how its text is read.
VARIABLES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "DFGUARD_PRESET": ("preset", _one_of(*PRESETS)),
    "DFGUARD_PREVIEW": ("preview", _switch),
    "DFGUARD_SELECT": ("select", _codes),
    "DFGUARD_EXTEND_SELECT": ("extend_select", _codes),
    "DFGUARD_IGNORE": ("ignore", _codes),
    "DFGUARD_FIXABLE": ("fixable", _codes),
    "DFGUARD_UNFIXABLE": ("unfixable", _codes),
    "DFGUARD_PEDANTIC": ("pedantic", _switch),
    "DFGUARD_EXCLUDE": ("exclude", _globs),
    "DFGUARD_FAIL_ON": ("fail_on", lambda text: Severity(_SEVERITY(text))),
    "DFGUARD_MIN_CONFIDENCE": ("min_confidence", lambda text: Confidence(_CONFIDENCE(text))),
}


def settings() -> Environment:
    """What is set; an empty variable is none. Raises UsageError, with the variable's name, for a wrong value."""
    values: dict[str, object] = {}
    for name, (field, read) in VARIABLES.items():
        text = os.environ.get(name, "").strip()
        if text:
            try:
                values[field] = read(text)
            except UsageError as error:
                raise UsageError(f"{name}: {error}") from None
    return Environment(os.environ.get("DFGUARD_CONFIG") or None, values)
