"""Notes beside and above COPY and FROM: those who can are told to ask again when something else has changed them."""

from __future__ import annotations

from pathlib import Path

import pytest
from editor import Editor, editor, run
from lsprotocol import types
from pytest_lsp import client_capabilities

DOCKERFILE = "FROM debian:12.8-slim\nCOPY src/ \\\n  /srv/\nADD missing /srv/\nFROM scratch\nCOPY --from=0 /srv /srv\n"
EVERY = types.Range(types.Position(0, 0), types.Position(99, 0))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "src").mkdir()
    for name in ("a.py", "b.py", "c.log"):
        (tmp_path / "src" / name).write_text("print()\n")
    (tmp_path / ".dockerignore").write_text("# nothing\n")
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    return tmp_path


def client(*, can_refresh: bool | None) -> types.ClientCapabilities:
    able = client_capabilities("neovim@v0.11.0")
    assert able.workspace is not None
    able.workspace.inlay_hint = types.InlayHintWorkspaceClientCapabilities(refresh_support=can_refresh)
    able.workspace.code_lens = types.CodeLensWorkspaceClientCapabilities(refresh_support=can_refresh)
    return able


async def hints(at: Editor, uri: str, where: types.Range = EVERY) -> list[tuple[int, int, str]]:
    params = types.InlayHintParams(types.TextDocumentIdentifier(uri), where)
    found = await at.client.text_document_inlay_hint_async(params) or ()
    return [(one.position.line, one.position.character, one.label) for one in found]


async def lenses(at: Editor, uri: str) -> list[tuple[int, str]]:
    params = types.CodeLensParams(types.TextDocumentIdentifier(uri))
    found = await at.client.text_document_code_lens_async(params) or ()
    return [(one.range.start.line, one.command.title) for one in found]


def test_hints_and_lenses_say_what_lines_bring(project: Path) -> None:
    async def play() -> None:
        async with editor(project, client(can_refresh=None), {"codeLens": True}) as at:
            uri = at.open(project / "Dockerfile")
            base, copied, *more = await hints(at, uri)
            assert base[:2] == (0, 21)
            assert base[2].startswith("debian, user root")
            assert copied == (1, 11, "3 files, 24 B")
            assert 5 not in [one[0] for one in more], "what comes from a stage is not of the context"
            part = types.Range(types.Position(1, 0), types.Position(2, 0))
            assert await hints(at, uri, part) == [copied]
            assert (1, "3 files, 24 B") in await lenses(at, uri)
            at.rewrite(at.open(project / ".dockerignore", language="ignore"), "**/*.log\n")
            assert (1, 11, "2 files, 16 B") in await hints(at, uri)
            assert at.refreshed == [], "it has not said that it can"

    run(play())


def test_whoever_can_is_told_to_ask_again(project: Path) -> None:
    async def play() -> None:
        async with editor(project, client(can_refresh=True), {"codeLens": True}) as at:
            uri = at.open(project / "Dockerfile")
            ignore = at.open(project / ".dockerignore", language="ignore")
            assert (1, "3 files, 24 B") in await lenses(at, uri)
            before = len(at.refreshed)
            at.rewrite(uri, f"{DOCKERFILE}USER 1000\n")
            await at.diagnostics(uri)
            assert len(at.refreshed) == before, "an editor knows of its own changes"
            at.rewrite(ignore, "**/*.log\n")
            await at.diagnostics(uri, lambda each: set(at.refreshed[before:]) == {"hints", "lenses"})
            assert (1, "2 files, 16 B") in await lenses(at, uri)
            before = len(at.refreshed)
            settings = {"dfguard": {"codeLens": False, "inlayHints": False}}
            at.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings))
            await at.diagnostics(uri, lambda each: set(at.refreshed[before:]) == {"hints", "lenses"})
            assert not await hints(at, uri)
            assert not await lenses(at, uri)

    run(play())
