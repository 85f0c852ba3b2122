"""`dfguard check`: find what is wrong in Dockerfiles and what their build contexts let through."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from dfguard.buffers import ON_DISK, Buffers
from dfguard.build_plan import Job, Plan
from dfguard.check import UNNAMED, Settings, check_plan
from dfguard.cli.builds import add_build_options, flags_of, paths_of, plan_of
from dfguard.cli.configurations import Configurations
from dfguard.cli.main import printable
from dfguard.cli.options import Parser, add_outputs, write_report
from dfguard.cli.progress import ProgressLine
from dfguard.cli.secret_options import add_secret_options, deep_of, say_skipped
from dfguard.config import Config
from dfguard.context.invocations.flags import Flags
from dfguard.discovery import Discovery, discover
from dfguard.errors import EXIT_CLEAN, EXIT_NOTHING_TO_CHECK, UsageError
from dfguard.finding import Confidence, Finding, Severity
from dfguard.presets import PRESETS
from dfguard.report.formats import FORMATS, REVIEWS, WITH_FIXES
from dfguard.run import Result, RunError, exit_code, fails
from dfguard.source import Source, Span
from dfguard.struct import Struct

STDIN = "-"
BASELINE = ".dfguard-baseline.json"


def parser() -> Parser:
    """The options of `check`."""
    p = Parser(
        "check", "Check Dockerfiles and their build contexts. PATHS are files, folders, or - for standard input."
    )
    p.add_argument("paths", nargs="*", metavar="PATHS", help="files and folders to check (default: .)")
    add_build_options(p)
    add_rule_options(p)
    out = add_output_options(p)
    out.add_argument("--stdin-filename", metavar="PATH", help="the path that standard input stands for")
    out.add_argument("--diff-base", metavar="REF", help="only what the changes since this commit bring (git is run)")
    out.add_argument("--baseline", metavar="FILE", help=f"leave out what it has (default: the nearest {BASELINE})")
    out.add_argument("--no-baseline", action="store_true", help="use no baseline")
    out.add_argument("--exclude", metavar="GLOB", action="append", default=[], help="leave out matching paths")
    out.add_argument("--preview-fixes", action="store_true", help="show what each fix would change; nothing is written")
    out.add_argument("--statistics", action="store_true", help="only how often each rule finds something (or json)")
    out.add_argument("--watch", action="store_true", help="check again whenever a file changes, until Ctrl-C")
    out.add_argument("--show-files", action="store_true", help="only which files would be looked at")
    out.add_argument("--show-settings", action="store_true", help="only what counts for each file")
    add_secret_options(p)
    add_fix_options(p).add_argument("--fix", action="store_true", help="mend what can safely be mended: `dfguard fix`")
    comments = p.add_argument_group("comments")
    comments.add_argument("--add-ignores", action="store_true", help="write comments that silence what is found now")
    comments.add_argument("--reason", metavar="TEXT", help="what these comments give as the reason")
    return p


def add_fix_options(parser: Parser) -> argparse._ArgumentGroup:
    """Add the group `fixes`: which ones are applied, and what is written."""
    fixes = parser.add_argument_group("fixes")
    fixes.add_argument("--unsafe-fixes", action="store_true", help="apply fixes that a person must look at, too")
    fixes.add_argument("--fixable", metavar="CODES", action="append", help="apply the fixes of these rules only")
    fixes.add_argument("--unfixable", metavar="CODES", action="append", help="do not apply the fixes of these rules")
    fixes.add_argument("--diff", action="store_true", help="print what would be changed; nothing is written")
    fixes.add_argument("--interactive", action="store_true", help="ask before each fix")
    return fixes


def add_rule_options(parser: Parser) -> None:
    """Add the group `rules`: which ones run, and how strictly."""
    rules = parser.add_argument_group("rules")
    rules.add_argument("--select", metavar="CODES", action="append", help="run only these (codes, beginnings, names)")
    rules.add_argument("--extend-select", metavar="CODES", action="append", help="run these too")
    rules.add_argument("--ignore", metavar="CODES", action="append", help="do not run these")
    rules.add_argument("--preset", choices=tuple(PRESETS), help="which rules run, and their default severities")
    rules.add_argument("--preview", action="store_true", help="run rules in preview too")
    rules.add_argument("--pedantic", action="store_true", help="show findings of low confidence too")
    rules.add_argument("--config", metavar="FILE", help="use this configuration file")
    rules.add_argument("--isolated", action="store_true", help="use no configuration file")


def add_output_options(parser: Parser, formats: Sequence[str] = FORMATS) -> argparse._ArgumentGroup:
    """Add the group `output`: the report in one of `formats`, and what fails the run."""
    out = parser.add_argument_group("output")
    out.add_argument(
        "--format", choices=formats, default=default_format(formats), help="the report's format (docs/reports.md)"
    )
    add_outputs(out, formats)
    out.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="colours (NO_COLOR counts)")
    out.add_argument("--fail-on", choices=[s.value for s in Severity], help="least severity that fails (warning)")
    out.add_argument("--min-confidence", choices=[c.value for c in Confidence], help="least confidence that fails")
    out.add_argument("--exit-zero", action="store_true", help="findings do not fail the run")
    return out


def default_format(formats: Sequence[str]) -> str:
    """The format that DFGUARD_FORMAT names, where a command has it; raises UsageError for one that there is not."""
    wanted = os.environ.get("DFGUARD_FORMAT") or "plain"
    if wanted not in FORMATS:
        raise UsageError(f"DFGUARD_FORMAT: {wanted!r} is none of {', '.join(FORMATS)}")
    return wanted if wanted in formats else "plain"


def run(arguments: Sequence[str]) -> int:
    """Check and report; the exit code is that of docs/exit-codes.md."""
    options = parser().parse_args(arguments)
    if options.watch or options.add_ignores or options.fix:
        from importlib import import_module  # of what builds on this module

        if options.watch:
            return int(import_module("dfguard.cli.watch").run_watch(options, arguments))
        if options.add_ignores:
            return int(import_module("dfguard.cli.add_ignores").run_add_ignores(options))
        return int(import_module("dfguard.cli.fix").run_fix(options))
    want_change(options)
    task = task_of(options)
    todo = task.plan(ON_DISK)
    every = (*(job.path for job in todo.jobs), *task.found.ignore_files)
    configs = {path: task.configs.of(path) for path in every}
    if options.show_files or options.show_settings:
        return _show(options, task, todo, configs)
    with ProgressLine() as progress:
        settings = Settings(task.flags, options.pedantic, wanted_fixes(options), progress, deep_of(options))
        result = check_plan(todo, configs, settings, task.stdin, task.found.ignore_files)
        if options.diff_base is not None:
            from dfguard.cli.diff_base import limited

            old = partial(_checked_with, task, configs, settings)
            result = limited(result, options.diff_base, old)
    result = with_notes(without_known(result, options, task.configs), task.discovery, todo)
    tell(result, options)
    report(result, options)
    return code_of(result, options, task.configs, nothing_found=not every and walked(options))


def _show(options: argparse.Namespace, task: Task, todo: Plan, configs: Mapping[str, Config]) -> int:
    """Print which files a run would look at, or what counts for each of them, and nothing of what is in them."""
    from dfguard.cli import overviews

    tell(with_notes(Result(), task.discovery, todo), options)
    write_report(
        overviews.settings(configs) if options.show_settings else overviews.files(todo, task.found), options.output
    )
    errors = [error.exit_code for error in (*task.discovery.errors, *todo.errors)]
    nothing = EXIT_CLEAN if configs or not walked(options) else EXIT_NOTHING_TO_CHECK
    return min(errors, default=nothing)


def without_known(result: Result, options: argparse.Namespace, configs: Configurations) -> Result:
    """The result without what a baseline has, if one is named or lies here or above."""
    if options.no_baseline or (options.baseline is None and (options.isolated or not has_baseline())):
        return result
    from importlib import import_module  # of what builds on this module

    left: Result = import_module("dfguard.cli.baseline").without_known(result, options, configs.loaded)
    return left


def has_baseline() -> bool:
    """Whether a baseline lies in the current folder or in one above, up to any root."""
    here = os.getcwd()
    while not os.path.lexists(os.path.join(here, BASELINE)):
        if os.path.lexists(os.path.join(here, ".git")) or os.path.dirname(here) == here:
            return False
        here = os.path.dirname(here)
    return True


def _checked_with(task: Task, configs: Mapping[str, Config], settings: Settings, buffers: Buffers) -> Result:
    """The result for other texts; standard input counts as it is, so that all of it is new."""
    changed = settings.but(buffers=buffers, wants_costly_fix=None)
    return check_plan(task.plan(buffers), configs, changed, None, task.found.ignore_files)


class Task(Struct):
    """What a command line asks to be looked at.

    `discovery` is all that the search found and `found` what the configurations leave of it; `plan` gives the jobs,
    with texts laid over the files.
    """

    flags: Flags
    discovery: Discovery
    found: Discovery
    configs: Configurations
    stdin: Source | None
    plan: Callable[[Buffers], Plan]


def task_of(options: argparse.Namespace) -> Task:
    """What the options ask for; raises DfguardError for what can't be."""
    options.paths = paths_of(options, options.paths)
    flags = flags_of(options)
    stdin = read_stdin(options)
    paths = [path for path in options.paths if path != STDIN]
    discovery = discover(paths)
    configs = Configurations(options)
    found = kept(discovery, configs)
    named = (stdin.path,) if stdin is not None and stdin.path != UNNAMED else ()
    unnamed = (Job(UNNAMED),) if stdin is not None and not named else ()
    wanted = found.but(dockerfiles=(*named, *(path for path in found.dockerfiles if path not in named)))

    def planned(buffers: Buffers) -> Plan:
        todo = plan_of(options, flags, wanted, paths, lambda path: not configs.of(path).excludes(path), buffers)
        return todo.but(jobs=(*unnamed, *todo.jobs))

    return Task(flags, discovery, found, configs, stdin, planned)


