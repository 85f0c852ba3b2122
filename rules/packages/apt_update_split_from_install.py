"""`apt-get update` stands in a RUN of its own, apart from the install that needs it.

The builder caches each RUN by its text. When only the install changes, the update comes from the
cache, perhaps months old, and the install asks mirrors for versions that are gone, or installs
versions with known holes.

```dockerfile bad
FROM debian:12.8-slim
RUN apt-get update
#   ^^^^^^^^^^^^^^
RUN apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
```

```dockerfile fixed
FROM debian:12.8-slim
RUN apt-get update \\
#   ^^^^^^^^^^^^^^
 && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
```

`dfguard fix --unsafe-fixes` joins the two, or moves an update that stands alone to the install. Not reported: an
update followed in the same RUN by anything that may install (a script, `make`), and package lists that a cache mount
keeps.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import (
    Command,
    Dockerfile,
    Edit,
    Fix,
    Found,
    PackageCommand,
    Refusal,
    Run,
    Script,
    Stage,
    StageCommands,
    rule,
)

APT = frozenset(("apt-get", "apt", "aptitude"))
HARMLESS = frozenset("apt-mark apt-cache rm echo printf true : set export cd mkdir chmod chown ls cat".split())
HARMLESS_VERBS = frozenset("update clean autoclean distclean dist-clean remove purge autoremove autopurge".split())


@rule(
    "DG401",
    "apt-update-split-from-install",
    programs=("apt-get", "apt", "aptitude"),
    peers=("DS-0017", "DS017", "CKV_DOCKER_5", "CIS-DI-0007", "DKL-DI-0005", "DF028"),
)
def check(update: PackageCommand, script: Script, run: Run) -> Iterator[Found]:
    """Visit the calls of apt, and look at what follows an update in its RUN."""
    if update.action != "update" or any(
        mount.target and mount.target.startswith("/var/lib/apt") for mount in run.mounts
    ):
        return
    later = [command for command in script.commands if command.span.start > update.span.start]
    if not all(harmless(command) for command in later):
        return
    yield Found(update, f"{update.manager} update is cached apart from the install that needs it: do both in one RUN")


@check.fix
def fix(
    update: PackageCommand, script: Script, run: Run, stage: Stage, commands: StageCommands, dockerfile: Dockerfile
) -> Iterator[Fix | Refusal]:
    """Join the RUN with the install's, or move an update that is all of its RUN to the install."""
    from dfguard.api import drop, joined

    runs = [later for later, _ in commands.scripts if later.index > run.index]
    install = next((call for later in runs[:1] for call in commands.package_commands_of(later) if installs(call)), None)
    if install is None:
        yield Refusal("the next RUN installs nothing with apt")
        return
    target, title = runs[0], f"do it in the RUN of the install, line {runs[0].start_line}"
    flags = [[flag.span.text for flag in each.flags] for each in (run, target)]
    plain = not any((each.exec_form or each.heredocs) for each in (run, target)) and flags[0] == flags[1]
    if plain and target.index == run.index + 1:
        made = joined(dockerfile, [(run, script), (target, dict(commands.scripts)[target])])
        yield made if isinstance(made, Refusal) else Fix.structural(title, *made, brings=["DG520"])
    elif plain and len(script.commands) == 1 and install.command.depth == 0 and opens(install, commands):
        place = install.command.statement or install.span
        yield Fix.structural(title, drop(dockerfile, run), Edit.before(place, f"{run.arguments.text.strip()} && "))
    else:
        yield Refusal("what stands between it and the install is not understood")


def installs(call: PackageCommand) -> bool:
    """Whether a call needs the lists."""
    return call.manager in APT and call.action in ("install", "upgrade")


def opens(install: PackageCommand, commands: StageCommands) -> bool:
    """Whether an install is the first command of its RUN."""
    run = commands.run_of(install)
    scripts = dict(commands.scripts)
    return run is not None and scripts[run].commands[0] == install.command


def harmless(command: Command) -> bool:
    """Whether a command has no need of the lists; a verb of apt that is not known may have."""
    if command.program in APT:
        return all(operand.value in HARMLESS_VERBS for operand in command.operands[:1])
    return command.program in HARMLESS
