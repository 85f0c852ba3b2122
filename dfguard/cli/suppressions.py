"""`dfguard suppressions`: all comments that silence findings, with their reasons and their age."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Sequence

from dfguard.blame import Blame
from dfguard.cli.check import kept
from dfguard.cli.configurations import Configurations
from dfguard.cli.main import printable
from dfguard.cli.options import PLAIN_AND_JSON, Parser, write_report
from dfguard.context.ignore import parse_ignore
from dfguard.discovery import Discovery, discover, looks_like_dockerfile, read_source
from dfguard.dockerfile.parse import parse
from dfguard.errors import EXIT_CLEAN, EXIT_NOTHING_TO_CHECK, EXIT_USAGE, DfguardError
from dfguard.struct import Struct
from dfguard.suppress import read_entry_suppressions, read_ignore_suppressions, read_suppressions, rules_meant
from dfguard.suppression import OURS, Suppression

_DAY = 24 * 60 * 60


class Listed(Struct):
    """A suppression, and when its line was last changed: seconds since 1970, None where git does not know."""

    suppression: Suppression
    changed: int | None

    @property
    def rules(self) -> list[str]:
        """The codes of our rules that it silences."""
        said = self.suppression
        return sorted({entry.code for word in said.codes for entry in rules_meant(said.tool, word)})


def parser() -> Parser:
    """The options of `suppressions`."""
    p = Parser("suppressions", "List all comments that silence findings, those of other tools too.")
    p.add_argument("paths", nargs="*", metavar="PATHS", help="files and folders (default: .)")
    p.add_argument("--without-reason", action="store_true", help="only those that do not say why")
    p.add_argument("--exclude", metavar="GLOB", action="append", default=[], help="leave out matching paths")
    p.add_argument("--config", metavar="FILE", help="use this configuration file")
    p.add_argument("--isolated", action="store_true", help="use no configuration file")
    p.add_argument("--format", choices=PLAIN_AND_JSON, default="plain", help="the list's format")
    p.add_argument("-o", "--output", metavar="FILE", help="write the list to a file")
    p.set_defaults(select=None, extend_select=None, ignore=None, preset=None, fail_on=None, min_confidence=None)
    return p


def run(arguments: Sequence[str]) -> int:
    """Print the list; it is no finding, so the exit code is 0, or 2 for a file that can't be read."""
    options = parser().parse_args(arguments)
    discovery = discover(options.paths or ["."])
    found = kept(discovery, Configurations(options))
    errors: list[DfguardError] = list(discovery.errors)
    every = [one for one in _every(found, errors) if not (options.without_reason and one.reason)]
    listed = tuple(_dated(every))
    for error in errors:
        sys.stderr.write(f"dfguard: {printable(str(error))}\n")
    write_report(as_json(listed) if options.format == "json" else as_text(listed), options.output)
    if errors:
        return EXIT_USAGE
    looked = (*found.dockerfiles, *found.ignore_files, *found.build_files)
    return EXIT_CLEAN if looked else EXIT_NOTHING_TO_CHECK


def _every(found: Discovery, errors: list[DfguardError]) -> Iterator[Suppression]:
    """The suppressions of all files; what can't be read goes to `errors`."""
    for kind, paths in (("", found.dockerfiles), ("ignore", found.ignore_files), ("build", found.build_files)):
        for path in paths:
            try:
                source = read_source(path)
                if kind == "ignore":
                    yield from read_ignore_suppressions(parse_ignore(source))
                elif kind == "build":
                    yield from read_entry_suppressions(source)
                elif looks_like_dockerfile(source.text):
                    yield from read_suppressions(parse(source))
            except DfguardError as error:
                errors.append(error)


def _dated(every: Sequence[Suppression]) -> Iterator[Listed]:
    """In the order of paths and lines."""
    blame = Blame()
    by_path: dict[str, list[Suppression]] = {}
    for one in every:
        by_path.setdefault(one.span.path, []).append(one)
    for path in sorted(by_path):
        times = blame.times(path, (one.span.start_line for one in by_path[path]))
        for one in by_path[path]:
            yield Listed(one, times.get(one.span.start_line))


def as_text(listed: Iterable[Listed]) -> str:
    """One line each, and a last one that counts them."""
    every = tuple(listed)
    rows = [(_place(one), _age(one), _said(one)) for one in every]
    widths = [max((len(row[at]) for row in rows), default=0) for at in (0, 1)]
    lines = [f"{place:<{widths[0]}}  {age:<{widths[1]}}  {said}" for place, age, said in rows]
    lacking = sum(not one.suppression.reason for one in every)
    count = f"{len(every):,} comment{'' if len(every) == 1 else 's'}"
    told = f"{count} silence{'s' if len(every) == 1 else ''} findings; {lacking:,} without a reason."
    return "\n".join([*lines, told if every else "No comment silences findings."]) + "\n"


def _place(one: Listed) -> str:
    span = one.suppression.span
    return f"{printable(span.path)}:{span.start_line}"


def _said(one: Listed) -> str:
    said = one.suppression
    if said.problem is not None:
        return f"not understood: {printable(said.problem.message)}"
    whose = "" if said.tool == OURS else f" ({said.tool}: {', '.join(one.rules) or 'no rule of ours'})"
    reason = f" -- {printable(said.reason)}" if said.reason else ""
    return f"{said.kind}: {printable(', '.join(said.codes))}{whose}{reason}"


def _age(one: Listed) -> str:
    if one.changed is None:
        return "not committed"
    days = _days(one.changed)
    return "today" if days == 0 else f"{days:,} day{'' if days == 1 else 's'}"


def _days(changed: int) -> int:
    return max(int(time.time() - changed) // _DAY, 0)


def as_json(listed: Iterable[Listed]) -> str:
    """The contract of docs/json.md."""
    import json

    from dfguard.report.json_report import sayable

    rows = [
        {
            "path": one.suppression.span.path,
            "line": one.suppression.span.start_line,
            "tool": one.suppression.tool,
            "kind": one.suppression.kind,
            "codes": list(one.suppression.codes),
            "rules": one.rules,
            "reason": one.suppression.reason or None,
            "changed": None if one.changed is None else time.strftime("%Y-%m-%d", time.gmtime(one.changed)),
            "age_days": None if one.changed is None else _days(one.changed),
            "problem": one.suppression.problem.message if one.suppression.problem else None,
        }
        for one in listed
    ]
    return json.dumps(sayable({"version": 1, "suppressions": rows}), indent=2) + "\n"
