"""Moving over from other tools: their wishes as a configuration of ours, and what of them can't be carried over."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from dfguard import catalog, peers
from dfguard.catalog import Entry
from dfguard.finding import Severity
from dfguard.migration_sources import LOST, OFF, ONLY, SETTING, SEVERITY, Wish
from dfguard.struct import Struct

# Options of rules that answer several checks, and the check that each option switches off alone.
_SWITCHES = {"DG301": {"untagged": "DL3006", "latest": "DL3007"}}


class Migration(Struct):
    """The text of a dfguard.toml, and remarks on what is not in it, each with the place that asks for it."""

    text: str
    remarks: tuple[str, ...]


def migrate(wishes: Sequence[Wish]) -> Migration:
    """Carry over wishes; what has no like here, or not wholly, is told."""
    remarks: list[str] = []
    for wish in wishes:
        if wish.kind == LOST:
            remarks.append(f"{_place(wish)}: {wish.subject}: {wish.value}")
    groups = list(dict.fromkeys(wish.files for wish in wishes if wish.kind != LOST))
    everywhere = [wish for wish in wishes if not wish.files]
    parts = [_part(everywhere, remarks)]
    for files in groups:
        if files:
            part = _part([wish for wish in wishes if wish.files == files], remarks)
            if not part:
                continue
            header = f"\n[[overrides]]\nfiles = {_toml(list(files))}\n"
            parts.append(header + part.replace("[rules.", "[overrides.rules."))
    sources = ", ".join(dict.fromkeys(wish.path for wish in wishes))
    head = f"# Carried over by `dfguard config migrate` from {sources or 'nothing'}.\n"
    if all(wish.tool != "hadolint" or wish.subject != "fail-on" for wish in wishes):
        remarks += _default_threshold(wishes)
    return Migration(head + "".join(parts), tuple(dict.fromkeys(remarks)))


def _default_threshold(wishes: Sequence[Wish]) -> Iterator[str]:
    if any(wish.tool == "hadolint" for wish in wishes):
        yield 'hadolint fails from info on unless told otherwise, dfguard from warning on; `fail-on = "info"` is alike'


def _part(wishes: Sequence[Wish], remarks: list[str]) -> str:
    """The keys that wishes for the same files make."""
    lines: list[str] = []
    only = tuple(dict.fromkeys(code for wish in wishes if wish.kind == ONLY for code in _answered(wish, remarks)))
    if only:
        lines.append(f"select = {_toml(list(only))}\n")
    off, switches = _switched_off([wish for wish in wishes if wish.kind == OFF], remarks)
    if off:
        lines += ["ignore = [\n", *(f"  {_toml(code)},  # {why}\n" for code, why in off.items()), "]\n"]
    excluded = [wish.value for wish in wishes if wish.kind == SETTING and wish.subject == "exclude"]
    if excluded:
        lines.append(f"exclude = {_toml(excluded)}\n")
    thresholds = [wish for wish in wishes if wish.kind == SETTING and wish.subject == "fail-on"]
    if thresholds:
        strictest = max(thresholds, key=lambda wish: Severity(wish.value).rank)
        lines.append(f'fail-on = "{strictest.value}"  # {strictest.tool}\n')
    tables = _severities([wish for wish in wishes if wish.kind == SEVERITY], off, remarks)
    if any(wish.kind == SETTING and wish.subject.startswith("rules.DG803") for wish in wishes):
        tables["DG803"] = f"{tables.get('DG803', '')}require-reason = true\n"
    for code, text in switches.items():
        tables[code] = tables.get(code, "") + text
    lines += [f"\n[rules.{code}]\n{text}" for code, text in sorted(tables.items())]
    return "".join(lines)


def _answered(wish: Wish, remarks: list[str]) -> tuple[str, ...]:
    """The codes of the rules that answer a check; a remark where there are none."""
    rules = peers.rules_for(wish.subject)
    if not rules:
        remarks.append(f"{_place(wish)}: {wish.subject}: {_why_none(wish.subject)}")
    return tuple(entry.code for entry in rules)


def _why_none(subject: str) -> str:
    if subject.upper().startswith("SC") and subject[2:].isdigit():
        return "ShellCheck is not run here, so there is nothing to switch"
    if subject.upper().startswith(("CVE-", "GHSA-")):
        return "vulnerabilities of packages are not what rules here look for"
    known = peers.known(subject)
    return f"no rule here looks for it ({known[0].what.rstrip('.')})" if known else "no check of that id is known"


def _switched_off(wishes: Sequence[Wish], remarks: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The rules to ignore with what they are there, and the lines of options that switch off a part of a rule.

    A rule that answers checks which stay on is not ignored.
    """
    off = {tool: {peers.key(wish.subject) for wish in wishes if wish.tool == tool} for tool in _tools(wishes)}
    found: dict[str, list[str]] = {}
    switches: dict[str, str] = {}
    for wish in wishes:
        _answered(wish, remarks)
        for entry in peers.rules_for(wish.subject):
            others = [each for each in ids_of(entry, wish.subject) if peers.key(each) not in off[wish.tool]]
            option = _switch(entry.code, wish.subject) if others else ""
            if option:
                line = f"{option} = false  # {wish.subject}\n"
                before = switches.get(entry.code, "")
                switches[entry.code] = before if f"{option} = " in before else before + line
            elif others:
                still = ", ".join(others)
                remarks.append(
                    f"{_place(wish)}: {wish.subject}: {entry.code} {entry.name} answers {still} too, not switched off "
                    "there: it stays on"
                )
            else:
                found.setdefault(entry.code, []).append(wish.subject)
    names = catalog.names()
    ignored = {code: f"{names[code]}: {', '.join(dict.fromkeys(ids))}" for code, ids in sorted(found.items())}
    return ignored, {code: text for code, text in switches.items() if code not in ignored}


