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

```dockerfile good
FROM debian:12.8-slim
RUN apt-get update \\
 && apt-get install -y --no-install-recommends curl \\
 && rm -rf /var/lib/apt/lists/*
```

Not reported: an update followed in the same RUN by anything that may install (a script, `make`), and
package lists that a cache mount keeps.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Command, Found, PackageCommand, Run, Script, rule

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


def harmless(command: Command) -> bool:
    """Whether a command has no need of the lists; a verb of apt that is not known may have."""
    if command.program in APT:
        return all(operand.value in HARMLESS_VERBS for operand in command.operands[:1])
    return command.program in HARMLESS
