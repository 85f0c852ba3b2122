"""The configuration of each path: the nearest file, under the environment, under the command line."""

from __future__ import annotations

import argparse
import os
from typing import Any

from dfguard import catalog
from dfguard.cli.rule_choice import codes_of
from dfguard.config import Config, find_config, load_config
from dfguard.finding import Confidence, Severity

_PREFIX = "DFGUARD_"


class Configurations:
    """The configuration of each path: what its nearest file says, under the environment and the command line.

    Raises UsageError for options and variables that name what does not exist.
    """

    def __init__(self, options: argparse.Namespace) -> None:
        self._named: str | None = options.config
        self._isolated: bool = options.isolated
        self._above: tuple[dict[str, object], ...] = (overlay(options),)
        if any(name.startswith(_PREFIX) for name in os.environ):
            from dfguard.cli.environment import settings

            given = settings()
            if not self._isolated:
                self._named = self._named or given.config
            self._above = (given.values, *self._above)
        self._nearest: dict[str, str | None] = {}
        self._files: dict[str | None, Config] = {}
        self._folded: dict[tuple[str | None, tuple[bool, ...]], Config] = {}
        self._used: dict[str, Config] = {}

    def of(self, path: str) -> Config:
        """The configuration for a file; raises ConfigError for a wrong one."""
        if path not in self._used:
            file = self.file_for(path)
            config = self._file(file)
            key = file, tuple(layer.fits(path) for layer in config.layers)
            if key not in self._folded:
                self._folded[key] = self._over(config.for_file(path))
            self._used[path] = self._folded[key]
        return self._used[path]

    def file_for(self, path: str) -> str | None:
        """The configuration file that counts for a file, None without one."""
        if self._named is not None or self._isolated:
            return self._named
        return find_config(os.path.dirname(path) or ".", seen=self._nearest)

    @property
    def named(self) -> bool:
        """Whether the command line, or the environment, names the file."""
        return self._named is not None

    @property
    def above(self) -> tuple[dict[str, object], ...]:
        """The fields that the environment and the command line set, the command line's last."""
        return self._above

    def used_for(self, path: str) -> Config | None:
        """The configuration that was asked for before, None for a path that is none of the run's."""
        return self._used.get(path)

    def _file(self, file: str | None) -> Config:
        if file not in self._files:
            found = load_config(file, known_codes=catalog.names(), named=self.named) if file else Config.default()
            self._files[file] = found
        return self._files[file]

    def _over(self, config: Config) -> Config:
        for values in self._above:
            config = config.over(values)
        return config

    @property
    def loaded(self) -> tuple[Config, ...]:
        """All that were used."""
        return tuple(self._folded.values()) or (self._over(Config.default()),)


def overlay(options: argparse.Namespace) -> dict[str, object]:
    """The fields of Config that the command line sets; raises UsageError for unknown rules."""
    changes: dict[str, Any] = {}
    for key in ("select", "extend_select", "ignore", "fixable", "unfixable"):
        if getattr(options, key, None) is not None:
            changes[key] = codes_of(getattr(options, key))
    for key in ("preset", "preview"):
        if getattr(options, key, None):
            changes[key] = getattr(options, key)
    if options.exclude:
        changes["exclude"] = tuple(options.exclude)
    if options.fail_on:
        changes["fail_on"] = Severity(options.fail_on)
    if options.min_confidence:
        changes["min_confidence"] = Confidence(options.min_confidence)
    return changes
