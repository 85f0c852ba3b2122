"""What a RUN writes into a mount is needed later, and is not there: no mount is part of a layer.

A cache stays with the builder, the files of a bind mount are dropped at the end of the RUN even with `rw`, and so
are those of a tmpfs. What later lines need has to be copied out of it by the RUN that mounts it.

```dockerfile bad
FROM rust:1.82.0-slim AS build
WORKDIR /app
COPY . .
RUN --mount=type=cache,target=/app/target cargo build --release
FROM debian:12.8-slim
COPY --from=build /app/target/release/app /usr/local/bin/
#                 ^^^^^^^^^^^^^^^^^^^^^^^
```

```dockerfile bad
FROM node:22.11.0-slim
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/app/node_modules npm ci
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
COPY . .
CMD ["node", "server.js"]
```

```dockerfile good
FROM rust:1.82.0-slim AS build
WORKDIR /app
COPY . .
RUN --mount=type=cache,target=/app/target cargo build --release && cp target/release/app /usr/local/bin/
FROM debian:12.8-slim
COPY --from=build /usr/local/bin/app /usr/local/bin/
```

Quiet where another line brings what is needed, or may: it calls the same program without the mount.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import (
    Cmd,
    Command,
    Confidence,
    Copy,
    Entrypoint,
    Flow,
    Found,
    HasSpan,
    Instruction,
    Mount,
    Not,
    Run,
    Script,
    Stage,
    StageCommands,
    StageFlow,
    StageGraph,
    ViewHolds,
    join_path,
    regex,
    rule,
)

KINDS = {"cache": "the cache", "bind": "the bind mount", "tmpfs": "the tmpfs"}
# Programs whose operands must be there, and how many of the last ones need not.
READERS = {"cp": 1, "mv": 1, "install": 1, "strip": 0, "chmod": 0, "chown": 0, "cat": 0, "upx": 0, "test": 0}
DEPENDENCIES = ("node_modules", ".venv", "venv", "site-packages")
HARMLESS = frozenset(
    ("", "cd", "mkdir", "echo", "set", "rm", "cp", "mv", "ls", "cat", "test", "[", "true", "export", "du")
)
WORD = regex(r"[\w.+-]+")
INSTALLERS = frozenset(("npm", "yarn", "pnpm", "bun", "pip", "pip3", "uv", "poetry", "pipenv"))


@rule(
    "DG514",
    "output-left-in-mount",
    severity="error",
    no_fix="where later lines are to find the files is for the author to say",
)
def check(run: Run, stage: Stage, flow: Flow, graph: StageGraph, commands: StageCommands) -> Iterator[Found]:
    """Visit the RUNs with mounts, and name what later lines need of them."""
    mounts = [mount for mount in run.mounts if mount.type in KINDS and mount.target]
    script = next((script for each, script in commands.scripts if each is run), None)
    workdir = flow.stages[stage.index].workdirs.get(run.index)
    if not mounts or not stage.reachable or script is None or workdir is None:
        return
    for mount in mounts:
        target = value(graph, run, mount.target or "")
        if not target:
            continue
        target = join_path(workdir, target)
        place = Left(run, mount, target, stage, flow, graph, commands, script)
        yield from copied(place)
        yield from read(place)
        yield from started(place)
        yield from dependencies(place)


class Left:
    """One mount of a RUN, and the build around it."""

    def __init__(
        self,
        run: Run,
        mount: Mount,
        target: str,
        stage: Stage,
        flow: Flow,
        graph: StageGraph,
        commands: StageCommands,
        script: Script,
    ) -> None:
        self.run = run
        self.mount = mount
        self.target = target
        self.stage = stage
        self.flow = flow
        self.graph = graph
        self.commands = commands
        self.programs = {command.program for command in script.commands}
        self.cure = f"copy it to another folder in the RUN of line {run.start_line}"

    def holds(self, path: str) -> bool:
        """Whether a path lies below the mount."""
        return path.startswith(self.target.rstrip("/") + "/")

    def provided(self, path: str, played: StageFlow) -> bool:
        """Whether some line brings a path into a stage, or may."""
        fixed = path.partition("*")[0].rstrip("/") or "/"
        if played.tree.below(fixed) or fixed in played.folders:
            return True
        at: Stage | None = played.stage
        while at is not None:
            if any(isinstance(each, Run) and self.may_write(each) for each in at.instructions):
                return True
            at = self.flow.stages[at.parent].stage if at.parent is not None else None
        return False

    def mounted(self, run: Run) -> bool:
        """Whether another RUN has something mounted at the same place, or around it."""
        name = (self.mount.target or "").rstrip("/")
        targets = [(mount.target or "").rstrip("/") for mount in run.mounts]
        return any(each and (name == each or name.startswith(each + "/") or each in (".", "/")) for each in targets)

    def may_write(self, run: Run) -> bool:
        """Whether another RUN, without the mount, may write what this one writes: it calls the same program."""
        if run is self.run or self.mounted(run):
            return False
        return not (self.programs - HARMLESS).isdisjoint(WORD.findall(run.span.text))

    def found(self, place: HasSpan, path: str, message: str, *, ships: bool = False) -> Found:
        """What is said of a path."""
        line, kind = self.run.start_line, KINDS[self.mount.type]
        return Found(
            place,
            f"{path!r} lies in {kind} of line {line}, which is no part of the layer: {message}",
            related=((self.mount.flag, "is mounted here, for this RUN only"),),
            confidence=Confidence.MEDIUM,
            claim=Not(ViewHolds(path)) if ships and not path.startswith("**") else None,
        )


def copied(left: Left) -> Iterator[Found]:
    """COPY --from of what lies in the mount."""
    for reference in left.graph.references:
        instruction = reference.instruction
        if reference.kind != "copy" or reference.stage is None or not isinstance(instruction, Copy):
            continue
        played, to = left.flow.stages[reference.stage], left.graph.stage_of(instruction)
        if to is None or not to.reachable or not descends(played.stage, left):
            continue
        for source in instruction.sources:
            path = value(left.graph, instruction, source.word.raw)
            path = join_path("/", path) if path else None
            if path and left.holds(path) and not left.provided(path, played):
                yield left.found(source, path, f"there is nothing to copy; {left.cure}")


def read(left: Left) -> Iterator[Found]:
    """Later RUNs of the stage that need what lies in the mount, and do not mount it."""
    played = left.flow.stages[left.stage.index]
    for run, script in left.commands.scripts:
        workdir = played.workdirs.get(run.index)
        if run.onbuild or run.index <= left.run.index or workdir is None or left.mounted(run):
            continue
        for command in script.commands:
            if command.program in ("cd", "pushd"):
                break
            for word in needed(command):
                path = join_path(workdir, word[1])
                if left.holds(path) and not left.provided(path, played):
                    yield left.found(word[0], path, f"this RUN does not see it; {left.cure}")
                    break


def needed(command: Command) -> Iterator[tuple[HasSpan, str]]:
    """The paths that a command can't do without: a program with a folder, and what it reads."""
    if command.conditional or command.operator == "||":
        return
    program = command.program_span.text
    if "/" in program and "$" not in program:
        yield command.program_span, program
    past = READERS.get(command.program)
    if past is not None and not command.has("-f", "-t", "--force", "-d", "-D"):
        operands = [word for word in command.operands if word.value and not word.glob]
        if command.program in ("chmod", "chown"):
            operands = operands[1:]
        for word in operands[: len(operands) - past]:
            yield word, word.value or ""


