"""What editors see: over real stdio, with the capabilities that real clients were recorded with."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from editor import CLIENTS, answering_in, editor, run
from lsprotocol import types
from pytest_lsp import client_capabilities

from dfguard.lsp.documents import uri_of

ROOT = Path(__file__).parent.parent.parent
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nbm90IGEgcmVhbCBrZXk=\n-----END OPENSSH PRIVATE KEY-----\n"
DOCKERFILE = """\
# syntax=docker/dockerfile:1
ARG VERSION=12.8
FROM debian:${VERSION}-slim AS build
WORKDIR /srv
COPY . .
RUN apt-get update && apt-get install -y curl
USER 1000
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / ".dockerignore").write_text(".git\n*.log\n")
    (tmp_path / "id_rsa").write_text(KEY)
    (tmp_path / "app.py").write_text("print('hello')\n")
    return tmp_path


def has(number: int, diagnostics: Any) -> bool:
    return len(diagnostics) == number


def codes(diagnostics: Any) -> set[str]:
    return {str(each.code) for each in diagnostics}


@pytest.mark.parametrize("pulls", [False, True], ids=["push", "pull"])
@pytest.mark.parametrize("client", CLIENTS)
def test_each_editor_sees_hovers_mends_and_sees_it_gone(client: str, pulls: bool, project: Path) -> None:
    able = answering_in(client_capabilities(client), pulls=pulls)

    async def play() -> None:
        async with editor(project, able) as at:
            uri = at.open(project / "Dockerfile")
            found = await at.diagnostics(uri, lambda each: "DG102" in codes(each))
            leak = next(each for each in found if each.code == "DG102")
            assert (leak.range.start.line, leak.range.start.character) == (4, 5)
            assert "id_rsa" in await at.hover(uri, 4, 6)
            assert "12.8" in await at.hover(uri, 2, 15)
            offered = await at.actions(uri, 5, ["quickfix"])
            assert offered[0].edit is not None
            at.apply(offered[0].edit)
            left = await at.diagnostics(uri, lambda each: len(each) < len(found))
            assert "DG102" in codes(left)
            at.save(uri, project / "Dockerfile")
            at.rewrite(uri, 'FROM scratch\nUSER 1000\nCMD ["/app"]\n')
            await at.diagnostics(uri, lambda each: not each)
            assert pulls is not any(one.uri == uri and one.diagnostics for one in at.published)
            asked = {"workspace/didChangeWatchedFiles"} if "visual" in client or "emacs" in client else set()
            asked |= {"workspace/didChangeConfiguration"} if "visual" in client else set()
            assert set(at.registered) == asked

    run(play())


@pytest.mark.parametrize("client", ["neovim@v0.9.1", "neovim@v0.10.0"])
def test_an_unsaved_ignore_file_counts_for_the_dockerfile(client: str, project: Path) -> None:
    async def play() -> None:
        async with editor(project, client) as at:
            uri = at.open(project / "Dockerfile")
            await at.diagnostics(uri, lambda each: "DG102" in codes(each))
            ignore = at.open(project / ".dockerignore", language="ignore")
            at.rewrite(ignore, ".git\n*.log\nid_rsa\n")
            await at.diagnostics(uri, lambda each: "DG102" not in codes(each))
            at.close(ignore)
            await at.diagnostics(uri, lambda each: "DG102" in codes(each))

    run(play())


def test_a_client_that_pulls_is_asked_to_pull_again(project: Path) -> None:
    able = client_capabilities("neovim@v0.11.0")
    assert able.workspace is not None
    able.workspace.diagnostics = types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)

    async def play() -> None:
        async with editor(project, able) as at:
            uri = at.open(project / "Dockerfile")
            await at.diagnostics(uri, lambda each: "DG102" in codes(each))
            ignore = at.open(project / ".dockerignore", "id_rsa\n", "ignore")
            await at.diagnostics(ignore, lambda each: at.client.diagnostic_refresh_count)

    run(play())


