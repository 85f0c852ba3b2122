"""What package managers and builders leave beside what they install: their caches, databases and logs.

Sources: FILES of apt-get(8), dpkg(1), dnf.conf(5), apk(5), zypper(8), pacman(8); `pip cache dir`, npm-cache(1),
https://doc.rust-lang.org/cargo/guide/cargo-home.html, `go help cache`, and the manuals of the others.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from dfguard.shell.effects.model import Clears, Effect, Fills, Opaque
from dfguard.shell.packages import read_package_command
from dfguard.struct import Struct

if TYPE_CHECKING:
    from dfguard.shell.commands import Command
    from dfguard.shell.packages import PackageCommand


class Keeps(Struct):
    """The paths that a manager keeps: `surely` with every install, `maybe` by its settings.

    `lists` is what an update of the lists writes; `cleans` what `clean` removes (a final slash: with all below).
    `without` are the options that leave the cache out, `cache` the path that they are about.
    """

    surely: tuple[str, ...] = ()
    maybe: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    cleans: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    cache: tuple[str, ...] = ()


# Python compiles modules, its own included, when a program first needs them; images of python come without.
COMPILED = "**/__pycache__"
_APT = Keeps(
    surely=("/var/lib/dpkg", "/var/log/dpkg.log", "/var/log/apt"),
    maybe=("/var/lib/apt/extended_states", "/var/cache/debconf", "/var/log/alternatives.log", "/etc/alternatives"),
    lists=("/var/lib/apt/lists",),
    cleans=("/var/cache/apt/archives/*.deb", "/var/cache/apt/archives/partial/*", "/var/cache/apt/*.bin"),
    cache=("/var/cache/apt",),
)
_DNF = Keeps(
    surely=("/var/lib/rpm", "/usr/lib/sysimage"),
    maybe=("/var/lib/dnf", "/var/lib/yum", "/var/log/dnf*", "/var/log/yum.log", "/var/log/hawkey.log"),
    lists=(),
    cleans=("/var/cache/dnf/*/", "/var/cache/yum/*/", "/var/cache/libdnf5/*/"),
    cache=("/var/cache/dnf", "/var/cache/yum", "/var/cache/libdnf5"),
)
_NODE = "node_modules"
KEPT: dict[str, Keeps] = {
    "apt-get": _APT,
    "apt": _APT,
    "aptitude": _APT,
    "dnf": _DNF,
    "microdnf": _DNF,
    "tdnf": _DNF.but(cache=("/var/cache/tdnf",), cleans=("/var/cache/tdnf/*/",)),
    "yum": _DNF,
    "apk": Keeps(
        ("/lib/apk/db", "/etc/apk/world"), (), (), ("/var/cache/apk/*",), ("--no-cache",), ("/var/cache/apk",)
    ),
    "zypper": Keeps(("/var/lib/rpm",), ("/var/log/zypp*",), (), ("/var/cache/zypp/*/",), (), ("/var/cache/zypp",)),
    "pacman": Keeps(("/var/lib/pacman",), ("/var/log/pacman.log",), (), (), (), ("/var/cache/pacman/pkg",)),
    "pip": Keeps(("**/*-packages", COMPILED), (), (), ("~/.cache/pip/",), ("--no-cache-dir",), ("~/.cache/pip",)),
    "pipx": Keeps((), ("~/.local",), (), (), (), ("~/.cache/pip",)),
    "uv": Keeps((), ("**/*-packages", ".venv"), (), ("~/.cache/uv/",), ("--no-cache", "-n"), ("~/.cache/uv",)),
    "poetry": Keeps((), ("**/*-packages",), (), (), ("--no-cache",), ("~/.cache/pypoetry",)),
    "pipenv": Keeps((), ("**/*-packages",), (), ("~/.cache/pipenv/",), (), ("~/.cache/pipenv", "~/.cache/pip")),
    "npm": Keeps((f"**/{_NODE}",), ("package-lock.json", "package.json"), (), ("~/.npm/_cacache/",), (), ("~/.npm",)),
    "yarn": Keeps((), (f"**/{_NODE}", "yarn.lock"), (), ("~/.cache/yarn/",), (), ("~/.cache/yarn", "~/.yarn")),
    "pnpm": Keeps((), (f"**/{_NODE}", "pnpm-lock.yaml"), (), (), (), ("~/.local/share/pnpm", "~/.cache/pnpm")),
    "bun": Keeps((), (f"**/{_NODE}", "bun.lock*"), (), (), (), ("~/.bun/install/cache",)),
    "gem": Keeps(("**/gems",), (), (), (), (), ("~/.gem", "~/.local/share/gem")),
    "bundle": Keeps((), ("**/gems", "vendor/bundle"), (), (), (), ("~/.bundle",)),
    "composer": Keeps(("vendor",), ("composer.lock",), (), (), (), ("~/.composer/cache", "~/.cache/composer")),
    "cargo": Keeps((), ("~/.cargo/bin",), (), (), (), ("~/.cargo/registry", "~/.cargo/git")),
    "go": Keeps((), ("~/go/bin",), (), ("~/.cache/go-build/",), (), ("~/go/pkg/mod", "~/.cache/go-build")),
    "conda": Keeps((), ("**/pkgs", "**/envs"), (), (), (), ("~/.conda",)),
}
# Builders that run whatever the project says, and the caches that they are known for.
BUILDERS: dict[str, tuple[str, ...]] = {
    "mvn": ("~/.m2",),
    "gradle": ("~/.gradle",),
    "gradlew": ("~/.gradle",),
    "mvnw": ("~/.m2",),
    "sbt": ("~/.sbt", "~/.ivy2", "~/.cache/coursier"),
    "dotnet": ("~/.nuget", "~/.dotnet"),
    "go": ("~/.cache/go-build", "~/go/pkg/mod"),
    "cargo": ("~/.cargo/registry",),
    "npx": ("~/.npm",),
    "corepack": ("~/.cache/node",),
}
_IN_PYTHON = frozenset(("pip", "pipx", "pipenv", "poetry", "conda"))
_QUESTIONS = frozenset(("list", "show", "info", "search", "freeze", "view", "outdated", "why", "check", "policy"))


def managed(command: Command) -> list[Effect] | None:
    """The effects of a package manager; None when the command calls none."""
    told = read_package_command(command, with_packages=False)
    if told is None:
        return None
    keeps = KEPT.get(told.manager, Keeps())
    program = told.manager
    compiled = [Fills(COMPILED, program, certain=False)] if program in _IN_PYTHON else []
    if told.action == "clean":
        return [*compiled, *_cleaned(command, told, keeps)]
    if told.verb.text in _QUESTIONS:
        return [*compiled, *(Fills(path, program, certain=False) for path in keeps.cache)]
    if told.action == "update" and keeps.lists:
        return [*_filled(keeps.lists, keeps.cache, program)]
    found: list[Effect] = []
    if told.action in ("install", "upgrade", "remove"):
        cached = () if any(told.has(option) for option in keeps.without) else keeps.cache
        found += _filled(keeps.surely, (*keeps.maybe, *cached), program)
    elif command.program in BUILDERS:
        return built(command)
    return [Opaque(command.span, f"{program} {told.verb.text} changes what is installed"), *found]


@lru_cache(128)
def _filled(surely: tuple[str, ...], maybe: tuple[str, ...], program: str) -> tuple[Effect, ...]:
    return (*(Fills(path, program) for path in surely), *(Fills(path, program, certain=False) for path in maybe))


def _cleaned(command: Command, told: PackageCommand, keeps: Keeps) -> list[Effect]:
    found: list[Effect] = []
    known = told.verb.text in ("clean", "distclean", "purge", "cache") or told.manager == "pip"
    if told.manager == "npm" and "--force" not in [argument.text for argument in command.arguments]:
        known = False
    for path in keeps.cleans if known else ():
        found.append(Clears(path.removesuffix("/"), path.endswith("/")))
    if told.verb.text in ("distclean", "dist-clean"):
        found.append(Clears("/var/lib/apt/lists/*", True))
    places = (*keeps.cache, *keeps.lists, *keeps.maybe)
    if not places:
        return [Opaque(command.span, f"{told.manager} clears its cache")]
    return [*(Opaque(command.span, f"{told.manager} clears its cache", place) for place in places), *found]


def built(command: Command) -> list[Effect] | None:
    """The effects of a builder of whole projects; None when the command calls none."""
    caches = BUILDERS.get(command.program)
    if caches is None:
        return None
    found: list[Effect] = [Fills(path, command.program, certain=False) for path in caches]
    if command.program == "go" and command.arguments and command.arguments[0].text in ("version", "env", "list", "vet"):
        return found
    return [Opaque(command.program_span, f"it runs {command.program}"), *found]
