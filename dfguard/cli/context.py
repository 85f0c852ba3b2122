"""`dfguard context`: what the builder would see of the build context, and what the image would get."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from dfguard.cli.builds import add_build_options, builds_of, paths_of
from dfguard.cli.main import printable
from dfguard.cli.options import Parser, write_report
from dfguard.cli.progress import ProgressLine
from dfguard.cli.secret_options import add_secret_options, say_skipped_of
from dfguard.errors import EXIT_CLEAN, InputError, UsageError
from dfguard.report.context import plain
from dfguard.report.context.choice import Choice
from dfguard.report.context.view import ContextView, named_views, view
from dfguard.unit import Unit

MANY = 3
NAMES = ("Dockerfile", "Containerfile", "compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")


def parser() -> Parser:
    """The options of `context`."""
    p = Parser("context", "Show which files the builder would see, which line takes them, and which of them ship.")
    p.add_argument(
        "dockerfile", nargs="?", metavar="DOCKERFILE", help="a Dockerfile, a compose or bake file, or its folder (.)"
    )
    add_build_options(p)
    add_secret_options(p)
    show = p.add_argument_group("what is shown")
    show.add_argument("--all", action="store_true", help="every file, no folded folders")
    show.add_argument("--dropped", action="store_true", help="only what the ignore file drops, and by which line")
    show.add_argument("--stage", metavar="NAME", help="only what reaches this stage (a name or a number)")
    show.add_argument("--largest", metavar="N", type=int, default=5, help="so many of the largest files (5)")
    show.add_argument("--suggest", action="store_true", help="lines for the ignore file, proved over all builds")
    show.add_argument("--write", action="store_true", help="with --suggest: add them to the ignore file")
    show.add_argument("--format", choices=("plain", "json"), default="plain", help="the report's format")
    show.add_argument("--output", metavar="FILE", help="write the report to a file")
    return p


def run(arguments: Sequence[str]) -> int:
    """Print the report; what it says is no finding, so the exit code is 0."""
    options = parser().parse_args(arguments)
    if options.write and not options.suggest:
        raise UsageError("--write needs --suggest")
    if options.suggest:
        from dfguard.cli.suggestion import run_suggest

        units = builds_of(options, files_of(options))
        write_report(run_suggest(options, units, write=options.write), options.output)
        say_skipped_of(units, options)
        return EXIT_CLEAN
    with ProgressLine() as progress:
        units = builds_of(options, files_of(options), progress)
        views = [view for unit in units for view in all_seen(unit)]
    say_skipped_of(units, options)
    if len(units) > MANY and options.format == "plain":
        first = units[0].invocation.name.rpartition(":")[2]
        sys.stderr.write(f"dfguard: {len(units)} builds; --build NAME, such as {printable(first)}, shows one\n")
    choices = [(view, choice_of(options, view)) for view in views]
    write_report(render(choices, options.format), options.output)
    return EXIT_CLEAN


def render(choices: Sequence[tuple[ContextView, Choice]], form: str) -> str:
    """The report in the format asked for."""
    if form == "json":
        from dfguard.report.context.as_json import render_views

        return render_views(choices)
    return "\n".join(plain.render(view, choice) for view, choice in choices)


def files_of(options: argparse.Namespace) -> list[str]:
    """The files that `--file` or the path of the command line mean; raises InputError for a folder without one."""
    return [dockerfile_in(path) for path in paths_of(options, [options.dockerfile] if options.dockerfile else [])]


def dockerfile_in(path: str) -> str:
    """The Dockerfile that a path means; raises InputError for a folder without one."""
    if not os.path.isdir(path):
        return path
    found = next((name for name in NAMES if os.path.isfile(os.path.join(path, name))), None)
    if found is None:
        raise InputError(path, "holds no Dockerfile, Containerfile or compose file; name the file")
    return found if path == "." else os.path.join(path, found)


def seen(unit: Unit) -> ContextView:
    """The view of a build; raises InputError for what is no Dockerfile, and where the context can't be read."""
    if not unit.graph.stages:
        raise InputError(unit.path, "holds no FROM; expected a Dockerfile")
    found = view(unit)
    if found is None:
        raise unit.context_error or InputError(unit.invocation.dockerfile, "its build context is not known: --context")
    return found


def all_seen(unit: Unit) -> tuple[ContextView, ...]:
    """The view of a build, then those from its named contexts; raises InputError as `seen` does."""
    found = (seen(unit), *named_views(unit))
    for error in unit.named_errors.values():
        raise error
    return found


def choice_of(options: argparse.Namespace, view: ContextView) -> Choice:
    """What to show; raises UsageError for a stage that does not exist."""
    if options.stage is None:
        return Choice(options.all, options.dropped, options.largest)
    for stage in view.stages:
        if options.stage.lower() in (stage.name, str(stage.index)):
            return Choice(options.all, options.dropped, options.largest, stage.index)
    names = ", ".join(stage.name or str(stage.index) for stage in view.stages)
    raise UsageError(f"--stage {options.stage}: there is no such stage; expected one of {names}")
