"""Ignore files that are meant to hurt: milliseconds of CPU for a single match, and for many lines on many files.

    python benchmarks/ignore.py [--files 100000]

The first table is one pattern against one name; the second walks a folder of FILES files, made in a temporary
place, with ten thousand lines of one kind.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from dfguard.context.ignore import parse_ignore
from dfguard.context.pattern import compile_pattern
from dfguard.context.tree import read_context
from dfguard.source import Source

HOSTILE = (
    ("*a" * 30 + "b", "a" * 255),
    ("*a" * 30, "a" * 254 + "b"),
    ("**/" + "*a" * 30 + "*b", "/".join(["a" * 255] * 4)),
    ("**/a" * 30 + "/b", "a/" * 127 + "c"),
    ("[a-z]*" * 30 + "B", "a" * 255),
)
LINES = ("some/path{}", "**/name{}", "*.ending{}", "**/*.ending{}", "folder{}/**", "!kept{}")
COUNT = 10_000
RUNS = 9


def main() -> None:
    parser = argparse.ArgumentParser(description="Match hostile patterns, walk with many lines.")
    parser.add_argument("--files", type=int, default=100_000)
    options = parser.parse_args()
    for pattern, name in HOSTILE:
        print(f"{median(lambda p=pattern, n=name: match(p, n)):>9.2f} ms  {pattern[:24]}... on {len(name)} characters")  # type: ignore[misc]
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), options.files)
        for line in ("", *LINES):
            text = "".join(line.format(number) + "\n" for number in range(COUNT)) if line else ""
            spent = cpu(lambda text=text: read_context(folder, parse_ignore(Source(".dockerignore", text))))  # type: ignore[misc]
            print(
                f"{spent * 1000:>9.0f} ms  {options.files:,} files, {COUNT if line else 0:,} lines like {line or '-'}"
            )


def match(pattern: str, name: str) -> None:
    """Compile anew and match, so that no remembered move helps."""
    compile_pattern.cache_clear()
    compile_pattern(pattern).match(name)


def median(job: Callable[[], object]) -> float:
    return statistics.median(cpu(job) * 1000 for _ in range(RUNS))


def cpu(job: Callable[[], object]) -> float:
    began = time.process_time()
    job()
    return time.process_time() - began


def make(root: Path, files: int) -> None:
    for number in range(0, files, 100):
        folder = root / f"d{number // 10_000}" / f"e{number // 100}"
        folder.mkdir(parents=True)
        for name in range(100):
            (folder / f"f{name}.py").touch()


if __name__ == "__main__":
    main()
