"""How long it takes to list and match a build context, beside a bare os.walk over the same tree.

    python benchmarks/context.py [--files 100000] [--runs 5]

Three contexts of that many files in folders of 50, two to six deep:

- `ignored`: 95 % lie in folders that the ignore file drops and the walk need not enter;
- `ignored, entered`: the same, but a `!` line with a wildcard makes every builder walk all of it;
- `kept`: nothing is dropped, 20 lines are compared with every file.

Times are user and system CPU seconds of this process, medians; the runs of all contexts take turns.
`sizes` adds a stat of every kept file, which only reports with weights ask for.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from dfguard.context.ignore import IgnoreFile, parse_ignore
from dfguard.context.tree import read_context
from dfguard.source import Source

IN_FOLDER = 50
IGNORED = ".git\n**/node_modules\n**/__pycache__\n*.log\nvendor\n**/.venv\ndist\ncoverage\n"
ENTERED = IGNORED + "!**/keep.txt\n"
KEPT = "".join(f"no/such/folder{n}\n**/*.none{n}\nnone{n}*\n!none{n}/x\n" for n in range(5))


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the listing and matching of a build context.")
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        ignored = lay_out(Path(scratch) / "ignored", options.files, 0.05)
        kept = lay_out(Path(scratch) / "kept", options.files, 1.0)
        jobs: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
            "ignored": (lambda: walk(ignored, IGNORED), lambda: bare(ignored)),
            "ignored, entered": (lambda: walk(ignored, ENTERED), lambda: bare(ignored)),
            "kept": (lambda: walk(kept, KEPT), lambda: bare(kept)),
            "kept, sizes": (lambda: sizes(kept, KEPT), lambda: bare(kept)),
        }
        show(measure(jobs, options.runs), options.files)


def lay_out(root: Path, files: int, share: float) -> str:
    """Write empty files, that share of them outside of the folders that the ignore file names."""
    for folder in range(files // IN_FOLDER):
        outside = folder < files * share / IN_FOLDER
        top = (
            f"src/part{folder % 20}" if outside else ("node_modules", "web/node_modules", "vendor", ".git")[folder % 4]
        )
        path = root / top / f"a{folder % 7}" / f"b{folder % 100}" / f"c{folder}"
        path.mkdir(parents=True)
        for number in range(IN_FOLDER):
            os.close(os.open(path / f"module_{number}.js", os.O_CREAT | os.O_WRONLY, 0o644))
    return str(root)


def ignore(text: str) -> IgnoreFile:
    return parse_ignore(Source(".dockerignore", text))


def walk(root: str, lines: str) -> int:
    return len(read_context(root, ignore(lines)).files)


def sizes(root: str, lines: str) -> int:
    return read_context(root, ignore(lines)).kept_size


def bare(root: str) -> int:
    return sum(len(files) for _, _, files in os.walk(root))


def measure(
    jobs: dict[str, tuple[Callable[[], object], Callable[[], object]]], runs: int
) -> dict[str, tuple[float, float]]:
    times: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in jobs}
    for number in range(runs + 1):
        for name, pair in jobs.items():
            for job, seconds in zip(pair, times[name], strict=True):
                start = time.process_time()
                job()
                if number:  # the first round warms up
                    seconds.append(time.process_time() - start)
    return {name: (statistics.median(own), statistics.median(walk)) for name, (own, walk) in times.items()}


def show(times: dict[str, tuple[float, float]], files: int) -> None:
    print(f"{f'{files:,} files, CPU seconds':<28}{'dfguard':>9}{'os.walk':>9}{'ratio':>8}")
    for name, (own, walk) in times.items():
        print(f"{name:<28}{own:>9.3f}{walk:>9.3f}{own / walk:>8.2f}")


if __name__ == "__main__":
    main()
