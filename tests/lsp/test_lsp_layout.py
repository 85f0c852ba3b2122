"""Formatting over real stdio, for clients that can ask for it."""

from __future__ import annotations

from pathlib import Path

from editor import editor, run
from lsprotocol import types
from pytest_lsp import client_capabilities

OPTIONS = types.FormattingOptions(tab_size=4, insert_spaces=True)


def test_a_dockerfile_is_laid_out_whole_and_in_part(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "Dockerfile").write_text("FROM  a as 漢\nuser 1  \nRUN  b\n")

    async def play() -> None:
        async with editor(tmp_path, "visual-studio-code@v1.65.2") as at:
            assert at.server.document_formatting_provider
            assert at.server.document_range_formatting_provider
            uri = at.open(tmp_path / "Dockerfile")
            document = types.TextDocumentIdentifier(uri)
            where = types.Range(types.Position(1, 0), types.Position(1, 3))
            part = types.DocumentRangeFormattingParams(document, where, OPTIONS)
            edits = await at.client.text_document_range_formatting_async(part)
            at.apply(types.WorkspaceEdit(changes={uri: edits}))
            assert at.texts[uri] == "FROM  a as 漢\nUSER 1\nRUN  b\n"
            edits = await at.client.text_document_formatting_async(types.DocumentFormattingParams(document, OPTIONS))
            at.apply(types.WorkspaceEdit(changes={uri: edits}))
            assert at.texts[uri] == "FROM a AS 漢\nUSER 1\nRUN b\n"
            ignore = at.open(tmp_path / "Dockerfile.dockerignore", "a  \n", "ignore")
            asked = types.DocumentFormattingParams(types.TextDocumentIdentifier(ignore), OPTIONS)
            assert not await at.client.text_document_formatting_async(asked)

    run(play())


def test_it_is_offered_only_to_those_who_can_ask(tmp_path: Path) -> None:
    able = client_capabilities("neovim@v0.9.1")
    assert able.text_document is not None
    able.text_document.formatting = able.text_document.range_formatting = None

    async def play() -> None:
        async with editor(tmp_path, able) as at:
            assert at.server.document_formatting_provider is None
            assert at.server.document_range_formatting_provider is None

    run(play())
