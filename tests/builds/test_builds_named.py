"""Named contexts as a user meets them: what they bring in, by which ignore file, and what they take the place of."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from real_programs import lay_out

from dfguard.cli.main import main

KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nbm90IGEgcmVhbCBrZXk=\n-----END OPENSSH PRIVATE KEY-----\n"
COMPOSE = "services:\n  app:\n    build:\n      context: app\n      additional_contexts:\n        shared: ./shared\n"
BAKE = 'target "app" {\n  context = "app"\n  contexts = { shared = "shared" }\n}\n'
FLAGS = ("--context", "app", "--build-context", "shared=shared")
FILES = {
    "app/Dockerfile": "FROM alpine:3.20.3\nCOPY --from=shared . /shared/\nUSER 1000\n",
    "app/.dockerignore": "**\n",
    "shared/deploy_key": KEY,
    "shared/conf/a.conf": "a",
}
WAYS = {
    "compose": ({"compose.yaml": COMPOSE}, ("compose.yaml",)),
    "bake": ({"docker-bake.hcl": BAKE}, ("docker-bake.hcl",)),
    "flags": ({}, ("app/Dockerfile", *FLAGS)),
}
Run = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Lays files out in a folder of its own and gives the JSON that a command prints there."""
    monkeypatch.chdir(tmp_path)

    def run(files: dict[str, str], command: str, *arguments: str) -> Any:
        lay_out(files, tmp_path)
        main([command, "--format", "json", *arguments])
        return json.loads(capsys.readouterr().out)

    return run


def told(data: Any, *codes: str) -> list[tuple[str, str, int, str]]:
    """Rule, path, line and message of each finding, of `codes` if any are given."""
    return [
        (f["code"], f["path"], f["start"]["line"], f["message"])
        for f in data["findings"]
        if not codes or f["code"] in codes
    ]


@pytest.mark.parametrize("way", WAYS)
def test_a_key_in_a_named_context_reaches_the_image(way: str, run: Run) -> None:
    files, arguments = WAYS[way]
    data = run(FILES | files, "check", *arguments)
    assert told(data, "DG101", "DG102", "DG105") == [
        ("DG102", "app/Dockerfile", 2, "private key 'shared/deploy_key' reaches the image")
    ]


@pytest.mark.parametrize("way", WAYS)
def test_its_own_ignore_file_counts_and_no_other(way: str, run: Run) -> None:
    files, arguments = WAYS[way]
    ignored = FILES | {
        "shared/.dockerignore": "deploy_key\n",
        "shared/Dockerfile.dockerignore": "conf\n",
        "app/Dockerfile.dockerignore": "**/conf\n",
    }
    assert told(run(ignored | files, "check", *arguments), "DG102") == []
    seen = next(b for b in run({}, "context", *arguments)["builds"] if b["named"] == "shared")
    assert seen["ignore_file"]["path"] == "shared/.dockerignore"
    assert [d["path"] for d in seen["dropped"]] == ["deploy_key"]
    assert {f["path"]: f["reach"] for f in seen["files"]}["conf/a.conf"] == "ships"


@pytest.mark.parametrize("way", WAYS)
def test_why_and_layers_know_the_files_of_a_named_context(way: str, run: Run) -> None:
    files, arguments = WAYS[way]
    (build,) = run(FILES | files, "why", "shared/deploy_key", *arguments)["builds"]
    assert (build["named"], build["context"]) == ("shared", "shared")
    assert build["story"]["verdict"]["kept"]
    assert [(step["line"], step["path"]) for step in build["story"]["steps"]] == [(2, "/shared/deploy_key")]
    assert build["story"]["secrets"] != []
    said = json.dumps(run({}, "layers", *arguments))
    assert "/shared/deploy_key" in said
    assert "context shared, deploy_key" in said


def test_the_ignore_file_of_a_named_context_is_looked_at(run: Run) -> None:
    files = FILES | {"shared/.dockerignore": "*.log\nconf/*.bak\n*.log\n", "compose.yaml": COMPOSE}
    assert ("DG215", "shared/.dockerignore", 3) in [one[:3] for one in told(run(files, "check", "compose.yaml"))]


