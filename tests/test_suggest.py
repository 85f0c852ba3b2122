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
    assert "10 files, 57 B before; 6 files" in said


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


def test_a_build_that_has_the_folder_as_a_named_context(capsys: pytest.CaptureFixture[str]) -> None:
    write(
        {
            "inner/Dockerfile": "FROM node:22\nCOPY --from=site dist /d\nCOPY dist /e\n",
            "inner/dist/x": "1",
            "compose.yaml": "services:\n  a:\n    build:\n      context: inner\n      additional_contexts: {site: .}\n",
        }
    )
    said = suggest(capsys)
    assert "left in: dist: inner/Dockerfile:2 names dist\n" in said
    assert "proved over 2 Dockerfiles" in said


@pytest.mark.parametrize(
    ("run", "kept"),
    [
        ("npm ci && ls node_modules", ""),
        ("ls node_modules", "web/node_modules: Dockerfile:3 speaks of it"),
        ("npm run build", ""),
        ("cp -r dist /srv", "dist: Dockerfile:3 speaks of it"),
        ("apt-get install -y git make", ""),
        ("git clone https://example.com/x && git -C x checkout v1", ""),
        ("git rev-parse HEAD", ".git: Dockerfile:3 asks the history"),
        ("make", ".git: Makefile, which Dockerfile:3 runs, asks the history (git describe)"),
        ("hack/version.sh", ".git: hack/version.sh, which Dockerfile:3 runs, asks the history (git log)"),
        ("npm install", ".npmrc: npm may read it in Dockerfile:3; hand it over with `RUN --mount=type=secret`"),
    ],
)
def test_what_commands_need(run: str, kept: str, capsys: pytest.CaptureFixture[str]) -> None:
    token = "//npm.internal.corp/:_authToken=" + "3f9c1e7a-52b8-4d06-" + "9ea4-c07b5d21f683\n"
    write(
        {
            "Dockerfile": f"FROM node:22\nCOPY . .\nRUN {run}\n",
            "Makefile": "VERSION := $(shell git describe --tags)\n",
            "hack/version.sh": "git log -1\n",
            **({".npmrc": token} if run == "npm install" else {}),
        }
    )
    left = [line for line in suggest(capsys).splitlines() if line.startswith("left in: ")]
    assert left == ([f"left in: {kept}"] if kept else [])


def test_what_is_needed_of_several_stays_alone(capsys: pytest.CaptureFixture[str]) -> None:
    write({"Dockerfile": "FROM node:22\nCOPY . .\nCOPY web/node_modules /m\n", "api/node_modules/b/i.js": "1"})
    said = suggest(capsys)
    assert "left in: web/node_modules: Dockerfile:3 names web/node_modules\n" in said
    assert "api/node_modules" in lines(said)
    assert "**/node_modules" not in lines(said)


def test_what_is_heavy_and_stays(capsys: pytest.CaptureFixture[str]) -> None:
    Path("data").mkdir()
    with Path("data/train.bin").open("wb") as file:
        file.truncate(60_000_000)
    assert "most of what stays is data/ (60.0 MB): add it by hand if no image needs it\n" in suggest(capsys)


def test_a_link_that_stays_keeps_what_it_leads_to(capsys: pytest.CaptureFixture[str]) -> None:
    Path("current").symlink_to("dist")
    said = suggest(capsys)
    assert "left in: dist: the link current leads to dist\n" in said
    assert "dist" not in lines(said)


def test_the_ignore_file_of_the_dockerfile_is_the_one_that_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    write(
        {
            "Dockerfile.dockerignore": ".git\n",
            ".dockerignore": "never read\n",
            "other.Dockerfile": "FROM a\nCOPY dist /\n",
        }
    )
    suggest(capsys, "--write")
    assert Path(".dockerignore").read_text() == "never read\n"
    written = Path("Dockerfile.dockerignore").read_text().split()
    assert written[0] == ".git"
    assert {"dist", "**/node_modules"} <= set(written), "the other Dockerfile does not read this file"


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
