"""`dfguard fix`: mend what can be mended, and say what is left.

Safe fixes leave the image as it is but for what they declare to remove; `--unsafe-fixes` takes those along that a
person must look at, structural ones last and one at a time.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from dfguard.check import Settings
from dfguard.cli import check
from dfguard.cli.fix_choice import accept_of
from dfguard.cli.main import printable
from dfguard.cli.options import Parser, write_report
from dfguard.cli.progress import ProgressLine
from dfguard.cli.secret_options import deep_of
from dfguard.errors import EXIT_CLEAN, EXIT_FINDINGS, UsageError
from dfguard.fixing import Fixed, NewText, Work, fix, write
from dfguard.report.cells import escape
from dfguard.report.diff import unified
from dfguard.report.mask import mask_values
from dfguard.run import Result
from dfguard.settle import Accept
from dfguard.source import Span

_ENDS = "\r\n"


def parser() -> Parser:
    """The options of `fix`: those of `check`."""
    p = check.parser()
    p.prog = "dfguard fix"
    p.description = "Mend what can be mended safely. PATHS are files, folders, or - for standard input (to output)."
    p.set_defaults(fix=True)
    return p


def run(arguments: Sequence[str]) -> int:
    """Mend, write and report; the exit code is that of docs/exit-codes.md, for what is left."""
    return run_fix(parser().parse_args(arguments))


def run_fix(options: argparse.Namespace) -> int:
    """As `run`, for parsed options."""
    if options.diff_base is not None:
        raise UsageError("--diff-base: expected dfguard check without --fix")
    check.want_change(options)
    task = check.task_of(options)
    if task.stdin is not None and len(options.paths) > 1:
        raise UsageError("fixing standard input: expected - as the only path")
    accept = accept_of(options, task.configs.of, stdin=task.stdin is not None)
    if task.stdin is not None:
        accept = _only_in(task.stdin.path, accept)
    with ProgressLine() as progress:
        settings = Settings(task.flags, options.pedantic, progress=progress, deep=deep_of(options))
        work = Work(task.plan, task.configs.of, settings, task.stdin, task.found.ignore_files)
        fixed = fix(work, accept, structural=options.unsafe_fixes)
    if options.diff:
        return _show_changes(fixed, options)
    result = fixed.result if task.stdin is not None else write(fixed)
    result = check.with_notes(check.without_known(result, options, task.configs), task.discovery, fixed.plan)
    if task.stdin is not None:
        write_report(next((text.new for text in fixed.texts), task.stdin.text), options.output)
        sys.stderr.write(f"dfguard: fixed {len(result.fixed):,}; {len(result.findings):,} left\n")
        _tell_notes(result)
    check.tell(result, options)
    if task.stdin is None:
        check.report(result, options)
    return check.code_of(result, options, task.configs, nothing_found=not result.files and check.walked(options))


def _only_in(path: str, accept: Accept) -> Accept:
    """Fixes of one text only: nothing else is written when that is standard input."""
    return lambda finding, offered: all(edit.span.path == path for edit in offered.edits) and accept(finding, offered)


def _show_changes(fixed: Fixed, options: argparse.Namespace) -> int:
    """Print all changes, and what there is to say of them."""
    show_diff(fixed.texts, _secrets(fixed), options)
    files = f"{len(fixed.texts):,} file{'' if len(fixed.texts) == 1 else 's'}"
    sys.stderr.write(f"dfguard: would fix {len(fixed.result.fixed):,} in {files}\n")
    _tell_notes(fixed.result)
    check.tell(fixed.result, options)
    codes = [error.exit_code for error in fixed.result.errors]
    return min(codes) if codes else EXIT_FINDINGS if fixed.texts else EXIT_CLEAN


def _tell_notes(result: Result) -> None:
    """Say what to know of the fixes, each with its line."""
    for repair in result.fixed:
        for note in repair.notes:
            sys.stderr.write(f"dfguard: {printable(repair.path)}:{repair.line}: {repair.code}: {printable(note)}\n")


def show_diff(new: Sequence[NewText], secrets: Sequence[str], options: argparse.Namespace) -> None:
    """Print new texts as a unified diff with secrets masked."""
    texts = [(text.path, text.old, text.new) for text in new]
    masked = [(path, mask_values(old, secrets), mask_values(new, secrets)) for path, old, new in texts]
    shown = unified((printable(path), old, new) for path, old, new in masked)
    if options.output is None and sys.stdout.isatty():
        shown = (f"{escape(line.rstrip(_ENDS), unicode=True)}\n" for line in shown)  # nothing may steer a terminal
    write_report("".join(shown), options.output)
    if masked != texts:
        sys.stderr.write("dfguard: secrets are masked with *, so that this diff is for reading only\n")


def _secrets(fixed: Fixed) -> list[str]:
    """The values of secrets that findings speak of, before and after."""
    every = (*(change.finding for change in fixed.settled.applied), *fixed.result.findings)
    return [f.place.text for f in every if f.secret and isinstance(f.place, Span) and f.place.text]
