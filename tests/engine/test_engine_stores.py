"""Images named by the store that they are in, `docker:NAME` and `podman:NAME`: read as the engine saves them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import builders
import layers
import pytest

from dfguard.cli.main import main

pytestmark = pytest.mark.engine

NAME = "localhost/dfguard-stores-test:1"


@pytest.fixture
def docker(tmp_path: Path) -> Iterator[str]:
    why = layers.why_no_engine()
    if why:
        pytest.skip(why)
    layers.build(context(tmp_path), NAME)
    yield f"docker:{NAME}"
    layers.remove_image(NAME)


@pytest.fixture
def podman(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    if shutil.which("podman") is None:
        pytest.skip("podman is not here")
    store = tmp_path / "storage.conf"
    folders = f'graphroot = "{tmp_path}/root"\nrunroot = "{tmp_path}/run"\n'
    store.write_text(f'[storage]\ndriver = "vfs"\n{folders}', encoding="utf-8")
    monkeypatch.setenv("CONTAINERS_STORAGE_CONF", str(store))
    flags = ("--isolation", "chroot", "--network", "host", "--layers")
    builders.run("podman", "build", *flags, "--tag", NAME, str(context(tmp_path)))
    return f"podman:{NAME}"


def context(folder: Path) -> Path:
    """A secret that a second layer overwrites, which only hides it."""
    made = folder / "context"
    made.mkdir()
    (made / "Dockerfile").write_text("FROM scratch\nCOPY .env /app/.env\nCOPY other /app/.env\nUSER 1000\n")
    (made / ".env").write_text("DB_PASSWORD=Tr0ub4dor-and-3\n")
    (made / "other").write_text("nothing\n")
    return made


@pytest.mark.parametrize("engine", ["docker", "podman"])
def test_an_image_in_a_store_is_read_and_held_against_its_dockerfile(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = request.getfixturevalue(engine)
    assert main(["image", name, "--no-cache", "--format", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [layer["added"] for layer in told["layers"]] == [2, 0]  # /app and the file
    folder = str(tmp_path / "context")
    assert main(["verify", folder, "--isolated", "--image", name, "--no-cache", "--format", "json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)["findings"]
    assert found["code"] == "DG102"
    assert found["verdict"]["kind"] == "confirmed"


@pytest.mark.parametrize("engine", ["docker", "podman"])
def test_what_the_engine_says_of_an_unknown_image_is_told(
    engine: str, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    request.getfixturevalue(engine)
    assert main(["image", f"{engine}:localhost/dfguard-none:1"]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"dfguard: {engine}:localhost/dfguard-none:1: can't be saved: ")
    assert len(err.splitlines()) == 1
