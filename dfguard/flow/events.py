"""What an instruction does to the files of its layer.

Paths are absolute in the image. A path below a base image's unknown working directory starts with
`**/`, and so does one whose folder depends on a variable without a value.

`certain` of an event is false when its path depends on something that is not known, or when the command
behind it may not run. What is not known at all is Opaque, never guessed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from dfguard.context.named import NamedFolder
from dfguard.context.tree import ContextFile
from dfguard.dockerfile.nodes import Heredoc, Instruction
from dfguard.source import Span
from dfguard.struct import Struct

CONTEXT, NAMED, STAGE, HEREDOC, REMOTE = "context", "named", "stage", "heredoc", "remote"
COMMAND, ARCHIVE, SECRET = "command", "archive", "secret"
ROOT_OWNER = "0:0"
ANYWHERE = "/"


class Attributes(Struct):
    """What is known of a file or a folder beside its path; None is unknown.

    `mode` holds the permission bits (0o755), `owner` is `uid:gid`, with names where the numbers are not
    known, `size` counts bytes of a file, `link` is what a symbolic link points to.
    """

    mode: int | None = None
    owner: str | None = None
    size: int | None = None
    link: str | None = None


UNKNOWN_ATTRIBUTES = Attributes()


class Later:
    """Attributes that are worked out when somebody asks: those that were there `before`, as `change` leaves them.

    `before` is None for those of a file of the context. One of these serves all files of a COPY --chown.
    """

    __slots__ = ("before", "change")

    def __init__(self, before: Attributes | Later | None, change: Callable[[Attributes], Attributes]) -> None:
        self.before = before
        self.change = change

    def resolve(self, base: Attributes) -> Attributes:
        """The attributes, given those of the file of the context."""
        changes = []
        at: Attributes | Later | None = self
        while isinstance(at, Later):
            changes.append(at.change)
            at = at.before
        found = base if at is None else at
        for change in reversed(changes):
            found = change(found)
        return found


def _resolved(given: Attributes | Later | None, file: ContextFile | None) -> Attributes:
    if isinstance(given, Attributes):
        return given
    base = UNKNOWN_ATTRIBUTES
    if file is not None:
        size = file.size if file.kind != "dir" else None
        base = Attributes(0o777 if file.kind == "symlink" else file.mode, ROOT_OWNER, size, file.link_target)
    return base if given is None else given.resolve(base)


class Origin(Struct):
    """Where a file came from first.

    `kind` is `context` (a file of the build context, `file` when it exists in this checkout), `named` (the same
    of the named context `named`), `heredoc` (with its text), `archive` (`member` of an archive of the context, or
    of `named`, which is `file`), `remote` (URL, an image or a named context that is not read), `stage` (a stage
    whose files are not known), `secret` (a secret mount, by its id) or `command` (a RUN made it). `path` is the
    path there, as written when it holds a variable without a value; `place` is the word that named it. `text` is
    the whole content where the Dockerfile holds it: a heredoc with its variables replaced, what `echo` writes
    into a file.
    """

    kind: str
    path: str
    place: Span
    file: ContextFile | None = None
    heredoc: Heredoc | None = None
    text: str | None = None
    member: str = ""
    named: NamedFolder | None = None

    if not TYPE_CHECKING:  # one for every copied file: a written-out __init__ takes a fifth of the time
        __setattr__, __delattr__ = object.__setattr__, object.__delattr__

        def __init__(self, kind, path, place, file=None, heredoc=None, text=None, member="", named=None):
            self.kind = kind
            self.path = path
            self.place = place
            self.file = file
            self.heredoc = heredoc
            self.text = text
            self.member = member
            self.named = named

    def part(self, member: str, place: Span) -> Origin:
        """The origin of a member of the archive that this is; `place` names the archive."""
        return Origin(ARCHIVE, self.path, place, self.file, member=member, named=self.named)

    @property
    def shown(self) -> str:
        """The path for people: in the build context, or with the folder of the named context in front."""
        return self.path if self.named is None else os.path.normpath(os.path.join(self.named.context.root, self.path))


class Added(Struct):
    """An instruction wrote a file or a symbolic link (never a folder) into its layer.

    `hops` are the COPY --from words that carried it here from earlier stages, the first one first.
    `given` are its attributes where they are not simply those of the file of the context.
    """

    path: str
    instruction: Instruction
    stage: int
    place: Span
    origin: Origin
    hops: tuple[Span, ...] = ()
    certain: bool = True
    given: Attributes | Later | None = None

    if not TYPE_CHECKING:
        __setattr__, __delattr__ = object.__setattr__, object.__delattr__

        def __init__(self, path, instruction, stage, place, origin, hops=(), certain=True, given=None):
            self.path = path
            self.instruction = instruction
            self.stage = stage
            self.place = place
            self.origin = origin
            self.hops = hops
            self.certain = certain
            self.given = given

    @property
    def entry(self) -> Span:
        """The word of the COPY, ADD or RUN of this image's stages by which the file came in first."""
        return self.hops[-1] if self.hops else self.origin.place

    @property
    def attributes(self) -> Attributes:
        """Mode, owner, size and link target when it was written; StageFlow.attributes tells the later ones."""
        return _resolved(self.given, self.origin.file)


