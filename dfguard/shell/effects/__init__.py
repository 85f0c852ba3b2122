"""What a command does to files, as far as its text says.

`effects` asks one table after the other: programs whose every effect is known (`files`, `archives`, `fetching`,
`searching`, `accounts`), package managers with what they are known to leave (`caches`), programs that change
nothing (`quiet`). Any other program may do anything: it is Opaque.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfguard.regex import regex
from dfguard.shell.effects import accounts, archives, caches, fetching, files, output, searching
from dfguard.shell.effects.model import Changes as Changes
from dfguard.shell.effects.model import ChangesDirectory as ChangesDirectory
from dfguard.shell.effects.model import ChangesMode as ChangesMode
from dfguard.shell.effects.model import ChangesOwner as ChangesOwner
from dfguard.shell.effects.model import Clears as Clears
from dfguard.shell.effects.model import Copies as Copies
from dfguard.shell.effects.model import Effect as Effect
from dfguard.shell.effects.model import Ends as Ends
from dfguard.shell.effects.model import Fills as Fills
from dfguard.shell.effects.model import Finds as Finds
from dfguard.shell.effects.model import Links as Links
from dfguard.shell.effects.model import MakesDirectory as MakesDirectory
from dfguard.shell.effects.model import MakesHome as MakesHome
from dfguard.shell.effects.model import Moves as Moves
from dfguard.shell.effects.model import Opaque as Opaque
from dfguard.shell.effects.model import Packs as Packs
from dfguard.shell.effects.model import Removes as Removes
from dfguard.shell.effects.model import Replaces as Replaces
from dfguard.shell.effects.model import Rewrites as Rewrites
from dfguard.shell.effects.model import SetsMask as SetsMask
from dfguard.shell.effects.model import Touches as Touches
from dfguard.shell.effects.model import Unpacks as Unpacks
from dfguard.shell.effects.model import Writes as Writes
from dfguard.shell.effects.output import printed as printed
from dfguard.shell.effects.quiet import quiet
from dfguard.shell.effects.searching import found_by as found_by
from dfguard.shell.effects.use import read_use

if TYPE_CHECKING:
    from collections.abc import Callable

    from dfguard.shell.commands import Command

_READERS: dict[str, Callable[[Command], list[Effect]]] = {
    **files.PLAIN,
    **accounts.PROGRAMS,
    "tar": archives.tar,
    "bsdtar": archives.tar,
    "unzip": archives.unzip,
    "find": searching.find,
    "curl": fetching.curl,
    "wget": fetching.wget,
    "git": fetching.git,
}
_USUAL = regex(r"(?:/usr(?:/local)?)?/s?bin/[^/]*|[^/]*\Z")
# Wrappers under which a command does what it does without them.
_CLEAR = frozenset(
    """
    sudo doas gosu su-exec su runuser setpriv chpst env exec command builtin nice ionice time timeout nohup setsid
    eatmydata stdbuf linux32 linux64 setarch busybox tini
    dumb-init sh bash ash dash ksh mksh zsh eval xargs
    """.split()
)


def effects(command: Command, fed: str | None = None) -> tuple[Effect, ...]:
    """The effects of a command on files, in order; Opaque for a program that is not known here.

    A command with a path that only the running shell knows gives Opaque for that path. Whether the
    command runs at all is for `command.conditional` to say. `fed` is what it gets from the pipe, None when
    that is not known.
    """
    found = _of_program(command, fed)
    if "xargs" in command.wrappers and _has_paths(command):
        found.append(Opaque(command.span, f"{command.program} also takes paths from its input"))
    strange = next((wrapper for wrapper in command.wrappers if wrapper not in _CLEAR), None)
    if strange is not None:
        found.append(Opaque(command.program_span, f"it runs under {strange}"))
    found += output.redirected(command, fed)
    return tuple(found)


def _of_program(command: Command, fed: str | None) -> list[Effect]:
    program = command.program
    if not program:
        unknown = bool(command.program_span.text.strip())
        return [Opaque(command.program_span, "it runs a program that is not known")] if unknown else []
    written = command.program_span.text.strip("\"'")
    if not _USUAL.match(written) and "$" not in written:
        return caches.managed(command) or caches.built(command) or [_runs(command)]
    known = files.PROGRAMS.get(program)
    if known is not None:
        return known.effects(command)
    if program == "tee":
        use = read_use(command, frozenset(), output.TEE.flags)
        return output.tee(use, fed)
    reader = _READERS.get(program)
    if reader is not None:
        return reader(command)
    calm = quiet(command)
    if calm is not None:
        return calm
    return caches.managed(command) or caches.built(command) or [*_compiled(command), _runs(command)]


def _runs(command: Command) -> Effect:
    return Opaque(command.program_span, f"it runs {command.program}")


def _compiled(command: Command) -> list[Effect]:
    """`python -m compileall` writes beside the sources."""
    texts = [argument.text for argument in command.arguments]
    if command.program.startswith("python") and texts[:2] == ["-m", "compileall"]:
        return [Fills(caches.COMPILED, "python -m compileall")]
    return []


def _has_paths(command: Command) -> bool:
    return command.program in files.PROGRAMS and command.program not in ("cd", "chdir", "pushd", "popd", "umask")