def started(left: Left) -> Iterator[Found]:
    """A CMD or ENTRYPOINT of the image that runs a program in the mount."""
    played = left.flow.stages[left.stage.index]
    if not left.stage.target:
        return
    for instruction in left.stage.instructions:
        form = instruction.exec_form if isinstance(instruction, (Cmd, Entrypoint)) else None
        if form and "/" in form[0].value:
            path = join_path(played.workdir, form[0].value)
            if left.holds(path) and not left.provided(path, played):
                yield left.found(instruction, path, f"the image lacks it; {left.cure}", ships=True)


def dependencies(left: Left) -> Iterator[Found]:
    """Installed packages that the image needs, and that are in the mount."""
    played = left.flow.stages[left.stage.index]
    name = left.target.rpartition("/")[2]
    if not left.stage.target or name not in DEPENDENCIES or not left.programs & INSTALLERS:
        return
    if left.programs & {"cp", "mv", "rsync", "tar"} or left.provided(left.target, played):
        return
    yield left.found(left.mount.flag, left.target, "the image lacks these packages", ships=True)


def descends(later: Stage, left: Left) -> bool:
    """Whether a stage is the one with the mount, or is FROM it."""
    at: Stage | None = later
    while at is not None and at.index != left.stage.index:
        at = left.flow.stages[at.parent].stage if at.parent is not None else None
    return at is not None


def value(graph: StageGraph, instruction: Instruction, raw: str) -> str | None:
    """A word as the builder reads it; None when it needs a variable without a value."""
    expanded = graph.scope_at(instruction).expand(raw)
    return None if expanded.unknown or expanded.error else expanded.value