class AddedFolder(Struct):
    """An instruction created a folder, empty at first; `file` is the folder of the context that it is a copy of.

    Uncertain is also a folder that an unknown base image may have already.
    """

    path: str
    instruction: Instruction
    stage: int
    place: Span
    given: Attributes | Later | None
    certain: bool = True
    file: ContextFile | None = None

    @property
    def attributes(self) -> Attributes:
        """Mode and owner when it was created; StageFlow.attributes tells the later ones."""
        return _resolved(self.given, self.file)


class Changed(Struct):
    """An instruction changed mode, owner or content of what was there; its layer then holds all of a file anew.

    `before` is what is known to be at the path, None when only the base image can have it. `content`: the
    bytes are (also) other ones, which are not followed: the file may still hold what it held.
    """

    path: str
    instruction: Instruction
    stage: int
    place: Span
    before: Added | AddedFolder | None
    given: Attributes | Later
    content: bool = False
    certain: bool = True

    if not TYPE_CHECKING:
        __setattr__, __delattr__ = object.__setattr__, object.__delattr__

        def __init__(self, path, instruction, stage, place, before, given, content=False, certain=True):
            self.path = path
            self.instruction = instruction
            self.stage = stage
            self.place = place
            self.before = before
            self.given = given
            self.content = content
            self.certain = certain

    @property
    def after(self) -> Attributes:
        """The attributes from now on."""
        return attributes_with(self.before, self.given)


def attributes_with(what: Added | AddedFolder | None, given: Attributes | Later | None) -> Attributes:
    """The attributes of a file or folder that has been given others since."""
    if isinstance(what, Added):
        return _resolved(given, what.origin.file)
    return _resolved(given, what.file if what is not None else None)


class Filled(Struct):
    """A program wrote files of its own below a folder, whose names are not known: a cache, a database.

    `path` may hold wildcards; `program` is what wrote them, or what they are for (`apt-get`, `pip`).
    """

    path: str
    instruction: Instruction
    stage: int
    place: Span
    program: str
    certain: bool = True


class Removed(Struct):
    """A command removed `path` or moved it away; an instruction before it may have written it.

    `path` may hold shell wildcards. `recursive`: with all that lies below it.
    """

    path: str
    instruction: Instruction
    stage: int
    place: Span
    certain: bool = True
    recursive: bool = False


class Removal(Struct):
    """A file that one layer holds and a later layer of the same image hides."""

    added: Added
    removed: Removed


class Opaque(Struct):
    """An instruction whose effect on files is not understood, with the reason.

    `scope` is the folder or file that alone can be touched, ANYWHERE when that is not known; `place` is the
    guilty word or command, None for the whole instruction.
    """

    instruction: Instruction
    stage: int
    reason: str
    scope: str = ANYWHERE
    place: Span | None = None


Event = Added | AddedFolder | Changed | Filled | Removed | Opaque
