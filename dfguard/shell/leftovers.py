"""What a script does last that ends with its shell: `cd`, `export`, `source`, limits, background processes."""

from __future__ import annotations

from dfguard.regex import regex
from dfguard.shell.commands import Command
from dfguard.shell.script import Script
from dfguard.shell.wrappers import SHELLS
from dfguard.struct import Struct

DIRECTORY, VARIABLE, SOURCED, ACTIVATED, LIMIT, PROCESS = (
    "directory",
    "variable",
    "sourced",
    "activated",
    "limit",
    "process",
)

_IDLE = frozenset("sleep true : set".split())
_BACK = regex(r"(?:/|-|~|\.|(?:\.\./?)+|\$\{?(?:OLDPWD|HOME|WORKDIR)\}?)?\Z")
_SETS_VARIABLES = regex(
    r"(?:^|/)(?:activate|\.?bashrc|\.bash_profile|\.?profile|\.zshrc|bash\.bashrc|profile\.d/[^/]+|nvm\.sh|\.?env"
    r"|env\.sh|environment|setvars\.sh|setup\.(?:bash|zsh)|sdkman-init\.sh|conda\.sh|rvm|vars\.sh)\Z"
)
_BACKGROUND = regex(r"(?:\s|\\\n)*&(?!&)")
_ACTIVATES = ("conda activate", "mamba activate", "micromamba activate", "nvm use", "pyenv shell", "rvm use")


class LostState(Struct):
    """A command whose effect ends with the script.

    `kind` is one of this module's constants, `name` the directory command, variable or file. `certain` is
    false where the command may have done lasting work besides. `alone`: the script does nothing else.
    """

    command: Command
    kind: str
    name: str
    certain: bool
    alone: bool = False


def lost_state(script: Script) -> LostState | None:
    """The first of the commands at the end of a script that leave nothing behind; None when there is none.

    What follows a command may use it, so nothing is said of a `cd` in front of lasting work, nor of a `cd`
    back to where the script came from.
    """
    order = _outermost(script)
    lost: LostState | None = None
    for command in reversed(order):
        if command.program in _IDLE and not command.redirects:
            continue
        found = (_started(command, order) or _lost(command, order)) if _in_own_shell(command) else None
        if found is None:
            break
        lost = found
        if found.kind in (SOURCED, ACTIVATED, PROCESS):
            break  # it may use what stands in front of it
    return lost.but(alone=len(order) == 1) if lost is not None and not script.gaps else None


def _outermost(script: Script) -> list[Command]:
    """The commands by place, without those that run in a substitution of another."""
    done: list[Command] = []
    for command in sorted(script.commands, key=lambda c: (_range(c)[0], -_range(c)[1])):
        if not done or _range(done[-1])[1] <= command.span.start:
            done.append(command)
    return done


def _range(command: Command) -> tuple[int, int]:
    span = command.statement or command.span
    return span.start, span.end


def _in_own_shell(command: Command) -> bool:
    """Whether a command runs, not in a branch or loop, in the script's shell or that of a `bash -c` in it."""
    inner = not SHELLS.isdisjoint(command.wrappers)
    return command.depth == len(command.subshells) == inner


def _started(command: Command, order: list[Command]) -> LostState | None:
    """A process in the background: `daemon &`, `service x start`."""
    words = [operand.text for operand in command.operands[:2]]
    service = command.program in ("service", "rc-service", "systemctl") or "/init.d/" in command.program_span.text
    behind = _BACKGROUND.match(command.span.source.text, _range(command)[1])
    if not behind and not (service and {"start", "restart"} & set(words)):
        return None
    waited = any(other.program in ("sleep", "wait") for other in order)
    return LostState(command, PROCESS, command.program, not waited)


def _lost(command: Command, order: list[Command]) -> LostState | None:
    program, first = command.program, next((operand.text.strip("\"'") for operand in command.operands), "")
    names = [each.name for each in command.assignments] or ([first] if program == "export" and first else [])
    if _writes(command):
        return None
    if program in ("cd", "pushd"):
        again = any(other.program == program and other is not command for other in order)
        back = len(order) > 1 and (_BACK.match(first) or (again and first.startswith("/")))
        return None if back else LostState(command, DIRECTORY, program, True)
    if program in (".", "source") and first:
        return LostState(command, SOURCED, first.rpartition("/")[2], bool(_SETS_VARIABLES.search(first)))
    if program in ("", "export", "declare", "typeset", "readonly") and names and not first.startswith("-p"):
        return LostState(command, VARIABLE, names[0], True)
    if f"{program} {first}" in _ACTIVATES and not command.has("--default"):
        harmless = [operand.text for operand in command.operands[1:2]] == ["default"]
        return LostState(command, ACTIVATED, f"{program} {first}", not harmless)
    if (program in ("ulimit", "umask") and first) or (program == "alias" and "=" in first):
        return LostState(command, LIMIT, program, True)
    return None


def _writes(command: Command) -> bool:
    targets = (each.target.text for each in command.redirects if ">" in each.operator and each.target)
    return any(target != "/dev/null" and not target.isdigit() for target in targets)
