"""Python and Node: what compilers make of packages is taken to an image of the same kind without the compilers."""

from __future__ import annotations

import posixpath

from dfguard.edit import Refusal
from dfguard.flow.events import CONTEXT, Added
from dfguard.restructure.multistage.recipe import Recipe, started
from dfguard.restructure.surroundings import Surroundings
from dfguard.shell.packages import PackageCommand
from dfguard.toolchains.languages import language

_VENV = "/opt/venv"
_ELSEWHERE = ("--user", "--target", "-t", "--prefix", "--root", "--break-system-packages", "-e", "--editable")
_TOP = ("/", "/usr", "/opt", "/home", "/root", "/usr/local", "/var", "/tmp", "/etc")


def python(around: Surroundings) -> Recipe | Refusal:
    """How the packages of a Python program are built apart: in a virtual environment."""
    start, folder = started(around), _folder(around)
    calls = [call for call in around.commands.package_commands if call.manager in ("pip", "uv", "poetry", "pipenv")]
    if start is None or isinstance(folder, Refusal):
        return folder if isinstance(folder, Refusal) else Refusal("expected a CMD or ENTRYPOINT")
    if not calls or any(call.manager != "pip" or call.has(*_ELSEWHERE) or _local(call) for call in calls):
        return Refusal("expected packages to be installed by pip, where pip puts them")
    if start[0][0].startswith("/usr/") or start[0][0] == "?":
        return Refusal(f"the container starts {start[0][0]}, which sees no virtual environment")
    others = [c for c in around.commands.commands if c.program.startswith("python") and not _is_pip(c.operands)]
    if others:
        return Refusal("what Python does in a RUN may be needed when the program runs")
    path = f"ENV PATH={_VENV}/bin:$PATH"
    return Recipe(
        language("python"),
        around.stage.from_.image.raw,
        ((_VENV, _VENV), *(((folder, folder),) if folder else ())),
        ("pip", "pip3", "python", "python3"),
        first=(f"RUN python -m venv {_VENV}", path),
        lines=(path,),
        assumptions=("no package loads a library that a compiler's package brought",),
    )


def _is_pip(operands: tuple[object, ...]) -> bool:
    return bool(operands) and getattr(operands[0], "text", "") == "pip"


def _local(call: PackageCommand) -> bool:
    return any(package.kind == "file" for package in call.packages)


def node(around: Surroundings) -> Recipe | Refusal:
    """How the packages of a Node program are built apart: they lie in its own folder."""
    folder = _folder(around)
    if isinstance(folder, Refusal) or started(around) is None:
        return folder if isinstance(folder, Refusal) else Refusal("expected a CMD or ENTRYPOINT")
    if not folder:
        return Refusal("the program has no folder of its own")
    calls = [call for call in around.commands.package_commands if call.manager in ("npm", "yarn", "pnpm")]
    if not calls or any(call.has("-g", "--global", "--location") or call.packages for call in calls):
        return Refusal("expected packages to be installed in the folder of the program")
    return Recipe(
        language("node"),
        around.stage.from_.image.raw,
        ((folder, folder),),
        ("npm", "yarn", "pnpm"),
        assumptions=("no package loads a library that a compiler's package brought",),
    )


def _folder(around: Surroundings) -> str | Refusal:
    """The folder that holds all that comes from the context; "" where nothing does."""
    folder = around.flow.workdir
    for path, added in around.flow.view.items():
        if not isinstance(added, Added) or added.origin.kind != CONTEXT:
            return Refusal(f"where {path} comes from is not followed")
        if folder in _TOP or "*" in folder or not path.startswith(folder.rstrip("/") + "/"):
            return Refusal(f"{path} lies outside of the program's own folder")
        if posixpath.basename(path).startswith(".env"):
            return Refusal(f"{path} may be a secret")
    return folder if around.flow.view else ""
