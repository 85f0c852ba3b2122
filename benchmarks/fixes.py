"""What `dfguard fix` does to Dockerfiles of cloned repositories; nothing is written.

    python benchmarks/fixes.py FOLDER [--unsafe] [--dockerfiles N --seed S] [--table]

FOLDER holds repositories, a folder each. All their Dockerfiles, or N of them drawn at random, are fixed in memory
with their real contexts, ignore files and builds. What must hold: the loop settles, the new texts are accepted by
BuildKit's own parser (PyPI `dockerfile`, and the one inside Docker 26 where DFGUARD_DOCKERFILE_ORACLE names it)
wherever the old ones are, a second run changes nothing, and no rule is reported as faulty. The table tells how many
findings each rule has, and how many of them were mended; `--table` prints it in Markdown. The exit code is 1 when
something does not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from dfguard import catalog
from dfguard.buffers import ON_DISK, Buffers
from dfguard.build_plan import Plan, plan
from dfguard.check import Settings
from dfguard.config import Config
from dfguard.discovery import Discovery, discover, is_dockerfile_name
from dfguard.edit import UNSAFE, Fix
from dfguard.finding import Finding
from dfguard.fixing import Fixed, PlanBench, Work
from dfguard.fixing import fix as mend
from dfguard.settle import settle

official: Any = import_module("dockerfile")  # which our own folder of that name is not
ORACLE = os.environ.get("DFGUARD_DOCKERFILE_ORACLE", "")


def main() -> int:
    """Print the table and what does not hold."""
    options = arguments()
    found: Counter[str] = Counter()
    mended: Counter[str] = Counter()
    wrong: list[str] = []
    pairs: list[tuple[str, str, str]] = []
    files = 0
    for search, repository in searches(options):
        work = Work(partial(planned_with, search, repository), config_of, Settings(), None, search.ignore_files)
        before = PlanBench(work).result(ON_DISK)
        fixed = mend(work, accepts(options.unsafe), structural=options.unsafe)
        files += len(search.dockerfiles)
        found += Counter(finding.code for finding in before.findings)
        mended += Counter(repair.code for repair in fixed.result.fixed)
        pairs += [(text.path, text.old, text.new) for text in fixed.texts if not is_ignore_file(text.path)]
        wrong += faults(fixed, work, options.unsafe)
    wrong += refused(pairs)
    print(f"{files:,} Dockerfiles, {sum(found.values()):,} findings, {sum(mended.values()):,} mended in {len(pairs):,}")
    print(*table(found, mended, markdown=options.table), sep="\n")
    print(f"wrong: {len(wrong)}", *wrong, sep="\n")
    return 1 if wrong else 0


def config_of(path: str) -> Config:
    return Config.default()


def table(found: Counter[str], mended: Counter[str], *, markdown: bool) -> Iterator[str]:
    """How much of what each rule finds is mended. What a fix itself uncovers counts as mended only."""
    if markdown:
        yield "| rule | findings | mended | share |\n|---|---|---|---|"
    for code in sorted(mended):
        share = f"{min(mended[code] / found[code], 1):.0%}" if found[code] else "-"
        name = catalog.names()[code]
        row = f"| {code} {name} | {found[code]:,} | {mended[code]:,} | {share} |"
        yield row if markdown else f"{code}  {mended[code]:>6,} of {found[code]:>6,}"


def planned_with(search: Discovery, repository: Path, buffers: Buffers) -> Plan:
    whole = plan(search, {}, paths=[str(repository)], buffers=buffers)
    wanted = set(search.dockerfiles)
    return whole.but(jobs=tuple(job for job in whole.jobs if job.path in wanted))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--unsafe", action="store_true")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--dockerfiles", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def searches(options: argparse.Namespace) -> Iterator[tuple[Discovery, Path]]:
    """Each repository with what is to be fixed there."""
    every = {path: set(dockerfiles(path)) for path in sorted(options.folder.iterdir()) if path.is_dir()}
    flat = sorted((path, name) for path, names in every.items() for name in names)
    if options.dockerfiles:
        flat = random.Random(options.seed).sample(flat, min(options.dockerfiles, len(flat)))
    for repository in every:
        chosen = sorted(name for path, name in flat if path == repository)
        if chosen:
            print(f"{repository.name}: {len(chosen)}", file=sys.stderr, flush=True)
            search = discover(chosen)
            beside = {os.path.dirname(name) for name in search.dockerfiles} | {str(repository)}
            ignored = [os.path.join(folder, ".dockerignore") for folder in sorted(beside)]
            yield search.but(ignore_files=tuple(filter(os.path.isfile, ignored))), repository


def dockerfiles(repository: Path) -> Iterator[str]:
    for top, inner, names in os.walk(repository):
        inner[:] = sorted(set(inner) - {".git", "node_modules"})
        paths = [os.path.join(top, name) for name in names if is_dockerfile_name(name)]
        yield from (path for path in paths if os.path.isfile(path) and not os.path.islink(path))


def accepts(unsafe: bool) -> Callable[[Finding, Fix], bool]:
    return lambda finding, fix: unsafe or fix.kind != UNSAFE


def is_ignore_file(path: str) -> bool:
    return path.endswith("ignore")


def faults(fixed: Fixed, work: Work, unsafe: bool) -> list[str]:
    """What should not be."""
    out = [f"{error.path}: {error.message}" for error in fixed.settled.faults]
    if not fixed.settled.faults:
        again = settle(PlanBench(work), fixed.settled.buffers, accepts(unsafe), structural=unsafe)
        out += [f"{repair.finding.code} {repair.sources.keys()}: a second run goes on" for repair in again.applied]
    return out


def refused(pairs: list[tuple[str, str, str]]) -> Iterator[str]:
    """The files whose new text a parser of BuildKit refuses, and whose old text it does not."""
    for name, read in (("package", map(by_package, texts(pairs))), ("Docker 26", by_oracle(texts(pairs)))):
        results = list(read)
        for (path, _, _), old, new in zip(pairs, results[::2], results[1::2], strict=False):
            if old and not new:
                yield f"{path}: the parser ({name}) refuses the new text"


def texts(pairs: list[tuple[str, str, str]]) -> list[str]:
    return [text for _, old, new in pairs for text in (old, new)]


def by_package(text: str) -> bool:
    try:
        official.parse_string(text)
    except (official.GoParseError, UnicodeError):
        return False
    return True


def by_oracle(every: list[str]) -> Iterator[bool]:
    """Nothing at all where the program is not here."""
    if not ORACLE:
        return
    with tempfile.TemporaryDirectory(prefix="dfguard-fixes-") as folder:
        for number, text in enumerate(every):
            Path(folder, str(number)).write_bytes(text.encode("utf-8", "surrogateescape"))
        names = "".join(f"{folder}/{number}\n" for number in range(len(every)))
        run = subprocess.run([ORACLE], input=names, capture_output=True, text=True, check=True)
    yield from (not json.loads(line)["error"] for line in run.stdout.splitlines())


if __name__ == "__main__":
    sys.exit(main())
