"""`dfguard config show`: the settings that count for a file, each with the file and line it is from."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any

from dfguard import catalog
from dfguard.check import is_on, select
from dfguard.cli.check import add_rule_options
from dfguard.cli.configurations import Configurations
from dfguard.cli.main import printable
from dfguard.cli.options import PLAIN_AND_JSON, Parser, write_report
from dfguard.config import Config
from dfguard.config_file import line_of, read
from dfguard.errors import EXIT_CLEAN
from dfguard.finding import Confidence, Severity
from dfguard.struct import Struct

_Keys = tuple["str | int", ...]
_LISTS = ("select", "extend_select", "ignore", "fixable", "unfixable")
_SINGLE = ("preset", "preview", "fail_on", "min_confidence", "pedantic")


class Setting(Struct):
    """One value that counts: its key (`ignore`, `rules.DG501.minimum`), and the file and line that it is from."""

    key: str
    value: Any
    source: str
    line: int = 0

    @property
    def origin(self) -> str:
        """Where the value is from, for people."""
        return f"{self.source}:{self.line}" if self.line else self.source


def parser() -> Parser:
    """The options of `config show`."""
    p = Parser("config show", "Show the settings that count for a file, each with the place it is from.")
    p.add_argument("path", nargs="?", default="Dockerfile", metavar="PATH", help="a file (default: Dockerfile)")
    add_rule_options(p)
    p.add_argument("--fail-on", choices=[s.value for s in Severity], help="as for check")
    p.add_argument("--min-confidence", choices=[c.value for c in Confidence], help="as for check")
    p.add_argument("--format", choices=PLAIN_AND_JSON, default="plain", help="TOML with comments, or JSON")
    p.add_argument("-o", "--output", metavar="FILE", help="write it to a file")
    p.set_defaults(exclude=[])
    return p


def run(arguments: Sequence[str]) -> int:
    """Print the settings; raises ConfigError for a configuration that is wrong."""
    options = parser().parse_args(arguments)
    configs = Configurations(options)
    config = configs.of(options.path)
    select(config)  # which tells of options that rules do not have
    file = configs.file_for(options.path)
    settings = tuple(_effective(config, tuple(_written(file, configs, options))))
    on = [entry.code for entry in catalog.entries() if is_on(config, entry)]
    render = _as_json if options.format == "json" else _as_toml
    write_report(render(options.path, file, settings, on, excluded=config.excludes(options.path)), options.output)
    return EXIT_CLEAN


def _written(file: str | None, configs: Configurations, options: argparse.Namespace) -> Iterator[Setting]:
    """All that is set anywhere, the strongest last; a list gives one Setting an entry."""
    if file is not None:
        from dfguard.config_layers import read_layers

        for layer in read_layers(file, catalog.names(), named=configs.named):
            if layer.fits(options.path):
                data = read(layer.path)
                for field, value in layer.values:
                    for key, ways, single in _parts(field, value):
                        yield Setting(key, single, layer.path, _line(layer.path, data, layer.keys, ways))
    *environment, command_line = configs.above
    for source, above in (*(("environment", each) for each in environment), ("command line", command_line)):
        for field, value in above.items():
            yield from (Setting(key, single, source) for key, _, single in _parts(field, value))
    if options.pedantic:
        yield Setting("pedantic", True, "command line")


def _line(path: str, data: bytes, above: _Keys, ways: tuple[_Keys, ...]) -> int:
    """The line of the first key that is there, of several that a value may be written under."""
    lines = (line_of(path, data, (*above, *way), exact=True) for way in ways)
    return next((line for line in lines if line), 0) or line_of(path, data, (*above, *ways[-1]))


def _parts(field: str, value: Any) -> Iterator[tuple[str, tuple[_Keys, ...], Any]]:
    """Key, places to look for in the file, and value, of each part of a field."""
    key = field.replace("_", "-")
    if field in (*_LISTS, "exclude"):
        yield from ((key, ((key, at),), entry) for at, entry in enumerate(value))
    elif field == "severities":
        for code, severity in value:
            words = (code, catalog.names().get(code, code))
            ways = (*(("rules", word, "severity") for word in words), *(("severity", word) for word in words))
            yield f"severity.{code}", ways, severity.value
    elif field == "rules":
        for code, table, given in value:
            yield from ((f"rules.{code}.{name}", (("rules", table, name),), each) for name, each in given)
    else:
        yield key, ((key,),), value.value if isinstance(value, Enum) else value


def _effective(config: Config, written: Sequence[Setting]) -> Iterator[Setting]:
    """Of what is set, what counts in the end; what nobody sets is the default."""
    last = {(setting.key, setting.value) if _is_list(setting.key) else setting.key: setting for setting in written}
    for field in _SINGLE:
        key, value = field.replace("_", "-"), getattr(config, field)
        default = Setting(key, value.value if isinstance(value, Enum) else value, "default")
        yield last.get(key, default)
    for field in _LISTS:
        for entry in getattr(config, field) or ():
            key = field.replace("_", "-")
            yield last.get((key, entry), Setting(key, entry, "default"))
    yield from (setting for setting in last.values() if setting.key == "exclude")
    yield from (setting for setting in last.values() if setting.key.startswith(("severity.", "rules.")))


def _is_list(key: str) -> bool:
    return key == "exclude" or key.replace("-", "_") in _LISTS


def _as_toml(path: str, file: str | None, settings: Sequence[Setting], on: Sequence[str], *, excluded: bool) -> str:
    lines = [f"# what counts for {printable(path)}: {printable(file) if file else 'no configuration file'}"]
    if excluded:
        lines.append("# the file is not checked: `exclude` has it")
    lines.append(f"# {len(on):,} of {len(catalog.entries()):,} rules run")
    open_list = ""
    rows = []
    for setting in settings:
        if open_list and setting.key != open_list:
            rows.append(("]", ""))
        if _is_list(setting.key):
            if setting.key != open_list:
                rows.append((f"{setting.key} = [", ""))
            open_list = setting.key
            rows.append((f"  {_toml(setting.value)},", setting.origin))
        else:
            open_list = ""
            rows.append((f"{setting.key} = {_toml(setting.value)}", setting.origin))
    if open_list:
        rows.append(("]", ""))
    width = max((len(text) for text, origin in rows if origin and len(text) < 50), default=0)
    lines += [f"{text:<{width}}  # {printable(origin)}" if origin else text for text, origin in rows]
    return "".join(f"{line}\n" for line in lines)


def _toml(value: Any) -> str:
    # JSON's strings, numbers, booleans and lists are TOML's, but for lone surrogates, which TOML never gave us.
    return json.dumps(value, default=str)


def _as_json(path: str, file: str | None, settings: Sequence[Setting], on: Sequence[str], *, excluded: bool) -> str:
    shown = [{"key": s.key, "value": s.value, "source": s.source, "line": s.line or None} for s in settings]
    data = {"path": path, "file": file, "excluded": excluded, "settings": shown, "rules": list(on)}
    return json.dumps(data, indent=2, default=str) + "\n"
