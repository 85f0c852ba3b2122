"""`dfguard context --suggest` over cloned public repositories: what it promises, held against a fresh walk.

    python benchmarks/suggest.py FOLDER... [--litter] [--most 60 --show 10 --seed 1]

Each FOLDER is the checkout of one repository. Every context of it that a Dockerfile is built with is looked
at once for each ignore file. With `--litter` it is first copied, and what a developer's machine adds is laid
into the copy: installed dependencies beside each manifest, caches, a build's output that git ignores.
What has to hold of the lines: all that leaves is what was said, in files and bytes; nothing comes in; every
source of every build takes something if it did before.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from dfguard.cli.builds import builds_of
from dfguard.cli.context import parser
from dfguard.cli.suggestion import render
from dfguard.context.tree import BuildContext, read_context
from dfguard.discovery import discover
from dfguard.errors import DfguardError
from dfguard.flow.takes import takes
from dfguard.suggest import suggest, with_lines
from dfguard.unit import Unit

LITTER = {
    "package.json": ("node_modules/left-pad/index.js", "node_modules/.bin/tsc", "dist/bundle.js"),
    "pyproject.toml": (".venv/bin/python", "__pycache__/a.cpython-312.pyc", ".pytest_cache/v/cache/x"),
    "requirements.txt": (".venv/lib/x.py", "__pycache__/b.cpython-312.pyc", ".mypy_cache/x.json"),
    "Cargo.toml": ("target/debug/app", "target/release/app"),
    "pom.xml": ("target/app.jar", "target/classes/A.class"),
    "main.tf": (".terraform/providers/x",),
}


def main() -> None:
    options = parsed()
    random.seed(options.seed)
    count = said = lines = 0
    wrong: list[str] = []
    shown: dict[str, tuple[int, str]] = {}
    for folder in options.folders:
        with laid_out(folder, options) as root:
            if root is None:
                continue
            for units in groups(root):
                count += 1
                faults, text, number = hold(units)
                wrong += (f"{folder}: {fault}" for fault in faults)
                lines += number
                said += bool(number)
                if number > shown.get(folder, (0, ""))[0]:
                    shown[folder] = number, text
    print(f"{count} contexts of {len(options.folders)} repositories; {said} get lines, {lines} in all")
    print(f"{len(wrong)} promises are broken")
    for fault in wrong:
        print(fault)
    for folder in random.sample(sorted(shown), min(options.show, len(shown))):
        print(f"== {folder}\n{shown[folder][1]}")
    sys.exit(bool(wrong))


def parsed() -> argparse.Namespace:
    p = argparse.ArgumentParser(description="Hold suggested ignore lines against a fresh walk.")
    p.add_argument("folders", nargs="+", metavar="FOLDER")
    p.add_argument("--litter", action="store_true", help="lay into a copy what a developer's machine adds")
    p.add_argument("--most", type=int, default=60, metavar="MB", help="repositories up to this size are copied (60)")
    p.add_argument(
        "--show",
        type=int,
        default=10,
        metavar="N",
        help="print N suggestions, the longest of a repository, drawn by the seed",
    )
    p.add_argument("--seed", type=int, default=1)
    return p.parse_args()


@contextmanager
def laid_out(folder: str, options: argparse.Namespace) -> Iterator[str | None]:
    """The folder, or a copy with litter; None for one that is too large to be copied."""
    if not options.litter:
        yield folder
        return
    size = sum(os.lstat(os.path.join(at, name)).st_size for at, _, names in os.walk(folder) for name in names)
    if size > options.most * 10**6:
        yield None
        return
    with tempfile.TemporaryDirectory() as scratch:
        root = os.path.join(scratch, os.path.basename(folder))
        shutil.copytree(folder, root, symlinks=True)
        for at, folders, names in os.walk(root):
            folders[:] = [name for name in folders if name != ".git"]
            for path in (path for name in names for path in LITTER.get(name, ())):
                full = os.path.join(at, path)
                if not os.path.lexists(full):
                    os.makedirs(os.path.dirname(full), exist_ok=True)
                    with open(full, "w", encoding="utf-8") as file:
                        file.write("x" * 100)
        yield root


def groups(root: str) -> Iterator[Sequence[Unit]]:
    """The builds below a folder, those together that share a context and an ignore file."""
    found: dict[tuple[str, str | None], list[Unit]] = {}
    for path in discover([root]).dockerfiles:
        try:
            units = builds_of(parser().parse_args([]), [path])
        except DfguardError:
            continue
        for unit in units:
            if unit.context is not None and not unit.context.errors and unit.graph.stages:
                key = (os.path.realpath(unit.context.root), unit.context.ignore.path)
                found.setdefault(key, []).append(unit)
    yield from found.values()


def hold(units: Sequence[Unit]) -> tuple[list[str], str, int]:
    """What is broken of the promises, the text that is printed, and the number of lines."""
    try:
        found = suggest(units)
    except DfguardError as error:
        return [str(error)], "", 0
    before = units[0].context
    assert before is not None
    after = read_context(before.root, with_lines(before.ignore, [line.text for line in found.lines]))
    one, two = files(before), files(after)
    lost = one.items() - two.items()
    faults = []
    if two.items() - one.items():
        faults.append("something comes in")
    if (len(lost), sum(size for _, size in lost)) != (
        sum(line.files for line in found.lines),
        sum(line.size for line in found.lines),
    ):
        faults.append("more or less leaves than was said")
    for unit in units:
        for take in takes(unit.graph):
            if take.pattern and bool(before.sources(take.pattern)) != bool(after.sources(take.pattern)):
                faults.append(f"{unit.path}:{take.span.start_line} finds nothing any more")
    return faults, render(found, written=False), len(found.lines)


def files(context: BuildContext) -> dict[str, int]:
    return {file.path: file.size for file in context.files if file.kind != "dir"}


if __name__ == "__main__":
    main()
