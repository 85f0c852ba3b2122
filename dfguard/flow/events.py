"""What an instruction does to the files of its layer.

Paths are absolute in the image. A path below a base image's unknown working directory starts with
`**/`, and so does one whose folder depends on a variable without a value.
"""

from __future__ import annotations

from dfguard.context.tree import ContextFile
from dfguard.dockerfile.nodes import Instruction
from dfguard.source import Span
from dfguard.struct import Struct

CONTEXT, STAGE, HEREDOC, REMOTE, COMMAND = "context", "stage", "heredoc", "remote", "command"


class Origin(Struct):
    """Where a file came from first.

    `kind` is `context` (a file of the build context, `file` when it exists in this checkout),
    `heredoc`, `remote` (URL, git, an image or a named context), `stage` (a stage whose files are not
    known) or `command` (a RUN made it). `path` is the path there; `place` is the word that named it.
    """

    kind: str
    path: str
    place: Span
    file: ContextFile | None = None


class Added(Struct):
    """An instruction wrote a file (never a folder) into its layer.

    `hops` are the COPY --from words that carried it here from earlier stages, the first one first.
    `certain` is false when its exact path depends on something that is not known.
    """

    path: str
    instruction: Instruction
    stage: int
    place: Span
    origin: Origin
    hops: tuple[Span, ...] = ()
    certain: bool = True


class Removed(Struct):
    """A command removed `path`, which an instruction before it may have written.

    `certain` is false when the command may not run, or the path is not known exactly.
    """

    path: str
    instruction: Instruction
    stage: int
    place: Span
    certain: bool = True


class Removal(Struct):
    """A file that one layer holds and a later layer of the same stage hides."""

    added: Added
    removed: Removed


class Opaque(Struct):
    """An instruction whose effect on files is not understood, with the reason."""

    instruction: Instruction
    stage: int
    reason: str
