"""How much of real RUNs is understood, and a sample of commands to read by hand.

    python benchmarks/shell_coverage.py FOLDER... [--sample 100 --seed 1 --table sample.md] [--show]

All RUNs of the Dockerfiles below the folders are read. Those that a POSIX shell runs are also given to
`bash -n`, each text once; of the RUNs that it accepts, the share with any part not understood is the
figure. The sample is drawn by the seed alone from the different commands of all files.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dfguard.context.invocation import Invocation
from dfguard.discovery import discover, looks_like_dockerfile, read_source
from dfguard.dockerfile.nodes import Run
from dfguard.dockerfile.parse import parse
from dfguard.errors import DfguardError
from dfguard.secrets.redact import redact
from dfguard.shell.commands import Command
from dfguard.shell.masking import docker_script
from dfguard.shell.packages import read_package_command
from dfguard.shell.script import INTERPRETERS, Script
from dfguard.unit import Unit

LONGEST = 90  # characters of a command that the table shows


class Case:
    """One RUN: where it stands, what was read, and the text that the shell gets (None for an exec form)."""

    def __init__(self, path: str, run: Run, script: Script, text: str | None) -> None:
        self.path = path
        self.run = run
        self.script = script
        self.text = text

    @property
    def for_a_shell(self) -> bool:
        """Whether a POSIX shell runs it, as far as SHELL, base image and shebang say."""
        return self.text is not None and self.script.interpreter in INTERPRETERS

    @property
    def not_understood(self) -> bool:
        """Whether any part of it could not be read."""
        return not self.script.understood or bool(self.script.gaps)


def main() -> None:
    options = parsed()
    cases = [case for folder in options.folders for path in discover([folder]).dockerfiles for case in runs(path)]
    accepted = accepted_by_bash({case.text for case in cases if case.for_a_shell and case.text is not None})
    show(cases, accepted)
    if options.show:
        for case in cases:
            if case.for_a_shell and case.text in accepted and case.not_understood:
                gaps = [gap.text for gap in case.script.gaps]
                print(f"{case.path}:{case.run.start_line}: {case.script.why_not or gaps}")
    if options.sample:
        text = table(sample(cases, options.sample, options.seed), options.folders)
        if options.table:
            Path(options.table).write_text(text, encoding="utf-8")
        else:
            print(text)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Read all RUNs below folders, count and sample.")
    parser.add_argument("folders", nargs="+", metavar="FOLDER")
    parser.add_argument("--show", action="store_true", help="name the RUNs with a part that is not understood")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="draw N commands for review")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--table", metavar="FILE", help="write the sample there, as Markdown")
    return parser.parse_args()


def runs(path: str) -> Iterator[Case]:
    """The RUNs of a file; none of one that can't be read or is no Dockerfile."""
    try:
        source = read_source(path)
    except DfguardError:
        return
    if not looks_like_dockerfile(source.text):
        return
    dockerfile = parse(source)
    unit = Unit(dockerfile, Invocation("coverage", path, None), lambda _: None)
    for script, site in unit.scripts:
        if isinstance(site.instruction, Run):
            yield Case(path, site.instruction, script, shell_text(site.instruction, dockerfile.escape))


def shell_text(run: Run, escape: str) -> str | None:
    """What the shell gets: the logical line with its here-documents, or the body of a bare one."""
    if run.exec_form is not None:
        return None
    readable = docker_script(run.arguments, escape, run.heredocs)
    if readable.bare:
        return run.heredocs[0].body.text
    bodies = (f"\n{heredoc.body.text}{heredoc.name}" for heredoc in run.heredocs)
    return readable.text.text + "".join(bodies)


def accepted_by_bash(texts: set[str]) -> set[str]:
    """Those of the texts that `bash -n` calls well formed."""

    def well_formed(text: str) -> bool:
        data = text.encode("utf-8", "surrogateescape")
        return subprocess.run(["bash", "-n"], input=data, capture_output=True, check=False).returncode == 0

    ordered = sorted(texts)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return {text for text, good in zip(ordered, pool.map(well_formed, ordered), strict=True) if good}


