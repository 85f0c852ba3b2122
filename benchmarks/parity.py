"""Every Dockerfile below folders as dfguard reads it and as BuildKit's own parser does.

    python benchmarks/parity.py FOLDER... [--oracle PROGRAM]

BuildKit speaks through the package `dockerfile` (BuildKit 0.12.5) and, where DFGUARD_DOCKERFILE_ORACLE or
--oracle names the program that tests/oracle/build.sh builds, through the parser inside Docker 26. Compared
are keyword, lines, flags, JSON form, heredocs and words. Each difference is listed with its reason; the
exit code is 1 when one has none.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "dockerfile"))

from buildkit_exceptions import KNOWN, compare, reason
from buildkit_readings import Reading, as_package_has_it, oracle, ours, package

from dfguard.discovery import is_dockerfile_name
from dfguard.errors import DfguardError
from dfguard.source import Source


def main() -> int:
    options = parsed()
    sources = dict(readable(options.folders))
    texts = len({source.text for source in sources.values()})
    print(f"{len(sources):,} Dockerfiles below {len(options.folders)} folders, {texts:,} of them different")
    mine = {path: ours(source) for path, source in sources.items()}
    lossy = {path: as_package_has_it(reading) for path, reading in mine.items()}
    unexplained = report("the package dockerfile (BuildKit 0.12.5)", sources, lossy, by_package(sources))
    if options.oracle:
        readings = zip(sources, oracle(options.oracle, list(sources)), strict=True)
        unexplained += report("the parser inside Docker 26", sources, mine, readings)
    else:
        print("\nthe parser inside Docker 26: left out, DFGUARD_DOCKERFILE_ORACLE is not set")
    return 1 if unexplained else 0


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare our reading of Dockerfiles with BuildKit's.")
    parser.add_argument("folders", nargs="+", metavar="FOLDER")
    parser.add_argument("--oracle", metavar="PROGRAM", default=os.environ.get("DFGUARD_DOCKERFILE_ORACLE"))
    return parser.parse_args()


def readable(folders: list[str]) -> Iterator[tuple[Path, Source]]:
    """The Dockerfiles by name, less those that are no text, which are named."""
    for path in found(folders):
        try:
            yield path, Source.from_bytes(str(path), path.read_bytes())
        except DfguardError as error:
            print(f"left out: {error}")


def found(folders: list[str]) -> Iterator[Path]:
    for folder in folders:
        for top, inner, names in os.walk(folder):
            inner[:] = sorted(set(inner) - {".git"})
            paths = [Path(top, name) for name in sorted(names) if is_dockerfile_name(name)]
            yield from (path for path in paths if path.is_file() and not path.is_symlink())


def by_package(sources: Iterable[Path]) -> Iterator[tuple[Path, Reading | None]]:
    for path in sources:
        try:
            yield path, package(path)
        except UnicodeDecodeError:  # it hands texts over as UTF-8 only
            yield path, None


def report(
    name: str, sources: dict[Path, Source], mine: dict[Path, Reading], others: Iterable[tuple[Path, Reading | None]]
) -> int:
    """Print the figures and the differences; how many differences nothing explains."""
    counts: Counter[str] = Counter()
    lines: list[str] = []
    for path, other in others:
        if other is None:
            counts["unreadable"] += 1
            lines.append(f"  {path}: it can't read bytes that are no UTF-8")
            continue
        counts["refused" if other.refused else "accepted"] += 1
        differences = compare(sources[path], mine[path], other)
        counts["equal"] += not differences and not other.refused
        counts["refused by us too"] += bool(other.refused and mine[path].refused)
        for difference in differences:
            why = reason(difference)
            counts["unexplained"] += not why
            lines.append(
                f"  {path}:{difference.line}: {why}: {KNOWN[why][0]}" if why else f"  UNEXPLAINED {difference}"
            )
    print(f"\n{name}: accepts {counts['accepted']:,}, of which {counts['equal']:,} are read alike")
    print(f"it refuses {counts['refused']:,}, of which we refuse {counts['refused by us too']:,}")
    print(f"{len(lines)} differences, {counts['unexplained']} of them unexplained", *lines, sep="\n")
    return counts["unexplained"]


if __name__ == "__main__":
    sys.exit(main())
