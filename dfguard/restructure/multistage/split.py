"""One stage made two: what changes files stays in the first one, what configures the image goes to the second."""

from __future__ import annotations

import posixpath
import re

from dfguard.dockerfile.nodes import (
    Add,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    Expose,
    Healthcheck,
    Instruction,
    Label,
    Run,
    Shell,
    Stopsignal,
    User,
    Volume,
    Workdir,
)
from dfguard.edit import Edit, Fix, Refusal
from dfguard.restructure.layout import line_end, lines_behind
from dfguard.restructure.multistage.recipe import Recipe
from dfguard.restructure.surroundings import Surroundings
from dfguard.shell.commands import Command
from dfguard.shell.packages import read_package_command

_NAME = "build"
_PLAIN = (Env, Label, Expose, Volume, Stopsignal, User)
_INDIFFERENT = frozenset("rm echo true : set test [ ls cat update-ca-certificates printf".split())
_ROOTS = ("root", "0", "0:0", "root:root", "nobody")


def split(recipe: Recipe, around: Surroundings) -> Fix | Refusal:
    """The fix that builds in a stage of its own."""
    reason = _refused(recipe, around)
    if reason:
        return Refusal(reason)
    nodes = around.stage.instructions
    last = [node for node in nodes if isinstance(node, (Run, Copy, Add))][-1]
    alias = around.stage.from_.alias
    name = alias.raw if alias is not None else _NAME
    edits = []
    if alias is None:
        edits.append(Edit.after(around.stage.from_.image, f" AS {name}"))
    environment = " ".join(("ENV", *(f"{key}={value}" for key, value in recipe.environment)))
    first = [*([environment] if recipe.environment else []), *recipe.first]
    if first:
        edits.append(lines_behind(around.stage.from_, first))
    edits.append(lines_behind(last, ["", *_second(recipe, around, name, last)]))
    taken = " and ".join(path for path, _ in recipe.paths)
    return Fix.structural(
        f"build in a stage of its own, and take {taken} to {recipe.runtime}",
        *edits,
        assumptions=(
            f"the program needs nothing else when it runs: no other file, program or library than {recipe.runtime} has",
            *recipe.assumptions,
        ),
        brings=("DG302", "DG307", "DG301"),
    )


def _refused(recipe: Recipe, around: Surroundings) -> str:
    stage, graph = around.stage, around.graph
    if len(graph.stages) != 1 or not stage.target or stage.named is not None:
        return "the file has several stages already"
    if recipe.runtime == around.stage.from_.image.raw and not recipe.first and not recipe.paths:
        return "nothing would be left behind"
    for node in stage.instructions:
        reason = _refused_instruction(node, around, recipe)
        if not reason and isinstance(node, Run):
            reason = _refused_run(node, around, recipe)
        if reason:
            return f"line {node.start_line} {reason}"
    workdir = around.flow.workdir
    if "*" in workdir or any(_needs_quotes(path) for path, _ in recipe.paths) or _needs_quotes(workdir):
        return "a path is not known, or needs quotes"
    return ""


def _needs_quotes(path: str) -> bool:
    return re.search(r"[\s\"'$\\\[\]*?]", path) is not None


def _refused_instruction(node: Instruction, around: Surroundings, recipe: Recipe) -> str:
    if isinstance(node, (Shell, Healthcheck)) or node.onbuild or type(node).__name__ == "Onbuild":
        return f"is a {node.name}"
    if isinstance(node, User):
        user = node.user.raw if node.user is not None else ""
        same = recipe.runtime == around.stage.from_.image.raw
        known = same or user in _ROOTS or re.fullmatch(r"\d+(?::\d+)?", user)
        return "" if known else "names a user of the image"
    if isinstance(node, (Env, Label, Expose, Volume, Workdir)):
        args = around.graph.scope_at(node).args
        used = [name for name in args if re.search(rf"\$\{{?{re.escape(name)}\b", node.span.text)]
        return f"uses the build argument {used[0]}" if used else ""
    if isinstance(node, (Run, Copy, Add)):
        owned = node.flag("chown") is not None or (isinstance(node, Run) and not around.runs_as_root(node))
        if owned:
            return "makes files of another user, which would be root's"
    if isinstance(node, (Copy, Add)) and (getattr(node, "from_", None) is not None or node.heredocs):
        return "copies from elsewhere"
    return ""


def _refused_run(run: Run, around: Surroundings, recipe: Recipe) -> str:
    script = around.script(run)
    if script is None or not script.understood or script.gaps:
        return "is not wholly understood"
    for command in script.commands:
        if not _is_of_the_build(command, recipe, around.flow.workdirs.get(run.index, "/")):
            return f"has `{command.program or 'a variable'}`, whose effect the program may need"
    return ""


def _is_of_the_build(command: Command, recipe: Recipe, folder: str) -> bool:
    if command.redirects and any(">" in each.operator for each in command.redirects):
        return False
    if command.program in recipe.programs or command.program in _INDIFFERENT:
        return True
    if command.program in ("mkdir", "chmod"):
        operands = command.operands[command.program == "chmod" :]
        named = [posixpath.normpath(posixpath.join(folder, word.value)) if word.value else "?" for word in operands]
        return all(_is_on_the_way(path, recipe) for path in named)
    call = read_package_command(command)
    if call is None:
        return command.program == "export"
    if call.action in ("update", "upgrade", "clean", "remove"):
        return True
    return call.action == "install" and all(
        p.kind == "name" and p.name in recipe.language.words("packages") for p in call.packages
    )


def _is_on_the_way(path: str, recipe: Recipe) -> bool:
    """Whether a path is one that is taken along, below it, or a folder that leads there."""
    return any(f"{taken}/".startswith(f"{path}/") or f"{path}/".startswith(f"{taken}/") for taken, _ in recipe.paths)


def _second(recipe: Recipe, around: Surroundings, name: str, last: Instruction) -> list[str]:
    """The lines of the second stage up to where the first one's other lines follow."""
    nodes = [node for node in around.stage.instructions if node.index < last.index]
    lines = [f"FROM {recipe.runtime}"]
    at_last = around.flow.workdirs.get(last.index, around.flow.workdir)
    if any(isinstance(node, Workdir) for node in nodes) and at_last != "/":
        lines.append(f"WORKDIR {at_last}")
    kept = [node for node in nodes if isinstance(node, (*_PLAIN, Cmd, Entrypoint))]
    user = [node for node in kept if isinstance(node, User)][-1:]
    before = [node for node in kept if not isinstance(node, User) and not _is_own(node, recipe.own)]
    lines += [node.span.text for node in before if not isinstance(node, (Cmd, Entrypoint))]
    lines += recipe.lines
    lines += [f"COPY --from={name} {path} {to}" for path, to in recipe.paths]
    lines += [node.span.text for node in user]
    lines += [node.span.text for node in before if isinstance(node, (Cmd, Entrypoint))]
    end = line_end(around.dockerfile.source)
    return [line.replace("\r\n", "\n").replace("\n", end) for line in lines]


def _is_own(node: Instruction, own: tuple[str, ...]) -> bool:
    return isinstance(node, Env) and all(pair.name in own for pair in node.pairs)
