"""What the hook adds to `pre-commit run --all-files` on a repository with five Dockerfiles.

    python benchmarks/pre_commit.py [--runs 15]

The hook is installed as users have it, from this checkout, in an environment that pre-commit makes. Runs of it and of
a hook that does nothing take turns, so that other work on the machine hits both alike; told are the least and the
median of the time that passes, and of the processors' time.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "hooks"))

from scratch import commit_all, config, environment, hook_repository, pre_commit

NAMES = ("Dockerfile", "web/Dockerfile", "worker.Dockerfile", "db/Containerfile", "Dockerfile.dev")
DOCKERFILE = """\
# syntax=docker/dockerfile:1
FROM python:3.12.7-slim AS build
WORKDIR /src
RUN apt-get update && apt-get install -y --no-install-recommends libpq-dev && rm -rf /var/lib/apt/lists/*
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
FROM python:3.12.7-slim
COPY --from=build /src /srv
COPY app.py /srv/
USER 1000
CMD ["python", "/srv/app.py"]
"""
NOOP = """\
- repo: local
  hooks:
  - {id: nothing, name: nothing, entry: 'true', language: system, files: '.', types: [text]}
"""


def measured(folder: Path, hook: str, env: Mapping[str, str]) -> tuple[float, float]:
    """Seconds that pass, and those of the processors, for one run of a hook."""
    before, start = os.times(), time.perf_counter()
    said = pre_commit(folder, "run", hook, "--all-files", env=env)
    passed, after = time.perf_counter() - start, os.times()
    assert "Traceback" not in said.stdout + said.stderr, said.stdout + said.stderr
    used = after.children_user - before.children_user + after.children_system - before.children_system
    return passed, used


def main() -> None:
    """Install, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as scratch:
        base = Path(scratch)
        env = environment(base)
        revision = hook_repository(base / "dfguard", env)
        folder = base / "user"
        for name in NAMES:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(DOCKERFILE)
        (folder / "requirements.txt").write_text("flask==3.1.0\n")
        (folder / "app.py").write_text("print('hello')\n")
        (folder / ".dockerignore").write_text(".git\n")
        (folder / ".pre-commit-config.yaml").write_text(config(str(base / "dfguard"), revision, ["dfguard"]) + NOOP)
        commit_all(folder, env)
        times: dict[str, list[tuple[float, float]]] = {"nothing": [], "dfguard": []}
        for hook in times:
            measured(folder, hook, env)  # installs it, and compiles its modules
        for _ in range(runs):
            for hook, row in times.items():
                row.append(measured(folder, hook, env))
    print(f"{len(NAMES)} Dockerfiles, {runs} runs in turns; seconds: least, median")
    for hook, row in times.items():
        columns = [sorted(column) for column in zip(*row, strict=True)]
        shown = "; ".join(f"{column[0]:.2f}, {statistics.median(column):.2f}" for column in columns)
        print(f"{hook:<8} passed; of the processors: {shown}")
    added = [min(row[at] for row in times["dfguard"]) - min(row[at] for row in times["nothing"]) for at in (0, 1)]
    median = statistics.median(a[0] - b[0] for a, b in zip(times["dfguard"], times["nothing"], strict=True))
    print(f"added    {added[0]:.2f} passed (median of the pairs {median:.2f}), {added[1]:.2f} of the processors")


if __name__ == "__main__":
    main()
