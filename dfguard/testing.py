"""Runs the examples of a rule's page; for the project's tests and for authors of rules.

A page (the docstring of a rule's module) holds fenced blocks:

- ```` ```context ```` lays out a build context for the blocks behind it, one file a line: `path`,
  `path = content` (`\\n` and `\\r` for line ends), `path [755] = content` (with that mode), `path [30 MB]` (a
  sparse file), `path [30 files]` (a folder of empty files) or `path -> target` (a link);
- ```` ```dockerfile bad ```` makes this rule fire, at the `# ^^^` marks where given (`# <- ^^^` marks
  from column 1);
- ```` ```dockerfile good ```` keeps it quiet;
- ```` ```dockerfile fixed ```` is exactly what the first fix makes of the *bad* block before it, and is quiet.

`dockerignore` in the place of `dockerfile` makes them blocks of an ignore file, `.dockerignore` or the path
behind `bad`, `good` or `fixed`; Dockerfiles of the context say what builds take. `yaml` and `hcl` make them
blocks of a file that describes builds, `compose.yaml` or `docker-bake.hcl` or the path behind. `image` makes them
built images, written as `testing_image` says; there are no marks in them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from dfguard import catalog, engine
from dfguard.build_plan import Job, plan
from dfguard.builds import ContextCache, source_of, units_of
from dfguard.catalog import Entry
from dfguard.check import select
from dfguard.config import Config
from dfguard.context.ignore import find_ignore_file, parse_ignore
from dfguard.context.invocation import Invocation
from dfguard.context.invocations.flags import Flags
from dfguard.context.tree import BuildContext, read_context
from dfguard.discovery import discover, is_build_file_name
from dfguard.dockerfile.parse import parse
from dfguard.edit import Fix, Refusal, apply
from dfguard.engine import Selected
from dfguard.file_check import check_job
from dfguard.finding import Finding
from dfguard.ignore_check import check_ignore_files
from dfguard.ignore_files import takes_of
from dfguard.regex import regex
from dfguard.requested_fixes import requested_fixes
from dfguard.source import Source, Span
from dfguard.struct import Struct
from dfguard.suppression_unit import SUBJECTS as SUPPRESSIONS
from dfguard.unit import Unit

_BLOCK = regex(
    r"^```(context|(?:docker(?:file|ignore)|yaml|hcl|image) (?:bad|good|fixed))(?: (\S+))?\n(.*?)^```$", re.M | re.S
)
_PATHS = {
    "dockerfile": "",
    "dockerignore": ".dockerignore",
    "yaml": "compose.yaml",
    "hcl": "docker-bake.hcl",
    "image": "image",
}
_MARK = regex(r"^#( <-)? *(\^+)\s*$")
_SIZE = regex(r"(.+?) \[([\d.]+) (kB|MB|GB)\]")
_MODE = regex(r"(.+?) \[([0-7]{3})\]")
_FILES = regex(r"(.+?) \[(\d+) files\]")
_UNITS = {"kB": 10**3, "MB": 10**6, "GB": 10**9}


class Block(Struct):
    """One file of a page: `kind` is bad, good or fixed; `context` is its layout, `line` its line.

    `path` is that of an ignore file or one that describes builds, "" for a Dockerfile.
    """

    kind: str
    text: str
    context: str
    line: int
    path: str = ""


def blocks(page: str) -> Iterator[Block]:
    """The files of a page, each with the context that was laid out before it."""
    context = ""
    for match in _BLOCK.finditer(page):
        if match[1] == "context":
            context = match[3]
        else:
            language, _, kind = match[1].partition(" ")
            path = match[2] or _PATHS[language]
            yield Block(kind, match[3], context, page.count("\n", 0, match.start()) + 1, path)


def lay_out(layout: str, folder: Path) -> None:
    """Write the files of a `context` block below `folder`."""
    for line in layout.splitlines():
        many = _FILES.fullmatch(line)
        if many:
            (folder / many[1]).mkdir(parents=True)
            for number in range(int(many[2])):
                (folder / many[1] / str(number)).touch()
            continue
        name, equals, content = line.partition(" = ")
        sized = _SIZE.fullmatch(line)
        link, arrow, target = line.partition(" -> ")
        moded = _MODE.fullmatch(name)
        path = folder / (sized[1] if sized else moded[1] if moded else link if arrow else name).strip()
        path.parent.mkdir(parents=True, exist_ok=True)
        if arrow and not equals:
            path.symlink_to(target)
            continue
        with path.open("wb") as file:
            if sized:
                file.truncate(int(float(sized[2]) * _UNITS[sized[3]]))
            elif equals:
                file.write(content.replace("\\n", "\n").replace("\\r", "\r").encode() + b"\n")
        if moded:
            path.chmod(int(moded[2], 8))


def findings(
    entry: Entry, text: str, folder: Path | None, *, target: str | None = None, file: str = ""
) -> tuple[Finding, ...]:
    """What one rule alone says of a Dockerfile, low confidence included.

    `folder` is the build context, None when it is not known. With `file`, a path in the folder, the text is
    that ignore file, or that file which describes builds. A crash of the rule raises AssertionError.
    """
    selection = [Selected(entry, entry.severity, {})]
    if not SUPPRESSIONS.keys().isdisjoint(entry.subjects):  # which are judged by what they silence of all the others
        selection = list(select(Config.default()))
        said = (
            check_text(selection, text, folder) if not file else file_findings(selection, text, folder or Path(), file)
        )
        return tuple(finding for finding in said if finding.code == entry.code)
    if file:
        assert folder is not None, "such a file lies in a folder"
        return file_findings(selection, text, folder, file)
    outcome = engine.run(_unit(text, folder, target), selection)
    assert not outcome.errors, outcome.errors[0].message
    return outcome.findings


def check_text(selection: Sequence[Selected], text: str, folder: Path | None) -> tuple[Finding, ...]:
    """What rules say of a Dockerfile of this text, with its comments heeded."""
    source = Source(str(folder / "Dockerfile") if folder else "Dockerfile", text)
    report = check_job(Job(source.path), source, selection, Flags(), ContextCache(), on_disk=folder is not None)
    return report.outcome.findings


def requested(entry: Entry, text: str, folder: Path | None, finding: Finding) -> tuple[Fix | Refusal, ...]:
    """The fixes of a finding in a Dockerfile that are made on request only, or why there are none."""
    return requested_fixes([_unit(text, folder, None)], Selected(entry, entry.severity, {}), finding)


def _unit(text: str, folder: Path | None, target: str | None) -> Unit:
    path = str(folder / "Dockerfile") if folder else "Dockerfile"
    invocation = Invocation("default", path, str(folder) if folder else None, target)
    return Unit(parse(Source(path, text)), invocation, _context)


def file_findings(selection: Sequence[Selected], text: str, folder: Path, file: str) -> tuple[Finding, ...]:
    """What rules say of an ignore file, of a file that describes builds, or of an image, in a folder."""
    if file == _PATHS["image"]:
        from dfguard.testing_image import image_findings

        return image_findings(list(selection), text, folder)
    find = build_findings if is_build_file_name(os.path.basename(file)) else ignore_findings
    return find(selection, text, folder, file)


def build_findings(selection: Sequence[Selected], text: str, folder: Path, file: str) -> tuple[Finding, ...]:
    """What rules say of all builds that a file of this text describes."""
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_bytes(text.encode("utf-8", "surrogateescape"))
    todo = plan(discover([str(folder / file)]), {}, paths=[str(folder)])
    assert not todo.errors, todo.errors[0]
    contexts = ContextCache()
    reports = [check_job(job, source_of(job), selection, Flags(), contexts) for job in todo.jobs]
    errors = [error for report in reports for error in report.outcome.errors]
    assert not errors, errors[0].message
    return tuple(finding for report in reports for finding in report.outcome.findings)


def ignore_findings(selection: Sequence[Selected], text: str, folder: Path, ignore_file: str) -> tuple[Finding, ...]:
    """What rules say of an ignore file of this text, and of all Dockerfiles in the folder as its builds."""
    (folder / ignore_file).parent.mkdir(parents=True, exist_ok=True)
    (folder / ignore_file).write_bytes(text.encode("utf-8", "surrogateescape"))
    paths = discover([str(folder)]).dockerfiles
    builds = [takes_of(unit.dockerfile, unit.invocation) for unit in units_of(paths, Flags())]
    name = str(folder / ignore_file)
    report = check_ignore_files([name], builds, ContextCache(), lambda path, near: selection)[name]
    assert not report.outcome.errors, report.outcome.errors[0].message
    return report.outcome.findings


def _context(invocation: Invocation) -> BuildContext | None:
    if invocation.context is None:
        return None
    path = find_ignore_file(invocation.dockerfile, invocation.context)
    ignore = parse_ignore(Source(".dockerignore", Path(path).read_text(encoding="utf-8"))) if path else None
    return read_context(invocation.context, ignore)


def marks(text: str) -> list[tuple[int, int, int]]:
    """The (line, first column, column behind) of every mark, the line being the one above it."""
    out = []
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        match = _MARK.match(line)
        if match:
            start = 1 if match[1] else match.start(2) + 1
            above = next(n for n in range(number - 1, 0, -1) if not _MARK.match(lines[n - 1]))
            out.append((above, start, start + len(match[2])))
    return out


def spot(finding: Finding) -> tuple[int, int, int]:
    """The (line, first column, column behind) of a finding that lies on one line."""
    span = finding.place
    assert isinstance(span, Span)
    return span.start_line, span.source.column_of(span.start), span.source.column_of(span.end)


def faults(code: str, scratch: Path) -> list[str]:
    """Play a rule's page and say what is not as the page promises; empty when all is well."""
    (entry,) = catalog.find(code)
    out: list[str] = []
    page = list(blocks(catalog.page(entry)))
    kinds = {block.kind for block in page}
    out += [f"{code}: the page has no `{kind}` block" for kind in ("bad",) if kind not in kinds]
    last_bad: tuple[Block, Path] | None = None
    for number, block in enumerate(page):
        folder = scratch / f"{code}-{number}"
        folder.mkdir(parents=True)
        lay_out(block.context, folder)
        out += (
            f"{code}, block at line {block.line}: {fault}" for fault in _block_faults(entry, block, folder, last_bad)
        )
        if block.kind == "bad":
            last_bad = (block, folder)
    return out