@pytest.mark.parametrize("value", ["docker-image://alpine:3.20.3", "./shared", "service:base", "https://x.test/a.git"])
def test_what_a_named_context_replaces_is_no_base_image(value: str, run: Run) -> None:
    dockerfile = "FROM base\nCOPY --from=tool:latest /a /a\nUSER 1000\n"
    compose = COMPOSE.replace("shared: ./shared", f"base: {value}\n        tool: {value}")
    data = run({"app/Dockerfile": dockerfile, "shared/a": "", "compose.yaml": compose}, "check", "compose.yaml")
    assert told(data, "DG301", "DG302", "DG304", "DG307", "DG736") == []


def test_the_image_that_a_named_context_is_gives_the_user(run: Run) -> None:
    dockerfile = 'FROM base\nCMD ["id"]\n'
    nobody = COMPOSE.replace("shared: ./shared", "base: docker-image://gcr.io/distroless/static:nonroot")
    assert told(run({"app/Dockerfile": dockerfile, "compose.yaml": nobody}, "check", "compose.yaml"), "DG801") == []
    root = COMPOSE.replace("shared: ./shared", "base: docker-image://alpine:3.20.3")
    assert told(run({"compose.yaml": root}, "check", "compose.yaml"), "DG801") != []


def test_a_replaced_stage_does_not_run(run: Run) -> None:
    dockerfile = (
        "FROM alpine:3.20.3 AS build\nCOPY id_rsa /keys/\nFROM alpine:3.20.3\nCOPY --from=build /keys /k\nUSER 1\n"
    )
    files = {"app/Dockerfile": dockerfile, "app/id_rsa": KEY, "shared/keys/public": "x"}
    plain = "services:\n  app:\n    build: app\n"
    assert told(run(files | {"compose.yaml": plain}, "check", "compose.yaml"), "DG102") != []
    replaced = COMPOSE.replace("shared:", "build:")
    assert told(run({"compose.yaml": replaced}, "check", "compose.yaml"), "DG102") == []


def test_a_folder_in_the_place_of_the_base_image_ships(run: Run) -> None:
    files = FILES | {"app/Dockerfile": "FROM shared\nUSER 1000\n", "compose.yaml": COMPOSE}
    data = run(files, "check", "compose.yaml")
    assert told(data, "DG102") == [("DG102", "app/Dockerfile", 1, "private key 'shared/deploy_key' reaches the image")]


def test_a_mount_of_a_named_context_leaves_only_what_is_copied(run: Run) -> None:
    mount = "RUN --mount=type=bind,from=shared,target=/s {}\n"
    files = FILES | {"compose.yaml": COMPOSE}
    used = "FROM alpine:3.20.3\n" + mount.format("cat /s/deploy_key > /dev/null") + "USER 1000\n"
    assert told(run(files | {"app/Dockerfile": used}, "check", "compose.yaml"), "DG102") == []
    kept = "FROM alpine:3.20.3\n" + mount.format("cp /s/deploy_key /k") + "USER 1000\n"
    assert told(run({"app/Dockerfile": kept}, "check", "compose.yaml"), "DG102") != []


INSTALLS = """FROM node:22.11.0-slim
WORKDIR /app
COPY --from=shared package.json ./
RUN npm install
FROM python:3.12.7-slim
COPY --from=0 /app /app
COPY --from=shared requirements.txt .
RUN pip install -r requirements.txt
"""
DEPENDENCIES = '{"name": "a", "dependencies": {"express": "^4.21.1"}}'


@pytest.mark.parametrize("way", WAYS)
def test_manifests_and_requirements_in_a_named_context(way: str, run: Run) -> None:
    """The lock file is looked for beside the manifest, not in the build context."""
    files, arguments = WAYS[way]
    given = {"app/Dockerfile": INSTALLS, "app/package-lock.json": "{}", "shared/package.json": DEPENDENCIES}
    given |= {"app/.dockerignore": "**\n", "shared/requirements.txt": "flask\n"}
    data = run(given | files, "check", *arguments)
    assert [(code, line) for code, _, line, _ in told(data, "DG505", "DG506", "DG507")] == [("DG507", 3), ("DG506", 8)]
    data = run({"shared/package-lock.json": "{}", "shared/requirements.txt": "flask==3.1.0\n"}, "check", *arguments)
    assert [(code, line) for code, _, line, _ in told(data, "DG505", "DG506", "DG507")] == [("DG505", 3)]


