"""How fast contents are searched for secrets, and what is said of clean packages.

    python benchmarks/secret_contents.py FOLDER [--download] [--slow] [--findings] [--every N] [--runs N]

`--download` first fetches the wheels of wheels.txt into FOLDER and unpacks them there (360 MB, 1.2 GB unpacked).
Every file is then read and looked into as `dfguard check` does it, first with Hyperscan if that is there, and
with `--slow` (also) without; `--every N` takes each Nth file. Times are of the processor, one core, the least
and the median of `--runs`; those of reading alone and of the bare pass of Hyperscan, measured in between, tell
what the machine is worth just now. `--findings` lists what is found with high confidence: what is no test key
among it is wrong.
"""

from __future__ import annotations

import argparse
import gc
import resource
import statistics
import subprocess
import sys
import time
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

from dfguard.context.tree import BuildContext, ContextFile, read_context
from dfguard.flow.secret_files import PIECE, SecretFinder, SecretReadings
from dfguard.secrets.fast import load
from dfguard.secrets.scanner import FAST_AFTER, SecretScanner
from dfguard.secrets.skips import Limits

PINS = Path(__file__).with_name("wheels.txt")
PLATFORMS = ("manylinux2014_x86_64", "manylinux_2_17_x86_64", "manylinux_2_28_x86_64")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--download", action="store_true")
    parser.add_argument("--slow", action="store_true")
    parser.add_argument("--findings", action="store_true")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    if options.download:
        download(options.folder)
    gc.set_threshold(50_000, 20, 50)  # as the command does
    context = read_context(str(options.folder / "unpacked"))
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    files = [file for file in context.files if file.kind == "file"][:: options.every]
    print(f"{len(files):,} files, {sum(file.size for file in files):,} bytes")
    repeated(context, files, options.runs, fast=True, findings=options.findings)
    if options.slow:
        repeated(context, files, 1, fast=False, findings=False)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"most memory: {peak} MB, of it {base} MB for the list of files")


def download(folder: Path) -> None:
    """Fetch the pinned wheels, without what they depend on, and unpack them."""
    wheels = folder / "wheels"
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--quiet",
        "--only-binary",
        ":all:",
        "-d",
        str(wheels),
    ]
    command += ["--python-version", "3.11", *(f"--platform={name}" for name in PLATFORMS), "-r", str(PINS)]
    subprocess.run(command, check=True)
    for wheel in sorted(wheels.glob("*.whl")):
        target = folder / "unpacked" / wheel.name.partition("-")[0]
        if not target.exists():
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(target)


def repeated(context: BuildContext, files: list[ContextFile], runs: int, *, fast: bool, findings: bool) -> None:
    """Look into every file, some times over, each time beside the floor; tell what was found, and how fast."""
    started = time.process_time()
    gate = load() if fast else None
    ready = time.process_time() - started
    print("Python alone" if gate is None else f"Hyperscan, ready after {ready:.1f} s")
    times: dict[str, list[float]] = {"reading alone": [], "the pass of Hyperscan alone": [], "all of it": []}
    for number in range(runs):
        reading, passing = floor(context, files, gate)
        seconds, size, finder = look(context, files, fast)
        for row, taken in zip(times.values(), (reading, passing, seconds), strict=True):
            row.append(taken)
        if not number:
            tell(finder, files, findings=findings)
    for name, row in times.items():
        least, median = min(row), statistics.median(row)
        rates = f", {size / 1e6 / least:.0f} MB/s, median {size / 1e6 / median:.0f} MB/s" if name == "all of it" else ""
        print(f"{name}: least {least:.2f} s, median {median:.2f} s of {runs}{rates}")


def floor(context: BuildContext, files: list[ContextFile], gate: Any) -> tuple[float, float]:
    """The seconds that reading takes alone, and those of the pass of Hyperscan over what was read."""
    reading, passing = 0.0, 0.0
    for file in files:
        started = time.process_time()
        data = context.whole(file.path, PIECE)
        pieces = (data,) if data is not None else context.pieces(file.path, PIECE)
        for piece in pieces:
            read = time.process_time()
            reading += read - started
            if gate is not None:
                gate(piece, False, False)
            started = time.process_time()
            passing += started - read
    return reading, passing


def look(context: BuildContext, files: list[ContextFile], fast: bool) -> tuple[float, int, SecretFinder]:
    """The seconds that one look into every file takes, the bytes that were looked at, and who looked."""
    readings = SecretReadings(Limits(run=1 << 40))
    readings.__dict__["scanner"] = SecretScanner(readings.limits, fast_after=FAST_AFTER if fast else 1 << 40)
    finder = SecretFinder(context, readings=readings)
    started = time.process_time()
    for file in files:
        finder.inside(file)
    return time.process_time() - started, (1 << 40) - readings.scanner.left, finder


def tell(finder: SecretFinder, files: list[ContextFile], *, findings: bool) -> None:
    """Print what was found, and what was not looked into."""
    found = [finder.inside(file) for file in files]
    hits = [(each.path, place) for each in found for place in each.places]
    print("secrets by confidence:", dict(Counter(place.hit.confidence.value for _, place in hits)))
    print("not looked into:", dict(Counter(skip.reason for skip in finder.skips)))
    for path, place in hits if findings else ():
        if place.hit.confidence.value == "high":
            print(f"{place.hit.detector}: {path}:{place.line} {place.inside} {place.encoding}".rstrip())


if __name__ == "__main__":
    main()
