"""The files that an install reads copied by a line of their own, in front of it, and all the rest behind it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence

from dfguard.context.tree import BuildContext
from dfguard.dockerfile.nodes import (
    Add,
    Arg,
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
    Workdir,
)
from dfguard.edit import Edit, Fix, Refusal
from dfguard.flow.dependency_installs import DependencyInstall
from dfguard.flow.events import CONTEXT, Added
from dfguard.flow.requirement_files import RequirementFile
from dfguard.regex import regex
from dfguard.restructure.layout import line_end, lines_behind
from dfguard.restructure.surroundings import Surroundings
from dfguard.rewrite import drop
from dfguard.shell.commands import Command
from dfguard.shell.packages import PackageCommand, read_package_command
from dfguard.source import Span

# What else an install reads, if it lies beside the manifest.
_BESIDE = {
    "npm": (".npmrc",),
    "yarn": (".yarnrc", ".yarnrc.yml", ".npmrc"),
    "pnpm": (".npmrc", ".pnpmfile.cjs"),
    "bun": ("bunfig.toml", ".npmrc"),
    "bundle": (".ruby-version",),
    "poetry": ("poetry.toml",),
    "uv": (".python-version", "uv.toml"),
}
# What lies beside the manifest where an install reads more than single files.
_MORE = {
    "yarn": (".yarn",),
    "pnpm": ("pnpm-workspace.yaml", "patches"),
    "npm": ("patches",),
    "go": ("go.work", "vendor"),
    "bundle": (".bundle", "vendor"),
}
# What an install makes, so that the same name in the context would lie over it.
_MADE = {"npm": "node_modules", "yarn": "node_modules", "pnpm": "node_modules", "bun": "node_modules"}
_MADE |= {"composer": "vendor", "uv": ".venv"}
_PASSIVE = (Arg, Cmd, Entrypoint, Env, Expose, Healthcheck, Label, Shell, Stopsignal, User)
_INDIFFERENT = frozenset("apt-get apt apk dnf yum microdnf rm mkdir echo set true : corepack ldconfig export".split())
_JOINT = regex(r"(?:[ \t]|\\\r?\n|`\r?\n)*&&(?:[ \t]|\\\r?\n|`\r?\n)*")


def manifest_first(install: DependencyInstall | RequirementFile, around: Surroundings) -> Fix | Refusal:
    """The fix that copies what `install` reads before it, and the rest behind it."""
    added, run, command = install.added, install.instruction, install.command
    copy = added.instruction if added is not None else None
    if added is None or not isinstance(copy, (Copy, Add)) or copy.stage_index != run.stage_index:
        return Refusal("the manifest comes from elsewhere")
    if added.origin.kind != CONTEXT or added.hops or around.context is None or copy.exec_form or copy.heredocs:
        return Refusal("the manifest comes from elsewhere")
    files = _files(install, around.context)
    if isinstance(files, Refusal):
        return files
    reason = _stands_between(copy, run, around) or _lies_over(command.manager, added, around.context)
    if reason:
        return Refusal(reason)
    rest = _rest(run, command, copy, around)
    if isinstance(rest, Refusal):
        return rest
    there = _is_there(files, added, copy, around)
    change = drop(around.dockerfile, copy) if there else Edit.replace(copy, _copy_line(files, added, copy, around))
    made = _MADE.get(command.manager)
    assumptions = [f"installing needs no file but {' and '.join(files)}"]
    folder = posixpath.dirname(files[0])
    if made and not around.context.drops(posixpath.join(folder, made)):
        assumptions.append(f"the build context holds no {made}, which would lie over what is installed")
    return Fix.structural(
        "copy the sources behind the install"
        if there
        else f"copy {' and '.join(files)} first, and the rest behind the install",
        change,
        rest,
        assumptions=assumptions,
    )


def _files(install: DependencyInstall | RequirementFile, context: BuildContext) -> list[str] | Refusal:
    """The files that the install reads, by their paths in the context."""
    if isinstance(install, RequirementFile):
        wanted = [install.file.path]
    else:
        kind, manager = install.kind, install.kind.manager
        folder = posixpath.dirname(install.manifest.path)
        if any(context.get(posixpath.join(folder, name)) for name in _MORE.get(manager, ())):
            return Refusal(f"{manager} reads more here than a manifest and a lock file")
        wanted = [install.manifest.path]
        beside = (*kind.locks, *_BESIDE.get(manager, ()))
        for name in beside:
            file = context.get(posixpath.join(folder, name))
            if file is not None and file.kept and file.kind == "file":
                wanted.append(file.path)
    if any(re.search(r"""[\s"'$\\\[\]*?]""", path) for path in wanted):
        return Refusal("a name needs quotes")
    return wanted


