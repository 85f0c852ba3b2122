"""Structural fixes, proved by building: what an image holds before a fix, and after it.

Each pair of structural/pairs.toml is written to a folder and mended by `dfguard fix --unsafe-fixes`; both files are
built by the engine, with stand-ins for tools that would need a network (structural/stand_ins.py). DFGUARD_FULL=1 builds
all pairs, else a seeded sample.
"""

from __future__ import annotations

import json
import os
import random
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import layers
import pytest
import tomli

from dfguard import catalog
from dfguard.cli.main import main
from dfguard.edit import Fix
from dfguard.testing import findings, lay_out, requested

sys.path.insert(0, str(Path(__file__).parent / "structural"))
import stand_ins

pytestmark = pytest.mark.engine

TAG = f"dfguard-structural-{os.getpid()}"
IMAGE = f"{TAG}:latest"
PAIRS = tomli.loads((Path(__file__).parent / "structural" / "pairs.toml").read_text(encoding="utf-8"))["pair"]
SAMPLE = 6
TOKENS = {
    "npm_": "npm_" + "FakeFakeFakeFakeFakeFakeFakeFakeFake",
    "glpat-": "glpat-" + "ThisIsNotARealToken0",
    "kT7-wq2.": "kT7-wq2." + "Zb-9xQ",
    "b3BlbnNzaC1rZXk": "b3BlbnNzaC1rZXk" + "tdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZWQy",
}


def chosen() -> list[Any]:
    """All pairs, or a sample of each rule's."""
    drawn = PAIRS if os.environ.get("DFGUARD_FULL") else random.Random(5).sample(PAIRS, SAMPLE)
    return [pytest.param(pair, id=pair["name"]) for pair in drawn]


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The base images, by the names that Dockerfiles have for them."""
    why = layers.why_no_engine()
    root = layers.busybox_root()
    if why or root is None:
        pytest.skip(why or "no static busybox here to make base images of; tests/engine/up.sh installs one")
    made = stand_ins.programs(tmp_path_factory.mktemp("programs"))
    found = {}
    roots = {name: stand_ins.image(name, root, made) for name in stand_ins.IMAGES}
    roots |= {name: stand_ins.runtime(name, root, made) for name in stand_ins.RUNTIMES}
    for number, (name, files) in enumerate(roots.items()):
        found[name] = f"{TAG}-{number}:base"
        layers.import_base(files, found[name])
    yield found
    for image in (IMAGE, *found.values()):
        layers.remove_image(image)


class Built:
    """An image: the archive, all files of its view, the number of layers, and what a container prints."""

    def __init__(self, folder: Path, images: dict[str, str], options: list[str], token: str, *, start: bool) -> None:
        given = [f"--build-context={name}=docker-image://{local}" for name, local in names(folder, images)]
        command = ["docker", "build", "--network", "none", "--tag", IMAGE, *given, *options, "."]
        environment = {**os.environ, "NPM_TOKEN": token, "API_TOKEN": token}
        layers.remove_image(IMAGE)
        run = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment)
        assert run.returncode == 0, run.stderr[-3000:]
        self.saved = layers.save(IMAGE)
        states = layers.states(self.saved)
        self.count, self.view = len(states), states[-1]
        self.output = started() if start else ""


def started() -> str:
    """What a container of the image prints."""
    run = subprocess.run(["docker", "run", "--rm", "--network", "none", IMAGE], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def names(folder: Path, images: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The images that the Dockerfile names, and what stands for each."""
    for line in (folder / "Dockerfile").read_text().splitlines():
        if line.startswith("FROM "):
            name = line.split()[1]
            yield name, images.get(name) or images[name.partition(":")[0]]


def mended(pair: dict[str, Any], folder: Path) -> Fix:
    """Mend the Dockerfile of the folder as a user does; the fix, as it is told."""
    (entry,) = catalog.find(pair["rule"])
    text = (folder / "Dockerfile").read_text()
    (fix, *_) = requested(entry, text, folder, findings(entry, text, folder)[0])
    assert isinstance(fix, Fix), fix
    given = ["--isolated", "--pedantic", "--unsafe-fixes", "--select", pair["rule"]]
    assert main(["fix", *given, str(folder / "Dockerfile")]) in (0, 1)
    assert (folder / "Dockerfile").read_text() != text
    return fix


def confirmed(code: str, folder: Path, saved: bytes) -> set[str]:
    """The verdicts of `dfguard verify` on what a rule says of the Dockerfile and the image."""
    (folder.parent / "image.tar").write_bytes(saved)
    report = folder.parent / "report.json"
    given = ["--isolated", "--select", code, "--format", "json", "--output", str(report)]
    main(["verify", *given, "--image", str(folder.parent / "image.tar"), str(folder / "Dockerfile")])
    said = json.loads(report.read_text())["findings"]
    return {finding["verdict"]["kind"] for finding in said if finding["code"] == code}


@pytest.mark.parametrize("pair", chosen())
def test_the_image_holds_what_the_fix_promises(pair: dict[str, Any], images: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "context"
    folder.mkdir()
    token = TOKENS.get(pair.get("secret", ""), "")
    lay_out(pair.get("context", "").replace("SECRET", token), folder)
    (folder / ".dockerignore").write_text("Dockerfile\n.dockerignore\n")
    (folder / "Dockerfile").write_text(pair["before"].replace("TAG", pair.get("tag", TAG).replace("TAG", TAG)))
    start = "output" in pair
    given = ["--build-arg", f"{pair['given']}={token}"] if "given" in pair else []
    before = Built(folder, images, given, token, start=start)
    if token:
        assert "confirmed" in confirmed(pair["rule"], folder, before.saved)
    fix = mended(pair, folder)
    after = Built(folder, images, shlex.split(" ".join(fix.build_options)), token, start=start)
    assert before.output == after.output == pair.get("output", "")
    assert len(after.saved) < len(before.saved) or not pair.get("smaller")
    assert before.count - after.count == pair.get("layers", before.count - after.count)
    if pair.get("same") == "all":
        assert {path: kind for path, kind in before.view.items() if kind != after.view.get(path)} == {}
        assert before.view.keys() == after.view.keys()
    for path in pair["same"] if isinstance(pair.get("same"), list) else ():
        assert before.view[path] == after.view[path]
    if token:
        assert holds(before.saved, token)
        assert not holds(after.saved, token)
        assert not confirmed(pair["rule"], folder, after.saved)


def holds(saved: bytes, token: str) -> bool:
    """Whether a layer or the configuration of an image has a text; layers are not compressed by `docker save`."""
    return token.encode() in saved
