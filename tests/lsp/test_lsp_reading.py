"""Names, outline, links, hints and completion, over real stdio."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from editor import editor, run
from lsprotocol import types
from pygls.exceptions import JsonRpcException

DOCKERFILE = """\
# syntax=docker/dockerfile:1
ARG VERSION=12.8
FROM debian:${VERSION}-slim AS build
ARG VERSION
COPY app.py other.py /srv/
RUN echo $VERSION \\
    && echo done
FROM build
COPY --from=build /srv /srv
USER 1000
CMD ["true"]
"""


def test_what_is_asked_while_reading_and_writing(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    for name in ("app.py", "other.py"):
        (tmp_path / name).write_text("print('hello')\n")

    async def play() -> None:
        async with editor(tmp_path, "neovim@v0.11.0") as at:
            uri = at.open(tmp_path / "Dockerfile")
            document = types.TextDocumentIdentifier(uri)
            ask = at.client

            def place(line: int, character: int) -> dict[str, Any]:
                return {"text_document": document, "position": types.Position(line, character)}

            found = await ask.text_document_definition_async(types.DefinitionParams(**place(8, 13)))
            assert (found.range.start.line, found.range.start.character) == (2, 31)
            context = types.ReferenceContext(include_declaration=True)
            every = await ask.text_document_references_async(types.ReferenceParams(context, **place(5, 11)))
            assert [one.range.start.line for one in every] == [1, 2, 3, 5]
            edit = await ask.text_document_rename_async(types.RenameParams(new_name="base", **place(2, 33)))
            at.apply(edit)
            assert at.texts[uri] == DOCKERFILE.replace("build", "base")
            with pytest.raises(JsonRpcException, match="no name"):
                await ask.text_document_rename_async(types.RenameParams(new_name="a b", **place(2, 33)))
            edit = await ask.text_document_rename_async(types.RenameParams(new_name="DEBIAN", **place(1, 5)))
            at.apply(edit)
            assert at.texts[uri] == DOCKERFILE.replace("build", "base").replace("VERSION", "DEBIAN")
            outline = await ask.text_document_document_symbol_async(types.DocumentSymbolParams(document))
            assert [one.name for one in outline] == ["ARG DEBIAN", "base", "base"]
            folds = await ask.text_document_folding_range_async(types.FoldingRangeParams(document))
            assert (5, 6) in {(one.start_line, one.end_line) for one in folds}
            links = await ask.text_document_document_link_async(types.DocumentLinkParams(document))
            assert {"https://hub.docker.com/r/docker/dockerfile", "https://hub.docker.com/_/debian"} <= {
                one.target for one in links
            }
            whole = types.Range(types.Position(0, 0), types.Position(99, 0))
            hints = await ask.text_document_inlay_hint_async(types.InlayHintParams(document, whole))
            assert {one.position.line: one.label for one in hints}[4] == "2 files, 30 B"

    run(play())
