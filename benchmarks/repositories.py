"""`dfguard check` over folders of cloned public repositories: time, files, findings, crashes.

    python benchmarks/repositories.py FOLDER... [--sample 150 --seed 1 --table sample.md]

Each FOLDER is the checkout of one repository, named OWNER+NAME. The sample is drawn by the seed alone:
rule by rule in turn, and within a rule repository by repository in turn, so that neither a loud rule
nor a repository with a thousand like files fills it. It is written as a table for a person to read and
judge, one by one; a verdict that stands in the table already is kept for the same finding.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
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
    report = check(folders, options.select)
    seconds = time.perf_counter() - began
    findings = [f for f in report["findings"] if f["location"]["kind"] == "text"]
    show(report, findings, folders, seconds)
    if options.sample:
        drawn = sample(findings, folders, options.sample, options.seed)
        text = table(drawn, folders, verdicts(options.table))
        if options.table:
            Path(options.table).write_text(text, encoding="utf-8")
        else:
            print(text)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Check cloned repositories, count and sample.")
    parser.add_argument("folders", nargs="+", metavar="FOLDER", help="the checkout of one repository")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="draw N findings for review")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--select", metavar="CODES", help="only findings of these rules")
    parser.add_argument("--table", metavar="FILE", help="write the sample there, as Markdown")
    return parser.parse_args()


def check(folders: list[str], select: str | None = None) -> dict[str, Any]:
    """The JSON report of one process over all folders."""
    rules = ["--select", select] if select else []
    command = [sys.executable, "-m", "dfguard", "check", "--isolated", "--format", "json", *rules, *folders]
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


def sample(findings: list[Finding], folders: list[str], size: int, seed: int) -> list[Finding]:
    """`size` findings, evenly over the rules and in each over the repositories; the same for the same seed."""
    rules: dict[str, dict[str, list[Finding]]] = {}
    for finding in sorted(findings, key=lambda finding: lot(finding, folders, seed)):
        rules.setdefault(finding["code"], {}).setdefault(home(finding, folders), []).append(finding)
    piles = [in_turn(list(repositories.values())) for _, repositories in sorted(rules.items())]
    return sorted(in_turn(piles)[:size], key=lambda finding: (finding["code"], key(finding)))


def lot(finding: Finding, folders: list[str], seed: int) -> str:
    """The number that a finding draws: its own, whatever else is found, so that few rows change with a rule."""
    folder = home(finding, folders)
    path = os.path.relpath(finding["path"], folder)
    start = finding["start"]
    text = f"{seed} {repository(folder)} {path} {start['line']}:{start['column']} {finding['code']}"
    return hashlib.sha256(text.encode()).hexdigest()


def in_turn(piles: list[list[Finding]]) -> list[Finding]:
    """The first of every pile, then the second of every pile, and so on."""
    longest = max(map(len, piles), default=0)
    return [pile[at] for at in range(longest) for pile in piles if at < len(pile)]


def key(finding: Finding) -> tuple[str, int, int, str, str]:
    """What tells one finding from another."""
    return finding["path"], finding["start"]["line"], finding["start"]["column"], finding["code"], finding["message"]


def home(finding: Finding, folders: list[str]) -> str:
    """The folder that a finding lies in."""
    return next(folder for folder in folders if finding["path"].startswith(folder + os.sep))


def table(findings: list[Finding], folders: list[str], judged: dict[tuple[str, ...], tuple[str, ...]]) -> str:
    """Markdown: the repositories with their commits, then a row a finding with the reader's verdict."""
    names = sorted({home(finding, folders) for finding in findings}, key=str.lower)
    lines = ["Repositories: " + ", ".join(f"{repository(name)}@{commit(name)}" for name in names) + ".", ""]
    lines += ["| repository | path | line | code | verdict | reason |", "|---|---|---|---|---|---|"]
    for finding in findings:
        folder = home(finding, folders)
        path = os.path.relpath(finding["path"], folder)
        cells = (repository(folder), path, str(finding["start"]["line"]), finding["code"])
        row = "| " + " | ".join((*cells, *judged.get(cells, ("", "")))) + " |"
        if row not in lines:  # one line may hold two findings of a rule: one row judges both
            lines.append(row)
    return "\n".join(lines) + "\n"


def verdicts(path: str | None) -> dict[tuple[str, ...], tuple[str, ...]]:
    """(repository, path, line, code) -> (verdict, reason) of the table that stands in a file."""
    if not path or not os.path.exists(path):
        return {}
    rows = [row.split(" | ") for row in Path(path).read_text(encoding="utf-8").splitlines() if row.startswith("| ")]
    cells = [[cell.strip("| ") for cell in row] for row in rows if len(row) == 6]
    return {tuple(row[:4]): tuple(row[4:]) for row in cells}


def repository(folder: str) -> str:
    """The public name, owner/name."""
    return os.path.basename(folder).replace("+", "/")


def commit(folder: str) -> str:
    """The short name of the commit that is checked out."""
    run = subprocess.run(["git", "-C", folder, "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    return run.stdout.strip()


if __name__ == "__main__":
    main()
