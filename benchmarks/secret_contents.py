"""How fast contents are searched for secrets, and what is said of clean packages.

    python benchmarks/secret_contents.py FOLDER [--download] [--slow] [--findings]

`--download` first fetches the wheels of wheels.txt into FOLDER and unpacks them there (360 MB, 1.2 GB unpacked).
Every file is then read and looked into as `dfguard check` does it, first with Hyperscan if that is there, and
with `--slow` (also) without. Times are of the processor, one core. `--findings` lists what is found with high
confidence: what is no test key among it is wrong.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
import zipfile
from collections import Counter
from pathlib import Path

from dfguard.context.tree import BuildContext, read_context
from dfguard.flow.secret_files import SecretFinder, SecretReadings
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
    options = parser.parse_args()
    if options.download:
        download(options.folder)
    context = read_context(str(options.folder / "unpacked"))
    files = [file for file in context.files if file.kind == "file"]
    print(f"{len(files):,} files, {sum(file.size for file in files):,} bytes")
    look(context, fast=True, findings=options.findings)
    if options.slow:
        look(context, fast=False, findings=False)


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


def look(context: BuildContext, *, fast: bool, findings: bool) -> None:
    """Look into every file once, and tell how long it took."""
    readings = SecretReadings(Limits(run=1 << 40))
    readings.__dict__["scanner"] = SecretScanner(readings.limits, fast_after=FAST_AFTER if fast else 1 << 40)
    finder = SecretFinder(context, readings=readings)
    started = time.process_time()
    found = [finder.inside(file) for file in context.files if file.kind == "file"]
    seconds = time.process_time() - started
    read = (1 << 40) - readings.scanner.left
    how = "Hyperscan, if installed" if fast else "Python alone"
    print(f"{how}: {read / 1e6:,.0f} MB in {seconds:.1f} s of processor time: {read / 1e6 / seconds:.0f} MB/s")
    hits = [(each.path, place) for each in found for place in each.places]
    print("secrets by confidence:", dict(Counter(place.hit.confidence.value for _, place in hits)))
    print("not looked into:", dict(Counter(skip.reason for skip in finder.skips)))
    for path, place in hits if findings else ():
        if place.hit.confidence.value == "high":
            print(f"{place.hit.detector}: {path}:{place.line} {place.inside} {place.encoding}".rstrip())


if __name__ == "__main__":
    main()
