"""Several RUNs in a row that should be one layer.

Each RUN makes a layer. What a later RUN removes, an earlier layer still carries: the image holds the
bytes twice over, once in full and once as a marker. Joined with `&&`, the removal counts.

```dockerfile bad
FROM debian:12.8-slim
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev
RUN gcc --version > /gcc-version
RUN apt-get purge -y gcc libc6-dev && rm -rf /var/lib/apt/lists/*
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
```

```dockerfile fixed
FROM debian:12.8-slim
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev \\
 && gcc --version > /gcc-version \\
 && apt-get purge -y gcc libc6-dev && rm -rf /var/lib/apt/lists/*
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
```

A row of plain RUNs that remove nothing of one another costs little and can be good for the cache: it is
an information from `minimum` (5) RUNs on. Quiet: stages that do not ship, RUNs with mounts or other
flags that differ, exec forms, and heredocs. `dfguard fix --unsafe-fixes` joins what a shell reads the same way then:
nothing that `cd`, `export`, `set`, a variable or `&` does may last from one RUN to the next.

```dockerfile good
FROM debian:12.8-slim AS build
RUN mkdir /a
RUN mkdir /b
RUN mkdir /c
FROM scratch
COPY --from=build /a /a
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import (
    Dockerfile,
    Fix,
    Found,
    HasSpan,
    Instruction,
    InstructionId,
    LayerHolds,
    Options,
    PackageCommand,
    Refusal,
    Run,
    Severity,
    Stage,
    StageCommands,
    StageFlow,
    Wasted,
    rule,
)


class Limits(Options):
    """`minimum`: how many RUNs in a row are worth an information."""

    minimum: int = 5


@rule("DG501", "consecutive-runs", peers=("DL3059", "DF003"))
def check(stage: Stage, flow: StageFlow, commands: StageCommands, options: Limits) -> Iterator[Found]:
    """Visit the stages that ship."""
    if not stage.ships:
        return
    for row in rows(stage.instructions):
        waste = next(undone(row, flow, commands), None)
        if waste:
            place, written, line, claim = waste
            yield Found(
                place,
                f"removes what the RUN on line {line} wrote, which stays in that layer: join the RUNs with &&",
                related=((written, "written here"),),
                claim=claim,
            )
        elif len(row) >= options.minimum:
            yield Found(
                row[0].keyword,
                f"{len(row)} RUNs in a row make {len(row)} layers: join them with && if their cache is not needed",
                severity=Severity.INFO,
            )


@check.fix
def fix(stage: Stage, mended: Found, commands: StageCommands, dockerfile: Dockerfile) -> Iterator[Fix | Refusal]:
    """Join the RUNs: of those that undo one another, only the ones from the first to the last of them."""
    from dfguard.api import joined

    place, *others = mended.spans
    row = next(row for row in rows(stage.instructions) if any(run.span.contains(place) for run in row))
    if others:
        row = [run for run in row if others[0].start <= run.span.end and run.span.start <= place.end]
    scripts = dict(commands.scripts)
    made = joined(dockerfile, [(run, scripts[run]) for run in row])
    if isinstance(made, Refusal):
        yield made
        return
    assumed = "their results need not be cached one by one"
    title = f"join the {len(row)} RUNs of lines {row[0].start_line} to {row[-1].end_line}"
    yield Fix.structural(title, *made, assumptions=[assumed], brings=["DG501", "DG520"])


def undone(
    row: list[Run], flow: StageFlow, commands: StageCommands
) -> Iterator[tuple[HasSpan, HasSpan, int, Wasted | LayerHolds | None]]:
    """Where a RUN of the row removes what an earlier one wrote: files it named, or installed packages."""
    for removal in flow.removals:
        if removal.removed.instruction in row[1:] and removal.added.instruction in row:
            added = removal.added
            at = InstructionId(added.stage, added.instruction.index)
            claim = Wasted(added.path, at) if removal.removed.certain else LayerHolds(added.path, at)
            yield removal.removed.place, added.place, added.instruction.start_line, claim
    for index, run in enumerate(row):
        calls = commands.package_commands_of(run)
        for earlier in row[:index]:
            before = commands.package_commands_of(earlier)
            for call in calls:
                install = next((old for old in before if takes_back(call, old, calls, before)), None)
                if install is not None:
                    yield call, install.verb, earlier.start_line, None


def takes_back(
    call: PackageCommand, old: PackageCommand, calls: tuple[PackageCommand, ...], before: tuple[PackageCommand, ...]
) -> bool:
    """Whether a call removes packages that an earlier RUN installed, or the download cache that it left."""
    if old.action != "install" or call.manager != old.manager:
        return False
    if call.action == "clean":
        own = any(other.action == "install" for other in calls)
        cleaned = any(other.action == "clean" for other in before)
        return not own and not cleaned
    names = {package.name for package in old.packages if package.name}
    return call.action == "remove" and not names.isdisjoint(package.name for package in call.packages)


def rows(instructions: tuple[Instruction, ...]) -> Iterator[list[Run]]:
    """Runs of RUNs that could be one: next to each other, of shell form, with the same flags."""
    row: list[Run] = []
    for instruction in (*instructions, None):
        if isinstance(instruction, Run) and plain(instruction):
            if row and flags(instruction) != flags(row[-1]):
                yield row
                row = []
            row.append(instruction)
        else:
            yield row
            row = []


def plain(run: Run) -> bool:
    """Whether a RUN can be joined with another by `&&`."""
    return run.exec_form is None and not run.heredocs


def flags(run: Run) -> tuple[str, ...]:
    """The flags as written."""
    return tuple(flag.span.text for flag in run.flags)
