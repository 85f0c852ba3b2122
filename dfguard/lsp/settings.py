"""What the user's editor is set to: the only place from which a path outside of the workspace may come.

The names are those of the command line in camel case. A value of a wrong kind is said, and does not count.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from dfguard.cli.rule_choice import codes_of
from dfguard.config import Config
from dfguard.context.ignore import BUILDERS
from dfguard.context.invocations.flags import Flags
from dfguard.errors import UsageError
from dfguard.finding import Confidence, Finding
from dfguard.presets import PRESETS
from dfguard.struct import Struct

SECTION = "dfguard"
WORKSPACE, OPEN_FILES = "workspace", "openFiles"


class ClientSettings(Struct):
    """How to check and what to show; `diagnostic_mode` is `workspace` or `openFiles`, `debounce` is in milliseconds."""

    config: str | None = None
    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    preset: str | None = None
    pedantic: bool = False
    builder: str = BUILDERS[0]
    diagnostic_mode: str = WORKSPACE
    debounce: int = 100
    inlay_hints: bool = True
    code_lens: bool = False

    @property
    def flags(self) -> Flags:
        """How builds are made that no file describes."""
        return Flags(builder=self.builder)

    @property
    def values(self) -> dict[str, object]:
        """The fields of a configuration that are set here, as options of the command line set them."""
        changes: dict[str, object] = {}
        if self.select is not None:
            changes["select"] = self.select
        if self.preset is not None:
            changes["preset"] = self.preset
        lists = {"extend_select": self.extend_select, "ignore": self.ignore, "exclude": self.exclude}
        return changes | {name: value for name, value in lists.items() if value}

    def shows(self, finding: Finding, config: Config) -> bool:
        """Whether a finding is sure enough to be shown."""
        return self.pedantic or config.shows_all() or finding.confidence is not Confidence.LOW


def read_settings(given: Any) -> tuple[ClientSettings, tuple[str, ...]]:
    """The settings that a client sends (its `dfguard` section, or what lies around it), and what is wrong with them."""
    inner = given.get(SECTION, given) if isinstance(given, Mapping) else {}
    if not isinstance(inner, Mapping):
        return ClientSettings(), (f"dfguard settings: expected an object, not {inner!r}",)
    values: dict[str, Any] = {}
    wrong = []
    for key, value in inner.items():
        if key not in _READERS:
            wrong.append(f"unknown setting dfguard.{key}: expected one of {', '.join(_READERS)}")
        elif value is not None:
            try:
                values[_field(key)] = _READERS[key](value)
            except UsageError as error:
                wrong.append(f"setting dfguard.{key}: {error}")
    return ClientSettings(**values), tuple(wrong)


def _field(key: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in key)


def _codes(value: Any) -> tuple[str, ...]:
    return codes_of(_strings(value))


def _strings(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise UsageError(f"expected a list of texts, not {value!r}")
    return tuple(value)


def _path(value: Any) -> str | None:
    if not isinstance(value, str):
        raise UsageError(f"expected a path, not {value!r}")
    path = os.path.expanduser(value)
    if value and not os.path.isfile(path):
        raise UsageError(f"{value}: no such file")
    return path or None


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise UsageError(f"expected true or false, not {value!r}")
    return value


def _milliseconds(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 10_000:
        raise UsageError(f"expected milliseconds from 0 to 10000, not {value!r}")
    return value


def _one_of(*words: str) -> Any:
    def read(value: Any) -> str:
        if value not in words:
            raise UsageError(f"expected one of {', '.join(words)}, not {value!r}")
        return str(value)

    return read


_READERS: dict[str, Any] = {
    "config": _path,
    "select": _codes,
    "extendSelect": _codes,
    "ignore": _codes,
    "exclude": _strings,
    "preset": _one_of(*PRESETS),
    "pedantic": _flag,
    "builder": _one_of(*BUILDERS),
    "diagnosticMode": _one_of(WORKSPACE, OPEN_FILES),
    "debounce": _milliseconds,
    "inlayHints": _flag,
    "codeLens": _flag,
}


def names() -> Iterator[str]:
    """The names of all settings."""
    return iter(_READERS)
