"""Columns over real stdio, on lines with emoji, CJK, tabs, CRLF and lone CR, in every encoding of positions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from editor import Editor, editor, run
from lsprotocol import types
from pytest_lsp import client_capabilities

UPDATE = 'RUN echo "😀 漢字\té" && apt-get update && apt-get install -y --no-install-recommends curl'
DOCKERFILE = f"""\
# 😀 a carriage return\rends a line for an editor only
FROM debian:12.8-slim AS build
ARG VERSION="😀 1"
COPY 漢字/😀.txt\tapp.py\t/srv/${{VERSION}}/
{UPDATE}
RUN echo 漢字\t😀 $VERSION && apt-get upgrade
LABEL 😀="漢字" version=$VERSION
FROM build
COPY --from=build\t/srv/😀 /漢字/
USER 1000
"""


def project(folder: Path, text: str) -> Path:
    (folder / ".git").mkdir()
    (folder / "漢字").mkdir()
    (folder / "漢字" / "😀.txt").write_text("x\n")
    (folder / "app.py").write_text("")
    (folder / "Dockerfile").write_bytes(text.encode())
    return folder


def client(encoding: str | None) -> types.ClientCapabilities:
    able = client_capabilities("visual-studio-code@v1.65.2")
    assert able.text_document is not None
    able.text_document.inlay_hint = types.InlayHintClientCapabilities()
    able.general = types.GeneralClientCapabilities()
    if encoding is not None:
        able.general.position_encodings = [encoding, "utf-16"]
    return able


async def asked(at: Editor, method: str, params: Any) -> Any:
    return await getattr(at.client, f"text_document_{method}_async")(params)


async def read(at: Editor, uri: str) -> None:
    document = types.TextDocumentIdentifier(uri)
    found = {str(one.code): at.under(uri, one.range) for one in await at.diagnostics(uri)}
    assert found["DG411"] == "apt-get update"
    assert found["DG402"] == "upgrade"
    variable = at.find(uri, "$VERSION && apt-get", 3)
    assert "`${VERSION}` is `😀 1` here" in await at.hover(uri, *at.spot(uri, "${VERSION}", 4))
    assert "2 files" in await at.hover(uri, *at.spot(uri, "app.py"))
    marks = await asked(at, "document_highlight", types.DocumentHighlightParams(document, variable))
    assert [at.under(uri, one.range) for one in marks] == ["VERSION"] * 4
    where = await asked(at, "definition", types.DefinitionParams(document, at.find(uri, "build\t")))
    assert at.under(uri, where.range) == "build"
    every = types.Range(types.Position(0, 0), types.Position(99, 0))
    hints = await asked(at, "inlay_hint", types.InlayHintParams(document, every))
    lines = [one.position.line for one in hints if one.label.startswith("2 files")]
    assert [one.position for one in hints if one.label.startswith("2 files")] == [at.find(uri, "VERSION}/", 9)], lines
    links = await asked(at, "document_link", types.DocumentLinkParams(document))
    assert {"漢字/😀.txt", "app.py"} <= {at.under(uri, one.range) for one in links}
    symbols = await asked(at, "document_symbol", types.DocumentSymbolParams(document))
    assert [at.under(uri, one.selection_range).split()[-1] for one in symbols] == ["build", "build"]
    assert at.under(uri, symbols[1].range).endswith("USER 1000")


async def written(at: Editor, uri: str, old: str) -> None:
    document = types.TextDocumentIdentifier(uri)
    new = old
    for code, line, fixed in (
        ("DG411", " curl", " curl && rm -rf /var/lib/apt/lists/*"),
        ("DG402", "upgrade", "upgrade -y"),
    ):
        offered = await at.actions(uri, at.find(uri, line).line, ["quickfix"])
        at.apply(next(one.edit for one in offered if one.edit and one.title.startswith(code)))
        new = new.replace(line, fixed)
        assert at.texts[uri] == new
    await at.diagnostics(uri, lambda each: not {"DG402", "DG411"} & {str(one.code) for one in each})
    offered = await at.actions(uri, at.find(uri, "FROM debian").line, ["quickfix.suppress"])
    at.apply(next(one.edit for one in offered if one.edit and "DG302" in one.title))
    end = "\r\n" if "\r\n" in old else "\n"
    new = new.replace("FROM debian", f"# dfguard: ignore[DG302] -- reason{end}FROM debian")
    assert at.texts[uri] == new
    for word, name in (("build\t", "made"), ("$VERSION &", "RELEASE")):
        rename = types.RenameParams(document, at.find(uri, word, 2), name)
        at.apply(await asked(at, "rename", rename))
    assert at.texts[uri] == new.replace("build", "made").replace("VERSION", "RELEASE")


@pytest.mark.parametrize(
    ("encoding", "end"),
    [("utf-8", "\r\n"), ("utf-16", "\n"), ("utf-32", "\r\n"), (None, "\n")],
)
def test_ranges_and_edits_are_those_that_the_client_counts(encoding: str | None, end: str, tmp_path: Path) -> None:
    text = DOCKERFILE.replace("\n", end)

    async def play() -> None:
        async with editor(project(tmp_path, text), client(encoding)) as at:
            assert at.encoding == (encoding or "utf-16")
            uri = at.open(tmp_path / "Dockerfile")
            await read(at, uri)
            await written(at, uri, text)

    run(play())
