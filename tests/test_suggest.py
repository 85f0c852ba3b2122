"""`dfguard context --suggest`: what is kept out, what is not, and what is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from dfguard.cli.main import main
from dfguard.context.ignore import parse_ignore
from dfguard.context.tree import read_context
from dfguard.source import Source

TREE = {
    ".git/HEAD": "ref",
    ".gitignore": "dist/\n",
    "Dockerfile": "FROM node:22\nCOPY . .\nRUN npm ci\n",
    "package.json": "{}",
    "package-lock.json": "{}",
    "src/index.js": "1",
    "web/node_modules/a/index.js": "1",
    "dist/out.js": "1",
    "app/__pycache__/a.pyc": "1",
    ".env.example": "TOKEN=\n",
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write(TREE)
    return tmp_path


def write(files: dict[str, str]) -> None:
    for path, text in files.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(text.encode())


def suggest(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert main(["context", "--suggest", *options]) == 0
    return capsys.readouterr().out


def lines(said: str) -> set[str]:
    block = said.split("\n\n")[1]
    return {line for line in block.splitlines() if not line.startswith("#")}


def test_what_no_image_needs(capsys: pytest.CaptureFixture[str]) -> None:
    said = suggest(capsys)
    assert lines(said) == {".git", "dist", "**/node_modules", "**/__pycache__"}
    assert "10 files, 57 bytes before; 6 files" in said


def test_what_is_written_drops_what_was_said(capsys: pytest.CaptureFixture[str]) -> None:
    write({".dockerignore": "*.log\r\n!keep.log"})
    suggest(capsys, "--write")
    text = Path(".dockerignore").read_bytes().decode()
    assert text.startswith("*.log\r\n!keep.log\r\n")
    assert text.count("\r\n") == text.count("\n") == 6
    context = read_context(".", parse_ignore(Source(".dockerignore", text)))
    kept = {file.path for file in context.files if file.kind == "file"}
    assert kept == {
        ".dockerignore",
        ".env.example",
        ".gitignore",
        "Dockerfile",
        *("package.json", "package-lock.json"),
        "src/index.js",
    }
    assert suggest(capsys).startswith("nothing to add to .dockerignore")


def test_a_new_ignore_file(capsys: pytest.CaptureFixture[str]) -> None:
    suggest(capsys, "--write")
    assert set(Path(".dockerignore").read_text().splitlines()) == {".git", "dist", "**/node_modules", "**/__pycache__"}


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("COPY dist /d", "dist: other.Dockerfile:2 names dist"),
        ("COPY web/node_modules/a /a", "web/node_modules: other.Dockerfile:2 names web/node_modules"),
        ("RUN --mount=type=bind,source=dist,target=/d make", "dist: other.Dockerfile:2 names dist"),
        ("RUN cp -r dist /srv", "dist: other.Dockerfile:2 speaks of it"),
        ("RUN git describe --tags > /version", ".git: other.Dockerfile:2 asks the history"),
        ("ARG WHAT\nCOPY $WHAT/dist /d", "dist: other.Dockerfile:3 names dist"),
    ],
)
def test_what_another_build_of_the_context_needs(line: str, kept: str, capsys: pytest.CaptureFixture[str]) -> None:
    write({"other.Dockerfile": f"FROM node:22\n{line}\n"})
    said = suggest(capsys)
    assert f"left in: {kept}\n" in said
    assert kept.partition(":")[0] not in lines(said)


def test_a_version_from_the_history(capsys: pytest.CaptureFixture[str]) -> None:
    write({"pyproject.toml": '[build-system]\nrequires = ["setuptools-scm"]\n'})
    assert "left in: .git: pyproject.toml takes the version from the history" in suggest(capsys)


def test_a_secret_by_its_path(capsys: pytest.CaptureFixture[str]) -> None:
    key = (
        "-----BEGIN "
        + "OPENSSH PRIVATE KEY-----\n"
        + "bm90IGEgcmVhbCBrZXk=\n" * 12
        + "-----END OPENSSH PRIVATE KEY-----\n"
    )
    write({"deploy/id_ed25519": key, "deploy/id_ed25519.pub": "ssh-ed25519 AAAA x"})
    said = suggest(capsys)
    assert "deploy/id_ed25519" in lines(said)
    assert "BEGIN" not in said


def test_behind_exceptions_the_line_speaks_about_what_lies_below(capsys: pytest.CaptureFixture[str]) -> None:
    """A plain folder is passed over by the builder there."""
    write({".dockerignore": "*\n!**/*.js\n"})
    said = suggest(capsys)
    assert "**/node_modules/**" in lines(said)
    assert "**/node_modules" not in lines(said)


def test_write_needs_suggest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["context", "--write"]) == 2
    assert "--write needs --suggest" in capsys.readouterr().err
