"""Every rule does what its page says, keeps quiet at look-alikes, and is known to the index."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
import tomli

from dfguard import catalog, engine
from dfguard.check import select
from dfguard.cli.rules import as_unfixed
from dfguard.config import Config
from dfguard.context.invocation import Invocation
from dfguard.dockerfile.parse import parse
from dfguard.finding import Confidence, Finding
from dfguard.source import Source, Span
from dfguard.testing import Block, _context, blocks, faults, file_findings, findings, lay_out
from dfguard.unit import Unit

HERE = Path(__file__).parent
CODES = [entry.code for entry in catalog.entries()]
LEAST_LOOK_ALIKES = 4


def cases(kind: str) -> list[Any]:
    """The `[[quiet]]` or `[[fires]]` tables of all case files, as parameters (code, case)."""
    found = []
    for path in sorted((HERE / "cases").glob("*.toml")):
        for case in tomli.loads(path.read_text(encoding="utf-8")).get(kind, []):
            found.append(pytest.param(path.stem, case, id=f"{path.stem}-{case['name'].replace(' ', '-')}"))
    return found


def play(code: str, case: dict[str, Any], folder: Path) -> tuple[Finding, ...]:
    """What the rule says of a case; without `context` in it, the build context is not known.

    A case of an ignore file has its text in `ignore`, one of a compose file in `compose`, one of a bake file in
    `bake`; it may have its path in `path`.
    """
    (entry,) = catalog.find(code)
    if "context" in case:
        lay_out(case["context"], folder)
    for key, path in (
        ("ignore", ".dockerignore"),
        ("compose", "compose.yaml"),
        ("bake", "docker-bake.hcl"),
        ("image", "image"),
    ):
        if key in case:
            return findings(entry, case[key].lstrip("\n"), folder, file=case.get("path", path))
    return findings(entry, case["dockerfile"], folder if "context" in case else None, target=case.get("target"))


@pytest.mark.parametrize("code", CODES)
def test_the_page_holds(code: str, tmp_path: Path) -> None:
    assert faults(code, tmp_path) == []


@pytest.mark.parametrize("code", CODES)
def test_the_page_reads_well(code: str) -> None:
    (entry,) = catalog.find(code)
    page = catalog.page(entry)
    assert entry.title.endswith((".", ":")) or len(entry.title) < 110
    assert re.search("^```(?:docker(?:file|ignore)|yaml|hcl|image) (?:good|fixed)", page, re.M), (
        "a page shows how it should be"
    )


@pytest.mark.parametrize("code", CODES)
def test_a_rule_shows_its_fix_or_says_why_there_is_none(code: str) -> None:
    """`no_fix="..."` in the rule's decorator; a `fixed` block on its page, or a function decorated @check.fix."""
    (entry,) = catalog.find(code)
    fixes = any(block.kind == "fixed" for block in blocks(catalog.page(entry))) or catalog.load_fixer(entry) is not None
    why = catalog.load(entry).no_fix
    assert fixes != bool(why), "a rule has either a fix or a reason"
    assert why == why.strip().rstrip(".") and "|" not in why, "a cell of a table"


def test_the_table_of_rules_without_a_fix_is_fresh() -> None:
    """After a change of a rule: `dfguard rules --write`."""
    assert (HERE.parent / "docs" / "rules-without-fix.md").read_text(encoding="utf-8") == as_unfixed()


@pytest.mark.parametrize(("code", "case"), cases("quiet"))
def test_look_alikes_are_left_alone(code: str, case: dict[str, Any], tmp_path: Path) -> None:
    """`hidden = true` in a case allows findings of low confidence, which only --pedantic shows."""
    said = play(code, case, tmp_path)
    shown = [f for f in said if not case.get("hidden") or f.confidence is not Confidence.LOW]
    assert [f.message for f in shown] == []
    assert said or not case.get("hidden"), "nothing is hidden here: drop `hidden`"


@pytest.mark.parametrize(("code", "case"), cases("fires"))
def test_what_others_miss_is_found(code: str, case: dict[str, Any], tmp_path: Path) -> None:
    said = play(code, case, tmp_path)
    assert said, "nothing is found"
    first = said[0]
    line = first.place.start_line if isinstance(first.place, Span) else 0
    assert case.get("line", line) == line
    assert case.get("message", "") in first.message
    assert case.get("confidence", first.confidence.value) == first.confidence.value
    assert case.get("severity", first.severity.value) == first.severity.value
    assert case.get("count", len(said)) == len(said)


@pytest.mark.parametrize("code", CODES)
def test_every_rule_has_look_alikes(code: str) -> None:
    path = HERE / "cases" / f"{code}.toml"
    assert path.exists(), f"write {path.name}"
    assert len(tomli.loads(path.read_text(encoding="utf-8")).get("quiet", [])) >= LEAST_LOOK_ALIKES


def test_case_files_belong_to_rules() -> None:
    assert {path.stem for path in (HERE / "cases").glob("*.toml")} <= set(CODES)


def test_the_index_is_fresh() -> None:
    """After a change of a rule: `dfguard rules --write`."""
    import dfguard.rule_index

    assert Path(dfguard.rule_index.__file__).read_text(encoding="utf-8") == catalog.render_index()


def all_rules_on(block: Block, folder: Path) -> str:
    """What the default set says of a block, one line a finding."""
    rows = []
    for finding in said_by_default(block, folder):
        at = finding.place.start_line if isinstance(finding.place, Span) else 0
        sure = "" if finding.confidence is Confidence.HIGH else f" ({finding.confidence.value})"
        line = f"  {at}: {finding.severity.value}[{finding.code}]{sure} {finding.message}"
        rows.append((at, line.replace(f"{folder}{os.sep}", "").replace(str(folder), ".")))
    return "".join(f"{line}\n" for _, line in sorted(rows))


def said_by_default(block: Block, folder: Path) -> tuple[Finding, ...]:
    """The findings of the default set on a block."""
    selection = select(Config.default())
    if block.path:
        return file_findings(selection, block.text, folder, block.path)
    path = str(folder / "Dockerfile")
    unit = Unit(parse(Source(path, block.text)), Invocation("default", path, str(folder)), _context)
    outcome = engine.run(unit, selection)
    assert not outcome.errors
    return outcome.findings


def test_what_the_default_set_says_on_all_bad_blocks(tmp_path: Path) -> None:
    """A new or changed rule shows here what it says beside the others; DFGUARD_WRITE=1 writes it anew."""
    out = ""
    for entry in catalog.entries():
        bad = [block for block in blocks(catalog.page(entry)) if block.kind == "bad"]
        for number, block in enumerate(bad, 1):
            folder = tmp_path / f"{entry.code}-{number}"
            folder.mkdir()
            lay_out(block.context, folder)
            out += f"{entry.code} {entry.name}, bad block {number}\n{all_rules_on(block, folder)}\n"
    snapshot = HERE / "snapshots" / "bad_blocks.txt"
    if os.environ.get("DFGUARD_WRITE"):
        snapshot.write_text(out, encoding="utf-8")
    assert out == snapshot.read_text(encoding="utf-8")
