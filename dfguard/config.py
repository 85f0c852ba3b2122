"""The configuration: `dfguard.toml`, `.dfguard.toml` or `[tool.dfguard]` in `pyproject.toml`.

A configuration lies in the tree that is checked, so it is no more trusted than the Dockerfiles: it
chooses rules and thresholds, and can name no code, output, network or folder outside. Every mistake
in it is a ConfigError at its line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from dfguard.config_file import find_config, is_config_name
from dfguard.errors import ConfigError
from dfguard.finding import Confidence, Severity
from dfguard.struct import Struct

if TYPE_CHECKING:
    from dfguard.config_layers import Layer

__all__ = ["Config", "RuleOptions", "find_config", "fold", "is_config_name", "load_config"]


class RuleOptions(Struct):
    """A table `[rules.DG205]`: the rule's code, its key as written in the file, and the options set there.

    `path` and `above` tell the file and the tables around it, where that is not the configuration's own file.
    """

    code: str
    key: str
    values: tuple[tuple[str, object], ...]
    path: str | None = None
    above: tuple[str | int, ...] = ()


class Config(Struct):
    """What a configuration file says; `path` is None for the defaults.

    Rules in `select`, `extend_select`, `ignore`, `severities`, `fixable` and `unfixable` are codes or beginnings
    of codes (names are already resolved). `select` None means the rules of the preset, `fixable` None all.
    `root` is the folder that the globs in `exclude` are relative to; `excluded` are those of files that this one
    extends, each with its folder. `layers` are kept where some count for certain files only (`for_file`).
    `unsaved` is the text that stood for the file, None for its own.
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
    preview: bool = False
    fixable: tuple[str, ...] | None = None
    unfixable: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    excluded: tuple[tuple[str, tuple[str, ...]], ...] = ()
    rules: tuple[RuleOptions, ...] = ()
    layers: tuple[Layer, ...] = ()
    unsaved: bytes | None = None

    @staticmethod
    def default() -> Config:
        """The configuration where no file is found."""
        return Config()

    def for_file(self, file: str) -> Config:
        """The configuration with the overrides that count for a file."""
        if not self.layers:
            return self
        return fold(layer for layer in self.layers if layer.fits(file)).but(unsaved=self.unsaved)

    def over(self, values: Mapping[str, Any]) -> Config:
        """The configuration under fields that are set elsewhere, as a layer of their own."""
        return _laid(self, values, None, "", ()) if values else self

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

    def allows_preview(self, code: str) -> bool:
        """Whether a rule in preview may run: where all may, or where its whole code is selected."""
        return self.preview or self.preset == "all" or code in (self.select or ()) or code in self.extend_select

    def shows_all(self) -> bool:
        """Whether findings of low confidence are shown."""
        return self.pedantic or self.preset == "all"

    def may_fix(self, code: str) -> bool:
        """Whether the fixes of a rule may be applied."""
        allowed = self.fixable is None or code.startswith(self.fixable)
        return allowed and not code.startswith(self.unfixable)

    def severity_of(self, code: str, default: Severity) -> Severity:
        """The severity set for a rule (the longest entry that fits its code), else `default`."""
        fitting = [(len(prefix), severity) for prefix, severity in self.severities if code.startswith(prefix)]
        return max(fitting, key=lambda entry: entry[0])[1] if fitting else default

    def options_of(self, code: str) -> dict[str, object]:
        """The options set for a rule, as TOML gave them; where several tables set one, the last counts."""
        return {key: value for table in self.rules if table.code == code for key, value in table.values}

    def option_error(self, code: str, option: str, message: str) -> ConfigError:
        """A ConfigError at the line of an option; for those who know which options a rule has."""
        from dfguard.config_file import line_of, read

        tables = [table for table in self.rules if table.code == code]
        table = next((one for one in reversed(tables) if option in dict(one.values)), RuleOptions(code, code, ()))
        path = table.path or self.path
        assert path is not None
        data = self.unsaved if self.unsaved is not None and path == self.path else read(path)
        return ConfigError(path, line_of(path, data, (*table.above, "rules", table.key, option)), message)

    def excludes(self, file: str) -> bool:
        """Whether a glob of `exclude` matches a file or a folder above it, seen from `root`.

        A glob without `/` fits a name at any depth; else it starts at `root`. `*` stays within a
        name, `**` spans folders.
        """
        if not self.exclude and not self.excluded:
            return False
        from dfguard.config_layers import lies_in

        return any(lies_in(file, root, globs) for root, globs in ((self.root, self.exclude), *self.excluded))


def fold(layers: Iterable[Layer]) -> Config:
    """The configuration that layers make, the strongest last.

    A value replaces that of a weaker layer, but `extend-select`, `ignore`, `exclude`, `unfixable`, severities and
    options of rules are added to it; what a layer selects is no longer ignored by a weaker one.
    """
    config = Config()
    for layer in layers:
        config = _laid(config, dict(layer.values), layer.path, layer.root, layer.keys)
    return config


def _laid(
    config: Config, values: Mapping[str, Any], path: str | None, root: str, keys: tuple[str | int, ...]
) -> Config:
    """The configuration with what one layer sets; `path` None keeps the file that it is called by."""
    changes = dict(values)
    wanted = (*(changes.get("select") or ()), *changes.get("extend_select", ()))
    kept = tuple(entry for entry in config.ignore if entry not in wanted)
    changes["ignore"] = _joined(kept, changes.get("ignore", ()))
    weaker = () if "select" in changes else config.extend_select
    changes["extend_select"] = _joined(weaker, changes.get("extend_select", ()))
    unfixable = tuple(entry for entry in config.unfixable if entry not in (changes.get("fixable") or ()))
    changes["unfixable"] = _joined(unfixable, changes.get("unfixable", ()))
    changes["severities"] = tuple((dict(config.severities) | dict(changes.get("severities", ()))).items())
    tables = tuple(table.but(path=table.path or config.path) for table in config.rules)
    given = (RuleOptions(*fields) for fields in changes.pop("rules", ()))
    changes["rules"] = (*tables, *(table.but(path=path if keys else None, above=keys) for table in given))
    own = changes.pop("exclude", ())
    if path is not None:
        changes |= {"path": path, "root": root}
    elif own:
        changes["root"] = root
    if config.exclude and changes.get("root", config.root) == config.root:
        own = _joined(config.exclude, own)
    elif config.exclude:
        changes["excluded"] = (*config.excluded, (config.root, config.exclude))
    return config.but(**changes, exclude=own)


def _joined(weaker: tuple[str, ...], stronger: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*weaker, *stronger)))


def load_config(
    file: str,
    *,
    known_codes: Mapping[str, str],
    root: str | None = None,
    unsaved: bytes | None = None,
    named: bool = False,
) -> Config:
    """Read a configuration file, what it extends, and its overrides (`Config.for_file`).

    `known_codes` maps the code of every rule to its name. `root` is the folder that globs start at,
    by default the file's own; `unsaved` is a text that stands for the file. `named`: the command line names the
    file, so that it may extend files anywhere. Raises ConfigError, at its line, for a file that can't be read, TOML
    that is none, unknown keys, wrong types, unknown rules and a version that is not this one; options of rules are
    not checked.
    """
    from dfguard.config_layers import read_layers

    layers = read_layers(file, known_codes, root=root, unsaved=unsaved, named=named)
    plain = [layer for layer in layers if layer.files is None]
    return fold(plain).but(layers=layers if len(plain) < len(layers) else (), unsaved=unsaved)
