"""What was not looked into for secrets is counted, and listed on request."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pytest

from dfguard.cli.main import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY . /srv/\n")
    (tmp_path / "zeros.gz").write_bytes(gzip.compress(b"\0" * 30_000_000))
    with zipfile.ZipFile(tmp_path / "inner.zip", "w") as archive:
        archive.writestr("a.txt", "hello")
    with zipfile.ZipFile(tmp_path / "app.zip", "w") as archive:
        archive.write("inner.zip", "lib/inner.zip")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[str, str]:
    main(("check", "--isolated", "--exit-zero", *options, "Dockerfile"))
    said = capsys.readouterr()
    return said.out, said.err


def test_a_remark_counts_them(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, said = run(capsys)
    assert "not looked into for secrets, or not wholly: 1 cut, 1 nested; --show-skipped lists them" in said
    assert "app.zip" not in said


def test_a_list_on_request(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, said = run(capsys, "--show-skipped")
    assert "dfguard: app.zip: nested: 'lib/inner.zip' is an archive within it\n" in said
    assert "dfguard: zeros.gz: cut: unpacks to more than 200 times its size\n" in said


def test_json_has_them_always(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = json.loads(run(capsys, "--format", "json")[0])
    assert [(item["path"], item["reason"]) for item in report["skipped"]] == [
        ("app.zip", "nested"),
        ("zeros.gz", "cut"),
    ]


def test_nothing_is_said_where_nothing_was_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY a.txt /srv/\n")
    (tmp_path / "a.txt").write_text("hello")
    out, said = run(capsys, "--show-skipped", "--format", "json")
    assert json.loads(out)["skipped"] == []
    assert "not looked into" not in said
