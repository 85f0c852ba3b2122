"""What an instruction does to the files of its layer.

Paths are absolute in the image. A path below a base image's unknown working directory starts with
`**/`, and so does one whose folder depends on a variable without a value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfguard.context.tree import ContextFile
from dfguard.dockerfile.nodes import Heredoc, Instruction
from dfguard.source import Span
from dfguard.struct import Struct

CONTEXT, STAGE, HEREDOC, REMOTE, COMMAND = "context", "stage", "heredoc", "remote", "command"


class Origin(Struct):
    """Where a file came from first.

    `kind` is `context` (a file of the build context, `file` when it exists in this checkout),
    `heredoc` (with its text), `remote` (URL, an image or a named context), `stage` (a stage whose files are not
    known) or `command` (a RUN made it). `path` is the path there, as written when it holds a variable
    without a value; `place` is the word that named it.
    """

    kind: str
    path: str
    place: Span
    file: ContextFile | None = None
    heredoc: Heredoc | None = None

    if not TYPE_CHECKING:  # one for every copied file: a written-out __init__ takes half the time

        def __init__(self, kind, path, place, file=None, heredoc=None):
            put = object.__setattr__
            put(self, "kind", kind)
            put(self, "path", path)
            put(self, "place", place)
            put(self, "file", file)
            put(self, "heredoc", heredoc)


class Added(Struct):
    """An instruction wrote a file or a symbolic link (never a folder) into its layer.

    `hops` are the COPY --from words that carried it here from earlier stages, the first one first.
    `certain` is false when its exact path depends on something that is not known, or when the
    command that made it may not run.
    """

    path: str
    instruction: Instruction
    stage: int
    place: Span
    origin: Origin
    hops: tuple[Span, ...] = ()
    certain: bool = True

    if not TYPE_CHECKING:

        def __init__(self, path, instruction, stage, place, origin, hops=(), certain=True):
            put = object.__setattr__
            put(self, "path", path)
            put(self, "instruction", instruction)
            put(self, "stage", stage)
            put(self, "place", place)
            put(self, "origin", origin)
            put(self, "hops", hops)
            put(self, "certain", certain)

    @property
    def entry(self) -> Span:
        """The word of the COPY, ADD or RUN of this image's stages by which the file came in first."""
        return self.hops[-1] if self.hops else self.origin.place


class Removed(Struct):
    """A command removed `path` or moved it away; an instruction before it may have written it.

    `path` may hold shell wildcards. `certain` is false when the command may not run, or the path is
    not known exactly.
    """

    path: str
    instruction: Instruction
    stage: int
    place: Span
    certain: bool = True


class Removal(Struct):
    """A file that one layer holds and a later layer of the same image hides."""

    added: Added
    removed: Removed


class Opaque(Struct):
    """An instruction whose effect on files is not understood, with the reason."""

    instruction: Instruction
    stage: int
    reason: str
