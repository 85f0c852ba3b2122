"""How each Dockerfile is built: who says so, with which context, and the Units that follow."""

from __future__ import annotations

import os
from collections.abc import Sequence

from dfguard.context.ignore import find_ignore_file, parse_ignore
from dfguard.context.invocation import Invocation
from dfguard.context.invocations.flags import COMMAND_LINE, Flags
from dfguard.context.tree import BuildContext, read_context
from dfguard.discovery import infer_context, read_source
from dfguard.dockerfile.nodes import Add, Copy, Dockerfile
from dfguard.dockerfile.parse import parse
from dfguard.unit import Unit


class ContextCache:
    """Reads every build context once a run."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, str | None], BuildContext] = {}

    def load(self, invocation: Invocation) -> BuildContext | None:
        """The context of an invocation, with the ignore file that BuildKit would use."""
        if invocation.context is None:
            return None
        path = find_ignore_file(invocation.dockerfile, invocation.context)
        key = (os.path.realpath(invocation.context), path)
        if key not in self._read:
            ignore = parse_ignore(read_source(path)) if path else None
            self._read[key] = read_context(invocation.context, ignore)
        return self._read[key]


def invocation_of(dockerfile: Dockerfile, flags: Flags, *, on_disk: bool = True) -> Invocation:
    """The one build of a Dockerfile that no other file speaks of: as the flags say, the rest inferred."""
    path = dockerfile.source.path
    context, why = flags.context, COMMAND_LINE
    if context is None and (on_disk or os.path.dirname(path)):
        context, reason = infer_context(path, _local_sources(dockerfile))
        why = f"inferred: {reason}"
    return flags.invocation(path, context, why)


def _local_sources(dockerfile: Dockerfile) -> list[str]:
    copies = (i for i in dockerfile.instructions if isinstance(i, (Copy, Add)) and i.from_ is None)
    return [source.raw for copy in copies for source in copy.sources if source.kind == "local"]


def units_of(paths: Sequence[str], flags: Flags) -> tuple[Unit, ...]:
    """Every build of the Dockerfiles at `paths`, ready to be asked for its models.

    Contexts are read once for all of them. Raises InputError for a file that can't be read.
    """
    contexts = ContextCache()
    units = []
    for path in paths:
        dockerfile = parse(read_source(path))
        units.append(Unit(dockerfile, invocation_of(dockerfile, flags), contexts.load))
    return tuple(units)
