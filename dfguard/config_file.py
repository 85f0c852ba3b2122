"""The file of a configuration: which one counts for a folder, its bytes, its TOML, and the lines of its keys.

A configuration lies in the tree that is checked, so it is no more trusted than the Dockerfiles: one
that leads out of the repository is refused unless the command line names it.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import MutableMapping

from dfguard.errors import ConfigError
from dfguard.regex import regex

_PYPROJECT = "pyproject.toml"
_NAMES = ("dfguard.toml", ".dfguard.toml", _PYPROJECT)
_MAX_BYTES = 1024 * 1024
# Spellings of the table that only a TOML parser can be asked about: `[tool]`, `tool.dfguard =`, `["tool".dfguard]`.
_SPELT_OTHERWISE = regex(
    rb"""^[ \t]*(?:\[[ \t]*["']?tool["']?[ \t]*(?:\]|\.[ \t]*["']?dfguard)|["']?tool["']?[ \t]*[.=])""", re.MULTILINE
)


def is_config_name(name: str) -> bool:
    """Whether a file name is one of those that configurations have."""
    return name in _NAMES


def find_config(folder: str, *, seen: MutableMapping[str, str | None] | None = None) -> str | None:
    """The nearest configuration file, from `folder` up to the repository root (the folder with `.git`).

    Without a repository the search ends at the root of the file system. `seen` remembers the answers
    of earlier calls by folder. The path is relative if it lies below the current folder. Raises
    ConfigError for a configuration that is a symbolic link to outside of the repository.
    """
    seen = {} if seen is None else seen
    visited: list[str] = []
    found: str | None = None
    at = os.path.abspath(folder)
    while at not in seen:
        visited.append(at)
        found = _config_in(at)
        parent = os.path.dirname(at)
        if found is not None or parent == at or _stat(os.path.join(at, ".git")) is not None:
            break
        at = parent
    else:
        found = seen[at]
    seen.update(dict.fromkeys(visited, found))
    return found


def _stat(file: str) -> os.stat_result | None:
    try:
        return os.stat(file)
    except (OSError, ValueError):
        return None


def _config_in(folder: str) -> str | None:
    for name in _NAMES:
        file = os.path.join(folder, name)
        status = _stat(file)
        if status is None or not stat.S_ISREG(status.st_mode):
            continue
        here = os.path.join(os.getcwd(), "")
        shown = file[len(here) :] if file.startswith(here) else file
        if name != _PYPROJECT or _pyproject_speaks(shown):
            _refuse_link_to_outside(shown)
            return shown
    return None


def _pyproject_speaks(file: str) -> bool:
    """Whether a pyproject.toml has a table tool.dfguard; most are settled without reading them as TOML."""
    try:
        data = read(file)
    except ConfigError:
        return False
    if b"dfguard" not in data:
        return False
    if re.search(rb"^[ \t]*\[tool\.dfguard(?![\w-])", data, re.MULTILINE):
        return True
    if not _SPELT_OTHERWISE.search(data):
        return False
    import tomli

    try:
        return "dfguard" in tomli.loads(data.decode()).get("tool", {})
    except (ValueError, RecursionError):
        return False


def _refuse_link_to_outside(file: str) -> None:
    real = os.path.realpath(file)
    folder = os.path.dirname(os.path.abspath(file))
    if real == os.path.join(os.path.realpath(folder), os.path.basename(file)):
        return
    if not lies_within(real, repository_of(folder)):
        raise ConfigError(
            file, 0, "is a symbolic link that leads out of the repository; name it with --config to use it"
        )


def repository_of(folder: str) -> str:
    """The root of the repository that a folder lies in; the folder itself where there is none."""
    folder = top = os.path.abspath(folder)
    while _stat(os.path.join(top, ".git")) is None and os.path.dirname(top) != top:
        top = os.path.dirname(top)
    return top if _stat(os.path.join(top, ".git")) is not None else folder


def lies_within(file: str, root: str) -> bool:
    """Whether a file, all links followed, lies below a folder."""
    return os.path.realpath(file).startswith(os.path.join(os.path.realpath(root), ""))


def read(file: str) -> bytes:
    """The bytes of a file, at most `_MAX_BYTES`; raises ConfigError if it can't be read or is larger."""
    try:
        with open(file, "rb") as stream:
            if stat.S_ISDIR(os.fstat(stream.fileno()).st_mode):
                raise ConfigError(file, 0, "is a folder; expected a TOML file")
            data = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(file, 0, f"can't be read: {error.strerror or error}") from None
    if len(data) > _MAX_BYTES:
        raise ConfigError(file, 0, f"is larger than {_MAX_BYTES:,} bytes; that is no configuration")
    return data


def table_of(file: str, data: bytes) -> dict[str, object]:
    """The table of dfguard in a file of these bytes; raises ConfigError, at its line, for what is no TOML."""
    return _dfguard_table(file, document_of(file, data))


def document_of(file: str, data: bytes) -> dict[str, object]:
    """All that a TOML file of these bytes holds; raises ConfigError, at its line, for what is no TOML."""
    import tomli

    try:
        return tomli.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ConfigError(file, data.count(b"\n", 0, error.start) + 1, "is not UTF-8 text") from None
    except tomli.TOMLDecodeError as error:
        place = re.search(r" \(at line (\d+), column (\d+)\)$", str(error))
        if place is None:
            raise ConfigError(file, 0, f"is no TOML: {error}") from None
        message = f"is no TOML: column {place[2]}: {str(error)[: place.start()]}"
        raise ConfigError(file, int(place[1]), message) from None
    except RecursionError:
        raise ConfigError(file, 0, "is nested too deeply") from None


def _dfguard_table(file: str, document: dict[str, object]) -> dict[str, object]:
    table: object = document
    for key in _prefix(file):
        table = table.get(key, {}) if isinstance(table, dict) else {}
    if not isinstance(table, dict):
        raise ConfigError(file, 0, "`tool.dfguard` is no table")
    return table


def _prefix(file: str) -> tuple[str, ...]:
    return ("tool", "dfguard") if os.path.basename(file) == _PYPROJECT else ()


def line_of(file: str, data: bytes, keys: tuple[str | int, ...], *, exact: bool = False) -> int:
    """The line of a key, or of the nearest thing around it that has one; 0 for none, if `exact` for any but its own."""
    from dfguard.toml_lines import lines_of

    lines = lines_of(data.decode("utf-8-sig"))
    full = (*_prefix(file), *keys)
    ends = (len(full),) if exact else range(len(full), 0, -1)
    return next((lines[full[:end]] for end in ends if full[:end] in lines), 0)