def _stands_between(copy: Instruction, run: Run, around: Surroundings) -> str:
    """Why the COPY can't move behind the RUN; empty where it can."""
    for node in around.stage.instructions:
        if not copy.index < node.index < run.index or isinstance(node, _PASSIVE):
            continue
        if isinstance(node, Workdir):
            destination = getattr(copy, "destination", None)
            if destination is not None and destination.raw.startswith("/"):
                continue
            return f"WORKDIR on line {node.start_line} changes where the COPY goes"
        script = around.script(node) if isinstance(node, Run) else None
        if script is None or not script.understood or script.gaps or not all(map(_is_indifferent, script.commands)):
            return f"line {node.start_line} may need what is copied"
    return ""


def _is_indifferent(command: Command) -> bool:
    """Whether a command needs no file of the context."""
    call = read_package_command(command)
    if call is not None:
        if call.action == "clean" or any(operand.text in ("cache", "store") for operand in command.operands[:1]):
            return True
        named = bool(call.packages) and all(package.kind == "name" for package in call.packages)
        return command.program in _INDIFFERENT or (named and not call.values("-r", "-c", "--requirement"))
    return command.program in _INDIFFERENT and not any(
        redirect.target is not None and "<" in redirect.operator for redirect in command.redirects
    )


def _lies_over(manager: str, added: Added, context: BuildContext) -> str:
    made = _MADE.get(manager)
    folder = posixpath.dirname(added.origin.path)
    if made and context.below(posixpath.join(folder, made)):
        return f"{made} of the build context would lie over what is installed: expected a line of .dockerignore"
    return ""


def _rest(run: Run, install: PackageCommand, copy: Instruction, around: Surroundings) -> Edit | Refusal:
    """The edit that puts the COPY behind the install: behind its RUN, or between two parts of that."""
    script = around.script(run)
    if script is None or not script.understood or script.gaps or run.heredocs:
        return Refusal("the RUN of the install is not wholly understood")
    place = install.command.statement or install.command.span
    before = [each for each in script.commands if each.span.start < place.start]
    behind = [each for each in script.commands if each.span.start >= place.end]
    if not all(map(_is_indifferent, before)) or install.command.depth:
        return Refusal("commands in front of the install may need what is copied")
    if all(map(_is_indifferent, behind)):
        return lines_behind(run, [copy.span.text])
    if any(each.program in ("set", "export", "corepack") or not each.program for each in before) or run.exec_form:
        return Refusal("the RUN of the install can't be split")
    joint = _JOINT.match(place.source.text, place.end)
    if joint is None or any(each.operator in ("||", ";", "&") and not each.depth for each in behind):
        return Refusal("the RUN of the install can't be split")
    end = line_end(place.source)
    head = run.span.source.text[run.span.start : run.arguments.start]
    return Edit(Span(place.source, place.end, joint.end()), f"{end}{copy.span.text}{end}{head}")


def _is_there(files: Sequence[str], added: Added, copy: Instruction, around: Surroundings) -> bool:
    """Whether an earlier line brings all these files to the same place."""
    folder = posixpath.dirname(added.path)
    wanted = {(posixpath.join(folder, posixpath.basename(path)), path) for path in files}
    earlier = (event for event in around.flow.events if event.instruction.index < copy.index)
    return wanted <= {(event.path, event.origin.path) for event in earlier if isinstance(event, Added)}


def _copy_line(files: Sequence[str], added: Added, copy: Instruction, around: Surroundings) -> str:
    folder = posixpath.dirname(added.path)
    workdir = around.flow.workdirs.get(copy.index, around.flow.workdir)
    destination = "./" if folder == workdir.rstrip("/") or folder == workdir else folder.rstrip("/") + "/"
    return " ".join(("COPY", *_flags(copy), *files, destination))


def _flags(copy: Instruction) -> Iterable[str]:
    return (flag.span.text for flag in copy.flags if flag.name not in ("exclude", "parents"))
