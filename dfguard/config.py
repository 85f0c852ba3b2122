"""The configuration: `dfguard.toml`, `.dfguard.toml` or `[tool.dfguard]` in `pyproject.toml`.

A configuration lies in the tree that is checked, so it is no more trusted than the Dockerfiles: it
chooses rules and thresholds, and can name no code, output, network or folder outside. Every mistake
in it is a ConfigError at its line.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping, MutableMapping

from dfguard.errors import ConfigError
from dfguard.finding import Confidence, Severity
from dfguard.regex import regex
from dfguard.struct import Struct

_PYPROJECT = "pyproject.toml"
_NAMES = ("dfguard.toml", ".dfguard.toml", _PYPROJECT)
_MAX_BYTES = 1024 * 1024
# Spellings of the table that only a TOML parser can be asked about: `[tool]`, `tool.dfguard =`, `["tool".dfguard]`.
_SPELT_OTHERWISE = regex(
    rb"""^[ \t]*(?:\[[ \t]*["']?tool["']?[ \t]*(?:\]|\.[ \t]*["']?dfguard)|["']?tool["']?[ \t]*[.=])""", re.MULTILINE
)


class RuleOptions(Struct):
    """A table `[rules.DG205]`: the rule's code, its key as written in the file, and the options set there."""

    code: str
    key: str
    values: tuple[tuple[str, object], ...]


class Config(Struct):
    """What a configuration file says; `path` is None for the defaults.

    Rules in `select`, `extend_select`, `ignore` and `severities` are codes or beginnings of codes
    (names are already resolved). `select` None means the rules of the preset. `root` is the folder
    that the globs in `exclude` are relative to.
    """

    path: str | None = None
    root: str = ""
    preset: str = "recommended"
    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severities: tuple[tuple[str, Severity], ...] = ()
    fail_on: Severity = Severity.WARNING
    min_confidence: Confidence = Confidence.MEDIUM
    pedantic: bool = False
    exclude: tuple[str, ...] = ()
    rules: tuple[RuleOptions, ...] = ()

    @staticmethod
    def default() -> Config:
        """The configuration where no file is found."""
        return Config()

    def is_selected(self, code: str, *, default_on: bool) -> bool:
        """Whether a rule is to run; `default_on` says whether the preset holds it.

        The longest entry that fits the code wins (`ignore = ["DG1"]` with `extend-select = ["DG101"]`
        runs DG101); `ignore` wins a tie.
        """
        wanted = 0 if self.select is None and default_on else -1
        for prefix in (*(self.select or ()), *self.extend_select):
            if code.startswith(prefix):
                wanted = max(wanted, len(prefix))
        unwanted = max((len(prefix) for prefix in self.ignore if code.startswith(prefix)), default=-1)
        return wanted > unwanted

    def severity_of(self, code: str, default: Severity) -> Severity:
        """The severity set for a rule (the longest entry that fits its code), else `default`."""
        fitting = [(len(prefix), severity) for prefix, severity in self.severities if code.startswith(prefix)]
        return max(fitting, key=lambda entry: entry[0])[1] if fitting else default

    def options_of(self, code: str) -> dict[str, object]:
        """The options set for a rule, as TOML gave them."""
        return next((dict(table.values) for table in self.rules if table.code == code), {})

    def option_error(self, code: str, option: str, message: str) -> ConfigError:
        """A ConfigError at the line of an option; for those who know which options a rule has."""
        key = next((table.key for table in self.rules if table.code == code), code)
        assert self.path is not None
        return ConfigError(self.path, _line_of(self.path, _read(self.path), ("rules", key, option)), message)

    def excludes(self, file: str) -> bool:
        """Whether a glob of `exclude` matches a file or a folder above it, seen from `root`.

        A glob without `/` fits a name at any depth; else it starts at `root`. `*` stays within a
        name, `**` spans folders.
        """
        if not self.exclude:
            return False
        from dfguard.glob import matches_path

        top, full = os.path.join(os.path.abspath(self.root), ""), os.path.abspath(file)
        parts = full[len(top) :].replace(os.sep, "/").split("/")
        return full.startswith(top) and any(matches_path(parts, pattern) for pattern in self.exclude)


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
        data = _read(file)
    except ConfigError:
        return False
    if b"dfguard" not in data:
        return False
    if re.search(rb"^[ \t]*\[tool\.dfguard[\].]", data, re.MULTILINE):
        return True
    if not _SPELT_OTHERWISE.search(data):
        return False
    import tomli

    try:
        return "dfguard" in tomli.loads(data.decode()).get("tool", {})
    except ValueError:
        return False


def _refuse_link_to_outside(file: str) -> None:
    real = os.path.realpath(file)
    folder = os.path.dirname(os.path.abspath(file))
    if real == os.path.join(os.path.realpath(folder), os.path.basename(file)):
        return
    top = folder
    while _stat(os.path.join(top, ".git")) is None and os.path.dirname(top) != top:
        top = os.path.dirname(top)
    root = os.path.realpath(top if _stat(os.path.join(top, ".git")) is not None else folder)
    if not real.startswith(os.path.join(root, "")):
        raise ConfigError(
            file, 0, "is a symbolic link that leads out of the repository; name it with --config to use it"
        )


def _read(file: str) -> bytes:
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


def load_config(file: str, *, known_codes: Mapping[str, str], root: str | None = None) -> Config:
    """Read a configuration file.

    `known_codes` maps the code of every rule to its name. `root` is the folder that globs start at,
    by default the file's own. Raises ConfigError, at its line, for a file that can't be read, TOML
    that is none, unknown keys, wrong types and unknown rules; options of rules are not checked.
    """
    data = _read(file)
    table = _dfguard_table(file, _parse(file, data))
    from dfguard.config_keys import Mistake, read_keys

    try:
        values = dict(read_keys(table, known_codes))
        rules = tuple(RuleOptions(*fields) for fields in values.pop("rules", ()))
    except Mistake as mistake:
        raise ConfigError(file, _line_of(file, data, mistake.keys), str(mistake)) from None
    return Config(path=file, root=os.path.dirname(file) if root is None else root, rules=rules).but(**values)


def _parse(file: str, data: bytes) -> dict[str, object]:
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


def _line_of(file: str, data: bytes, keys: tuple[str | int, ...]) -> int:
    """The line of a key, or of the nearest thing around it that has one."""
    from dfguard.toml_lines import lines_of

    lines = lines_of(data.decode("utf-8-sig"))
    full = (*_prefix(file), *keys)
    return next((lines[full[:end]] for end in range(len(full), 0, -1) if full[:end] in lines), 0)
