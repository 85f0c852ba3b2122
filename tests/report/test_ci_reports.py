"""Reports for CI: what their readers make of them, and suggestions applied by their positions alone."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given

from dfguard.changes import Changes
from dfguard.edit import Edit, Fix, apply
from dfguard.finding import Confidence, Finding, Severity
from dfguard.report import checkstyle, formats, github, gitlab, junit, rdjson, rdjsonl, sonarqube
from dfguard.run import Result, RunError
from dfguard.source import ImagePlace, Place, Source, Span

sys.path.insert(0, os.path.dirname(__file__))
from edited_texts import findings_with_fix

TEXT = Source("app/Dockerfile", "FROM a\n# 日😀\tx\nRUN y, \\\n  z: 100%\n")


def finding(place: Place | None = None, **more: Any) -> Finding:
    at = TEXT.text.index("x")
    base = Finding("DG410", "a-name", Severity.WARNING, Confidence.HIGH, "a message", TEXT.span(at, at + 1))
    return base.but(**more, **({} if place is None else {"place": place}))


@given(findings_with_fix())
def test_a_suggestion_for_reviewdog_makes_what_applying_the_fix_makes(found: Finding) -> None:
    assert isinstance(found.place, Span)
    source = found.place.source
    (diagnostic,) = json.loads(rdjson.render(Result((found,))))["diagnostics"]
    assert json.loads(rdjsonl.render(Result((found,)))) == diagnostic
    (suggestion,) = diagnostic["suggestions"]
    starts = [0, *(match.end() for match in re.finditer(b"\n", source.data))]
    start, end = (
        starts[position["line"] - 1] + position["column"] - 1
        for position in (suggestion["range"]["start"], suggestion["range"]["end"])
    )
    mended = source.data[:start] + suggestion["text"].encode() + source.data[end:]
    assert mended.decode() == apply(source, found.fixes[0].edits)


def test_reviewdog_gets_bytes_severities_and_the_best_fix_of_one_file() -> None:
    other = Source(".dockerignore", "x\n")
    both = Fix.identical("both", Edit.delete(TEXT.span(0, 4)), Edit.delete(other.whole))
    one = Fix.unsafe("one", Edit.delete(TEXT.span(0, 4)))
    (told,) = rdjson.diagnostics(Result((finding(fixes=(both, one), severity=Severity.HINT),)))
    assert told["location"]["range"]["start"] == {"line": 2, "column": 11}
    assert told["severity"] == "INFO"
    assert [each["range"]["end"] for each in told["suggestions"]] == [{"line": 1, "column": 5}]


def test_commands_for_github_are_escaped() -> None:
    text = Source("a,b:c%/Dockerfile", "FROM a\nRUN x\\\n  y\n")
    found = finding(text.span(11, 17), message="100% of\nit: a, b", fixes=(Fix.unsafe("do", Edit.delete(text.whole)),))
    assert github.render(Result((found,))) == (
        "::warning file=a%2Cb%3Ac%25/Dockerfile,line=2,endLine=3,title=DG410 a-name::100%25 of%0Ait: a, b (fix: do)\n"
    )
    said = github.render(Result((finding(severity=Severity.ERROR),), errors=(RunError("b", "is no text"),)))
    assert said.splitlines() == [
        "::error file=b::is no text",
        "::error file=app/Dockerfile,line=2,endLine=2,col=6,endColumn=7,title=DG410 a-name::a message",
    ]


def test_code_quality_has_a_fingerprint_of_its_own_for_each_finding() -> None:
    found = tuple(finding(severity=severity) for severity in Severity)
    issues = json.loads(gitlab.render(Result(found)))
    assert [issue["severity"] for issue in issues] == ["critical", "major", "minor", "info"]
    assert len({issue["fingerprint"] for issue in issues}) == len(found)
    assert issues[0]["location"] == {"path": "app/Dockerfile", "lines": {"begin": 2, "end": 2}}


@given(findings_with_fix())
def test_ranges_for_sonarqube_are_never_empty_and_end_in_their_line(found: Finding) -> None:
    assert isinstance(found.place, Span)
    source = found.place.source
    (issue,) = json.loads(sonarqube.render(Result((found,))))["issues"]
    lines = issue["primaryLocation"]["textRange"]
    if "startColumn" in lines:
        assert (lines["startLine"], lines["startColumn"]) < (lines["endLine"], lines["endColumn"])
        assert lines["endColumn"] <= len(source.line_text(lines["endLine"]).encode("utf-16-le")) // 2


@pytest.mark.parametrize("render", [checkstyle.render, junit.render])
def test_xml_is_well_formed_whatever_it_holds(render: Callable[[Result], str]) -> None:
    source = Source("a&b<\x01>\udcff'\"", "FROM a\n")
    said = render(Result((finding(source.span(0, 4), message="]]> <b> &amp; \x1b \ufffe\n"),), files=(source.path,)))
    told = "".join(value for element in ElementTree.fromstring(said).iter() for value in element.attrib.values())
    assert "a&b<\ufffd>\ufffd'\"" in told
    assert "]]> <b> &amp; \ufffd \ufffd\n" in told


def test_checkstyle_and_junit_name_clean_files_and_broken_ones() -> None:
    result = Result((finding(),), files=("app/Dockerfile", "b"), errors=(RunError("c", "is no text"),))
    files = {element.attrib["name"]: list(element) for element in ElementTree.fromstring(checkstyle.render(result))}
    assert [(name, len(errors)) for name, errors in files.items()] == [("app/Dockerfile", 1), ("b", 0), ("c", 1)]
    assert files["app/Dockerfile"][0].attrib == {
        "line": "2", "column": "6", "severity": "warning", "message": "a-name: a message", "source": "DG410",
    }  # fmt: skip
    suites = ElementTree.fromstring(junit.render(result))
    assert suites.attrib == {"name": "dfguard", "tests": "3", "failures": "1", "errors": "1"}
    assert [len(suite.findall("testcase")) for suite in suites] == [1, 1, 1]


@pytest.mark.parametrize("form", formats.MODULES)
def test_every_format_takes_places_in_images_and_nothing_at_all(form: str) -> None:
    changes = Changes("/x", "b", "s", "h", ())
    assert formats.render(Result((finding(ImagePlace("app.tar", "config.User")),), changes=changes), form)
    formats.render(Result(changes=changes), form)


def test_every_format_is_in_the_docs() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reports.md").read_text(encoding="utf-8")
    assert [form for form in formats.FORMATS if not re.search(rf"^\| .*`{form}`", page, re.MULTILINE)] == []
