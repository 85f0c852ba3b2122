""".NET: what `dotnet publish` makes runs in the runtime's image, or in ASP.NET's, of the same version."""

from __future__ import annotations

import posixpath
import re

from dfguard.edit import Refusal
from dfguard.restructure.multistage.recipe import Recipe, builds_of, folder_of, started, text_of
from dfguard.restructure.surroundings import Surroundings
from dfguard.toolchains.languages import language

_TAG = re.compile(r"\d+\.\d+(?:-(?:alpine[\d.]*|bookworm-slim|jammy|noble))?")
_OWN = ("NUGET_PACKAGES", "DOTNET_CLI_TELEMETRY_OPTOUT", "DOTNET_SKIP_FIRST_TIME_EXPERIENCE", "NUGET_XMLDOC_MODE")


def recipe(around: Surroundings) -> Recipe | Refusal:
    """How a program for .NET is built apart."""
    data, start = language("dotnet"), started(around)
    builds = builds_of(around, "dotnet", ("publish",))
    if len(builds) != 1 or start is None:
        return Refusal("expected one `dotnet publish`, and a CMD or ENTRYPOINT")
    words, by_shell = start
    folder, out = folder_of(builds[0], around), builds[0].option("-o", "--output")
    if folder is None or out is None or not out.value:
        return Refusal("where `dotnet publish` puts the program is not known")
    made = posixpath.normpath(posixpath.join(folder, out.value))
    dll = words[1] if len(words) > 1 else ""
    if by_shell or words[0] != "dotnet" or not dll.endswith(".dll"):
        return Refusal("expected CMD or ENTRYPOINT to be dotnet and the program in exec form")
    if posixpath.dirname(posixpath.normpath(posixpath.join(around.flow.workdir, dll))) != made:
        return Refusal(f"{dll} may not be what `dotnet publish` makes")
    tag = around.stage.from_.image.raw.partition("@")[0].rpartition(":")[2]
    if not _TAG.fullmatch(tag):
        return Refusal("which version of .NET the image has is not known")
    projects = [file.path for file in around.context.files if file.path.endswith("proj")] if around.context else []
    texts = [text_of(around.context, path) or "" for path in projects] if around.context else []
    if not texts or "" in texts:
        return Refusal("no project file in the context")
    web = any("Microsoft.NET.Sdk.Web" in text or "Microsoft.AspNetCore.App" in text for text in texts)
    runtime = data.text("web_runtime" if web else "runtime").format(version=tag)
    assumptions = ("the program reads no file beside what `dotnet publish` makes",)
    return Recipe(data, runtime, ((made, made),), ("dotnet",), assumptions=assumptions, own=_OWN)
