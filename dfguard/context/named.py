"""A further folder that a build is given by name, with what the builder sees of it."""

from __future__ import annotations

from dfguard.context.tree import BuildContext
from dfguard.source import Span
from dfguard.struct import Struct


class NamedFolder(Struct):
    """A named context that is a folder: `name` as the build has it, `span` where a file gives it.

    `context` is read through the ignore file in its own root, the only one that counts for it.
    """

    name: str
    context: BuildContext
    span: Span | None = None