def tell(result: Result, options: argparse.Namespace) -> None:
    """Say on standard error what is no finding: remarks, what was skipped if asked for, and errors."""
    for note in result.notes:
        sys.stderr.write(f"dfguard: {printable(note)}\n")
    say_skipped(result.skipped if options.show_skipped else ())
    for error in result.errors:
        sys.stderr.write(f"dfguard: {printable(error.path)}: {printable(error.message)}\n")


def wanted_fixes(options: argparse.Namespace) -> Callable[[Finding], bool] | None:
    """For which findings costly fixes are to be made, if a preview or a format that takes fixes along is asked for."""
    forms = {options.format, *(form for form, _ in options.outputs)}
    if not options.preview_fixes and not forms & WITH_FIXES:
        return None
    return lambda finding: bool(options.pedantic or finding.confidence is not Confidence.LOW)


def kept(discovery: Discovery, configs: Configurations) -> Discovery:
    """What is left of a search by the configurations' `exclude`."""
    kinds = (discovery.dockerfiles, discovery.ignore_files, discovery.build_files)
    left = [tuple(path for path in paths if not configs.of(path).excludes(path)) for paths in kinds]
    return discovery.but(dockerfiles=left[0], ignore_files=left[1], build_files=left[2])


def read_stdin(options: argparse.Namespace) -> Source | None:
    """Standard input as a Source if `-` is among the paths; raises InputError for what is no text."""
    if STDIN not in options.paths:
        if options.stdin_filename:
            raise UsageError("--stdin-filename needs - among the paths")
        return None
    return Source.from_bytes(options.stdin_filename or UNNAMED, sys.stdin.buffer.read())


