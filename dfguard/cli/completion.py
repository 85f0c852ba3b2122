"""`dfguard completion SHELL`: what completes command lines, generated from the options themselves."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from dfguard.cli.options import Parser

SHELLS = ("bash", "zsh", "fish")


def parser() -> Parser:
    """The options of `completion`."""
    p = Parser("completion", 'Print what completes command lines. In ~/.bashrc: eval "$(dfguard completion bash)"')
    p.add_argument("shell", metavar="SHELL", choices=SHELLS, help="bash, zsh or fish")
    return p


def run(arguments: Sequence[str]) -> int:
    """Print the script for a shell."""
    options = parser().parse_args(arguments)
    lines = {"bash": bash, "zsh": zsh, "fish": fish}[options.shell]()
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


def bash() -> Iterator[str]:
    """For bash from 3.2 on."""
    from dfguard.cli.option_table import commands

    every = commands()
    yield "# completion of dfguard for bash, made by `dfguard completion bash`"
    yield "_dfguard() {"
    yield '    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=""'
    yield '    if [ "$cur" = "=" ]; then cur=""; elif [ "$prev" = "=" ]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi'
    yield '    if [ "$COMP_CWORD" = 1 ]; then'
    yield f'        COMPREPLY=($(compgen -W "{" ".join(command.name for command in every)}" -- "$cur")); return'
    yield "    fi"
    yield '    case "${COMP_WORDS[1]} $prev" in'
    for command in every:
        for option in command.switches:
            names = "|".join(f'"{command.name} {name}"' for name in option.names)
            if option.choices:
                yield f'        {names}) COMPREPLY=($(compgen -W "{" ".join(option.choices)}" -- "$cur")); return ;;'
            elif option.value:
                yield f"""        {names}) local IFS=$'\\n'; COMPREPLY=($(compgen -f -- "$cur")); return ;;"""
    yield "    esac"
    yield '    case "${COMP_WORDS[1]}" in'
    for command in every:
        names = " ".join(name for option in command.switches for name in option.names)
        words = " ".join(command.words)
        yield f'        {command.name}) case "$cur" in -*) words="{names}" ;; *) words="{words}" ;; esac ;;'
    yield "    esac"
    yield '    if [ -n "$words" ]; then COMPREPLY=($(compgen -W "$words" -- "$cur")); return; fi'
    yield """    local IFS=$'\\n'; COMPREPLY=($(compgen -f -- "$cur"))"""
    yield "}"
    yield "complete -o filenames -F _dfguard dfguard"


def zsh() -> Iterator[str]:
    """For zsh: as a file `_dfguard` on $fpath, or evaluated behind compinit."""
    from dfguard.cli.option_table import commands

    every = commands()
    yield "#compdef dfguard"
    yield "_dfguard() {"
    yield "    if (( CURRENT == 2 )); then"
    rows = " ".join(_quoted(f"{command.name}:{command.what}") for command in every)
    yield f"        local -a commands; commands=({rows}); _describe command commands; return"
    yield "    fi"
    yield "    local command=$words[2]; shift words; (( CURRENT-- ))"
    yield "    case $command in"
    for command in every:
        specs = []
        for option in command.switches:
            value = f":{option.value.lower()}:" + (f"({' '.join(option.choices)})" if option.choices else "_files")
            for name in option.names:
                # With `=` the value may stand behind it, or in a word of its own.
                form = f"{name}=" if option.value and name.startswith("--") else name
                specs.append(f"*{form}[{_plain(option.help)}]{value if option.value else ''}")
        rest = f"*:{command.name}:" + (f"({' '.join(command.words)})" if command.words else "_files")
        yield f"        {command.name}) _arguments {' '.join(map(_quoted, [*specs, rest]))} ;;"
    yield "    esac"
    yield "}"
    yield 'if [ "$funcstack[1]" = "_dfguard" ]; then _dfguard "$@"; else compdef _dfguard dfguard; fi'


def fish() -> Iterator[str]:
    """For fish: as ~/.config/fish/completions/dfguard.fish."""
    from dfguard.cli.option_table import commands

    yield "# completion of dfguard for fish, made by `dfguard completion fish`"
    for command in commands():
        yield f"complete -c dfguard -f -n __fish_use_subcommand -a {command.name} -d {_quoted(command.what)}"
        seen = f"complete -c dfguard -n {_quoted(f'__fish_seen_subcommand_from {command.name}')}"
        for option in command.switches:
            names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names)
            value = f" -x -a {_quoted(' '.join(option.choices))}" if option.choices else " -r" if option.value else ""
            yield f"{seen} {names}{value} -d {_quoted(_plain(option.help))}"
        if command.words:
            yield f"{seen} -f -a {_quoted(' '.join(command.words))}"


def _plain(text: str) -> str:
    """A help text without what zsh reads as syntax."""
    return text.replace("%%", "%").translate({ord("["): "(", ord("]"): ")", ord(":"): ",", ord("`"): "'"})


def _quoted(text: str) -> str:
    """A text in single quotes, for zsh and fish alike."""
    return "'" + text.replace("\\", "").replace("'", "'\\''") + "'"
