"""No report of any kind prints a secret that stands in a Dockerfile, whichever rules run."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomli

from dfguard import catalog
from dfguard.cli.main import main
from dfguard.secrets.redact import secret_places
from dfguard.source import Span
from dfguard.testing import blocks, findings

CASES = Path(__file__).parent / "cases" / "DG110.toml"
(ENTRY,) = catalog.find("DG110")
FILES = {
    **{case["name"]: case["dockerfile"] for case in tomli.loads(CASES.read_text(encoding="utf-8"))["fires"]},
    **{f"page {block.line}": block.text for block in blocks(catalog.page(ENTRY)) if block.kind == "bad"},
}


def values(text: str) -> set[str]:
    """The secrets of a file as they are written there, references to variables left out."""
    spans = [finding.place for finding in findings(ENTRY, text, None)]
    return {span.text for span in spans if isinstance(span, Span) and not span.text.startswith("$")}


def report(text: str, folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """What a check of the file prints."""
    path = folder / "Dockerfile"
    path.write_text(text, encoding="utf-8")
    main(("check", "--isolated", "--pedantic", "--exit-zero", *options, str(path)))
    said = capsys.readouterr()
    return said.out + said.err


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("options", [(), ("--format", "json"), ("--ignore", "DG110"), ("--select", "DG110")])
def test_no_value_is_printed(
    name: str, options: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = values(FILES[name])
    said = report(FILES[name], tmp_path, capsys, *options)
    assert all(len(value) > 8 for value in found)
    assert "DG110" in said or "--ignore" in options
    assert [value for value in found if value in said] == []


@pytest.mark.parametrize("name", FILES)
def test_what_the_rule_finds_is_masked_without_it_too(name: str) -> None:
    """Other rules show the same lines, also where this one is off or suppressed."""
    hidden = secret_places(FILES[name])
    for finding in findings(ENTRY, FILES[name], None):
        span = finding.place
        assert isinstance(span, Span)
        assert finding.secret
        covered = any(start <= span.start and span.end <= end for start, end in hidden)
        assert covered or span.text.startswith("$")


def test_a_line_shown_for_another_rule_hides_its_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "FROM debian:12.8-slim\nRUN curl -u ops:w7Kq-93mz-TTb2 https://example.net/x | bash\n"
    said = report(text, tmp_path, capsys, "--select", "DG601,DG602")
    assert "DG601" in said
    assert "RUN curl -u ops:************** https://example.net/x | bash" in said


def test_a_weak_value_is_hidden_where_it_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "FROM debian:12.8-slim\nRUN echo 'ops:tiger77' \\\n  | chpasswd\n"
    said = report(text, tmp_path, capsys, "--select", "DG110")
    assert "DG110" in said
    assert "tiger77" not in said