def with_notes(result: Result, discovery: Discovery, todo: Plan) -> Result:
    """The result with what the search for files, and for builds, had to say."""
    failures = (*discovery.errors, *todo.errors)
    errors = tuple(RunError(error.path, error.reason, error.exit_code) for error in failures)
    return result.but(errors=(*errors, *result.errors), notes=(*discovery.notes, *todo.notes, *result.notes))


def report(result: Result, options: argparse.Namespace) -> None:
    """Write the report, and those that go to files of their own; raises UsageError if one can't be written."""
    write_report(render(result, options), options.output)
    for form, file in options.outputs:
        write_report(rendered(result, options, form, color=options.color == "always"), file)


def render(result: Result, options: argparse.Namespace) -> str:
    """The report in the format asked for."""
    return rendered(result, options, options.format, color=wants_color(options))


def rendered(result: Result, options: argparse.Namespace, form: str, *, color: bool) -> str:
    """The report in a format, tokens in names of an image's files masked; `color` counts for plain text."""
    text = _in_format(result, options, form, color=color)
    if result.verification is None:
        return text
    from dfguard.secrets.redact import without_tokens

    return without_tokens(text)


def _in_format(result: Result, options: argparse.Namespace, form: str, *, color: bool) -> str:
    if getattr(options, "statistics", False):
        from dfguard.cli.overviews import statistics

        return statistics(result.findings, form)
    if form != "plain":
        from dfguard.report import formats

        return formats.render(result, form)
    from dfguard.report import plain

    return plain.render(result, color=color, preview=options.preview_fixes)


def want_change(options: argparse.Namespace) -> None:
    """Raise UsageError for a review that is of no change."""
    for form in (options.format, *(form for form, _ in options.outputs)):
        if form in REVIEWS and options.diff_base is None:
            raise UsageError(f"--format {form}: expected --diff-base REF beside it, the commit that the change is from")


def wants_color(options: argparse.Namespace) -> bool:
    """Colours on a terminal only, unless asked for; NO_COLOR and FORCE_COLOR as their sites say."""
    if options.color != "auto":
        return bool(options.color == "always")
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return options.output is None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def walked(options: argparse.Namespace) -> bool:
    """Whether a folder was searched, so that finding nothing is worth an exit code of its own."""
    return any(os.path.isdir(path) for path in options.paths)


def code_of(result: Result, options: argparse.Namespace, configs: Configurations, *, nothing_found: bool) -> int:
    """The exit code; a finding fails by the thresholds of its own file, and by the strictest where it has none."""
    fail_on = max((c.fail_on for c in configs.loaded), key=lambda severity: severity.rank)
    least = max((c.min_confidence for c in configs.loaded), key=lambda confidence: confidence.rank)

    def counts(finding: Finding) -> bool:
        place = finding.place
        config = configs.used_for(place.path) if isinstance(place, Span) else None
        if config is not None:
            return fails(finding, config.fail_on, config.min_confidence)
        return fails(finding, fail_on, least)

    shown = result.but(
        findings=tuple(finding for finding in result.findings if not options.exit_zero and counts(finding))
    )
    return exit_code(shown, fail_on=Severity.HINT, min_confidence=Confidence.LOW, nothing_found=nothing_found)
