"""The layers of a configuration: what it extends, the file itself, and its overrides, the strongest last.

Imported only when there is a configuration.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from typing import Any

from dfguard.config_file import lies_within, line_of, read, repository_of, table_of
from dfguard.config_keys import Mistake, read_keys
from dfguard.errors import ConfigError
from dfguard.presets import PRESETS
from dfguard.struct import Struct
from dfguard.version_range import VersionRange

_MOST_FILES = 16


class Layer(Struct):
    """Fields of a `Config` that one place sets.

    `path` is the file; `keys` lead to the table in it. `root` is the folder that its
    globs start at. `files` are the globs of an override, None where the layer counts for all.
    """

    path: str
    root: str
    values: tuple[tuple[str, Any], ...]
    keys: tuple[str | int, ...] = ()
    files: tuple[str, ...] | None = None

    def fits(self, file: str) -> bool:
        """Whether the layer counts for a file."""
        return self.files is None or lies_in(file, self.root, self.files)


def lies_in(file: str, root: str, globs: tuple[str, ...]) -> bool:
    """Whether one of the globs, seen from `root`, matches a file or a folder above it.

    A glob without `/` fits a name at any depth; else it starts at `root`. `*` stays within a name, `**`
    spans folders.
    """
    from dfguard.glob import matches_path

    top, full = os.path.join(os.path.abspath(root), ""), os.path.abspath(file)
    parts = full[len(top) :].replace(os.sep, "/").split("/")
    return full.startswith(top) and any(matches_path(parts, pattern) for pattern in globs)


def read_layers(
    file: str, known: Mapping[str, str], *, root: str | None = None, unsaved: bytes | None = None, named: bool = False
) -> tuple[Layer, ...]:
    """The layers of a file; see `dfguard.config.load_config` for the parameters and errors."""
    within = None if named else repository_of(os.path.dirname(os.path.abspath(file)))
    return tuple(_layers(file, known, (os.path.realpath(file),), within, root, unsaved))


def _layers(
    file: str,
    known: Mapping[str, str],
    above: tuple[str, ...],
    within: str | None,
    root: str | None,
    text: bytes | None,
) -> Iterator[Layer]:
    """The layers of what a file extends, then its own; `above` are the files that lead here."""
    data = read(file) if text is None else text
    table = table_of(file, data)
    try:
        values = dict(read_keys(table, known))
    except Mistake as mistake:
        raise ConfigError(file, line_of(file, data, mistake.keys), str(mistake)) from None
    folder = os.path.dirname(file) if root is None else root
    wanted: VersionRange | None = values.pop("required_version", None)
    if wanted is not None and not wanted.has_this():
        message = f"`required-version` is `{wanted.text}`; this is dfguard {wanted.this}"
        raise ConfigError(file, line_of(file, data, ("required-version",)), message)
    overrides = values.pop("overrides", ())
    for at, entry in values.pop("extends", ()):
        if entry in PRESETS:
            yield Layer(file, folder, (("preset", entry),), at)
            continue
        try:
            target = _extended(file, entry, above, within)
            yield from _layers(target, known, (*above, os.path.realpath(target)), within, None, None)
        except _Refused as refused:
            raise ConfigError(file, line_of(file, data, at), str(refused)) from None
    yield Layer(file, folder, tuple(values.items()))
    for number, (files, changes) in enumerate(overrides):
        yield Layer(file, folder, tuple(changes.items()), ("overrides", number), files)


class _Refused(Exception):
    """Why a file can't be extended."""


def _extended(file: str, entry: str, above: tuple[str, ...], within: str | None) -> str:
    """The path of a file to extend; raises _Refused for one that must not or can't be."""
    if within is not None and (os.path.isabs(entry) or "\\" in entry):
        raise _Refused(f"`{entry}` can't be extended: expected a path relative to this file, with / between names")
    target = os.path.normpath(os.path.join(os.path.dirname(file), entry))
    if within is not None and not lies_within(target, within):
        raise _Refused(f"`{entry}` leads out of the repository; a file named by --config may extend it")
    if os.path.realpath(target) in above:
        raise _Refused(f"`{entry}` extends itself, over {len(above):,} file{'' if len(above) == 1 else 's'}")
    if len(above) >= _MOST_FILES:
        raise _Refused(f"more than {_MOST_FILES} files extend one another")
    try:
        regular = stat.S_ISREG(os.stat(target).st_mode)
    except (OSError, ValueError):
        presets = ", ".join(f"`{name}`" for name in PRESETS)
        raise _Refused(f"`{entry}` is not there; expected a file, or one of the presets {presets}") from None
    if not regular:
        raise _Refused(f"`{entry}` is no regular file")
    return target
