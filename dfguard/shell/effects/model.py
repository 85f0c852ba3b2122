"""What commands do to files, as immutable data.

Paths are words of the command (Argument), so that they have a place; a text is a path that no word names.
A leading `~` of a text is the home folder of who runs the command.
"""

from __future__ import annotations

from dfguard.shell.argument import Argument
from dfguard.source import Span
from dfguard.struct import Struct


class Removes(Struct):
    """A path is removed; `recursive`: with all below it. The path may be a pattern (`path.glob`).

    `folder`: only an empty folder is (`rmdir`).
    """

    path: Argument
    recursive: bool
    folder: bool = False


class Moves(Struct):
    """`sources` go to `destination`. `into`: it is a folder for sure; None: not known from the text."""

    sources: tuple[Argument, ...]
    destination: Argument
    into: bool | None = None


class Copies(Struct):
    """`sources` are copied to `destination`; `into` as in Moves.

    `preserve`: mode and owner come along. `follow`: links below a folder and as a source are followed
    (None: as a source only, and only without -r). `mode` and `owner` are those of `install`, which always
    makes a new file (`fresh`), and with `parents` the folders above it.
    """

    sources: tuple[Argument, ...]
    destination: Argument
    recursive: bool
    into: bool | None = None
    preserve: bool = False
    follow: bool | None = None
    fresh: bool = False
    parents: bool = False
    mode: str | None = None
    owner: str | None = None


class Links(Struct):
    """`destination` becomes a link to each of `sources`; `into` as in Moves.

    `force`: what is there is replaced. `itself`: a destination that is a link to a folder is replaced, not
    entered. `relative`: a symbolic link is written as seen from its own folder.
    """

    sources: tuple[Argument, ...]
    destination: Argument
    symbolic: bool
    into: bool | None = None
    force: bool = False
    itself: bool = False
    relative: bool = False


class MakesDirectory(Struct):
    """A folder comes to be; `parents`: its parents too, and it may be there already.

    `mode` and `owner` are what the command gives it, None for the usual.
    """

    path: Argument
    parents: bool
    mode: str | None = None
    owner: str | None = None


class Writes(Struct):
    """A file is written, or created when absent; `append`: what it held stays.

    `text` is what is written where the command tells; None: not known. `source` is the one file whose
    content it is (`cat a > b`).
    """

    path: Argument
    append: bool
    text: str | None = None
    source: Argument | None = None


class Touches(Struct):
    """A file is created, empty, when it is absent; else only its times change."""

    path: Argument


class Rewrites(Struct):
    """A file gets a new content made of its old one (`sed -i`); with a `suffix` the old one is kept beside it."""

    path: Argument
    suffix: str = ""


class Replaces(Struct):
    """`path` goes away and a file made of its content comes to be: `add` and `cut` tell its name (`gzip`, `gunzip`).

    `keep`: the old one stays.
    """

    path: Argument
    add: str = ""
    cut: tuple[str, ...] = ()
    keep: bool = False


class ChangesMode(Struct):
    """`paths` get a mode, octal or symbolic; None: not known."""

    paths: tuple[Argument, ...]
    mode: str | None
    recursive: bool


class ChangesOwner(Struct):
    """`paths` get an owner `user`, `user:group` or `:group`; None: not known.

    `itself`: a link gets it, not what it points to.
    """

    paths: tuple[Argument, ...]
    owner: str | None
    recursive: bool
    itself: bool = False


class ChangesDirectory(Struct):
    """Later commands of the same shell (Command.subshells) run in `path`; None for the home folder."""

    path: Argument | None


class SetsMask(Struct):
    """`umask`: the bits that new files do not get; None: not known."""

    mask: int | None


class Packs(Struct):
    """`tar -c`: an archive is made of `sources`, each with the -C in force there; `exact`: nothing else has a say.

    `archive` is None for standard output.
    """

    archive: Argument | None
    sources: tuple[tuple[Argument, Argument | None], ...]
    exact: bool


class Unpacks(Struct):
    """`tar -x`, `unzip`: the members of an archive are written below `folder`, None for where the command runs.

    `archive` is None for standard input. `strip` counts the leading parts of names that are cut off.
    `members` are those asked for, () for all. `owners`: they keep those of the archive, if the user may.
    `exact` is false when an option has a say that is not followed.
    """

    archive: Argument | None
    folder: Argument | None
    strip: int
    members: tuple[str, ...]
    owners: bool
    exact: bool


class Finds(Struct):
    """`find` lists what lies below `roots` and passes `tests`; `act` is what it does with it.

    `act` is `print`, `delete` or `run`; `program` are the words of what it runs, `{}` for what was found.
    `tests` are (negated, test, value) that must all hold; `least` and `most` are depths.
    """

    roots: tuple[Argument, ...]
    tests: tuple[tuple[bool, str, str], ...]
    act: str
    program: tuple[Argument, ...] = ()
    least: int = 0
    most: int | None = None


class Fills(Struct):
    """A program keeps files of its own below a path: `path` is a text; `certain` when it surely does."""

    path: str
    program: str
    certain: bool = True


class Changes(Struct):
    """A program changes the content of one file of the system, `path`, or makes it."""

    path: str
    program: str


class Clears(Struct):
    """A program removes what matches `path`, a text with wildcards; `recursive`: with all below it."""

    path: str
    recursive: bool


class MakesHome(Struct):
    """A program creates the folder `path` for `user`, and may put the files in it that users start with."""

    path: str
    user: str | None


class Ends(Struct):
    """The shell ends here: what follows does not run."""


class Opaque(Struct):
    """Files are changed in a way that the text does not tell; `reason` is a few words for a reader.

    `scope` is the path below which alone that can be; None: anywhere.
    """

    span: Span
    reason: str
    scope: Argument | str | None = None


Effect = (
    Removes
    | Moves
    | Copies
    | Links
    | MakesDirectory
    | Writes
    | Touches
    | Rewrites
    | Replaces
    | ChangesMode
    | ChangesOwner
    | ChangesDirectory
    | SetsMask
    | Packs
    | Unpacks
    | Finds
    | Fills
    | Changes
    | Clears
    | MakesHome
    | Ends
    | Opaque
)