def test_a_credential_in_a_python_file_is_told_at_its_place(run: Run) -> None:
    token = "glpat-" + "w7Kq93mzTTb2xR5vLq1c"
    files = FILES | {"shared/settings.py": f'import os\nGITHUB_TOKEN = "{token}"\n', "compose.yaml": COMPOSE}
    del files["shared/deploy_key"]
    found = told(run(files, "check", "compose.yaml"))
    assert ("shared/settings.py", 2) in [one[1:3] for one in found]
    assert token not in json.dumps(found)


def test_equal_paths_of_two_contexts_are_two_files(run: Run) -> None:
    dockerfile = "FROM alpine:3.20.3\nCOPY deploy_key /a\nCOPY --from=shared deploy_key /b\nUSER 1000\n"
    files = {"app/Dockerfile": dockerfile, "app/deploy_key": "nothing\n", "shared/deploy_key": KEY}
    data = run(files | {"compose.yaml": COMPOSE}, "check", "compose.yaml")
    assert [one[:3] for one in told(data, "DG102") if "shared" in one[3]] == [("DG102", "app/Dockerfile", 3)]


@pytest.mark.parametrize("folder", ["../outside", "/", "../../..", "link", "~/x", "./app/../.."])
@pytest.mark.parametrize("file", ["compose.yaml", "docker-bake.hcl"])
def test_nothing_outside_of_the_repository_is_read(
    file: str, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lay_out({"outside/deploy_key": KEY, "outside/.dockerignore": "a\na\n"}, tmp_path)
    top = tmp_path / "top"
    text = {"compose.yaml": COMPOSE, "docker-bake.hcl": BAKE}[file]
    where = f"shared: {folder}" if file == "compose.yaml" else f'shared = "{folder}"'
    lay_out({"app/Dockerfile": FILES["app/Dockerfile"]}, top)
    (top / file).write_text(text.replace("shared: ./shared", where).replace('shared = "shared"', where))
    (top / "link").symlink_to("../outside")
    monkeypatch.chdir(top)
    main(["check", "--pedantic", file])
    said = capsys.readouterr()
    assert "deploy_key" not in said.out
    assert ".dockerignore" not in said.out
    assert f"{file}:{6 if file == 'compose.yaml' else 3}: the context shared, {folder}, lies outside of" in said.err


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("docker-bake.hcl", 'target "app" {\n  context = "%s"\n}\n'),
        ("docker-bake.json", '{"target": {"app": {"context": "%s"}}}\n'),
        (".devcontainer/devcontainer.json", '{"build": {"dockerfile": "Dockerfile", "context": "%s"}}\n'),
    ],
)
@pytest.mark.parametrize("folder", ["/", "../../../..", "/etc"])
def test_a_context_outside_is_named_whatever_file_says_so(
    file: str, text: str, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    lay_out({file: text % folder, ".devcontainer/Dockerfile": "FROM alpine:3.20.3\nCOPY . /x\nUSER 1\n"}, tmp_path)
    monkeypatch.chdir(tmp_path)
    main(["check", file])
    said = capsys.readouterr()
    assert f"the build context {folder} lies outside of" in said.err
    assert "Traceback" not in said.err


def test_the_root_of_the_file_system_is_not_walked(run: Run) -> None:
    data = run(FILES, "check", "app/Dockerfile", "--context", "app", "--build-context", "shared=/")
    assert [error["message"] for error in data["errors"]] == [
        "is the root of the file system, which is not walked; expected a smaller build context"
    ]


def test_links_in_a_named_context_lead_nowhere_outside(run: Run, tmp_path: Path) -> None:
    lay_out(FILES | {"compose.yaml": COMPOSE, "elsewhere/deploy_key": KEY}, tmp_path)
    (tmp_path / "shared" / "deploy_key").unlink()
    (tmp_path / "shared" / "deploy_key").symlink_to("../elsewhere/deploy_key")
    (tmp_path / "shared" / "folder").symlink_to("../elsewhere")
    assert told(run({}, "check", "compose.yaml"), "DG102") == []
