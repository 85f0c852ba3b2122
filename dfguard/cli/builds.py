"""The options that say how a Dockerfile is built, and the builds that follow from them and the paths.

Shared by all commands that look at builds.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from dfguard.builds import units_of
from dfguard.cli.options import Parser
from dfguard.context.invocations.flags import Flags, read_flags
from dfguard.context.progress import SILENT, Progress
from dfguard.unit import Unit


def add_build_options(parser: Parser) -> None:
    """Add the group `build`: `--context`, `--target` and the like, in the words of `docker build`."""
    build = parser.add_argument_group("build")
    many: dict[str, object] = {"action": "append", "default": []}
    build.add_argument("--context", metavar="DIR", help="the build context (default: inferred, and said)")
    build.add_argument("--target", metavar="STAGE", help="the stage to build (default: the last one)")
    build.add_argument("--build-arg", metavar="NAME=VALUE", **many, help="a build argument")  # type: ignore[arg-type]
    build.add_argument("--build-context", metavar="NAME=...", **many, help="a named context")  # type: ignore[arg-type]
    build.add_argument("--secret", metavar="id=NAME", **many, help="a secret that the build is given")  # type: ignore[arg-type]


def flags_of(options: argparse.Namespace) -> Flags:
    """What the options say of the build; raises UsageError for a context that is no folder, and the like."""
    return read_flags(
        context=options.context,
        target=options.target,
        build_args=options.build_arg,
        build_contexts=options.build_context,
        secrets=options.secret,
        environment=os.environ,
    )


def builds_of(options: argparse.Namespace, paths: Sequence[str], progress: Progress = SILENT) -> tuple[Unit, ...]:
    """Every build of the files at `paths`, as Units: `unit.invocation` says how, `unit.context` with what.

    Raises UsageError for wrong options, InputError for a file that can't be read.
    """
    return units_of(paths, flags_of(options), progress)
