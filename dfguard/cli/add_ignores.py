"""`dfguard check --add-ignores`: comments for all that is found now."""

from __future__ import annotations

import argparse
import sys

from dfguard.add_ignores import silence, write
from dfguard.check import Settings
from dfguard.cli import check
from dfguard.cli.fix import show_diff
from dfguard.cli.progress import ProgressLine
from dfguard.cli.secret_options import deep_of
from dfguard.errors import EXIT_CLEAN, EXIT_FINDINGS, UsageError
from dfguard.fixing import Work


def run_add_ignores(options: argparse.Namespace) -> int:
    """Write the comments and report what is left; with `--diff` only show them."""
    for other in ("fix", "diff_base"):
        if getattr(options, other):
            raise UsageError(f"--add-ignores: expected no --{other.replace('_', '-')} beside it")
    if check.STDIN in options.paths:
        raise UsageError("--add-ignores writes files: expected their names in place of -")
    task = check.task_of(options)
    with ProgressLine() as progress:
        settings = Settings(task.flags, options.pedantic, progress=progress, deep=deep_of(options))
        work = Work(task.plan, task.configs.of, settings, None, task.found.ignore_files)
        silenced = silence(
            work, options.reason or "", lambda result: check.without_known(result, options, task.configs)
        )
    what = f"{silenced.count:,} finding{'' if silenced.count == 1 else 's'}"
    files = f"{len(silenced.texts):,} file{'' if len(silenced.texts) == 1 else 's'}"
    if options.diff:
        show_diff(silenced.texts, (), options)
        sys.stderr.write(f"dfguard: would silence {what} in {files}\n")
        check.tell(silenced.result, options)
        codes = [error.exit_code for error in silenced.result.errors]
        return min(codes) if codes else EXIT_FINDINGS if silenced.texts else EXIT_CLEAN
    write(silenced)
    sys.stderr.write(f"dfguard: silenced {what} in {files}\n")
    result = check.with_notes(silenced.result, task.discovery, silenced.plan)
    check.tell(result, options)
    check.report(result, options)
    return check.code_of(result, options, task.configs, nothing_found=not result.files and check.walked(options))
