"""How a Dockerfile is built: with which context, target and build arguments, and who says so."""

from __future__ import annotations

from dfguard.struct import Struct


class Invocation(Struct):
    """One way to build a Dockerfile.

    `context` is the folder that is sent to the builder, None when it is not known (standard input).
    `target` is the stage to build, None for the last one. `build_args` are (name, value) pairs.
    `contexts` are the names of named contexts (--build-context). `source` says in a few words where
    all this comes from.
    """

    name: str
    dockerfile: str
    context: str | None
    target: str | None = None
    build_args: tuple[tuple[str, str], ...] = ()
    contexts: tuple[str, ...] = ()
    source: str = "command line"
