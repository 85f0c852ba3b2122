"""What `dfguard check` tells in place of a report: `--show-files`, `--show-settings`, `--statistics`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any

from dfguard import catalog
from dfguard.build_plan import Plan
from dfguard.cli.main import printable
from dfguard.config import Config
from dfguard.discovery import Discovery
from dfguard.edit import UNSAFE
from dfguard.finding import Finding
from dfguard.struct import Struct


def files(plan: Plan, found: Discovery) -> str:
    """The files that a run looks at, one a line: Dockerfiles, ignore files, and files that describe builds."""
    every = (
        *(job.path for job in plan.jobs),
        *found.ignore_files,
        *found.build_files,
        *(each.path for each in plan.files),
    )
    return "".join(f"{printable(path)}\n" for path in sorted(dict.fromkeys(every)))


def settings(configs: Mapping[str, Config]) -> str:
    """What counts for each file, files with the same settings together."""
    together: dict[int, list[str]] = {}
    for path, config in configs.items():
        together.setdefault(id(config), []).append(path)
    of = {id(config): config for config in configs.values()}
    blocks = ("".join(f"{line}\n" for line in _settings(paths, of[key])) for key, paths in together.items())
    return "\n".join(blocks)


def _settings(paths: Iterable[str], config: Config) -> Iterator[str]:
    yield from (printable(path) for path in dict.fromkeys(paths))
    for name in _names(config):
        label = {"path": "configuration", "root": "globs start at"}.get(name, name.replace("_", "-"))
        yield f"  {label}: {_value(getattr(config, name))}"
    codes = [entry.code for entry in catalog.entries()]
    off = [code for code in codes if not config.is_selected(code, default_on=True)]
    yield f"  rules: {len(codes) - len(off)} of {len(codes)}" + (f"; not {', '.join(off)}" if off else "")


def _names(record: Struct) -> tuple[str, ...]:
    names: tuple[str, ...] = getattr(record, "__match_args__", ())
    return names


def _value(value: Any) -> str:
    if value is None or value == () or value == "":
        return "-"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Struct):
        return " ".join(_value(getattr(value, name)) for name in _names(value))
    return ", ".join(map(_value, value)) if isinstance(value, tuple) else printable(str(value))


class Row(Struct):
    """How often a rule found something, and how much of it has fixes, safe ones or any."""

    code: str
    name: str
    count: int
    safe: int
    fixes: int


def rows(findings: Iterable[Finding]) -> list[Row]:
    """One row a rule, the most frequent first."""
    by_code: dict[str, list[Finding]] = {}
    for finding in findings:
        by_code.setdefault(finding.code, []).append(finding)
    made = [
        Row(
            code, every[0].name, len(every),
            sum(any(fix.kind != UNSAFE for fix in finding.fixes) for finding in every),
            sum(bool(finding.fixes) for finding in every),
        )
        for code, every in by_code.items()
    ]  # fmt: skip
    return sorted(made, key=lambda row: (-row.count, row.code))


def statistics(findings: Iterable[Finding], form: str) -> str:
    """How often each rule found something, as plain text or JSON."""
    found = rows(findings)
    if form == "json":
        import json

        return json.dumps([{name: getattr(row, name) for name in _names(row)} for row in found], indent=2) + "\n"
    width = max((len(f"{row.count:,}") for row in found), default=0)
    names = max((len(row.name) for row in found), default=0)
    lines = [f"{row.count:>{width},}  {row.code}  {row.name:<{names}}  {_fixable(row)}".rstrip() for row in found]
    total = sum(row.count for row in found)
    return "\n".join([*lines, f"{total:,} finding{'' if total == 1 else 's'} by {len(found)} rules."]) + "\n"


def _fixable(row: Row) -> str:
    parts = (f"{row.safe:,} fixable" if row.safe else "", f"{row.fixes - row.safe:,} by unsafe fixes")
    return ", ".join(part for part in parts if part and not part.startswith("0 "))
