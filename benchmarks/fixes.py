"""What `dfguard fix` does to all Dockerfiles of cloned repositories; nothing is written.

    python benchmarks/fixes.py FOLDER [--unsafe] [--sample N --seed S]

FOLDER holds repositories. For each, all Dockerfiles are fixed in memory with their real contexts. What must hold:
the loop settles, the new texts are accepted by BuildKit's own parser (PyPI `dockerfile`) wherever the old ones are, a
second run changes nothing, and no rule is reported as faulty. The table tells how many findings each rule has, and
how many of them were mended.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from dfguard.buffers import ON_DISK, Buffers
from dfguard.build_plan import Plan, plan
from dfguard.check import Settings
from dfguard.config import Config
from dfguard.discovery import Discovery, discover
from dfguard.edit import UNSAFE, Fix
from dfguard.finding import Finding
from dfguard.fixing import Fixed, PlanBench, Work
from dfguard.fixing import fix as mend
from dfguard.settle import settle

official: Any = import_module("dockerfile")  # which our own folder of that name is not


def main() -> None:
    """Print the table and what does not hold."""
    options = arguments()
    found: Counter[str] = Counter()
    mended: Counter[str] = Counter()
    wrong: list[str] = []
    files = 0
    for repository in chosen(options):
        search = discover([str(repository)])

        planned = partial(planned_with, search, repository)
        work = Work(planned, lambda path: Config.default(), Settings(), None, search.ignore_files)
        before = PlanBench(work).result(ON_DISK)
        fixed = mend(work, accepts(options.unsafe), structural=options.unsafe)
        files += len(fixed.result.files)
        found += Counter(finding.code for finding in before.findings)
        mended += Counter(repair.code for repair in fixed.result.fixed)
        wrong += faults(fixed, work, options.unsafe)
    print(f"{files:,} files, {sum(found.values()):,} findings, {sum(mended.values()):,} mended; wrong: {len(wrong)}")
    for code in sorted(mended):
        print(f"{code}  {mended[code]:>6,} of {found[code]:>6,}")
    print(*wrong, sep="\n")


def planned_with(search: Discovery, repository: Path, buffers: Buffers) -> Plan:
    return plan(search, {}, paths=[str(repository)], buffers=buffers)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--unsafe", action="store_true")
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def chosen(options: argparse.Namespace) -> list[Path]:
    every = sorted(path for path in options.folder.iterdir() if path.is_dir())
    return random.Random(options.seed).sample(every, options.sample) if options.sample else every


def accepts(unsafe: bool) -> Callable[[Finding, Fix], bool]:
    return lambda finding, fix: unsafe or fix.kind != UNSAFE


def faults(fixed: Fixed, work: Work, unsafe: bool) -> list[str]:
    """What should not be."""
    out = [f"{error.path}: {error.message}" for error in fixed.settled.faults]
    for text in fixed.texts:
        if accepted(text.old) and not accepted(text.new):
            out.append(f"{text.path}: the parser refuses the new text")
    if not fixed.settled.faults:
        again = settle(PlanBench(work), fixed.settled.buffers, accepts(unsafe), structural=unsafe)
        out += [f"{repair.finding.code} {repair.sources.keys()}: a second run goes on" for repair in again.applied]
    return out


def accepted(text: str) -> bool:
    try:
        official.parse_string(text)
    except (official.GoParseError, UnicodeError):
        return False
    return True


if __name__ == "__main__":
    main()
