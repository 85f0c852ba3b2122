"""`dfguard parse`: Dockerfiles as BuildKit reads them, as JSON for tool authors."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from dfguard.cli.main import printable
from dfguard.cli.options import Parser, write_report
from dfguard.discovery import read_source
from dfguard.dockerfile.nodes import Dockerfile, Heredoc, Instruction, Onbuild
from dfguard.dockerfile.parse import parse
from dfguard.dockerfile.stages import build_graph
from dfguard.errors import EXIT_SYNTAX, InputError
from dfguard.source import Source

STDIN = "-"


def parser() -> Parser:
    """The options of `parse`."""
    p = Parser("parse", "Show Dockerfiles as BuildKit reads them.")
    p.add_argument("files", nargs="+", metavar="FILE", help="a Dockerfile, or - for standard input")
    p.add_argument("--format", choices=("json",), default="json", help="the description's format")
    p.add_argument(
        "--cross-check", action="store_true", help="say where tools built on dockerfile-parse read it otherwise"
    )
    return p


def run(arguments: Sequence[str]) -> int:
    """Print one element a file; a file that can't be read is left out, said, and gives its exit code."""
    options = parser().parse_args(arguments)
    codes, files = set(), []
    for path in options.files:
        try:
            source = Source.from_bytes("<stdin>", sys.stdin.buffer.read()) if path == STDIN else read_source(path)
        except InputError as error:
            sys.stderr.write(f"dfguard: {printable(str(error))}\n")
            codes.add(error.exit_code)
            continue
        dockerfile = parse(source)
        files.append(describe(dockerfile) | (cross_check(source) if options.cross_check else {}))
        codes |= report_refusals(dockerfile)
    import json

    write_report(json.dumps(files, indent=2) + "\n", None)
    return next((code for code in (2, EXIT_SYNTAX) if code in codes), 0)


def report_refusals(dockerfile: Dockerfile) -> set[int]:
    """Say on stderr what BuildKit refuses; the exit codes for it."""
    refused = [problem for problem in dockerfile.problems if problem.refused]
    for problem in refused:
        where = f"{dockerfile.source.path}: line {problem.span.start_line}"
        sys.stderr.write(f"dfguard: {printable(f'{where}: {problem.message}')}\n")
    return {EXIT_SYNTAX} if refused else set()


def describe(dockerfile: Dockerfile) -> dict[str, object]:
    """A file as JSON data; lines count from 1, `stage` from 0 (null before the first FROM)."""
    names = {stage.index: stage.name for stage in build_graph(dockerfile).stages}
    return {
        "path": dockerfile.source.path,
        "directives": [{"name": d.name, "value": d.value, "line": d.span.start_line} for d in dockerfile.directives],
        "instructions": [describe_instruction(instruction, names) for instruction in dockerfile.instructions],
        "problems": [
            {"line": p.span.start_line, "kind": p.kind, "message": p.message, "refused": p.refused}
            for p in dockerfile.problems
        ],
    }


def describe_instruction(instruction: Instruction, names: dict[int, str | None]) -> dict[str, object]:
    """One instruction; `arguments` is the exact text behind keyword and flags, or the strings of a JSON form."""
    form = instruction.exec_form
    known = instruction.stage_index >= 0
    described: dict[str, object] = {
        "keyword": instruction.name,
        "start_line": instruction.start_line,
        "end_line": instruction.end_line,
        "flags": [flag.span.text for flag in instruction.flags],
        "json": form is not None,
        "arguments": [word.value for word in form] if form is not None else instruction.arguments.text,
        "heredocs": [describe_heredoc(heredoc) for heredoc in instruction.heredocs],
        "stage": {"index": instruction.stage_index, "name": names.get(instruction.stage_index)} if known else None,
    }
    if isinstance(instruction, Onbuild) and instruction.trigger is not None:
        described["trigger"] = describe_instruction(instruction.trigger, names)
    return described


def describe_heredoc(heredoc: Heredoc) -> dict[str, object]:
    """A here-document; `content` is the text as the builder passes it on, before any expansion."""
    text = heredoc.body.text
    content = "".join(line.lstrip("\t") for line in text.splitlines(keepends=True)) if heredoc.chomp else text
    return {"name": heredoc.name, "expand": heredoc.expand, "chomp": heredoc.chomp, "content": content}


def cross_check(source: Source) -> dict[str, object]:
    """Where dockerfile-parse splits the file otherwise than BuildKit."""
    from dfguard.dockerfile.scan import second_reading

    return {
        "disagreements": [{"line": d.line, "reason": d.reason, "message": d.message} for d in second_reading(source)]
    }
