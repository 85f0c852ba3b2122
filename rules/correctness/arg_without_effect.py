"""An ARG that does nothing: an ENV of the same name sets it anew, or nothing can see it.

`docker build --build-arg VERSION=2` changes nothing then, and nobody tells. ENV overrides ARG; to let the
argument through, write `ENV VERSION=${VERSION}`.

```dockerfile bad
FROM debian:12.8-slim
ARG VERSION=1.4
#   ^^^^^^^^^^^
ENV VERSION=1.4
RUN echo "$VERSION" > /etc/app-version
```

```dockerfile bad
ARG BASE=debian
#   ^^^^^^^^^^^
FROM debian:12.8-slim
```

```dockerfile good
ARG TAG=12.8-slim
FROM debian:${TAG}
ARG VERSION=1.4
ENV VERSION=${VERSION}
ARG DEBIAN_FRONTEND=noninteractive
RUN apt-get update && apt-get install -y --no-install-recommends "app=$VERSION" && rm -rf /var/lib/apt/lists/*
```

A RUN sees every ARG above it in its environment, and the programs that it starts may read them. So an ARG
that only is not named anywhere, with a RUN below it, is shown with `--pedantic` only. One that nothing
can see at all is an information. Quiet: the arguments that BuildKit knows by itself, such as proxies,
platforms and `BUILDKIT_*`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice

from dfguard.api import (
    Arg,
    Confidence,
    Dockerfile,
    Env,
    Found,
    From,
    Instruction,
    KeyValue,
    Severity,
    StageGraph,
    regex,
    rule,
    variable_uses,
)

NAME = regex(r"[A-Za-z_]\w*", re.ASCII)
BUILT_IN = regex(
    r"BUILDKIT_\w+|SOURCE_DATE_EPOCH|(?:BUILD|TARGET)(?:PLATFORM|OS|OSVERSION|ARCH|VARIANT|STAGE)|"
    r"(?i:https?|ftp|no|all)_(?i:proxy)"
)
READ_BY_TOOLS = regex(
    r"DEBIAN_FRONTEND|\w*CACHE_?BUST\w*|TZ|LANG|LC_\w+|\w*FLAGS|\w*(?:PROXY|INDEX_URL)|"
    r"(?i:npm_config|pip|uv|poetry|cargo|rustup|cgo|go|node|next|vite|react_app|bundle|gem|composer|maven|gradle|cmake)"
    r"_?[A-Z_]+"
)
EXPANDED = ("Env", "Label", "Copy", "Add", "Workdir", "User", "Expose", "Volume", "Stopsignal", "Arg")
FAR = 200  # stages built from a stage that are looked at


class Uses:
    """Where names are mentioned, RUNs stand and ENVs set names; by stage, indexes in order."""

    def __init__(self, dockerfile: Dockerfile, names: frozenset[str]) -> None:
        self.mentions: dict[tuple[int, str], list[int]] = defaultdict(list)
        self.everywhere: set[str] = set()
        self.runs: dict[int, list[int]] = defaultdict(list)
        self.sets: dict[tuple[int, str], list[Env]] = defaultdict(list)
        for node in dockerfile.instructions:
            own = mentioned(node, dockerfile.escape, names) & names
            stage = -1 if isinstance(node, From) else node.stage_index
            self.everywhere |= own
            for name in own:
                self.mentions[stage, name].append(node.index)
            if node.name in ("RUN", "ONBUILD"):
                self.runs[stage].append(node.index)
            if isinstance(node, Env):
                for pair in node.pairs:
                    self.sets[stage, pair.name].append(node)


def mentioned(node: Instruction, escape: str, names: frozenset[str]) -> set[str]:
    """What an instruction uses, at least of `names`: what the builder expands, and any word of what a shell reads."""
    if isinstance(node, Arg):
        own = {pair.name for pair in node.pairs if pair.value is None and node.stage_index >= 0}
        return own | {use.name for use in variable_uses(node, escape)}
    if type(node).__name__ in (*EXPANDED, "From"):
        return {use.name for use in variable_uses(node, escape)}
    text = node.span.text
    return set(NAME.findall(text)) if any(name in text for name in names) else set()


@rule("DG707", "arg-without-effect", no_fix="the ARG may be what is right, and the line that should use it be missing")
def check(dockerfile: Dockerfile, graph: StageGraph) -> Iterator[Found]:
    """Visit a file, and every ARG in it."""
    args = [node for node in dockerfile.instructions if isinstance(node, Arg)]
    if not args:
        return
    uses = Uses(dockerfile, frozenset(pair.name for node in args for pair in node.pairs))
    for node in args:
        for pair in node.pairs:
            if pair.name.isidentifier() and not BUILT_IN.fullmatch(pair.name):
                yield from before_from(pair, uses) if node.stage_index < 0 else in_stage(node, pair, uses, graph)


def before_from(pair: KeyValue, uses: Uses) -> Iterator[Found]:
    """An ARG before the first FROM counts in FROM lines, and where a stage declares it again."""
    if pair.name not in uses.everywhere:
        message = f"ARG {pair.name} has no effect: no FROM uses it, and no stage declares it again"
        yield Found(pair, message, severity=Severity.INFO)


def in_stage(node: Arg, pair: KeyValue, uses: Uses, graph: StageGraph) -> Iterator[Found]:
    """An ARG of a stage counts up to the ENV of the same name, and in stages built from this one."""
    stage, at = node.stage_index, node.index
    env = next((env for env in uses.sets.get((stage, pair.name), ()) if env.index > at), None)
    end = env.index if env is not None else len(graph.dockerfile.instructions)
    stages = [stage] if env is not None else family(stage, graph)
    if any(between(uses.mentions.get((each, pair.name), []), at, end) for each in stages):
        return
    run = any(between(uses.runs.get(each, []), at, end) for each in stages)
    if env is not None:
        message = f"ARG {pair.name} has no effect: ENV on line {env.start_line} sets {pair.name!r} anew"
        related = ((env, "set anew here"),)
        yield Found(pair, message, related=related, confidence=Confidence.LOW if run else Confidence.HIGH)
    elif run and READ_BY_TOOLS.fullmatch(pair.name):
        return
    elif run:
        message = f"no line names ARG {pair.name}: only a program that reads its environment can make use of it"
        yield Found(pair, message, severity=Severity.INFO, confidence=Confidence.LOW)
    elif between(uses.mentions.get((-1, pair.name), []), at, end):
        repeated = pair.value is None and graph.scope_at(graph.stages[0].from_).is_defined(pair.name)
        message = f"ARG {pair.name} has no effect: FROM lines see the ARGs above the first FROM only"
        yield Found(pair, message, severity=Severity.INFO if repeated else None)
    else:
        message = f"ARG {pair.name} has no effect: no instruction below uses it, and there is no RUN to see it"
        yield Found(pair, message, severity=Severity.INFO)


def between(indexes: list[int], start: int, end: int) -> bool:
    """Whether an index lies behind `start` and not behind `end`."""
    at = bisect_right(indexes, start)
    return at < len(indexes) and indexes[at] <= end


def family(stage: int, graph: StageGraph) -> list[int]:
    """A stage, those built from it, and those that are FROM nobody knows what."""
    found = {stage}
    for other in islice(graph.stages, stage + 1, stage + FAR):
        if other.parent in found or other.unknown:
            found.add(other.index)
    return sorted(found)
