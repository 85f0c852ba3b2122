"""The image ships the tools that built it, for lack of a stage of their own.

Compilers and SDKs make an image several times larger and give an attacker the tools to build more. In a
multi-stage build they stay behind, and only what they made is copied on.

```context
go.mod = module example.com/app
main.go = package main\nfunc main() {}
```

```dockerfile bad
FROM golang:1.23.3
#    ^^^^^^^^^^^^^
WORKDIR /src
COPY main.go go.mod ./
RUN go build -o /app .
CMD ["/app"]
```

```dockerfile fixed
FROM golang:1.23.3 AS build
ENV CGO_ENABLED=0
#    ^^^^^^^^^^^^^
WORKDIR /src
COPY main.go go.mod ./
RUN go build -o /app .

FROM gcr.io/distroless/static-debian12
WORKDIR /src
COPY --from=build /app /app
CMD ["/app"]
```

`dfguard fix --unsafe-fixes` does so for Go, Rust, Java, .NET, Python and Node where the context tells enough of the
program, and says what it takes for granted.

```dockerfile bad
FROM python:3.12.7-slim
RUN apt-get update \\
 && apt-get install -y --no-install-recommends build-essential \\
#                                              ^^^^^^^^^^^^^^^
 && pip install --no-cache-dir uwsgi==2.0.28 \\
 && rm -rf /var/lib/apt/lists/*
```

```dockerfile good
FROM python:3.12.7-slim
RUN apt-get update \\
 && apt-get install -y --no-install-recommends build-essential \\
 && pip install --no-cache-dir uwsgi==2.0.28 \\
 && apt-get purge -y --auto-remove build-essential \\
 && rm -rf /var/lib/apt/lists/*
```

Reported only with evidence: a compiler package that stays installed in a stage that ships and that
something there builds with, or a build command run there on an SDK image. Where nothing uses the
compilers, they may be what the image is for (a toolchain): that is for `--pedantic`. An image that builds
on the way and is meant for building can say so: `# dfguard: ignore-file[DG310] -- a build image`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from dfguard.api import (
    Base,
    Command,
    Confidence,
    Fix,
    Found,
    Package,
    PackageCommand,
    Refusal,
    Stage,
    StageCommands,
    StageGraph,
    rule,
)

if TYPE_CHECKING:
    from dfguard.api import Surroundings

COMPILERS = (
    r"build-essential|build-base|base-devel|alpine-sdk|gcc-c\+\+|gcc-gfortran|(?:gcc|g\+\+|clang|gfortran)(?:-?[\d.]+)?"
    r"|musl-dev|libc6?-dev|default-jdk(?:-headless)?|openjdk-?\d+-jdk(?:-headless)?|java-[\d.]+-openjdk-devel"
    r"|golang(?:-go|-[\d.]+(?:-go)?)?|go|rustc?|cargo|dotnet-sdk-[\d.]+"
)
COMPILING = frozenset(
    """
    make cmake ninja meson autoreconf configure gcc g++ cc c++ clang clang++ go cargo rustc javac ant mvn mvnw
    gradle gradlew sbt dotnet phpize docker-php-ext-install pecl node-gyp yarn pnpm gem fluent-gem bundle uv poetry
    pipenv luarocks cpan cpanm mix rebar3 stack cabal R Rscript
    """.split()
)
BUILDS = {
    "go": ("build", "install"),
    "cargo": ("build", "install"),
    "mvn": ("package", "install", "verify"),
    "mvnw": ("package", "install", "verify"),
    "gradle": ("build", "assemble", "bootJar", "shadowJar"),
    "gradlew": ("build", "assemble", "bootJar", "shadowJar"),
    "dotnet": ("publish", "build"),
}


@rule(
    "DG310",
    "build-tools-shipped",
    severity="info",
    peers=("DF011",),
)
def check(stage: Stage, base: Base | None, commands: StageCommands, graph: StageGraph) -> Iterator[Found]:
    """Visit the stages that ship: an SDK that builds there, or compilers that stay installed."""
    if not stage.ships:
        return
    built = [command for command in commands.commands if builds(command)]
    if base is not None and base.sdk and built and stage.parent is None:
        yield Found(
            stage.from_.image,
            f"the image ships the SDK of {base.sdk}: build in a stage of its own and copy the result",
            related=((built[0], "built here"),),
        )
    for install in commands.package_commands:
        kept = [p for p in install.packages if is_compiler(p, install) and not removed(p, install, commands)]
        if install.action == "install" and kept:
            names = ", ".join(p.name for p in kept)
            used = any(other.parent == stage.index for other in graph.stages) or uses(kept, install, commands)
            yield Found(
                kept[0],
                f"the image ships build tools ({names}): build in a stage of its own, or install, use and purge them "
                "in one RUN",
                confidence=Confidence.HIGH if used else Confidence.LOW,
            )


@check.fix
def fix(stage: Stage, around: Surroundings) -> Iterator[Fix | Refusal]:
    """Build in a stage of its own."""
    from dfguard.api import built_apart

    yield built_apart(around)


@cache
def compilers() -> re.Pattern[str]:
    """The names of compiler packages of all distributions."""
    return re.compile(COMPILERS)


def is_compiler(package: Package, install: PackageCommand) -> bool:
    """Whether a distribution's package is a compiler or what comes with one."""
    return install.manager not in ("pip", "npm") and compilers().fullmatch(package.name) is not None


def uses(kept: list[Package], install: PackageCommand, commands: StageCommands) -> bool:
    """Whether something behind the install may compile, or removes the compilers again, too late."""
    names = {package.name for package in kept}
    for later in commands.package_commands:
        if later.span.start > install.span.start:
            late = later.action == "remove" and not names.isdisjoint(p.name for p in later.packages)
            if late or (later.action == "install" and later.manager in ("pip", "npm")):
                return True
    return any(
        command.program in COMPILING and command.span.start > install.span.start for command in commands.commands
    )


def builds(command: Command) -> bool:
    """Whether a command compiles a program."""
    words = [(operand.value or operand.raw).rpartition(":")[2] for operand in command.operands]
    if command.program == "go" and any(word == "tool" or "@" in word for word in words):
        return False  # fetches a tool
    return any(word in BUILDS.get(command.program, ()) for word in words)


def removed(package: Package, install: PackageCommand, commands: StageCommands) -> bool:
    """Whether the same RUN removes the package again, by its name or its virtual group."""
    run = commands.run_of(install)
    group = install.value("--virtual") or install.value("-t")
    for command in commands.package_commands_of(run) if run else ():
        if command.action != "remove" or command.span.start < install.span.end:
            continue
        names = {p.name for p in command.packages} | {p.raw for p in command.packages}
        if package.name in names or (group and group in names) or command.has("--auto-remove"):
            return True
        if any("$" in name for name in names):  # a list of packages that a variable holds
            return True
    return False