def show(cases: list[Case], accepted: set[str]) -> None:
    """The figures, one a line."""
    shell = [case for case in cases if case.for_a_shell]
    good = [case for case in shell if case.text in accepted]
    bad = [case for case in good if case.not_understood]
    others = Counter(case.script.why_not for case in cases if case.text is not None and not case.for_a_shell)
    print(f"{len({case.path for case in cases})} files, {len(cases)} RUNs, {len(cases) - len(shell)} for no shell:")
    print(f"{sum(case.text is None for case in cases):>7}  exec form")
    for why, count in others.most_common():
        print(f"{count:>7}  {why}")
    print(f"{len(shell)} RUNs for a POSIX shell ({len({case.text for case in shell})} different texts)")
    print(f"{len(good)} of them accepted by bash -n")
    share = 100 * len(bad) / max(1, len(good))
    print(f"{len(bad)} of those with a part not understood: {share:.2f} %")
    for why, count in Counter(case.script.why_not or "a gap" for case in bad).most_common():
        print(f"{count:>7}  {why}")
    refused = [case for case in shell if case.text not in accepted]
    print(f"{len(refused)} refused by bash -n, {sum(case.not_understood for case in refused)} of them not understood")
    commands = [command for case in cases for command in case.script.commands]
    words = [argument for command in commands for argument in command.arguments]
    known = sum(argument.value is not None for argument in words)
    print(
        f"{len(commands)} commands, {len(words)} arguments, {100 * known / max(1, len(words)):.1f} % with a known value"
    )
    print(f"{sum(read_package_command(command) is not None for command in commands)} calls of package managers")


# the sample


def sample(cases: list[Case], size: int, seed: int) -> list[tuple[Case, Command]]:
    """`size` different commands; the same ones for the same seed and files."""
    different: dict[str, tuple[Case, Command]] = {}
    for case in sorted(cases, key=lambda case: (case.path, case.run.span.start)):
        for command in case.script.commands:
            different.setdefault((command.statement or command.span).text, (case, command))
    drawn = random.Random(seed).sample(sorted(different), min(size, len(different)))
    return [different[text] for text in sorted(drawn, key=drawn.index)]


def table(drawn: list[tuple[Case, Command]], folders: list[str]) -> str:
    """Markdown with a row a command; the last column is for the reader's verdict."""
    rows = ["| place | text | program | arguments | position | verdict |", "|---|---|---|---|---|---|"]
    for case, command in drawn:
        text = " ".join((command.statement or command.span).text.split())
        place = f"{_shortened(case.path, folders)}:{(command.statement or command.span).start_line}"
        cells = (place, code(text), code(command.program), code(arguments(command)), position(command), "")
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows) + "\n"


def _shortened(path: str, folders: list[str]) -> str:
    folder = next(folder for folder in folders if path.startswith(folder.rstrip(os.sep) + os.sep))
    return os.path.relpath(path, folder)


def code(text: str) -> str:
    """Text as code, secrets masked, cut to LONGEST characters; "" for none."""
    text = redact(text)
    text = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    ticks = "``" if "`" in text else "`"
    return f"{ticks}{' ' if ticks == '``' else ''}{text}{' ' if ticks == '``' else ''}{ticks}" if text else ""


def arguments(command: Command) -> str:
    """The fields that the program gets, `?` for an unknown word; or what is installed."""
    packages = read_package_command(command)
    if packages and packages.packages:
        named = (each.name + (f"@{each.version}" if each.version else "") or each.kind for each in packages.packages)
        return f"{packages.action}: " + " ".join(named)
    words = (
        repr(f) if " " in f or not f else f
        for a in command.arguments
        for f in (a.fields if a.value is not None else "?")
    )
    given = " ".join(words).replace("\n", "\\n")
    if command.program or given:
        return given
    values = ((each.name, each.value) for each in command.assignments)
    return " ".join(f"{name}={'?' if value is None or value.value is None else value.value}" for name, value in values)


def position(command: Command) -> str:
    """Operator, depth and state in a few words."""
    state = command.state
    flags = {"errexit": state.errexit, "pipefail": state.pipefail, "nounset": state.nounset}
    parts = [
        code(command.operator),
        *(f"in {wrapper}" for wrapper in command.wrappers),
        f"depth {command.depth}" if command.depth else "",
        "conditional" if command.conditional else "",
        f"function {command.function}" if command.function else "",
        f"subshell {len(command.subshells)}" if command.subshells else "",
        " ".join(name + ("?" if value is None else "") for name, value in flags.items() if value is not False),
        " ".join(
            code(redirect.operator + (redirect.target.text if redirect.target else ""))
            for redirect in command.redirects
        ),
    ]
    return ", ".join(part for part in parts if part)


if __name__ == "__main__":
    main()
