"""Programs that run another program: what of their words is theirs, and where the other one begins."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from dfguard.regex import regex
from dfguard.shell.options import split_options
from dfguard.struct import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dfguard.shell.commands import Argument

SHELLS = frozenset(("sh", "bash", "ash", "dash", "ksh", "mksh", "zsh"))
MAX_WRAPPERS = 16
_ASSIGNMENT = regex(r"[A-Za-z_]\w*=", re.ASCII)
_FILE_NAME = regex(r"[\w.+-]+\Z")


class Wrapper(Struct):
    """One wrapping program.

    `valued` options take a value; `skip` words stand between the options and the wrapped program;
    `assigns`: `NAME=value` words may stand there; with one of `alone` it wraps nothing; the value of
    one of `script` is a shell script. `verb`: it only wraps with that word first (`conda run`).
    """

    valued: frozenset[str] = frozenset()
    skip: int = 0
    assigns: bool = False
    alone: frozenset[str] = frozenset()
    script: frozenset[str] = frozenset()
    verb: str = ""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CONDA = _words("-n -p --cwd --name --prefix")
# Options after the manuals of sudo 1.9, GNU coreutils 9, findutils 4.9, util-linux 2.39, doas 6.8, and of
# conda 25, poetry 2, uv 0.8, bundler 2. `chroot` is none of them: its paths are those of another root.
WRAPPERS: dict[str, Wrapper] = {
    "sudo": Wrapper(
        _words(
            "-C -D -R -T -U -g -h -p -r -t -u --chdir --chroot --close-from --command-timeout --group --host"
            " --other-user --prompt --role --type --user"
        ),
        assigns=True,
        alone=_words("-K -V -e -l -v --edit --list --remove-timestamp --validate --version"),
    ),
    "doas": Wrapper(_words("-C -u"), alone=_words("-C -L")),
    "gosu": Wrapper(skip=1),
    "su-exec": Wrapper(skip=1),
    "setuidgid": Wrapper(skip=1),
    "s6-setuidgid": Wrapper(skip=1),
    "su": Wrapper(_words("-c -g -G -s -w --command --group --shell --supp-group"), 99, script=_words("-c --command")),
    "runuser": Wrapper(
        _words("-c -g -G -s -u -w --command --group --shell --supp-group --user"), script=_words("-c --command")
    ),
    "env": Wrapper(_words("-C -S -u --chdir --split-string --unset"), assigns=True),
    "exec": Wrapper(_words("-a")),
    "command": Wrapper(alone=_words("-v -V")),
    "builtin": Wrapper(),
    "nice": Wrapper(_words("-n --adjustment")),
    "ionice": Wrapper(_words("-c -n -p -P -u --class --classdata"), alone=_words("-p -P -u")),
    "time": Wrapper(_words("-f -o --format --output")),
    "timeout": Wrapper(_words("-k -s --kill-after --signal"), skip=1),
    "nohup": Wrapper(),
    "setsid": Wrapper(),
    "xargs": Wrapper(
        _words("-E -I -L -P -a -d -n -s --arg-file --delimiter --max-args --max-chars --max-procs --process-slot-var")
    ),
    "eatmydata": Wrapper(),
    "stdbuf": Wrapper(_words("-e -i -o --error --input --output")),
    "fakeroot": Wrapper(_words("-b -i -l -s --faked --lib")),
    "flock": Wrapper(_words("-E -w -c --command --timeout --wait"), skip=1, script=_words("-c --command")),
    "linux32": Wrapper(),
    "linux64": Wrapper(),
    "setarch": Wrapper(skip=1),
    "busybox": Wrapper(alone=_words("--help --install --list --list-full")),
    "tini": Wrapper(_words("-e -p")),
    "dumb-init": Wrapper(_words("-r --rewrite")),
    "xvfb-run": Wrapper(_words("-e -f -n -p -s -w --auth-file --error-file --server-args --server-num --wait")),
    "dbus-run-session": Wrapper(_words("--config-file --dbus-daemon")),
    "setpriv": Wrapper(
        _words(
            "--ambient-caps --apparmor-profile --bounding-set --egid --euid --groups --inh-caps --landlock-access"
            " --landlock-rule --pdeathsig --regid --reuid --rgid --ruid --seccomp-filter --securebits --selinux-label"
        ),
        alone=_words("-d --dump --list-caps"),
    ),
    "chpst": Wrapper(_words("-/ -c -d -e -f -l -L -m -n -o -p -r -s -t -u -U -C")),
    "ssh-agent": Wrapper(_words("-E -O -P -a -t"), alone=_words("-k")),
    "conda": Wrapper(_CONDA, verb="run"),
    "mamba": Wrapper(_CONDA, verb="run"),
    "micromamba": Wrapper(_CONDA | _words("-a -e --attach --env -r --root-prefix"), verb="run"),
    "poetry": Wrapper(_words("-C -P --directory --project"), verb="run"),
    "pipenv": Wrapper(_words("--python"), verb="run"),
    "pdm": Wrapper(_words("-p --project --venv"), verb="run"),
    "uv": Wrapper(
        _words(
            "-C -P -f -i -p -w --allow-insecure-host --cache-dir --color --config-file --config-setting --default-index"
            " --directory --env-file --exclude-newer --extra --extra-index-url --find-links --fork-strategy --group"
            " --index --index-strategy --index-url --keyring-provider --link-mode --no-binary-package"
            " --no-build-isolation-package --no-build-package --no-extra --no-group --only-group --package --prerelease"
            " --project --python --python-platform --refresh-package --reinstall-package --resolution"
            " --upgrade-package --with --with-editable --with-requirements"
        ),
        alone=_words("-m --gui-script --module --script -s"),
        verb="run",
    ),
    "bundle": Wrapper(_words("--gemfile"), verb="exec"),
    "rbenv": Wrapper(verb="exec"),
    "pyenv": Wrapper(verb="exec"),
}
_SHELL_VALUED = _words("-o -O --init-file --rcfile")


class Peeled(Struct):
    """Words of a command without its wrappers.

    `words` begins with the program; `assignments` are the `NAME=value` words of wrappers; `script` is
    the word that holds a shell script for that program to run, `shell` the shell that reads it.
    `placeholder` is the text in words behind `xargs -I` that stands for a line of its input; the value of
    such a word is not known.
    """

    wrappers: tuple[str, ...]
    words: tuple[Argument, ...]
    assignments: tuple[Argument, ...] = ()
    script: Argument | None = None
    shell: str = ""
    placeholder: str = ""


def program_name(word: Argument) -> str:
    """The last part of a program's path; "" when it is not known.

    The folder may be unknown: `$VENV/bin/pip` is pip.
    """
    if word.value is not None:
        return word.value.rsplit("/", 1)[-1] or word.value
    folder, slash, name = word.raw.strip("\"'").rpartition("/")
    return name if slash and _FILE_NAME.match(name) and not any(sign in folder for sign in "(`") else ""


def peel(words: Sequence[Argument]) -> Peeled:
    """Take wrappers off a command; a wrapper that wraps nothing stays as the program."""
    wrappers: list[str] = []
    assignments: list[Argument] = []
    placeholder = ""
    at = 0
    while at < len(words) and len(wrappers) < MAX_WRAPPERS:
        name = program_name(words[at])
        wrapper = WRAPPERS.get(name)
        script = _shell_script(words, at + 1) if name in SHELLS else wrapper and _option(wrapper, words, at + 1)
        if script:
            shell = name if name in SHELLS else _login_shell(words[at + 1 :])
            return Peeled(tuple(wrappers), tuple(words[at:]), tuple(assignments), script, shell, placeholder)
        behind = _behind(wrapper, words, at + 1) if wrapper else None
        if wrapper is None or behind is None:
            break
        if wrapper.assigns:
            assignments += [word for word in words[at + 1 : behind] if _ASSIGNMENT.match(word.text)]
        if name == "xargs":
            placeholder = _placeholder(words[at + 1 : behind])
            words = [*words[:behind], *(_unknown_with(placeholder, word) for word in words[behind:])]
        wrappers.append(name)
        at = behind
    return Peeled(tuple(wrappers), tuple(words[at:]), tuple(assignments), None, "", placeholder)


def _placeholder(options: Sequence[Argument]) -> str:
    """What xargs replaces: `-I{}`, `-I {}`, `-i`, `--replace=X`."""
    found = ""
    for index, word in enumerate(options):
        text = word.text
        if text == "-I" and index + 1 < len(options):
            found = options[index + 1].text
        elif text.startswith(("-I", "-i")):
            found = text[2:] or "{}"
        elif text.startswith("--replace"):
            found = text.partition("=")[2] or "{}"
    return found


def _unknown_with(placeholder: str, word: Argument) -> Argument:
    return word.but(value=None, fields=()) if placeholder and placeholder in word.text else word


def _login_shell(options: Sequence[Argument]) -> str:
    """The shell that `su -s SHELL -c SCRIPT` names."""
    for word, following in pairwise(options):
        if word.text in ("-s", "--shell"):
            return program_name(following)
        if word.text.startswith("--shell="):
            return program_name(word.tail(len("--shell=")))
    return "sh"


def _behind(wrapper: Wrapper, words: Sequence[Argument], at: int) -> int | None:
    """The index of the wrapped program; None when there is none."""
    skip = wrapper.skip
    verb = wrapper.verb
    while at < len(words):
        text = words[at].text
        if text.startswith("-"):
            uses = split_options(text, wrapper.valued)
            if any(name in wrapper.alone for name, _, _ in uses):
                return None
            at += sum(takes_next for _, _, takes_next in uses)
        elif verb:
            if text != verb:
                return None
            verb = ""
        elif not (wrapper.assigns and _ASSIGNMENT.match(text)):
            if not skip:
                return at
            skip -= 1
        at += 1
    return None


def _option(wrapper: Wrapper, words: Sequence[Argument], at: int) -> Argument | None:
    """The script in `su user -c SCRIPT`; None in `su user -- sh -c SCRIPT`, where it is that of the shell."""
    for index in range(at, min(len(words), at + MAX_WRAPPERS) if wrapper.script else at):
        named = words[index - 1].text in ("-s", "--shell") or _is_option(words[index])
        if words[index].text == "--" or (not named and program_name(words[index]) in SHELLS):
            return None
        for name, value, _ in split_options(words[index].text, wrapper.valued) if _is_option(words[index]) else ():
            if name in wrapper.script:
                return words[index].tail(value) if value else next(iter(words[index + 1 : index + 2]), None)
    return None


def _is_option(word: Argument) -> bool:
    return word.text.startswith("-")


def _shell_script(words: Sequence[Argument], at: int) -> Argument | None:
    """The script in `sh -ec SCRIPT name arguments`; None for `sh FILE` and for a shell that reads its input."""
    commands = False
    while at < len(words) and words[at].text.startswith(("-", "+")):
        for name, _, takes_next in split_options(words[at].text, _SHELL_VALUED):
            commands = commands or name == "-c"
            at += takes_next
        at += 1
    return words[at] if commands and at < len(words) else None


def reads_input(words: Sequence[Argument]) -> bool:
    """Whether a shell gets its script from standard input: `bash`, `sh -eux`, `bash -s -- arguments`."""
    at = 1
    while at < len(words) and words[at].text.startswith(("-", "+")):
        uses = split_options(words[at].text, _SHELL_VALUED)
        if words[at].text in ("-", "--") or any(name in ("-s", "-c") for name, _, _ in uses):
            return all(name != "-c" for name, _, _ in uses)
        at += 1 + sum(takes_next for _, _, takes_next in uses)
    return at >= len(words)
