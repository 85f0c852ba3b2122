"""What playing a build forward costs, on top of parsing it and reading its context: user CPU time, medians.

    python benchmarks/flow.py [FOLDER...]

First an ordinary Dockerfile (two stages, 20 instructions: all files copied twice) and a heavy one (then found,
changed in owner and mode, and copied by RUN) over contexts that double in size, and Dockerfiles that double in
length; then, for FOLDERs of checkouts, every Dockerfile below them with the folder that it is
built in as far as that is inferred.
"""

from __future__ import annotations

import gc
import os
import statistics
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from time import process_time

from dfguard.context.invocation import Invocation
from dfguard.context.tree import BuildContext, read_context
from dfguard.discovery import is_dockerfile_name
from dfguard.dockerfile.nodes import Run
from dfguard.dockerfile.parse import parse
from dfguard.errors import DfguardError
from dfguard.flow.play import Flow, play_build
from dfguard.source import Source
from dfguard.unit import Unit

TIMES = 15
ORDINARY = """\
FROM node:20-bookworm-slim AS build
ARG VERSION=1
ENV NODE_ENV=production CI=true
WORKDIR /app
COPY package.json ./
RUN apt-get update && apt-get install -y --no-install-recommends git make && rm -rf /var/lib/apt/lists/*
RUN npm ci && npm cache clean --force
COPY . .
RUN npm run build && rm -rf node_modules/.cache && chmod -R go-w dist
RUN mkdir -p /out/conf && cp -r folder0 /out/ && mv folder1 /out/moved && echo "$VERSION" > /out/VERSION
FROM node:20-bookworm-slim
LABEL name=app
ENV PATH=/app/bin:$PATH
WORKDIR /srv/app
RUN groupadd -r app && useradd -r -g app -d /srv/app app
COPY --from=build --chown=app:app /app ./
COPY --from=build /out /srv/out
RUN sed -i 's/a/b/' package.json && ln -s /srv/app/folder2 /data && rm -f .env
USER app
CMD ["node", "dist/server.js"]
"""

HEAVY = (
    ORDINARY + "USER 0\nRUN find . -name '*.map' -delete && chown -R app:app . && chmod -R g-w . && cp -r . /again\n"
)


def main() -> None:
    print(f"median of {TIMES} runs each, user and system CPU time of this process")
    print(f"\n{'files of the context':>24}{'ms':>9}{'us a file':>12}{'heavy, ms':>12}{'us a file':>12}")
    for count in (0, 500, 1000, 2000, 4000, 8000):
        with tempfile.TemporaryDirectory() as folder:
            context = laid_out(Path(folder), count)
            line = f"{count:>24,}"
            for text in (ORDINARY, HEAVY):
                spent = median(ready(text, context)) * 1000
                line += f"{spent:>{9 if text is ORDINARY else 12}.1f}{spent * 1000 / max(1, count):>12.2f}"
            print(line)
    print(f"\n{'instructions':>24}{'ms':>9}{'us each':>12}")
    with tempfile.TemporaryDirectory() as folder:
        context = laid_out(Path(folder), 100)
        for count in (50, 100, 200, 400, 800):
            spent = median(ready(long_file(count), context))
            print(f"{count:>24,}{spent * 1000:>9.1f}{spent * 1e6 / count:>12.2f}")
    if sys.argv[1:]:
        repositories(sys.argv[1:])


def laid_out(root: Path, count: int) -> BuildContext:
    """A context of that many files, twenty in a folder."""
    (root / "package.json").write_text("{}")
    for number in range(count):
        path = root / f"folder{number // 200}" / f"inner{number // 20 % 10}" / f"file{number}.js"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1")
    return read_context(str(root))


def long_file(count: int) -> str:
    """A Dockerfile of RUNs and COPYs that all work on the same files."""
    lines = ["FROM debian:12", "WORKDIR /w"]
    for number in range((count - 2) // 2):
        lines.append(f"COPY folder0 /w/d{number}")
        lines.append(f"RUN cp -r /w/d{number} /w/e{number} && rm -rf /w/d{number} && chmod 600 /w/e{number}/inner0/*")
    return "\n".join(lines) + "\n"


def ready(text: str, context: BuildContext | None) -> Unit:
    """A Dockerfile whose scripts, graph and bases are read already."""
    root = context.root if context else None
    unit = Unit(parse(Source("Dockerfile", text)), Invocation("default", "Dockerfile", root), lambda _: context)
    for stage in unit.graph.stages:
        unit.base(stage)
    for instruction, _ in unit.instructions:
        if isinstance(instruction, Run):
            unit.script(instruction)
    return unit


def play(unit: Unit) -> tuple[Flow, float]:
    """The flow, and what it cost."""
    context = unit.context
    start = process_time()
    flow = play_build(unit.graph, context, script=unit.script, base=unit.base)
    return flow, process_time() - start


def median(unit: Unit) -> float:
    """The median of several runs, with garbage collection as in `dfguard check`."""
    spent = []
    for _ in range(TIMES):
        gc.collect()
        spent.append(play(unit)[1])
    return statistics.median(spent)


def repositories(folders: Iterable[str]) -> None:
    """All Dockerfiles of checkouts, each with the context of its own folder."""
    total, files, instructions, slowest = 0.0, 0, 0, (0.0, "")
    for path in found(folders):
        try:
            source = Source.from_bytes(str(path), path.read_bytes())
            context = read_context(str(path.parent))
            unit = ready(source.text, context)
            flow, spent = play(unit)
        except DfguardError as error:
            print(f"left out: {error}")
            continue
        total, files = total + spent, files + 1
        instructions += sum(len(stage.played) for stage in flow.stages)
        slowest = max(slowest, (spent, str(path)))
    print(f"\n{files:,} Dockerfiles with {instructions:,} instructions: {total:.2f} s in all")
    if files:
        print(f"the slowest: {slowest[0] * 1000:.0f} ms, {slowest[1]}")


def found(folders: Iterable[str]) -> Iterator[Path]:
    for folder in folders:
        for top, inner, names in os.walk(folder):
            inner[:] = sorted(set(inner) - {".git"})
            yield from (Path(top, name) for name in sorted(names) if is_dockerfile_name(name))


if __name__ == "__main__":
    main()