def _switch(code: str, subject: str) -> str:
    """The option of a rule that answers this check and no other; "" where there is none."""
    fitting = [
        option
        for option, like in _SWITCHES.get(code, {}).items()
        if any(peers.key(subject) == peers.key(each) for check in peers.known(like) for _, each in check.ids)
    ]
    return fitting[0] if len(fitting) == 1 else ""


def _tools(wishes: Iterable[Wish]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(wish.tool for wish in wishes))


@cache
def _families() -> dict[str, tuple[tuple[str, str], ...]]:
    """The (tool, id) pairs of the checks that each rule answers, by its code; `tally/` ids count apart."""
    found: dict[str, dict[tuple[str, str], None]] = {}
    for check in peers.checks():
        for entry in peers.answered_by(check):
            found.setdefault(entry.code, {}).update(dict.fromkeys(check.ids))
    return {code: tuple(pairs) for code, pairs in found.items()}


def ids_of(entry: Entry, like: str) -> tuple[str, ...]:
    """The checks that a rule answers, of the tools that have the check `like`, under its kind of id."""
    pairs = _families().get(entry.code, ())
    owners = {tool for tool, each in pairs if peers.key(each) == peers.key(like)}
    ids = dict.fromkeys(each for tool, each in pairs if tool in owners)
    return tuple(each for each in ids if peers.rules_for(each))


def _severities(wishes: Sequence[Wish], off: dict[str, str], remarks: list[str]) -> dict[str, str]:
    """The lines of the tables of rules; the worst severity counts where checks that differ are one rule here."""
    worst: dict[str, tuple[Severity, str]] = {}
    for wish in wishes:
        for code in _answered(wish, remarks):
            severity = Severity(wish.value)
            if code in off:
                continue
            before = worst.get(code)
            if before is not None and before[0] is not severity:
                remarks.append(f"{_place(wish)}: {wish.subject}: {code} answers {before[1]} too; the worse one counts")
            if before is None or severity.rank < before[0].rank:
                worst[code] = severity, wish.subject
    return {code: f'severity = "{severity.value}"  # {subject}\n' for code, (severity, subject) in worst.items()}


def _place(wish: Wish) -> str:
    return f"{wish.path}:{wish.line}" if wish.line else wish.path


def _toml(value: Any) -> str:
    # JSON's strings and lists of them are TOML's.
    return json.dumps(value)
