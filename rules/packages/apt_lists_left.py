"""The package lists that `apt-get update` fetched stay in the layer.

They weigh 20 to 50 MB, are stale tomorrow, and nothing in a container needs them. Removing them in a
later RUN only hides them: the layer keeps its bytes.

```dockerfile bad
FROM debian:12.8-slim
RUN apt-get update && apt-get install -y --no-install-recommends curl
#   ^^^^^^^^^^^^^^
```

```dockerfile fixed
FROM debian:12.8-slim
RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
#   ^^^^^^^^^^^^^^
```

```dockerfile good
FROM debian:12.8-slim
RUN --mount=type=cache,target=/var/lib/apt,sharing=locked \\
    --mount=type=cache,target=/var/cache/apt,sharing=locked \\
    apt-get update && apt-get install -y --no-install-recommends curl
```

Not reported: stages that do not ship, lists on a cache or tmpfs mount, and `apt-get distclean`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import (
    Command,
    Confidence,
    Edit,
    Fix,
    Found,
    Gone,
    InstructionId,
    LayerHolds,
    PackageCommand,
    Run,
    Script,
    Stage,
    rule,
)

LISTS = "/var/lib/apt/lists"


@rule(
    "DG411",
    "apt-lists-left",
    programs=("apt-get", "apt", "aptitude"),
    peers=("DL3009", "DKL-DI-0005", "DF004"),
)
def check(update: PackageCommand, script: Script, run: Run, stage: Stage) -> Iterator[Found]:
    """Visit the last update of each RUN that ships, and look for what removes the lists behind it."""
    if not fetches(update) or not stage.ships or any(covers(mount.target) for mount in run.mounts):
        return
    later = [command for command in script.commands if command.span.start > update.span.start]
    if any(removes_lists(command) or is_update(command, update) for command in later):
        return
    installs = update.action == "install" or any(map(needs_lists, later))
    how = "update" if update.action == "update" else f"{update.verb.text} --update"
    yield Found(
        update if update.action == "update" else update.verb,
        f"the package lists of {update.manager} {how} stay in this layer",
        confidence=Confidence.LOW if any(map(is_unknown, later)) else Confidence.HIGH,
        fixes=tuple(removal(script)) if run.exec_form is None and installs else (),
        claim=LayerHolds(f"{LISTS}/*", InstructionId(stage.index, run.index)),
    )


def fetches(call: PackageCommand) -> bool:
    """Whether a call of apt fetches the lists: `update`, and `install --update` since apt 2.9."""
    return call.action == "update" or (call.action in ("install", "upgrade") and call.has("--update", "-U"))


def is_unknown(command: Command) -> bool:
    """Whether a command may do anything: a script, or a program that a variable names."""
    if command.program == "":
        return command.program_span.start < command.program_span.end  # else it only assigns or redirects
    return "/" in command.program or command.program.endswith(".sh")


def needs_lists(command: Command) -> bool:
    """Whether the install is in the same RUN; elsewhere it still needs the lists."""
    return command.program in ("apt-get", "apt", "aptitude") and any(o.raw == "install" for o in command.operands[:1])


def covers(target: str | None) -> bool:
    """Whether a mount at `target` holds the lists."""
    return target is not None and f"{LISTS}/".startswith(target.rstrip("/") + "/")


def is_update(command: Command, update: PackageCommand) -> bool:
    """Whether `command` is a further update: that one is visited by itself."""
    if command.program != update.manager:
        return False
    return [o.raw for o in command.operands[:1]] == ["update"] or any(a.raw == "--update" for a in command.arguments)


def removes_lists(command: Command) -> bool:
    """Whether a command empties the folder of the lists."""
    if command.program in ("apt-get", "apt") and any(
        o.raw in ("distclean", "dist-clean") for o in command.operands[:1]
    ):
        return True
    if command.program not in ("rm", "find"):
        return False
    paths = [(argument.value or argument.raw).rstrip("/*") for argument in command.arguments]
    return any(path in (LISTS, "/var/lib/apt", "/var/lib") or path.startswith(LISTS + "/") for path in paths)


def removal(script: Script) -> Iterator[Fix]:
    """The fix, if the script is one plain chain of `&&` that ends where the RUN ends."""
    last = script.commands[-1]
    plain = all(c.operator in ("", "&&") and not c.depth and not c.redirects for c in script.commands)
    if plain and script.span.text.rstrip().endswith(last.span.text) and last.span.contains(last.span):
        title = f"remove {LISTS}/* at the end of the RUN"
        yield Fix.declared(title, Edit.after(last, f" && rm -rf {LISTS}/*"), differences=(Gone(f"{LISTS}/**"),))
