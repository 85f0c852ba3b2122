"""Programs that remove, move, copy, link and create files, and change their modes and owners.

Options after the manuals of GNU coreutils 9 and BusyBox 1.36.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dfguard.regex import regex
from dfguard.shell.argument import Argument
from dfguard.shell.effects.model import (
    ChangesDirectory,
    ChangesMode,
    ChangesOwner,
    Copies,
    Effect,
    Links,
    MakesDirectory,
    Moves,
    Opaque,
    Removes,
    Replaces,
    Rewrites,
    SetsMask,
    Touches,
    Writes,
)
from dfguard.shell.effects.use import Program, Use, words

if TYPE_CHECKING:
    from dfguard.shell.commands import Command

_MINUS_MODE = regex(r"-[rwxXst]+")
_SED_WRITES = regex(r"(?:^|[;{}/$!\d\n])\s*w\s+[^\s]|/[gp0-9I]*w\s+\S")


def _rm(use: Use) -> list[Effect]:
    recursive = use.has("-r", "-R", "--recursive")
    folder = use.command.program == "rmdir"
    return [*(Removes(word, recursive, folder) for word in use.known()), *use.unknown()]


def _mkdir(use: Use) -> list[Effect]:
    parents = use.has("-p", "--parents")
    mode = use.value("-m", "--mode")
    text = None if mode is None else mode.value or "?"
    return [*(MakesDirectory(word, parents, text) for word in use.known()), *use.unknown()]


def _touch(use: Use) -> list[Effect]:
    if use.has("-c", "--no-create"):
        return []
    return [*(Touches(word) for word in use.known()), *use.unknown()]


def _truncate(use: Use) -> list[Effect]:
    size = use.value("-s", "--size")
    text = "" if size is not None and size.value == "0" else None
    return [*(Writes(word, False, text) for word in use.known()), *use.unknown()]


def _ends(use: Use) -> tuple[tuple[Argument, ...], Argument, bool | None] | None:
    """Sources, destination and whether it is a folder; None when an operand is missing."""
    if use.target:
        return (use.operands, use.target, True) if use.operands else None
    if len(use.operands) < 2:
        return None
    *sources, destination = use.operands
    several = len(sources) > 1 or destination.text.endswith("/")
    return tuple(sources), destination, False if use.has("-T", "--no-target-directory") else several or None


def _maybe_kept(use: Use, destination: Argument) -> list[Effect]:
    if use.has("-b", "--backup", "-S", "--suffix"):
        return [Opaque(destination.span, f"{use.command.program} keeps a backup of what was there")]
    if use.given.get("--preserve") is not None:
        return [Opaque(destination.span, "cp keeps some attributes", destination)]
    if use.has("-n", "--no-clobber", "-u", "--update", "-C", "--compare"):
        return [Opaque(destination.span, f"{use.command.program} may keep what is there", destination)]
    return []


def _mv(use: Use) -> list[Effect]:
    ends = _ends(use)
    if use.unknown() or not ends:
        return use.unknown()
    return [Moves(*ends), *_maybe_kept(use, ends[1])]


def _cp(use: Use) -> list[Effect]:
    ends = _ends(use)
    if use.unknown() or not ends:
        return use.unknown()
    everything = use.has("-a", "--archive")
    recursive = everything or use.has("-r", "-R", "--recursive")
    kept = use.given.get("--preserve")
    preserve = everything or use.has("-p") or ("--preserve" in use.given and kept is None)
    follow = True if use.has("-L", "--dereference") else False if use.has("-P", "-d", "--no-dereference") else None
    return [Copies(ends[0], ends[1], recursive, ends[2], preserve, follow), *_maybe_kept(use, ends[1])]


def _install(use: Use) -> list[Effect]:
    mode, owner, group = use.value("-m", "--mode"), use.value("-o", "--owner"), use.value("-g", "--group")
    text = "755" if mode is None else mode.value or "?"
    belongs = f"{(owner.value or '?') if owner else ''}:{(group.value or '?') if group else ''}".removesuffix(":")
    if use.has("-d", "--directory"):
        return [*(MakesDirectory(word, True, text, belongs or None) for word in use.known()), *use.unknown()]
    ends = _ends(use)
    if use.unknown() or not ends:
        return use.unknown()
    parents = use.has("-D")
    copied = Copies(ends[0], ends[1], False, ends[2], fresh=True, parents=parents, mode=text, owner=belongs or None)
    return [copied, *_maybe_kept(use, ends[1])]


def _ln(use: Use) -> list[Effect]:
    ends = _ends(use)
    if use.operands and ends is None:
        here = use.command.span.sub(0, 0)
        ends = use.operands, Argument(here, ".", ".", (".",)), True
    if use.unknown() or not ends:
        return use.unknown()
    itself = use.has("-n", "--no-dereference", "-T", "--no-target-directory")
    symbolic, force, relative = use.has("-s", "--symbolic"), use.has("-f", "--force"), use.has("-r", "--relative")
    linked = Links(ends[0], ends[1], symbolic, ends[2], force, itself, relative)
    kept = [] if not use.has("-b", "--backup", "-S", "--suffix") else _maybe_kept(use, ends[1])
    return [linked, *kept]


def _chmod(use: Use) -> list[Effect]:
    minus = next((a for a in use.command.arguments if _MINUS_MODE.fullmatch(a.text)), None)
    operands = use.operands
    if use.has("--reference"):
        mode = None
    elif minus is not None:
        mode = minus.value
    elif operands:
        mode, operands = operands[0].value, operands[1:]
    else:
        return []
    use = use.but(operands=operands)
    return [ChangesMode(tuple(use.known()), mode, use.has("-R", "--recursive")), *use.unknown()]


def _chown(use: Use) -> list[Effect]:
    operands = use.operands
    owner: str | None = None
    if not use.has("--reference"):
        if not operands:
            return []
        owner, operands = operands[0].value, operands[1:]
        if owner is not None and use.command.program == "chgrp":
            owner = f":{owner}"
        if use.has("--from"):
            owner = None  # only what belongs to somebody is given away
    use = use.but(operands=operands)
    itself = use.has("-h", "--no-dereference")
    return [ChangesOwner(tuple(use.known()), owner, use.has("-R", "--recursive"), itself), *use.unknown()]


def _cd(use: Use) -> list[Effect]:
    if not use.operands:
        return [ChangesDirectory(None)]
    path = use.operands[0]
    if path.value in (None, "-"):
        return [Opaque(path.span, "it goes on in a folder that is not known")]
    return [ChangesDirectory(path)]


def _popd(use: Use) -> list[Effect]:
    return [Opaque(use.command.span, "it goes on in a folder that is not known")]


def _umask(use: Use) -> list[Effect]:
    if not use.operands:
        return []
    text = use.operands[0].value
    octal = text is not None and set(text) <= set("01234567") and 0 < len(text) < 5
    return [SetsMask(int(text, 8) if octal and text else None)]


def _sed(command: Command) -> list[Effect]:
    """`sed`; -i takes its suffix from the same word: `-i.bak`, but not `-i .bak`."""
    suffix: str | None = None
    files: list[Argument] = []
    scripts: list[Argument] = []
    rest = iter(command.arguments)
    for word in rest:
        text = word.text
        if text.startswith("--in-place"):
            suffix = text.partition("=")[2]
        elif text in ("-e", "-f", "--expression", "--file"):
            scripts += [value for value in [next(rest, None)] if value]
        elif text.startswith("--"):
            scripts += [word] if text.startswith(("--expression=", "--file=")) else []
        elif text.startswith("-") and text != "-":
            before, found, behind = text[1:].partition("i")
            if found and "e" not in before and "f" not in before:
                suffix = behind
            elif "e" in before or "f" in before:
                scripts.append(word)
                if text.endswith(("e", "f")):
                    scripts += [value for value in [next(rest, None)] if value]
        else:
            files.append(word)
    if not scripts:
        scripts, files = files[:1], files[1:]
    if any(_SED_WRITES.search(script.text) for script in scripts):
        return [Opaque(command.span, "sed writes files")]
    if suffix is None:
        return []
    use = Use(command, {}, tuple(each for word in files for each in word.each), None, ())
    return [*(Rewrites(word, suffix) for word in use.known()), *use.unknown()]


def _perl(command: Command) -> list[Effect]:
    """`perl -pi -e`: only the files it names, if the program is as simple as a substitution."""
    arguments = command.arguments
    at = next((i for i, a in enumerate(arguments) if re.fullmatch(r"-[0pni]*i[0pn]*(?:\.\w+)?(?:e|E)?", a.text)), None)
    code = next((i for i, a in enumerate(arguments) if re.fullmatch(r"-[0pni]*e", a.text)), None)
    if at is None or code is None or code + 1 >= len(arguments):
        return [Opaque(command.program_span, "it runs perl")]
    script = arguments[code + 1].value
    if script is None or not re.fullmatch(r"(?:s[/|#,!].*[/|#,!][gimsx]*;?\s*)+", script):
        return [Opaque(command.program_span, "it runs perl")]
    suffix = re.search(r"i(\.\w+)", arguments[at].text)
    use = Use(command, {}, tuple(each for word in arguments[code + 2 :] for each in word.each), None, ())
    return [*(Rewrites(word, suffix[1] if suffix else "") for word in use.known()), *use.unknown()]


def _gzip(use: Use) -> list[Effect]:
    program = use.command.program
    packs, suffixes = _PACKERS[program]
    if use.has("-c", "--stdout", "--to-stdout", "-l", "--list", "-t", "--test") or program.endswith("cat"):
        return []
    packs = packs and not use.has("-d", "--decompress", "--uncompress")
    keep = use.has("-k", "--keep") or (program in ("zstd", "unzstd") and not use.has("--rm"))
    add, cut = (suffixes[0], ()) if packs else ("", suffixes)
    found: list[Effect] = [Replaces(word, add, cut, keep) for word in use.known() if word.value != "-"]
    return [*found, *use.unknown()]


_PACKERS: dict[str, tuple[bool, tuple[str, ...]]] = {
    "gzip": (True, (".gz",)),
    "gunzip": (False, (".gz", ".tgz")),
    "bzip2": (True, (".bz2",)),
    "bunzip2": (False, (".bz2",)),
    "xz": (True, (".xz",)),
    "unxz": (False, (".xz",)),
    "zstd": (True, (".zst",)),
    "unzstd": (False, (".zst",)),
}
_QUIET = words("-v --verbose -f --force -q --quiet")
_LEVELS = words("-1 -2 -3 -4 -5 -6 -7 -8 -9 -T0 -0 --best --fast -n -N --no-name --rm")
_TARGET = words("-t --target-directory -S --suffix")
_TO = words("-T --no-target-directory -n --no-clobber -u --update -b --backup") | _QUIET
_OWNERS = _QUIET | words("-R --recursive -h --no-dereference --dereference -c --changes --silent -H -L -P")
PROGRAMS: dict[str, Program] = {
    "rm": Program(_rm, flags=_QUIET | words("-r -R --recursive -d --dir --no-preserve-root --one-file-system")),
    "unlink": Program(_rm),
    "rmdir": Program(_rm, flags=_QUIET | words("--ignore-fail-on-non-empty")),
    "truncate": Program(_truncate, words("-s --size -r --reference"), words("-c -o")),
    "mv": Program(_mv, _TARGET, _TO),
    "cp": Program(
        _cp,
        _TARGET,
        _TO
        | words("-r -R --recursive -a --archive -p --preserve -d -P --no-dereference -L --dereference -H -x")
        | words("--one-file-system --no-preserve --reflink --sparse"),
    ),
    "ln": Program(_ln, _TARGET, _TO - words("-u --update") | words("-s --symbolic -r --relative -L -P -n")),
    "install": Program(
        _install,
        _TARGET | words("-g -m -o --group --mode --owner"),
        _QUIET
        | words("-b --backup -c -D -d --directory -p --preserve-timestamps -C --compare -T --no-target-directory"),
    ),
    "mkdir": Program(_mkdir, words("-m --mode"), _QUIET | words("-p --parents")),
    "touch": Program(
        _touch, words("-d -r -t --date --reference --time"), words("-a -c -m -h -f --no-create --no-dereference")
    ),
    "chmod": Program(
        _chmod, words("--reference"), _OWNERS | frozenset(("-r", "-w", "-x", "-X", "-s", "-t")) - words("-h")
    ),
    "chown": Program(_chown, words("--reference --from"), _OWNERS),
    "chgrp": Program(_chown, words("--reference"), _OWNERS),
    "cd": Program(_cd, flags=words("-P -L -e")),
    "chdir": Program(_cd),
    "pushd": Program(_cd),
    "popd": Program(_popd),
    "umask": Program(_umask, flags=words("-S -p")),
    **{name: Program(_gzip, flags=_QUIET | _LEVELS | words("-c -d -k --keep --decompress -t -l")) for name in _PACKERS},
}
# These read their options on their own.
PLAIN = {"sed": _sed, "perl": _perl}
