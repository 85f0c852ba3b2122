"""What `dfguard context` says, on contexts laid out for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dfguard.cli.main import main
from dfguard.testing import lay_out

Said = Callable[..., list[str]]

TWO_STAGES = """\
FROM golang:1.23.3 AS build
WORKDIR /src
COPY . .
RUN --mount=type=bind,source=tools,target=/tools go build -o /app .
FROM alpine:3.20.3
COPY --from=build /src/conf /etc/app
COPY run.sh .env /
RUN rm /.env
"""
FILES = """\
.dockerignore = *.log\\nvendor
main.go = package main
conf/a.conf = a
run.sh = echo
.env = API_TOKEN=glpat-ThisIsNotARealToken00
tools/lint.sh = lint
debug.log = x
vendor/big.bin [3 MB]
"""


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    """Run `dfguard context` with these arguments in a folder with this Dockerfile and these files."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, dockerfile: str = TWO_STAGES, files: str = FILES) -> list[str]:
        lay_out(files, tmp_path)
        (tmp_path / "Dockerfile").write_text(dockerfile)
        assert main(["context", *arguments]) == 0
        return capsys.readouterr().out.splitlines()

    return run


def line_of(said: list[str], name: str) -> str:
    """The row of the tree for a name."""
    tree = said[next(at for at, line in enumerate(said) if line.endswith("files  path")) :]
    return " ".join(next(line for line in tree if f" {name} " in line + " ").split())


def test_four_notions_are_told_apart(said: Said) -> None:
    lines = [" ".join(line.split()) for line in said()]
    assert "in the context 7 files 282 B" in lines
    assert "dropped 1 file 2 B and 1 folder not entered" in lines
    assert any(line.startswith("sent to the builder 7 files") for line in lines)
    assert any(line.startswith("reach stage build 7 files") for line in lines)
    assert any(line.startswith("ship in the image 2 files") for line in lines)
    assert any(line.startswith("hidden in the image 1 file ") for line in lines)


def test_the_tree_says_what_becomes_of_each(said: Said) -> None:
    lines = said()
    assert line_of(lines, "main.go").endswith("only in stage build: line 3")
    assert line_of(lines, "conf/").endswith("ships: line 3")
    assert line_of(lines, "run.sh").endswith("ships: line 3, line 7")
    assert line_of(lines, ".env").endswith("in a layer, hidden later: line 3, line 7 secret: environment file")
    assert line_of(lines, "tools/").endswith("only in stage build: line 3, line 4")
    assert line_of(lines, "debug.log").endswith("dropped by .dockerignore:1 `*.log`")
    assert line_of(lines, "vendor/") == "- - vendor/ dropped by .dockerignore:2 `vendor`, not entered"


def test_no_secret_is_shown(said: Said) -> None:
    assert "ThisIsNotARealToken" not in "\n".join(said("--all"))


def test_a_build_that_takes_two_files_is_sent_two(said: Said) -> None:
    lines = said(dockerfile="FROM scratch\nCOPY conf/a.conf run.sh /\n")
    assert line_of(lines, "main.go").endswith("main.go not sent")
    assert any(" ".join(line.split()).startswith("sent to the builder 2 files") for line in lines)


def test_only_dropped_and_only_a_stage(said: Said) -> None:
    dropped = said("--dropped")
    assert line_of(dropped, "debug.log")
    assert not any(" main.go" in line for line in dropped[dropped.index("") :] if "COPY" not in line)
    shipped = said("--stage", "1", "--largest", "0")
    assert line_of(shipped, "run.sh")
    assert not any(" main.go" in line for line in shipped)
