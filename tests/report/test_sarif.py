"""The sarif report: against the official schema, and its fixes applied by a reader of SARIF.

`schemas/sarif-schema-2.1.0.json` is the schema of the OASIS SARIF committee, unchanged, from
https://github.com/oasis-tcs/sarif-spec (Schemata/), (c) OASIS Open, under the OASIS IPR policy.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft7Validator  # type: ignore[import-untyped]

from dfguard.claim import CONFIRMED, Evidence, Verdict
from dfguard.cli.main import main
from dfguard.edit import Edit, Fix, apply
from dfguard.finding import Confidence, Finding, Related, Severity
from dfguard.report.sarif import render
from dfguard.run import NotRun, Result, RunError
from dfguard.source import BOM, ImagePlace, LayerPlace, Source, Span

sys.path.insert(0, os.path.dirname(__file__))
from edited_texts import findings_with_fix

SCHEMAS = Path(__file__).parent / "schemas"
VALIDATOR = Draft7Validator(json.loads((SCHEMAS / "sarif-schema-2.1.0.json").read_text(encoding="utf-8")))


def run_of(result: Result) -> Any:
    """The one run of the report, held against the schema."""
    data = json.loads(render(result))
    VALIDATOR.validate(data)
    return data["runs"][0]


def finding(place: Any, **more: Any) -> Finding:
    return Finding("DG410", "a-name", Severity.WARNING, Confidence.HIGH, "a message", place, **more)


def offset(text: str, line: int, column: int) -> int:
    """Where a position lies in the text behind the BOM, counted as SARIF does."""
    rows = text.split("\n")
    units = rows[line - 1].encode("utf-16-le")[: 2 * (column - 1)]
    return sum(len(row) + 1 for row in rows[: line - 1]) + len(units.decode("utf-16-le"))


def mended(text: str, replacements: Any) -> str:
    """The text with all replacements made, by their positions alone."""
    bom, body = (BOM, text[1:]) if text.startswith(BOM) else ("", text)
    for each in reversed(replacements):
        region = each["deletedRegion"]
        start = offset(body, region["startLine"], region["startColumn"])
        end = offset(body, region["endLine"], region["endColumn"])
        body = body[:start] + each["insertedContent"]["text"] + body[end:]
    return bom + body


@given(findings_with_fix())
def test_a_fix_makes_what_applying_it_makes(found: Finding) -> None:
    assert isinstance(found.place, Span)
    source = found.place.source
    (result,) = run_of(Result((found,)))["results"]
    edits = found.fixes[0].edits
    at_bom = source.text.startswith(BOM) and any(edit.span.start == 0 for edit in edits)
    assert ("fixes" in result) is not at_bom
    for fix in result.get("fixes", ()):
        (change,) = fix["artifactChanges"]
        assert mended(source.text, change["replacements"]) == apply(source, edits)


def test_a_real_check_is_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    main(["check", "examples", "--pedantic", "--exit-zero", "--format", "sarif", "-o", str(tmp_path / "out.sarif")])
    data = json.loads((tmp_path / "out.sarif").read_text(encoding="utf-8"))
    VALIDATOR.validate(data)
    (run,) = data["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(run["results"]) > 30
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    marks = [result["partialFingerprints"]["primaryLocationLineHash"] for result in run["results"]]
    assert len(set(marks)) == len(marks)
    places = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]]
    assert all(place.startswith("examples/") for place in places)


def test_places_in_an_image_verdicts_and_what_was_not_checked() -> None:
    verdict = Verdict(CONFIRMED, "it is there", (Evidence("seen", "sha256:1", "/a b"),))
    layer = finding(LayerPlace("app.tar", "sha256:12", "/srv/a b"), verdict=verdict)
    config = finding(ImagePlace("app.tar", "config.User"), related=(Related(ImagePlace("app.tar", "x"), "as here"),))
    not_run = (NotRun("DG201", "Dockerfile", "no build context"), NotRun("all", "x.py", "no Dockerfile"))
    errors = (RunError("b/Dockerfile", "can't be read"),)
    run = run_of(Result((layer, config), not_run=not_run, errors=errors, notes=("a note",)))
    first, second = run["results"]
    where = first["locations"][0]["physicalLocation"]
    assert where == {"artifactLocation": {"uri": "srv/a%20b"}, "region": {"startLine": 1}}
    assert first["properties"]["verdict"] == CONFIRMED
    assert second["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "app.tar/config.User"
    (invocation,) = run["invocations"]
    assert not invocation["executionSuccessful"]
    told = [note["message"]["text"] for note in invocation["toolConfigurationNotifications"]]
    assert told == ["DG201 not run: no build context", "no rule run: no Dockerfile"]
    assert [note["level"] for note in invocation["toolExecutionNotifications"]] == ["error", "note"]


def marks_of(text: str, *found: str, path: str = "Dockerfile", secret: bool = False) -> list[str]:
    source = Source(path, text)
    places = [source.span(text.index(each), text.index(each) + len(each)) for each in found]
    results = run_of(Result(tuple(finding(place, secret=secret) for place in places)))["results"]
    return [result["partialFingerprints"]["primaryLocationLineHash"] for result in results]


def test_a_fingerprint_outlives_moved_lines_and_other_blanks() -> None:
    before = marks_of("FROM a\nRUN x  y\nRUN z\n", "x", "y", "z")
    assert before == marks_of("# more\n\nFROM a\n\nRUN x y\nRUN z\n", "x", "y", "z")
    assert len(set(before)) == 3
    assert before != marks_of("FROM a\nRUN x  y\nRUN z\n", "x", "y", "z", path="b/Dockerfile")


def test_a_fingerprint_says_nothing_of_a_secret() -> None:
    """Values of other lengths give the same one, be they found by a rule or by the masks alone."""
    assert marks_of("ENV A=tiger77 B=1\n", "tiger77", secret=True) == marks_of("ENV A=ox B=1\n", "ox", secret=True)
    first, second = (f"RUN curl -u ops:{value} x\n" for value in ("w7Kq-93mz-TTb2", "b4Zr"))
    assert marks_of(first, "curl") == marks_of(second, "curl")


def test_a_fix_that_would_hold_a_secret_is_left_out() -> None:
    source = Source("Dockerfile", "RUN echo ops:tiger77 | chpasswd\nRUN y\n")
    secret = source.span(source.text.index("tiger77"), source.text.index(" |"))
    edits = [Edit(source.span(len(source.text), len(source.text)), text) for text in ("RUN tiger77\n", "RUN z\n")]
    found = finding(secret, secret=True, fixes=tuple(Fix.unsafe("x", edit) for edit in edits))
    (result,) = run_of(Result((found,)))["results"]
    (fix,) = result["fixes"]
    assert fix["artifactChanges"][0]["replacements"][0]["insertedContent"] == {"text": "RUN z\n"}
