"""What a language says of its build: what the program is, what it runs in, and what is taken for granted."""

from __future__ import annotations

import posixpath
import re

from dfguard.context.tree import BuildContext
from dfguard.dockerfile.nodes import Cmd, Entrypoint, Instruction
from dfguard.edit import Refusal
from dfguard.errors import InputError
from dfguard.flow.events import CONTEXT, Added
from dfguard.restructure.surroundings import Surroundings
from dfguard.shell.commands import Command
from dfguard.struct import Struct
from dfguard.toolchains.languages import Language

_MOST_FILES, _MOST_BYTES = 2_000, 400_000
_MOST_TAKEN = 8
_NUMBER = re.compile(r"\d+(?:\.\d+)*")


class Recipe(Struct):
    """`paths` are taken from the stage that builds, `runtime` is the image they run in.

    `environment` are variables that the stage that builds sets first, `first` lines behind them, `own` the variables
    that only the build needs, `lines` what else stands in the second stage, `programs` what only the build calls.
    Each of `paths` is where it is in the first stage, and where in the second.
    """

    language: Language
    runtime: str
    paths: tuple[tuple[str, str], ...]
    programs: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()
    first: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


def started(around: Surroundings) -> tuple[list[str], bool] | None:
    """The words that a container starts with, and whether a shell reads them; None where that is not known."""
    nodes = around.stage.instructions
    entry = next((node for node in reversed(nodes) if isinstance(node, Entrypoint)), None)
    cmd = next((node for node in reversed(nodes) if isinstance(node, Cmd)), None)
    first, second = _words(entry), _words(cmd)
    words, by_shell = (first[0] + second[0], first[1]) if entry is not None else second
    return (words, by_shell) if words and words[0] else None


def _words(node: Instruction | None) -> tuple[list[str], bool]:
    if node is None:
        return [], False
    if node.exec_form is not None:
        return [word.value for word in node.exec_form], False
    text = node.arguments.text.strip()
    if re.search(r"[$`;&|<>()*?\\\n\"']", text):
        return ["?"], True
    return text.removeprefix("exec ").split(), True


def program_path(word: str, around: Surroundings, folders: tuple[str, ...] = ()) -> str:
    """Where a start word leads: an absolute path; of a bare name the first of `folders` that is on the search path."""
    if "/" in word:
        return posixpath.normpath(posixpath.join(around.flow.workdir, word))
    return posixpath.join(folders[0], word) if folders else word


def builds_of(around: Surroundings, program: str, verbs: tuple[str, ...]) -> list[Command]:
    """The commands of the stage that build with a program."""
    found = (command for command in around.commands.commands if command.program == program)
    return [command for command in found if any(operand.text in verbs for operand in command.operands)]


def folder_of(command: Command, around: Surroundings) -> str | None:
    """The folder that a command surely runs in: WORKDIR's, where no `cd` changes it."""
    run = around.commands.run_of(command)
    script = around.script(run) if run is not None else None
    if run is None or script is None or not script.understood or script.gaps or command.depth:
        return None
    if any(each.program in ("cd", "pushd") for each in script.commands):
        return None
    folder = around.flow.workdirs.get(run.index, "")
    return folder if folder.startswith("/") and "*" not in folder else None


def text_of(context: BuildContext, path: str) -> str | None:
    """A file of the context, None where it is not there or too large."""
    entry = context.get(path)
    if entry is None or not entry.kept or entry.kind != "file" or entry.size > _MOST_BYTES:
        return None
    try:
        return context.head(path, _MOST_BYTES).decode("utf-8", "replace")
    except InputError:
        return None


def sources_say(context: BuildContext, endings: tuple[str, ...], words: tuple[str, ...]) -> str:
    """The first of some words that stands in a source, "?" where there are too many sources to look; else ""."""
    found = [file for file in context.files if file.kind == "file" and file.path.endswith(endings)]
    found = [file for file in found if "vendor/" not in file.path and not file.path.endswith("_test.go")]
    if len(found) > _MOST_FILES:
        return "?"
    for file in found:
        text = text_of(context, file.path)
        if text is None:
            return "?"
        for word in words:
            if word in text:
                return word
    return ""


def taken_along(around: Surroundings, language: Language, folder: str) -> list[str] | Refusal:
    """What of the context a running program may read, as paths in the stage: single files, and folders of `folder`."""
    top: dict[str, None] = {}
    for path, added in around.flow.view.items():
        if not isinstance(added, Added) or added.origin.kind != CONTEXT or added.origin.heredoc is not None:
            return Refusal(f"where {path} comes from is not followed")
        if not path.startswith(folder.rstrip("/") + "/"):
            return Refusal(f"{path} lies outside of {folder}")
        inside = path[len(folder.rstrip("/")) + 1 :]
        if inside.startswith(".env"):
            return Refusal(f"{path} may be read when the program runs, and may be a secret")
        if not language.is_left_behind(inside):
            top[posixpath.join(folder, inside.partition("/")[0])] = None
    if len(top) > _MOST_TAKEN:
        return Refusal(f"{len(top)} files and folders may be needed when the program runs")
    return list(top)


def same(paths: list[str]) -> tuple[tuple[str, str], ...]:
    """Paths that stay what they are."""
    return tuple((path, path) for path in paths)


def version_of(image: str) -> str | None:
    """The first number in the tag of an image."""
    tag = image.partition("@")[0].rpartition("/")[2].partition(":")[2]
    match = _NUMBER.search(tag)
    return match[0] if match else None
