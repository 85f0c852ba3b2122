"""A stage or build argument is renamed where compose and bake files name it, too."""

from __future__ import annotations

from pathlib import Path

import pytest
from editor import editor, run
from lsprotocol import types
from pygls.exceptions import JsonRpcException

DOCKERFILE = "FROM debian:12.8-slim AS app\nARG COLOUR\nRUN echo $COLOUR > /colour\nUSER 1000\n"
COMPOSE = """\
services:
  web:
    build:
      context: .
      target: app
      args:
        COLOUR: red
"""
BAKE = 'target "web" {\n  target = "app"\n  args = {\n    COLOUR = "blue"\n  }\n}\n'


async def renamed(folder: Path, client: str) -> dict[str, str]:
    async with editor(folder, client) as at:
        held = {name: at.open(folder / name) for name in ("Dockerfile", "compose.yaml", "docker-bake.hcl")}
        for line, character, name in ((0, 26, "main"), (1, 5, "COLOR")):
            document = types.TextDocumentIdentifier(held["Dockerfile"])
            asked = types.RenameParams(document, types.Position(line, character), name)
            at.apply(await at.client.text_document_rename_async(asked))
        return {name: at.texts[uri] for name, uri in held.items()}


@pytest.mark.parametrize("client", ["neovim@v0.6.1", "visual-studio-code@v1.65.2"])
def test_compose_and_bake_files_follow(client: str, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    held = {"Dockerfile": DOCKERFILE, "compose.yaml": COMPOSE, "docker-bake.hcl": BAKE}
    for name, text in held.items():
        (tmp_path / name).write_text(text)

    async def play() -> None:
        assert await renamed(tmp_path, client) == {
            name: text.replace("app", "main").replace("COLOUR", "COLOR") for name, text in held.items()
        }

    run(play())


@pytest.mark.parametrize(
    ("compose", "why"),
    [
        (COMPOSE.replace("COLOUR: red", "COLOUR:"), "by way of a variable"),
        (COMPOSE + "  api:\n    build:\n      context: api\n      args:\n        COLOUR: red\n", ""),
    ],
)
def test_what_the_environment_gives_keeps_its_name(compose: str, why: str, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "Dockerfile").write_text(DOCKERFILE)
    for name, text in {"Dockerfile": DOCKERFILE, "compose.yaml": compose, "docker-bake.hcl": BAKE}.items():
        (tmp_path / name).write_text(text)

    async def play() -> None:
        if why:
            with pytest.raises(JsonRpcException, match=why):
                await renamed(tmp_path, "neovim@v0.9.1")
        else:
            told = (await renamed(tmp_path, "neovim@v0.9.1"))["compose.yaml"]
            assert (told.count("COLOR:"), told.count("COLOUR:")) == (1, 1), "the other Dockerfile keeps its own"

    run(play())
