"""The options that say how a Dockerfile is built, and the builds that follow from them and the paths.

Shared by all commands that look at builds.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence

from dfguard.buffers import ON_DISK, Buffers
from dfguard.build_plan import Job, Plan, only, plan
from dfguard.builds import units_of_jobs
from dfguard.cli.options import Parser
from dfguard.cli.secret_options import deep_of
from dfguard.context.ignore import BUILDERS
from dfguard.context.invocations.flags import Flags, read_flags
from dfguard.context.progress import SILENT, Progress
from dfguard.discovery import Discovery, discover
from dfguard.errors import UsageError
from dfguard.unit import Unit


def add_build_options(parser: Parser) -> None:
    """Add the group `build`: `--context`, `--target` and the like, in the words of `docker build`."""
    build = parser.add_argument_group("build")
    many: dict[str, object] = {"action": "append", "default": []}
    build.add_argument(
        "-f", "--file", metavar="FILE", **many,  # type: ignore[arg-type]
        help="the Dockerfile, or a compose or bake file; several of these are laid over one another",
    )  # fmt: skip
    build.add_argument("--build", metavar="NAME", help="only this build of those that files describe (web)")
    build.add_argument("--context", metavar="DIR", help="the build context (default: inferred, and said)")
    build.add_argument("--target", metavar="STAGE", help="the stage to build (default: the last one)")
    build.add_argument("--build-arg", metavar="NAME=VALUE", **many, help="a build argument")  # type: ignore[arg-type]
    build.add_argument("--build-context", metavar="NAME=...", **many, help="a named context")  # type: ignore[arg-type]
    build.add_argument("--secret", metavar="id=NAME", **many, help="a secret that the build is given")  # type: ignore[arg-type]
    build.add_argument("--env", metavar="NAME=VALUE", **many, help="a variable of compose and bake files")  # type: ignore[arg-type]
    build.add_argument("--builder", choices=BUILDERS, default=BUILDERS[0], help="whose ignore files count (buildkit)")


def flags_of(options: argparse.Namespace) -> Flags:
    """What the options say of the build; raises UsageError for a context that is no folder, and the like."""
    return read_flags(
        context=options.context,
        target=options.target,
        build_args=options.build_arg,
        build_contexts=options.build_context,
        secrets=options.secret,
        environment=os.environ,
        builder=options.builder,
    )


def paths_of(options: argparse.Namespace, paths: Sequence[str], default: str = ".") -> list[str]:
    """What to look at: `--file`, else the paths given without an option, else `default`.

    Raises UsageError for both.
    """
    if options.file and paths:
        raise UsageError(f"--file {options.file[0]}: expected no path beside it (--context DIR is the build context)")
    return list(options.file or paths) or [default]


def plan_of(
    options: argparse.Namespace,
    flags: Flags,
    discovery: Discovery,
    paths: Sequence[str],
    keeps: Callable[[str], bool] = lambda path: True,
    buffers: Buffers = ON_DISK,
) -> Plan:
    """What there is to check of what a search in `paths` has found.

    Where flags say how to build, no file is asked; raises UsageError for such a file that is named beside them.
    """
    if not flags.given:
        together = discovery.build_files if len(options.file) > 1 and list(paths) == options.file else ()
        found = plan(discovery, environment_of(options), paths=paths, keeps=keeps, together=together, buffers=buffers)
        return found if options.build is None else only(found, options.build)
    if options.build is not None:
        raise UsageError(f"--build {options.build}: expected no flag beside it that says how to build")
    if discovery.build_files and not any(map(os.path.isdir, paths)):
        raise UsageError(f"{discovery.build_files[0]} says how to build; expected no flag beside it that does so too")
    return Plan(tuple(Job(path) for path in discovery.dockerfiles))


def environment_of(options: argparse.Namespace) -> dict[str, str]:
    """The variables given for files that describe builds; raises UsageError for one without a value."""
    wrong = next((text for text in options.env if "=" not in text[1:]), None)
    if wrong is not None:
        shown = "=..." if wrong.startswith("=") else wrong  # what stands behind may be a secret
        raise UsageError(f"--env {shown!r}: expected NAME=VALUE")
    return {name: value for name, _, value in (text.partition("=") for text in options.env)}


def builds_of(options: argparse.Namespace, paths: Sequence[str], progress: Progress = SILENT) -> tuple[Unit, ...]:
    """Every build of the files at `paths`, as Units: `unit.invocation` says how, `unit.context` with what.

    Raises UsageError for wrong options, InputError for a file that can't be read.
    """
    flags = flags_of(options)
    found = discover(paths)
    todo = plan_of(options, flags, found, paths)
    for error in (*found.errors, *todo.errors):
        raise error
    return units_of_jobs([job for job in todo.jobs if not job.absent], flags, progress, deep_of(options))
