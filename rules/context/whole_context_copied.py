"""The whole build context is copied, and things pass the ignore file that no image needs.

`COPY . .` takes all that `.dockerignore` lets through: the git history with every secret ever
committed, `node_modules` built for another system, virtual environments, Terraform state. It also
makes the builder run everything behind it again whenever any of these files changes.

```context
.git/config = [core]
.git/objects/pack/pack-1.pack [30 MB]
package.json = {}
server.js = console.log(1)
node_modules/left-pad/index.js = module.exports = 1
```

```dockerfile bad
FROM node:22.11.0-slim
WORKDIR /app
COPY . .
#    ^
CMD ["node", "server.js"]
```

List in `.dockerignore` what must stay out, or begin it with `*` and let in what the build needs:

```context
.dockerignore = *\\n!package.json\\n!server.js
.git/config = [core]
package.json = {}
server.js = console.log(1)
node_modules/left-pad/index.js = module.exports = 1
```

```dockerfile good
FROM node:22.11.0-slim
WORKDIR /app
COPY . .
CMD ["node", "server.js"]
```

What counts is what really passes, with the rules of BuildKit's own walk. A context in which nothing
of that kind passes is quiet, unless there is no ignore file at all: then a hint is left for
`--pedantic`. In stages that do not ship this is a matter of cache and speed only (info), and the
history may pass where such a stage reads it (`git describe`).
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import (
    Add,
    BuildContext,
    Confidence,
    ContextFile,
    Copy,
    Found,
    HasSpan,
    Severity,
    Stage,
    StageCommands,
    amount,
    rule,
)

HISTORY = (".git", ".svn", ".hg", ".bzr")
UNWANTED = {
    **dict.fromkeys(HISTORY, "version control history"),
    **dict.fromkeys(("node_modules", "bower_components", ".venv", "venv", ".virtualenv"), "installed dependencies"),
    **dict.fromkeys(("__pycache__", ".pytest_cache", ".mypy_cache", ".tox", ".gradle", ".parcel-cache"), "caches"),
    **dict.fromkeys((".terraform", ".vagrant", ".serverless"), "tool state"),
}
SHOWN = 3
PROPOSAL = "`dfguard context --suggest` proposes the lines"


@rule(
    "DG201",
    "whole-context-copied",
    peers=("DF007", "Missing .dockerignore"),
    no_fix="`dfguard context --suggest` proposes the lines, each one proved against all builds of the context",
)
def check(copy: Copy | Add, context: BuildContext, stage: Stage, commands: StageCommands) -> Iterator[Found]:
    """Visit every COPY and ADD that takes the root of the context."""
    if copy.from_ is not None:
        return
    wanted = HISTORY if not stage.ships and asks_history(commands) else ()
    for source in copy.sources:
        if source.heredoc is None and source.raw.strip("\"'").rstrip("/") in (".", "", "./.", "*", "./*"):
            yield from judge(context, stage, source, wanted)


def asks_history(commands: StageCommands) -> bool:
    """Whether the stage reads the history, as `git describe` for a version does."""
    return any(
        command.program == "git" and not any(o.value in ("clone", "config") for o in command.operands[:1])
        for command in commands.commands
    )


def judge(context: BuildContext, stage: Stage, place: HasSpan, wanted: tuple[str, ...]) -> Iterator[Found]:
    """Weigh what passes the ignore file, without the `wanted` folders."""
    every = context.derived(unwanted)
    passing = {path: files for path, files in every.items() if path.rpartition("/")[2] not in wanted}
    if not passing and context.ignore.source is not None:
        return
    files = [file for file in context.files if file.kind != "dir"]
    if passing:
        names = sorted(passing, key=lambda name: -weight(passing[name]))
        parts = [f"{name} ({count(passing[name])}, {amount(weight(passing[name]))})" for name in names[:SHOWN]]
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        yield Found(
            place,
            f"copies all {count(files)} ({amount(weight(files))}) of the build context, "
            f"among them {', '.join(parts)}{more}: {advice(context)}",
            severity=None if stage.ships else Severity.INFO,
        )
    else:
        yield Found(
            place,
            f"copies all {count(files)} ({amount(weight(files))}) of the build context, "
            "and no .dockerignore keeps out what may come to lie there",
            severity=Severity.HINT,
            confidence=Confidence.LOW,
        )


def unwanted(context: BuildContext) -> dict[str, list[ContextFile]]:
    """The files that pass below each unwanted folder, by the path of the topmost one."""
    found: dict[str, list[ContextFile]] = {}
    for file in context.files:
        if file.kind == "dir":
            continue
        parts = file.path.split("/")
        at = next((i for i, part in enumerate(parts[:-1]) if part in UNWANTED), None)
        if at is not None:
            found.setdefault("/".join(parts[: at + 1]), []).append(file)
    return found


def advice(context: BuildContext) -> str:
    """What to do, in words that fit what is there."""
    if context.ignore.source is None:
        return f"there is no .dockerignore; {PROPOSAL}"
    return f"{context.ignore.source.path} lets them through; {PROPOSAL}"


def count(files: list[ContextFile]) -> str:
    """How many files."""
    return f"{len(files)} file{'' if len(files) == 1 else 's'}"


def weight(files: list[ContextFile]) -> int:
    """Bytes of all files."""
    return sum(file.size for file in files)