def test_an_unsaved_configuration_and_a_wrong_one_count(project: Path) -> None:
    (project / "dfguard.toml").write_text("")

    async def play() -> None:
        async with editor(project) as at:
            uri = at.open(project / "Dockerfile")
            config = at.open(project / "dfguard.toml", 'ignore = ["DG102"]\n', "toml")
            await at.diagnostics(uri, lambda each: "DG102" not in codes(each) and each)
            at.rewrite(config, 'ingore = ["DG102"]\n')
            (wrong,) = await at.diagnostics(config)
            assert (wrong.range.start.line, wrong.severity) == (0, types.DiagnosticSeverity.Error)
            await at.diagnostics(uri, lambda each: "DG102" in codes(each))

    run(play())


def test_an_unsaved_compose_file_tells_the_build(project: Path) -> None:
    (project / "compose.yaml").write_text("services:\n  web:\n    build: .\n")

    async def play() -> None:
        async with editor(project) as at:
            uri = at.open(project / "Dockerfile")
            await at.diagnostics(uri, lambda each: "DG102" in codes(each))
            compose = at.open(project / "compose.yaml", language="yaml")
            at.rewrite(compose, "services:\n  web:\n    build:\n      context: .\n      args:\n        NOBODY: x\n")
            await at.diagnostics(compose, lambda each: "DG730" in codes(each))

    run(play())


@pytest.mark.parametrize("client", ["neovim@v0.9.1", "neovim@v0.11.0"])
def test_what_is_not_open_is_pushed_and_taken_back(client: str, project: Path) -> None:
    compose = project / "compose.yaml"
    compose.write_text("services:\n  web:\n    build:\n      context: .\n      args:\n        NOBODY: x\n")
    closed = uri_of(str(compose))

    async def play() -> None:
        async with editor(project, client) as at:
            at.open(project / "Dockerfile")
            found = await at.diagnostics(closed, lambda each: "DG730" in codes(each))
            assert found[0].range.start.line == 5
            compose.write_text("services:\n  web:\n    build: .\n")
            changed = types.FileEvent(closed, types.FileChangeType.Changed)
            at.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([changed]))
            await at.diagnostics(closed, lambda each: not each)

    run(play())


def test_all_of_the_workspace_can_be_asked_for(project: Path) -> None:
    (project / "other").mkdir()
    (project / "other" / "Dockerfile").write_text("FROM debian\nRUN sudo ls\n")

    async def play() -> None:
        async with editor(project, "neovim@v0.11.0") as at:
            other = uri_of(str(project / "other" / "Dockerfile"))
            await at.diagnostics(other)
            report = await at.client.workspace_diagnostic_async(types.WorkspaceDiagnosticParams([]))
            kept = {item.uri: item.result_id for item in report.items}
            assert {other, uri_of(str(project / "Dockerfile"))} <= kept.keys()
            assert not at.client.diagnostics[other], "else it would be shown twice"
            known = [types.PreviousResultId(uri, value) for uri, value in kept.items()]
            again = await at.client.workspace_diagnostic_async(types.WorkspaceDiagnosticParams(known))
            assert {item.kind for item in again.items} == {"unchanged"}

    run(play())


def test_what_was_pulled_before_is_not_told_again(project: Path) -> None:
    async def play() -> None:
        async with editor(project, "neovim@v0.10.0") as at:
            uri = at.open(project / "Dockerfile")
            asked = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri))
            first = await at.client.text_document_diagnostic_async(asked)
            asked.previous_result_id = first.result_id
            assert (await at.client.text_document_diagnostic_async(asked)).kind == "unchanged"

    run(play())


