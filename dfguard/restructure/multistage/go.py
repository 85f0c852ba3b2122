"""Go: a program without cgo runs in an image that holds nothing but certificates, time zones and a few accounts."""

from __future__ import annotations

import posixpath
import re

from dfguard.edit import Refusal
from dfguard.restructure.multistage.recipe import (
    Recipe,
    builds_of,
    folder_of,
    program_path,
    same,
    sources_say,
    started,
    taken_along,
    text_of,
)
from dfguard.restructure.surroundings import Surroundings
from dfguard.shell.commands import Command
from dfguard.toolchains.languages import language

_MODULE = re.compile(r"^module\s+\"?(\S+?)\"?\s*$", re.M)
_SEARCHED = ("/usr/local/bin", "/usr/bin", "/bin")
_OWN = ("CGO_ENABLED", "GOPROXY", "GOOS", "GOARCH", "GO111MODULE", "GOPRIVATE", "GOSUMDB", "GOFLAGS", "GOPATH", "GOBIN")


def recipe(around: Surroundings) -> Recipe | Refusal:
    """How a Go program is built apart."""
    data, context = language("go"), around.context
    builds, start = builds_of(around, "go", ("build",)), started(around)
    if len(builds) != 1 or start is None or context is None:
        return Refusal("expected one `go build`, and a CMD or ENTRYPOINT")
    made = built(builds[0], around)
    if made is None:
        return Refusal("where `go build` puts the program is not known")
    words, by_shell = start
    path = program_path(words[0], around)
    if path != made and not (path == posixpath.basename(made) and posixpath.dirname(made) in _SEARCHED):
        return Refusal(f"the container starts {words[0]}, and `go build` makes {made}")
    module = _module(builds[0], around)
    if module is None:
        return Refusal("no go.mod of the context")
    needed = next((word for word in data.words("refused") if word in module), "")
    needed = needed or sources_say(context, (".go",), data.words("starts"))
    if needed:
        return Refusal(f"the sources say {needed}: the program may need more than itself")
    reason = _cgo(around)
    if reason:
        return Refusal(reason)
    along = taken_along(around, data, around.flow.workdirs.get(_index(builds[0], around), "/"))
    if isinstance(along, Refusal):
        return along
    runtime = data.text("shell_runtime" if by_shell else "runtime")
    cgo = () if any("CGO_ENABLED" in node.span.text for node in around.stage.instructions) else (("CGO_ENABLED", "0"),)
    assumptions = ("no package that it uses needs cgo",)
    return Recipe(data, runtime, same([made, *along]), ("go",), cgo, assumptions=assumptions, own=_OWN)


def _cgo(around: Surroundings) -> str:
    """What says that a program of C is linked in; empty where nothing does."""
    text = "\n".join(node.span.text for node in around.stage.instructions)
    values = re.findall(r"\bCGO_ENABLED[ =]+[\"']?(\w+)", text)
    if any(value != "0" for value in values):
        return "CGO_ENABLED is not 0"
    told = re.search(r"-race\b|-buildmode|-linkmode|\bGOOS[ =]+(?![\"']?linux)\S+", text)
    return f"{told[0]} stands in the file" if told else ""


def _index(command: Command, around: Surroundings) -> int:
    run = around.commands.run_of(command)
    return run.index if run is not None else -1


def built(command: Command, around: Surroundings) -> str | None:
    """The path of what `go build` makes."""
    folder, out = folder_of(command, around), command.option("-o")
    if folder is None or folder == "/":
        return None
    if out is not None:
        value = out.value
        return posixpath.normpath(posixpath.join(folder, value)) if value and not value.endswith("/") else None
    target = command.operands[-1].text if len(command.operands) > 1 else "."
    if target.endswith(".go"):
        return posixpath.join(folder, posixpath.basename(target).removesuffix(".go"))
    if target not in (".", "./"):
        return posixpath.join(folder, posixpath.basename(target.rstrip("/")))
    module = _MODULE.search(_module(command, around) or "")
    name = re.sub(r"/v\d+\Z", "", module[1]).rpartition("/")[2] if module else ""
    return posixpath.join(folder, name) if name else None


def _module(command: Command, around: Surroundings) -> str | None:
    """The go.mod of the folder that a build runs in."""
    folder = folder_of(command, around)
    added = around.flow.view.get(f"{folder}/go.mod") if folder else None
    if added is None or added.origin.file is None or around.context is None:
        return None
    return text_of(around.context, added.origin.path)