def _block_faults(entry: Entry, block: Block, folder: Path, last_bad: tuple[Block, Path] | None) -> Iterator[str]:
    found = findings(entry, block.text, folder, file=block.path)
    if block.kind == "bad":
        if not found:
            yield "bad, but nothing is found"
        expected = marks(block.text)
        if expected and sorted(expected) != sorted(map(spot, found)):
            yield f"marks are at {sorted(expected)}, findings at {sorted(map(spot, found))}"
    elif found:
        yield f"{block.kind}, but found: {found[0].message}"
    if block.kind == "fixed" and last_bad is not None:
        fixed = first_fix(entry, last_bad[0].text, last_bad[1], last_bad[0].path)
        if fixed != block.text:
            yield f"the fix makes:\n{fixed}"


def first_fix(entry: Entry, text: str, folder: Path | None, file: str = "") -> str:
    """The text with the first fix of the first finding applied; the text itself when there is none.

    Fixes that are made on request only are asked for where there are no others.
    """
    found = findings(entry, text, folder, file=file)
    fixes = [fix for finding in found for fix in finding.fixes]
    if found and not fixes and not file:
        fixes = [made for made in requested(entry, text, folder, found[0]) if isinstance(made, Fix)]
    span = found[0].place if found else None
    return apply(span.source, fixes[0].edits) if fixes and isinstance(span, Span) else text
