"""`dfguard check` over folders of cloned public repositories: time, files, findings, crashes.

    python benchmarks/repositories.py FOLDER... [--sample 150 --seed 1 --table sample.md]

Each FOLDER is one repository. The sample is drawn by the seed alone, from all rules that fired as
evenly as they fired, and is written as a table for a person to read and judge, one by one.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

Finding = dict[str, Any]


def main() -> None:
    options = parsed()
    folders = [os.path.normpath(folder) for folder in options.folders]
    began = time.perf_counter()
    report = check(folders)
    seconds = time.perf_counter() - began
    findings = [f for f in report["findings"] if f["location"]["kind"] == "text"]
    show(report, findings, folders, seconds)
    if options.sample:
        drawn = sample(findings, options.sample, options.seed)
        text = table(drawn, folders)
        if options.table:
            Path(options.table).write_text(text, encoding="utf-8")
        else:
            print(text)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Check cloned repositories, count and sample.")
    parser.add_argument("folders", nargs="+", metavar="FOLDER", help="the checkout of one repository")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="draw N findings for review")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--table", metavar="FILE", help="write the sample there, as Markdown")
    return parser.parse_args()


def check(folders: list[str]) -> dict[str, Any]:
    """The JSON report of one process over all folders."""
    command = [sys.executable, "-m", "dfguard", "check", "--isolated", "--format", "json", *folders]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if "Traceback" in run.stderr or not run.stdout:
        sys.exit(f"dfguard crashed with exit code {run.returncode}:\n{run.stderr}")
    report: dict[str, Any] = json.loads(run.stdout)
    return report


def show(report: dict[str, Any], findings: list[Finding], folders: list[str], seconds: float) -> None:
    """The figures, one a line."""
    crashes = [error for error in report["errors"] if "crashed" in error["message"]]
    print(f"{len(folders)} repositories, {len(report['files'])} Dockerfiles, {seconds:.2f} s in all")
    print(f"{len(findings)} findings, {len(report['errors'])} errors, {len(crashes)} crashes of rules")
    for kind, count in sorted(Counter(f"{f['code']} {f['name']}" for f in findings).items()):
        print(f"{count:>6}  {kind}")
    for error in report["errors"]:
        print(f"error: {error['path']}: {error['message']}")


def sample(findings: list[Finding], size: int, seed: int) -> list[Finding]:
    """`size` findings, spread over the rules as evenly as there are any; the same ones for the same seed."""
    shuffled = sorted(findings, key=key)
    random.Random(seed).shuffle(shuffled)
    piles: dict[str, list[Finding]] = {}
    for finding in shuffled:
        piles.setdefault(finding["code"], []).append(finding)
    taken: list[Finding] = []
    while any(piles.values()) and len(taken) < size:
        taken += [pile.pop() for _, pile in sorted(piles.items()) if pile][: size - len(taken)]
    return sorted(taken, key=lambda finding: (finding["code"], key(finding)))


def key(finding: Finding) -> tuple[str, int, int, str, str]:
    """What tells one finding from another."""
    return finding["path"], finding["start"]["line"], finding["start"]["column"], finding["code"], finding["message"]


def table(findings: list[Finding], folders: list[str]) -> str:
    """Markdown with a row a finding; the last two columns are for the reader's verdict."""
    rows = ["| repository | path | line | code | message | verdict | reason |", "|---|---|---|---|---|---|---|"]
    for finding in findings:
        folder = next(f for f in folders if finding["path"].startswith(f + os.sep))
        path = os.path.relpath(finding["path"], folder)
        repository = os.path.basename(folder).replace("+", "/")
        sure = "" if finding["confidence"] == "high" else f" ({finding['confidence']})"
        cells = (repository, path, finding["start"]["line"], finding["code"], finding["message"] + sure, "", "")
        rows.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    main()
