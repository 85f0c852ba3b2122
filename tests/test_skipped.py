"""What was not looked into for secrets is counted, and listed on request."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pytest

from dfguard.check import Settings, check_files
from dfguard.cli.main import main
from dfguard.config import Config


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


STATE = '{"version": 4, "terraform_version": "1.9.0", "outputs": {}, "resources": [%s]}'
LARGE = {
    "state.json": STATE % ", ".join(['{"type": "x"}'] * 200_000),
    "users": "\n".join(f"user{n}:{{SHA}}{'kP3vTq8Zr1Lw' * 2}xyz=" for n in range(4000)),
    "rows.json": "[" + ", ".join(['{"name": "x"}'] * 200_000) + "]",
    "settings.xml": "<settings><servers><server/></servers>%s</settings>" % ("<x>y</x>" * 20_000),
}


@pytest.mark.parametrize(
    ("command", "subject"), [("check", ("Dockerfile",)), ("context", ()), ("why", ("state.json",))]
)
def test_files_of_credentials_that_are_too_large_are_counted_and_listed(
    command: str,
    subject: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY . /srv/\n")
    for name, text in LARGE.items():
        (tmp_path / name).write_text(text)
    main((command, *subject))
    said = capsys.readouterr().err
    assert "not looked into for secrets, or not wholly: 3 too large; --show-skipped lists them" in said
    assert "state.json:" not in said
    main((command, *subject, "--show-skipped"))
    said = capsys.readouterr().err
    assert "dfguard: state.json: too large: looks like a Terraform state with secrets in plain text, larger" in said
    assert "dfguard: users: too large: looks like a password file of a web server, larger than the 128 KB" in said
    assert "dfguard: settings.xml: too large: looks like a Maven settings" in said
    assert "rows.json" not in said


def test_a_large_file_of_credentials_in_an_archive_is_counted_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY . /srv/\n")
    with zipfile.ZipFile(tmp_path / "app.zip", "w") as archive:
        archive.writestr("conf/state.json", LARGE["state.json"])
    assert (
        "dfguard: app.zip: too large: 'conf/state.json' looks like a Terraform state"
        in run(capsys, "--show-skipped")[1]
    )


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


def test_files_that_are_too_many_to_follow_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dfguard.flow.world.MAX_FILES", 2)
    for name in "abc":
        (tmp_path / name).touch()
    path = tmp_path / "Dockerfile"
    path.write_text("FROM scratch\nCOPY . /app\n")
    result = check_files([str(path)], {str(path): Config.default()}, Settings())
    assert [note for note in result.notes if "too many" in note] == [
        f"{path}:2: too many files: not all are followed, so that secrets among them are not told"
    ]
