"""Whether a real builder copies what dfguard says, over contexts of public repositories.

    python benchmarks/context_agreement.py FILE...

FILE is a Dockerfile or a compose file. For every build its context is found as `dfguard context` finds it; then an
engine copies all of that context, and each source that a COPY of the file names, from it into an image FROM
scratch, through the same ignore file, and the entries (kind, size, link target) are compared with what dfguard
says. Nothing of the Dockerfile itself is run. Files that are neither file, folder nor link are left out. Needs
docker with buildx.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "engine"))

import copied

from dfguard.cli.builds import add_build_options, builds_of
from dfguard.cli.options import Parser
from dfguard.context.tree import BuildContext
from dfguard.errors import DfguardError
from dfguard.flow.takings import takings
from dfguard.unit import Unit

SHOWN = 5


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare dfguard with a real builder.")
    parser.add_argument("files", nargs="+", metavar="FILE")
    totals = {"contexts": 0, "sources": 0, "entries": 0, "differences": 0}
    print(f"{'entries':>9} {'dropped':>8} {'sources':>8} {'differ':>7}  Dockerfile (context)")
    builds = Parser("context", "")
    add_build_options(builds)
    for path in parser.parse_args().files:
        try:
            units = builds_of(builds.parse_args([]), [path])
        except DfguardError as error:
            print(f"{path}: left out: {error}")
            continue
        for unit in units:
            try:
                compare(unit, totals)
            except (DfguardError, RuntimeError) as error:
                print(f"{unit.path}: left out: {str(error)[-200:]}")
    print(", ".join(f"{number:,} {name}" for name, number in totals.items()))


def compare(unit: Unit, totals: dict[str, int]) -> None:
    """Build, compare, and print one line."""
    context = unit.context
    if context is None:
        raise unit.context_error or RuntimeError("the context is not known")
    named = dict.fromkeys(t.source for t in takings(unit.graph, context) if t.kind != "mount" and t.selected)
    sources = ["", *(source for source in named if source)]
    with tempfile.TemporaryDirectory() as scratch:
        built = copied.build(context.root, context.ignore.path, sources, Path(scratch))
    found = [line for source, real in zip(sources, built, strict=True) for line in differs(context, source, real)]
    entries = len(copied.foretold(context, ""))
    print(
        f"{entries:>9,} {len(context.dropped):>8,} {len(sources) - 1:>8} {len(found):>7}  {unit.path} ({context.root})"
    )
    for line in found[:SHOWN]:
        print(f"{'':>36}{line}")
    for name, number in zip(totals, (1, len(sources), entries, len(found)), strict=True):
        totals[name] += number


def differs(context: BuildContext, source: str, real: copied.Copied) -> list[str]:
    said = copied.foretold(context, source)
    if not source:
        said = {path: entry for path, entry in said.items() if entry[0] != "other"}
    return copied.differences(real, said)


if __name__ == "__main__":
    main()
