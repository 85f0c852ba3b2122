"""Ignore files in other encodings than UTF-8: what is said of them, and where."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dfguard.cli.main import main

LINES = "node_modules\r\ndist\r\n"


def said(data: bytes, folder: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The findings of a check, each as `PLACE SEVERITY MESSAGE`, with nothing of low confidence."""
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY src /src\n")
    (folder / "src").mkdir()
    (folder / "src" / "a").write_text("1")
    (folder / ".dockerignore").write_bytes(data)
    main(["check", "--isolated", "--select", "DG21,DG22", "--format", "json", "."])
    report = json.loads(capsys.readouterr().out)
    return [f"{f['path']}:{f['start']['line']} {f['severity']} {f['message']}" for f in report["findings"]]


@pytest.mark.parametrize("data", [LINES.encode("utf-16"), b"\xfe\xff" + LINES.encode("utf-16-be")], ids=["le", "be"])
def test_one_finding_on_the_first_line_of_a_file_in_utf_16(
    data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (finding,) = said(data, tmp_path, capsys)
    assert finding.startswith(".dockerignore:1 error ")
    assert "nothing is dropped; save it as UTF-8" in finding


def test_utf_16_without_a_mark_ends_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (finding,) = said(LINES.encode("utf-16-le"), tmp_path, capsys)
    assert "ends every build" in finding


def test_a_name_in_latin_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    (finding,) = said("dist\ncaché\n".encode("latin-1"), tmp_path, capsys)
    assert finding.startswith(".dockerignore:2 warning ")
    assert "not UTF-8" in finding


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf" + LINES.encode(), LINES.encode(), b"", b"\n\n"])
def test_what_the_builder_reads_is_left_alone(
    data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert said(data, tmp_path, capsys) == []
