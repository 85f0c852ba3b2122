"""Random edits over real stdio: the server has the text that the editor has, in every encoding, and does not grow."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pytest
from editor import Editor, editor, run
from lsprotocol import types
from pytest_lsp import client_capabilities

EDITS = 10_000 if os.environ.get("DFGUARD_FULL") else 300
PIECES = (
    "a", "-x", " ", "😀", "漢字", "\t", "é", "&& apt-get upgrade ", "\nRUN b", "\r\nRUN c", "\r", "$V", "'", "\\\n",
)  # fmt: skip
LONGEST = 2_000


def client(encoding: str) -> types.ClientCapabilities:
    able = client_capabilities("neovim@v0.11.0")
    able.general = types.GeneralClientCapabilities(position_encodings=[encoding])
    return able


def typed(at: Editor, uri: str, rng: random.Random) -> None:
    """Type, paste or delete something between two characters of a place that was drawn."""
    text = at.texts[uri]
    start = rng.randrange(len("FROM x\n"), len(text) + 1)
    end = min(len(text), start + rng.choice((0, 0, 0, 1, 2, 9)) + (40 if len(text) > LONGEST else 0))
    start, end = (place - (text[place - 1 : place + 1] == "\r\n") for place in (start, end))
    at.replace(uri, start, end, rng.choice(PIECES) * rng.choice((0, 1, 1, 2)))


async def told(at: Editor, uri: str) -> tuple[Any, Any]:
    """The outline, which repeats what instructions say, and the diagnostics."""
    document = types.TextDocumentIdentifier(uri)
    symbols = await at.client.text_document_document_symbol_async(types.DocumentSymbolParams(document))
    report = await at.client.text_document_diagnostic_async(types.DocumentDiagnosticParams(document))
    return symbols, report.items


def memory(at: Editor) -> int:
    """The pages in memory of the server, in KB; 0 where there is no /proc."""
    try:
        status = Path(f"/proc/{at.client._server.pid}/status").read_text()
    except OSError:
        return 0
    return int(status.split("VmRSS:")[1].split()[0])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_the_server_has_the_text_of_the_editor(encoding: str, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "Dockerfile").write_text("FROM x\nRUN first\n")
    rng = random.Random(f"typing {encoding}")

    async def play() -> None:
        async with editor(tmp_path, client(encoding), {"diagnosticMode": "openFiles"}) as at:
            assert at.encoding == encoding
            uri, held = at.open(tmp_path / "Dockerfile"), []
            for number in range(1, EDITS + 1):
                typed(at, uri, rng)
                if number % (EDITS // 10) == 0:
                    living = await told(at, uri)
                    held.append(memory(at))
                    at.close(uri)
                    at.open(tmp_path / "Dockerfile", at.texts[uri])
                    assert living == await told(at, uri), at.texts[uri]
                    assert living[0][0].children
            assert held[-1] - held[1] < 15_000, held
            print(f"{EDITS} edits, {encoding}: {held} KB")

    run(play())
