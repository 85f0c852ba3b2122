"""While a server lives: bursts, cancelled requests, folders that come and go, changed settings and files."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from editor import Editor, editor, run
from lsprotocol import types
from pygls.exceptions import JsonRpcRequestCancelled
from pytest_lsp import client_capabilities

from dfguard.lsp.client import Client
from dfguard.lsp.documents import uri_of
from dfguard.lsp.project import texts_of
from dfguard.lsp.publishing import Publishing
from dfguard.lsp.session import Session
from dfguard.lsp.settings import ClientSettings

KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nbm90IGEgcmVhbCBrZXk=\n-----END OPENSSH PRIVATE KEY-----\n"
DOCKERFILE = "FROM debian:12.8-slim\nCOPY . /srv/\nUSER 1000\n"


def codes(diagnostics: Any) -> set[str]:
    return {str(each.code) for each in diagnostics}


def folder(path: Path, text: str = DOCKERFILE) -> Path:
    (path / ".git").mkdir(parents=True)
    (path / "Dockerfile").write_text(text)
    (path / ".dockerignore").write_text(".git\n")
    (path / "app.py").write_text("")
    return path


def test_a_burst_of_changes_is_told_once_with_the_last_version(tmp_path: Path) -> None:
    able = client_capabilities("visual-studio-code@v1.65.2")
    assert able.text_document is not None
    assert able.text_document.publish_diagnostics is not None
    able.text_document.publish_diagnostics.version_support = True

    async def play() -> None:
        async with editor(folder(tmp_path), able, {"diagnosticMode": "openFiles"}) as at:
            uri = at.open(tmp_path / "Dockerfile")
            await at.diagnostics(uri)
            before = len(at.published)
            for letter in "RUN apt-get install curl\n":
                at.replace(uri, len(at.texts[uri]), len(at.texts[uri]), letter)
            await at.diagnostics(uri, lambda each: "DG402" in codes(each))
            await asyncio.sleep(0.5)
            (told,) = at.published[before:]
            assert told.version == at.versions[uri] == 26

    run(play())


async def ask_and_cancel(at: Editor, method: str, params: object, id_: str) -> None:
    """Send a request and cancel it at once; the answer must say that it was."""
    waiting = asyncio.ensure_future(at.client.protocol.send_request_async(method, params, msg_id=id_))
    await asyncio.sleep(0)
    at.client.cancel_request(types.CancelParams(id_))
    with pytest.raises(JsonRpcRequestCancelled):
        await waiting


def test_a_cancelled_request_is_answered_so_and_the_server_goes_on(tmp_path: Path) -> None:
    async def play() -> None:
        async with editor(folder(tmp_path), "neovim@v0.11.0") as at:
            uri = at.open(tmp_path / "Dockerfile")
            where = types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(1, 6))
            await ask_and_cancel(at, types.TEXT_DOCUMENT_HOVER, where, "late")
            assert "3 files" in await at.hover(uri, 1, 6)
            pull = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri))
            at.rewrite(uri, f"{DOCKERFILE}RUN apt-get install curl\n")
            await ask_and_cancel(at, types.TEXT_DOCUMENT_DIAGNOSTIC, pull, "other")
            assert "DG402" in codes(await at.diagnostics(uri))

    run(play())


def moved(at: Editor, *, added: tuple[Path, ...] = (), removed: tuple[Path, ...] = ()) -> None:
    came, went = ([types.WorkspaceFolder(uri_of(str(one)), one.name) for one in each] for each in (added, removed))
    event = types.WorkspaceFoldersChangeEvent(came, went)
    at.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))


@pytest.mark.parametrize("client", ["neovim@v0.9.1", "neovim@v0.11.0"])
def test_folders_come_and_go(client: str, tmp_path: Path) -> None:
    first, second = folder(tmp_path / "first"), folder(tmp_path / "second")
    (second / "dfguard.toml").write_text('ignore = ["DG302"]\n')
    (second / "tools").mkdir()
    (second / "tools" / "Dockerfile").write_text("FROM debian:12.8-slim\nRUN apt-get install curl\n")
    closed = uri_of(str(second / "tools" / "Dockerfile"))

    async def play() -> None:
        async with editor(first, client) as at:
            told: Any = at.server.workspace
            assert told.workspace_folders.change_notifications
            uri = at.open(second / "Dockerfile")
            await at.diagnostics(uri, lambda each: "DG302" not in codes(each))
            assert closed not in at.client.diagnostics, "it lies in no folder of the workspace"
            moved(at, added=(second,))
            assert "DG402" in codes(await at.diagnostics(closed))
            moved(at, removed=(second,))
            await at.diagnostics(closed, lambda each: not each)
            at.rewrite(uri, f"{DOCKERFILE}RUN apt-get install curl\n")
            await at.diagnostics(uri, lambda each: "DG402" in codes(each))

    run(play())


def test_one_who_watches_no_files_is_told_of_them_with_the_next_change(tmp_path: Path) -> None:
    """Ignore files, configuration, descriptions of builds and context files that others write."""

    async def play() -> None:
        async with editor(folder(tmp_path), "neovim@v0.9.1") as at:
            assert at.registered == []
            uri = at.open(tmp_path / "Dockerfile")
            await at.diagnostics(uri, lambda each: "DG302" in codes(each))

            async def typed(wanted: Any) -> None:
                at.replace(uri, len(at.texts[uri]), len(at.texts[uri]), "#")
                await at.diagnostics(uri, wanted)

            (tmp_path / "id_rsa").write_text(KEY)
            await typed(lambda each: "DG102" in codes(each))
            (tmp_path / ".dockerignore").write_text(".git\nid_rsa\n")
            await typed(lambda each: "DG102" not in codes(each))
            (tmp_path / "dfguard.toml").write_text('ignore = ["DG302"]\n')
            await typed(lambda each: "DG302" not in codes(each))
            os.remove(tmp_path / "dfguard.toml")
            (tmp_path / ".dockerignore").unlink()
            await typed(lambda each: {"DG102", "DG302"} <= codes(each))

    run(play())


def test_settings_of_the_client_count_at_once(tmp_path: Path) -> None:
    (folder(tmp_path) / "id_rsa").write_text(KEY)

    async def play() -> None:
        async with editor(tmp_path, "visual-studio-code@v1.65.2", {"preset": "strict"}) as at:
            uri = at.open(tmp_path / "Dockerfile")
            document = types.TextDocumentIdentifier(uri)
            await at.diagnostics(uri, lambda each: "DG102" in codes(each))
            assert not await at.client.text_document_code_lens_async(types.CodeLensParams(document))
            at.client.set_configuration({"dfguard": {"ignore": ["DG102"], "codeLens": True}})
            at.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
            await at.diagnostics(uri, lambda each: "DG102" not in codes(each))
            lenses = await at.client.text_document_code_lens_async(types.CodeLensParams(document))
            assert [(one.range.start.line, one.command.title) for one in lenses][1] == (1, "4 files, 141 B, 1 secret")
            at.client.set_configuration({"dfguard": {"ignore": "DG102"}})
            at.client.workspace_did_change_configuration(types.DidChangeConfigurationParams({"dfguard": {"ignore": 1}}))
            await at.diagnostics(uri, lambda each: "DG102" in codes(each))
            assert any("setting dfguard.ignore" in one.message for one in at.client.messages)

    run(play())


def test_a_workspace_is_not_trusted(tmp_path: Path) -> None:
    """Neither code nor a file outside of it is loaded because its configuration says so."""
    inside, outside = folder(tmp_path / "inside"), tmp_path / "outside.toml"
    outside.write_text('ignore = ["DG302"]\n')
    (inside / "pack.py").write_text("open('loaded', 'w')\nraise SystemExit\n")
    config = inside / "dfguard.toml"
    config.write_text('packs = ["./pack.py", "pack"]\n')

    async def play() -> None:
        async with editor(inside, "neovim@v0.9.1") as at:
            uri, wrong = at.open(inside / "Dockerfile"), at.open(config, language="toml")
            await at.diagnostics(uri, lambda each: "DG302" in codes(each))
            (told,) = await at.diagnostics(wrong)
            assert "packs" in told.message
            at.rewrite(wrong, f'extend = "{outside}"\n')
            (told,) = await at.diagnostics(wrong, lambda each: each and "packs" not in each[0].message)
            assert "DG302" in codes(await at.diagnostics(uri))
            at.rewrite(wrong, "")
            settings = {"dfguard": {"config": str(outside)}}
            at.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings))
            await at.diagnostics(uri, lambda each: "DG302" not in codes(each))

    run(play())
    assert not list(tmp_path.rglob("loaded"))


def test_what_must_be_looked_at_is_to_be_confirmed_where_the_client_can_ask(tmp_path: Path) -> None:
    folder(tmp_path, "FROM debian:12.8-slim\nADD app.py /srv/\nRUN cd /srv\nUSER root\n")

    async def edits(able: types.ClientCapabilities) -> list[Any]:
        async with editor(tmp_path, able) as at:
            uri = at.open(tmp_path / "Dockerfile")
            await at.diagnostics(uri)
            every = [one for line in range(4) for one in await at.actions(uri, line, ["quickfix"])]
            return [one.edit for one in every if one.edit and "unsafe" in one.title]

    async def play() -> None:
        able = client_capabilities("visual-studio-code@v1.65.2")
        found = await edits(able)
        assert found
        for edit in found:
            ((name, annotation),) = edit.change_annotations.items()
            assert annotation.needs_confirmation
            assert {each.annotation_id for one in edit.document_changes for each in one.edits} == {name}
        assert able.workspace is not None
        assert able.workspace.workspace_edit is not None
        able.workspace.workspace_edit.change_annotation_support = None
        plain = await edits(able)
        assert [one.change_annotations for one in plain] == [None] * len(found)
        assert not any(
            hasattr(each, "annotation_id") for edit in plain for one in edit.document_changes for each in one.edits
        )
        able.workspace.workspace_edit.document_changes = None
        assert all(one.document_changes is None and one.changes for one in await edits(able))

    run(play())


@pytest.mark.parametrize("goes", [True, False], ids=["went", "began anew"])
def test_nothing_is_told_of_a_check_that_ends_after_its_folder(goes: bool, tmp_path: Path) -> None:
    """A folder is taken away, or settings change, while its files are checked that are not open."""
    root = str(folder(tmp_path))
    told: list[types.PublishDiagnosticsParams] = []
    session = Session(Client(), "utf-16")
    publishing = Publishing(session, told.append)
    session.add_folder(root)
    desk = session.folders[root]
    desk.project.adopt(desk.project.search())
    desk.project.take(texts_of([]), thorough=True)
    for job in desk.project.jobs:
        desk.project.check(job)
    late = publishing.collect(desk, [])
    publishing.send(desk, late)
    assert [bool(one.diagnostics) for one in told] == [True]
    publishing.forget(desk)
    if goes:
        session.drop_folder(root)
    else:
        session.configure(ClientSettings(preset="strict"))
    publishing.send(desk, late)
    assert [bool(one.diagnostics) for one in told] == [True, False]
    session.stop()
