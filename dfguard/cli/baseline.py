"""`dfguard baseline create|prune`: the file that leaves known findings out of reports."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from dfguard import baseline, catalog
from dfguard.baseline import NAME, Baseline
from dfguard.buffers import ON_DISK
from dfguard.check import Settings, check_plan
from dfguard.cli import check
from dfguard.cli.main import printable
from dfguard.cli.options import Parser, chosen_action, write_bytes
from dfguard.cli.progress import ProgressLine
from dfguard.cli.secret_options import deep_of
from dfguard.config import Config
from dfguard.errors import EXIT_CLEAN, UsageError
from dfguard.run import Result

ACTIONS = {
    "create": "write a baseline of all that is found now",
    "prune": "take out of the baseline what is not found any more; nothing is added",
}


def parser(action: str = "create") -> Parser:
    """The options of `baseline`: those of `check`."""
    p = check.parser()
    p.prog = f"dfguard baseline {action}"
    p.description = f"{ACTIONS[action].capitalize()}."
    if action == "create":
        p.add_argument("--force", action="store_true", help="replace a baseline that is there")
    return p


def run(arguments: Sequence[str]) -> int:
    """Write the file; the exit code is 0 when that is done, else that of the errors."""
    chosen = chosen_action("baseline", ACTIONS, arguments)
    if chosen is None:
        return EXIT_CLEAN
    action, rest = chosen
    options = parser(action).parse_args(rest)
    return _create(options) if action == "create" else _prune(options)


def _create(options: argparse.Namespace) -> int:
    file = options.baseline or NAME
    if os.path.lexists(file) and not options.force:
        raise UsageError(f"{file}: is there already; prune it, or write it anew with --force")
    result, _ = _checked(options)
    _write(file, baseline.of(result.findings, file))
    count = len(result.findings)
    sys.stderr.write(f"dfguard: {count:,} finding{'' if count == 1 else 's'} in {printable(file)}\n")
    return _said(result)


def _prune(options: argparse.Namespace) -> int:
    file = options.baseline or baseline.find_baseline()
    if file is None:
        raise UsageError(f"{NAME}: there is none here or above; dfguard baseline create writes one")
    old = baseline.load(file)
    result, configs = _checked(options)
    if result.errors:
        check.tell(result, options)
        raise UsageError("not everything could be checked; the baseline stays as it is")
    matched = baseline.match(result.findings, old)
    vain = baseline.in_scope(matched.unmatched, old, result.files, ran(configs))
    gone = sum(vain.counts.values())
    if gone:
        _write(file, baseline.without(old, vain))
    left = sum(old.counts.values()) - gone
    sys.stderr.write(f"dfguard: {gone:,} taken out of {printable(file)}, {left:,} left\n")
    return EXIT_CLEAN


def _checked(options: argparse.Namespace) -> tuple[Result, tuple[Config, ...]]:
    """What a check says, without a baseline."""
    task = check.task_of(options)
    todo = task.plan(ON_DISK)
    configs = {path: task.configs.of(path) for path in (*(job.path for job in todo.jobs), *task.found.ignore_files)}
    with ProgressLine() as progress:
        settings = Settings(task.flags, options.pedantic, None, progress, deep_of(options))
        result = check_plan(todo, configs, settings, task.stdin, task.found.ignore_files)
    return check.with_notes(result, task.discovery, todo), task.configs.loaded


def _said(result: Result) -> int:
    for error in result.errors:
        sys.stderr.write(f"dfguard: {printable(error.path)}: {printable(error.message)}\n")
    return min((error.exit_code for error in result.errors), default=EXIT_CLEAN)


def _write(file: str, made: Baseline) -> None:
    write_bytes(made.render().encode(), file)


def ran(configs: Sequence[Config]) -> baseline.Ran:
    """Which rules run in some configuration, or do not exist any more."""
    known = catalog.names()
    return lambda code: code not in known or any(config.is_selected(code, default_on=True) for config in configs)


def without_known(result: Result, options: argparse.Namespace, configs: Sequence[Config]) -> Result:
    """The result without what the baseline has, if there is one; raises ConfigError for a broken one."""
    file = options.baseline or (None if options.isolated else baseline.find_baseline())
    if file is None or options.no_baseline:
        return result
    known = baseline.load(file)
    matched = baseline.match(result.findings, known)
    vain = baseline.in_scope(matched.unmatched, known, result.files, ran(configs))
    count = sum(vain.counts.values())
    entries = "1 entry of" if count == 1 else f"{count:,} entries of"
    verb = "matches" if count == 1 else "match"
    note = f"{entries} {file} {verb} nothing any more: dfguard baseline prune takes out what is mended"
    return result.but(
        findings=matched.new, known=len(matched.known), notes=(*result.notes, note) if count else result.notes
    )
