"""RUNs made one, where the shell makes of the joined text what it makes of them one by one.

Each RUN is a shell of its own: what `cd`, `export`, `set`, variables, functions and processes in the background do ends
with it. A RUN that does any of this is joined with no later one. Of an AND list the shell heeds `set -e` in the last
command only (POSIX.1-2024, Shell Command Language, 2.15), so nothing that relies on it is joined either.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dfguard.dockerfile.nodes import Dockerfile, Run
from dfguard.edit import Edit, Refusal
from dfguard.regex import regex
from dfguard.restructure.layout import comments_between, line_end
from dfguard.shell.commands import Command
from dfguard.shell.masking import logical_line
from dfguard.shell.script import Script
from dfguard.source import Span

_LASTING = frozenset(
    """
    cd pushd popd export declare typeset readonly local unset set shopt . source alias unalias umask ulimit trap exit
    exec return eval conda mamba nvm rvm sdk pyenv service systemctl rc-service start-stop-daemon hash enable builtin
    read getopts shift wait jobs disown coproc let
    """.split()
)
_LONGEST = 100_000  # of 131,072, MAX_ARG_STRLEN of Linux
_SHELLS = ("sh", "bash", "dash", "ash", "busybox")
_QUOTED = regex(r"'[^']*'|\"(?:[^\"\\]|\\.)*\"|\\.|>&|&>|<&|&&", re.DOTALL)
_LISTS = regex(r";|\|\||\n|(?<![\w$])(?:if|for|while|until|case|\{|!)(?=\s)")


def joined(dockerfile: Dockerfile, runs: Sequence[tuple[Run, Script]]) -> tuple[Edit, ...] | Refusal:
    """The edits that make one RUN of several that stand in a row, or why they are left apart."""
    if sum(len(run.arguments.text) for run, _ in runs) > _LONGEST:
        return Refusal("together they are longer than Linux lets an argument be")
    edits: list[Edit] = []
    for number, (run, script) in enumerate(runs):
        last = number == len(runs) - 1
        listed = _is_list(script, dockerfile.escape)
        reason = _refused(script, listed=listed) or ("" if last else _what_lasts(script))
        if reason:
            return Refusal(f"the RUN on line {run.start_line} {reason}")
        if number:
            edit = _joint(dockerfile, runs[number - 1][0], run)
            if isinstance(edit, Refusal):
                return edit
            edits.append(edit)
        if listed:
            edits += _braced(run)
    return tuple(_merged(edits))


def _refused(script: Script, *, listed: bool) -> str:
    if not script.understood or script.gaps or script.interpreter not in _SHELLS or not script.commands:
        return "is not wholly understood"
    if listed and any(command.state.errexit is not False for command in script.commands):
        return "relies on `set -e`, which the shell heeds at the end of a list only"
    return ""


def _what_lasts(script: Script) -> str:
    """What of a script would reach the commands of the next one."""
    if script.comments:
        return "ends in a comment"
    for command in script.commands:
        if command.subshells:
            continue
        name = _lasting(command)
        if name:
            return f"has `{name}`, which would last"
    text = _QUOTED.sub("_", script.span.text)
    if "&" in text or re.search(r"[\w-]+\s*\(\)", text):
        return "starts a process in the background, or defines a function"
    if re.search(r";\s*\Z", text):
        return "ends in `;`"
    return ""


def _lasting(command: Command) -> str:
    if not command.program:
        return command.assignments[0].name + "=" if command.assignments else ""
    return command.program if command.program in _LASTING or "/init.d/" in command.program_span.text else ""


def _is_list(script: Script, escape: str) -> bool:
    """Whether a script is more than commands joined by `&&` and `|`, so that it must be held together."""
    text = logical_line(script.span, escape).text
    return _LISTS.search(_QUOTED.sub("_", text)) is not None


def _braced(run: Run) -> tuple[Edit, Edit]:
    span = run.arguments
    end = span.start + len(span.text.rstrip())
    close = " }" if span.text.rstrip().endswith(";") else "; }"
    return Edit(Span(span.source, span.start, span.start), "{ "), Edit(Span(span.source, end, end), close)


def _joint(dockerfile: Dockerfile, first: Run, second: Run) -> Edit | Refusal:
    """What takes the place of all between two scripts."""
    comments = comments_between(dockerfile, first, second)
    if comments is None:
        return Refusal(f"what stands in front of line {second.start_line} is told to that RUN alone")
    source = dockerfile.source
    start = first.arguments.start + len(first.arguments.text.rstrip())
    end = line_end(source)
    kept = "".join(comment.span.text.rstrip() + end for comment in comments)
    return Edit(Span(source, start, second.arguments.start), f" {dockerfile.escape}{end}{kept} && ")


def _merged(edits: list[Edit]) -> list[Edit]:
    """Edits that touch one another made one, in order."""
    found: list[Edit] = []
    for edit in sorted(edits, key=lambda edit: (edit.span.start, edit.span.end)):
        before = found[-1] if found else None
        if before is not None and before.span.end == edit.span.start:
            text = before.text + edit.text
            found[-1] = Edit(Span(edit.span.source, before.span.start, edit.span.end), text)
        else:
            found.append(edit)
    return found
