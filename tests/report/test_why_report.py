"""What `dfguard why` tells, on contexts laid out for it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from dfguard.cli.main import main
from dfguard.testing import lay_out

ROOT = Path(__file__).parents[2]
SCHEMAS = {
    name: json.loads((ROOT / f"dfguard/report/context/{name}_schema.json").read_text()) for name in ("context", "why")
}
DOCKERFILE = """\
FROM golang:1.23.3 AS build
WORKDIR /src
COPY . .
FROM alpine:3.20.3
COPY --from=build /src/conf /etc/app
COPY run.sh /
RUN rm /run.sh
"""
FILES = """\
.dockerignore = *.log\\n*\\n!**/*.js\\nnode_modules\\n!conf\\n!run.sh
main.go = package main
conf/a.conf = a
conf/.env = API_TOKEN=glpat-ThisIsNotARealToken00
run.sh = echo
node_modules/x/i.js = 1
node_modules/x/i.md = 1
debug.log = x
"""

Ask = Callable[..., str]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Run a command in a folder with this Dockerfile and these files; the words of what it says."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, dockerfile: str = DOCKERFILE, files: str = FILES, code: int = 0) -> str:
        lay_out(files, tmp_path)
        (tmp_path / "Dockerfile").write_text(dockerfile)
        assert main(list(arguments)) == code
        said = capsys.readouterr()
        return " ".join((said.out if code == 0 else said.err).split())

    return run


def test_a_line_that_does_not_count_is_named(ask: Ask) -> None:
    said = ask("why", "node_modules/x/i.js")
    assert "kept: .dockerignore:3 `!**/*.js` decides" in said
    assert ".dockerignore:4 `node_modules` matches too, and does not count" in said
    assert "stage build, not shipped: /src/node_modules/x/i.js by line 3 `COPY . .`" in said
    assert "it arrives empty" in said
    assert "it does not ship" in said
    assert "arrive empty 1 file" in ask("context")


def test_through_the_stages(ask: Ask) -> None:
    said = ask("why", "conf/a.conf")
    assert "stage build, not shipped: /src/conf/a.conf by line 3 `COPY . .`" in said
    assert "stage 1, ships: /etc/app/a.conf by line 5 `COPY --from=build /src/conf /etc/app`" in said
    assert said.endswith("it ships")


def test_a_folder_with_a_secret(ask: Ask) -> None:
    said = ask("why", "conf/")
    assert "conf: folder, 2 kept files" in said
    assert "stage 1, ships: /etc/app (2 files) by line 5" in said
    assert "secret: conf/.env is an environment file" in said
    assert "to drop it: add `conf` at the end of .dockerignore" in said
    assert "ThisIsNotARealToken" not in said


def test_removed_later(ask: Ask) -> None:
    said = ask("why", "run.sh")
    assert "line 7 `RUN rm /run.sh` hides it again: the layer still has it" in said
    assert "it ships, though hidden" in said


def test_what_would_keep_a_dropped_file(ask: Ask) -> None:
    said = ask("why", "main.go")
    assert "dropped: .dockerignore:2 `*` decides" in said
    assert "to keep it: add `!main.go` at the end of .dockerignore" in said
    assert "if it were kept, it would be taken by line 3 `COPY . .`" in said
    kept = ask("why", "main.go", files=FILES.replace("!run.sh", "!run.sh\\n!main.go"))
    assert "kept: .dockerignore:7 `!main.go` decides" in kept


def test_below_a_folder_that_is_not_entered(ask: Ask) -> None:
    files = ".dockerignore = vendor\nvendor/a/b.c = 1\nvendor/a/d.c = 1\n"
    said = ask("why", "vendor/a/b.c", files=files)
    assert "dropped: .dockerignore:1 `vendor` drops vendor/, which is not entered" in said
    assert "to keep it: add `!vendor/a/b.c`" in said
    assert "or remove .dockerignore:1 `vendor`" in said


def test_what_is_not_there(ask: Ask) -> None:
    said = ask("why", "Conf/a.conf")
    assert "there is no such file in this checkout; did you mean conf/a.conf?" in said
    assert "would be dropped: .dockerignore:2 `*`" in said
    assert "did you mean run.sh" in ask("why", "runn.sh")
    absent = ask("why", "conf/.env.local")
    assert "would be kept: .dockerignore:5 `!conf`" in absent
    assert "if it were there and kept, it would be taken by line 3 `COPY . .`" in absent


def test_outside(ask: Ask, tmp_path: Path) -> None:
    (tmp_path.parent / "elsewhere.txt").write_text("x")
    assert "lies outside of the build context" in ask("why", "../elsewhere.txt", code=2)


def test_a_path_from_the_root_of_the_context(ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask("why", "conf")
    (tmp_path / "deep").mkdir()
    monkeypatch.chdir(tmp_path / "deep")
    assert main(["why", "conf/a.conf", "../Dockerfile"]) == 0
    assert main(["why", "../conf/a.conf", "../Dockerfile"]) == 0


def test_refused_ignore_file(ask: Ask) -> None:
    files = ".dockerignore = !\na = 1\n"
    assert "the builder refuses .dockerignore" in ask("why", "a", files=files)
    assert "the builder refuses the ignore file" in ask("context", files=files)


ODD = ["new\nline", "caf\udce9", "b\x1b[31mred", " blank ", "q[1]*?"]


def test_odd_names_are_printed_safely_and_json_is_well_formed(ask: Ask, tmp_path: Path) -> None:
    ask("context")
    for name in ODD:
        (tmp_path / "conf" / name).write_text("x")
    (tmp_path / "conf" / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "conf" / "fifo")
    said = ask("context", "--all")
    assert "\x1b" not in said
    assert "new\\x0aline" in said
    assert "caf\\xe9" in said
    assert {"new\nline", "b\x1b[31mred", " blank ", "q[1]*?"} <= {
        file["path"].removeprefix("conf/") for file in data(ask, "context")["files"]
    }
    for name in [*ODD, "loop", "fifo"]:
        assert "\x1b" not in ask("why", f"conf/{name}")
        story = data(ask, "why", f"conf/{name}")["story"]
        assert story["verdict"]["kept"] is True
        assert story["kind"] == {"loop": "symlink", "fifo": "other"}.get(name, "file")


def data(ask: Ask, command: str, *arguments: str) -> Any:
    """The one build of a JSON report that keeps to its schema."""
    read = json.loads(ask(command, *arguments, "--format", "json"))
    jsonschema.validate(read, SCHEMAS[command])
    (build,) = read["builds"]
    return build


def test_json_of_a_context(ask: Ask) -> None:
    build = data(ask, "context")
    assert build["summary"]["hidden"] == {"files": 1, "size": 5}
    by_path = {file["path"]: file for file in build["files"]}
    assert by_path["conf/.env"]["secret"] == {"kind": "environment file", "confidence": "high"}
    assert by_path["conf/.env"]["reach"] == "ships"
    assert by_path["node_modules/x/i.js"]["pattern"] == {"path": ".dockerignore", "line": 3, "text": "!**/*.js"}
    dropped = {entry["path"]: entry["pattern"]["line"] for entry in build["dropped"]}
    assert (dropped["debug.log"], dropped["main.go"]) == (1, 2)
    assert data(ask, "context", "--dropped")["files"] == []
    assert {file["path"] for file in data(ask, "context", "--stage", "1")["files"]} == {
        "conf/.env", "conf/a.conf", "run.sh"
    }  # fmt: skip


def test_json_of_a_story(ask: Ask) -> None:
    story = data(ask, "why", "run.sh")["story"]
    assert story["reaches"] == {"hidden": 1}
    assert [(step["stage"], step["line"], step["path"], step["removed_by"]) for step in story["steps"]] == [
        (0, 3, "/src/run.sh", None),
        (1, 6, "/run.sh", 7),
    ]
    missing = data(ask, "why", "Run.sh")["story"]
    assert (missing["kind"], missing["near"]) == ("missing", ["run.sh"])


def test_an_unknown_stage(ask: Ask) -> None:
    assert "there is no such stage; expected one of build, 1" in ask("context", "--stage", "bulid", code=2)


def test_the_disk_is_not_walked(ask: Ask) -> None:
    assert "root of the file system" in ask("context", "--context", "/", code=2)


def test_what_is_no_dockerfile(ask: Ask) -> None:
    assert "holds no FROM; expected a Dockerfile" in ask("context", dockerfile="# nothing yet\n", code=2)