def test_a_comment_silences_and_all_safe_fixes_come_at_once(project: Path) -> None:
    async def play() -> None:
        async with editor(project) as at:
            uri = at.open(project / "Dockerfile")
            await at.diagnostics(uri, lambda each: "DG102" in codes(each))
            offered = await at.actions(uri, 4, ["quickfix.suppress"])
            (silence,) = [each for each in offered if "DG102" in each.title]
            assert silence.edit is not None
            at.apply(silence.edit)
            assert "\n# dfguard: ignore[DG102] -- reason\nCOPY . .\n" in at.texts[uri]
            await at.diagnostics(uri, lambda each: "DG102" not in codes(each))
            (everything,) = await at.actions(uri, 0, ["source.fixAll"])
            assert everything.kind == "source.fixAll.dfguard"
            assert everything.edit is not None
            at.apply(everything.edit)
            assert "rm -rf /var/lib/apt/lists/*" in at.texts[uri]
            await at.diagnostics(uri)
            assert await at.actions(uri, 0, ["source.fixAll.dfguard"]) == []

    run(play())


def test_a_file_without_a_workspace_and_an_unsaved_text_are_checked(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM debian\nRUN apt-get install curl\n")

    async def play() -> None:
        async with editor(None) as at:
            assert await at.diagnostics(at.open(tmp_path / "Dockerfile"))
            item = types.TextDocumentItem("untitled:Untitled-1", "dockerfile", 1, "FROM debian\nRUN sudo ls\n")
            at.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
            assert "DG301" in codes(await at.diagnostics("untitled:Untitled-1"))

    run(play())


def test_settings_count_and_wrong_ones_are_said(project: Path) -> None:
    async def play() -> None:
        async with editor(project, settings={"ignore": ["DG1"], "nonsense": 1}) as at:
            uri = at.open(project / "Dockerfile")
            assert "DG102" not in codes(await at.diagnostics(uri))
            assert any("nonsense" in message.message for message in at.client.messages)
            settings: dict[str, Any] = {"dfguard": {"ignore": []}}
            at.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings))
            await at.diagnostics(uri, lambda each: "DG102" in codes(each))

    run(play())


STORIES = sorted(path.parent for path in (ROOT / "examples").glob("*/Dockerfile"))


@pytest.mark.parametrize("story", STORIES, ids=lambda path: path.name)
def test_an_editor_is_told_what_the_command_line_tells(story: Path, tmp_path: Path) -> None:
    """In the same places, of every file that the folder holds."""
    folder = tmp_path / story.name
    shutil.copytree(story, folder, symlinks=True)
    command = [sys.executable, "-m", "dfguard", "check", "--format", "json", "."]
    report = json.loads(subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout)
    told = {(each["path"], each["code"], each["start"]["line"] - 1, each["message"]) for each in report["findings"]}
    assert told or story.name in ("clean", "leaking-history")

    async def play() -> None:
        async with editor(folder) as at:
            seen: set[tuple[str, str, int, str]] = set()
            at.open(folder / "Dockerfile")
            for path in {path for path, *_ in told} | {"Dockerfile"}:
                number = sum(one[0] == path for one in told)
                found = await at.diagnostics(uri_of(str(folder / path)), partial(has, number))
                seen |= {(path, str(one.code), one.range.start.line, one.message) for one in found}
            assert seen == told

    run(play())


def test_a_structural_fix_is_made_when_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "Dockerfile").write_text(
        "FROM debian:12.8-slim\n"
        "RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev\n"
        "RUN gcc --version > /gcc-version\n"
        "RUN apt-get purge -y gcc libc6-dev && rm -rf /var/lib/apt/lists/*\n"
    )

    async def play() -> None:
        async with editor(tmp_path, "neovim@v0.9.1") as at:
            uri = at.open(tmp_path / "Dockerfile")
            await at.diagnostics(uri, lambda each: "DG501" in codes(each))
            offered = await at.actions(uri, 3, ["quickfix"])
            (action,) = [each for each in offered if each.title.startswith("DG501: restructure")]
            assert action.edit is None
            resolved = await at.client.code_action_resolve_async(action)
            assert resolved.edit is not None
            at.apply(resolved.edit)
            assert at.texts[uri].count("RUN") == 1
            await at.diagnostics(uri, lambda each: "DG501" not in codes(each))

    run(play())
