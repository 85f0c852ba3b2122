"""Where the sinks of values are foretold, and where a value really is in an image that an engine built.

The value is a mark. Every place of the real image is looked at: configuration, history, and the files of
each layer. What is foretold as certain must be there; what is there must be foretold.
"""

from __future__ import annotations

import io
import json
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import layers
import pytest
import tomli

from dfguard.claim import HistoryShows
from dfguard.context.invocation import Invocation
from dfguard.context.tree import read_context
from dfguard.dockerfile.nodes import Add, Copy, From, Instruction, Onbuild, Run, Workdir
from dfguard.dockerfile.parse import parse
from dfguard.flow.values import CONFIG, ENV, HISTORY, LAYER, LOG, Sink
from dfguard.source import Source
from dfguard.unit import Unit

pytestmark = pytest.mark.engine

BASE = "busybox:dfguard-values-test"  # a name that the base table knows, a tag that nobody else has
IMAGE = "dfguard-values-test:latest"
MARK = "MARK"
NPM_TOKEN = "npm" + "_" + "Zx9Kq2Lm7Rt4Vw8Yb3NcHd6Fj1Gs5Pt0QeWu"
CASES = tomli.loads((Path(__file__).parent / "values_cases.toml").read_text(encoding="utf-8"))["case"]
NEW = re.compile(r"--mount|<<|--link|--chmod|^ADD.*://|--checksum", re.MULTILINE)
"""What the builder that was before BuildKit does not read."""
CLASSIC = [case for case in CASES if not case.get("classic") and not NEW.search(case["dockerfile"])]
PRINTED = re.compile(r"#\d+ \d+\.\d+ ")  # what a step printed, after its number and the seconds

Place = tuple[str, ...]
"""`config KEY`, `history LINE`, `layer LINE PATH`, `view PATH`, `log`."""


@pytest.fixture(scope="module", autouse=True)
def base_image() -> Iterator[None]:
    """busybox with programs of the machine."""
    why = layers.why_no_engine()
    if why:
        pytest.skip(why)
    root = layers.busybox_root("git", "git-upload-pack", "install", "printenv")
    if root is None:
        pytest.skip("no static busybox or no git here to make a base image of; tests/engine/up.sh installs busybox")
    layers.import_base(root, BASE)
    yield
    layers.remove_image(IMAGE)
    layers.remove_image(BASE)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_values_are_where_they_are_foretold_to_be(case: dict[str, Any], tmp_path: Path) -> None:
    compare(case, tmp_path, classic=False)


@pytest.mark.parametrize("case", CLASSIC, ids=lambda case: case["name"])
def test_the_classic_builder_puts_them_there_too(case: dict[str, Any], tmp_path: Path) -> None:
    compare(case, tmp_path, classic=True)


def compare(case: dict[str, Any], tmp_path: Path, *, classic: bool) -> None:
    """Build, and compare every place with what is foretold."""
    text = case["dockerfile"].replace("BASE", BASE)
    context = tmp_path / "context"
    context.mkdir()
    (context / "Dockerfile").write_text(text)
    (context / ".dockerignore").write_text("Dockerfile\n.dockerignore\n")
    (context / "plain").write_text("plain\n")
    (context / ".npmrc").write_text(f"//registry.npmjs.org/:_authToken={NPM_TOKEN}\n# {MARK}\n")
    (tmp_path / "secret").write_text(f"{MARK}\n")
    foretold = sinks(text, context)
    real = places(text, context, tmp_path / "secret", classic=classic)
    elsewhere = {tuple(place.split()) for place in case.get("elsewhere", ())}
    certain = {place for sink in foretold if sink.certain for place in places_of(sink)}
    possible = {place for sink in foretold for place in places_of(sink)}
    assert certain - real == set(), "said to be known"
    assert {place for place in real if place[0] != "text"} - possible - elsewhere == set(), "not foretold"
    assert claimed(foretold) <= real
    unsure = {tuple(place.split()) for place in case.get("unsure", ())}
    assert possible - real == unsure, "foretold without certainty, and not there"


def sinks(text: str, context: Path) -> list[Sink]:
    """The sinks of all values that hold the mark, but for those of stages that do not ship."""
    unit = Unit(
        parse(Source("Dockerfile", text)),
        Invocation("default", "Dockerfile", str(context)),
        lambda _: read_context(str(context)),
    )
    found = [sink for flow in unit.value_flows if flow.value.kind != ENV for sink in flow.sinks]
    return [sink for sink in found if sink.ships or sink.kind == LOG]


def claimed(foretold: list[Sink]) -> set[Place]:
    """The texts that claims say the history shows, with the lines of their entries."""
    claims = ((sink.instruction, sink.claim) for sink in foretold if sink.certain)
    return {("text", str(i.start_line), c.text) for i, c in claims if isinstance(c, HistoryShows)}


def places_of(sink: Sink) -> Iterator[Place]:
    """A sink as places of the real image; lines are those of the instructions."""
    line = str(sink.instruction.start_line)
    if sink.kind == CONFIG:
        yield "config", sink.key
    elif sink.kind == HISTORY:
        yield "history", line
    elif sink.kind == LOG:
        yield ("log",)
    elif sink.kind == LAYER:
        yield "layer", line, sink.key
        if sink.left:
            yield "view", sink.key


# -- the real image


def built(context: Path, secret: Path, *, classic: bool) -> tuple[bytes, list[str]]:
    """The saved image, and the lines that its steps printed."""
    options = ("--no-cache", "--build-arg", f"TOKEN={MARK}")
    if not classic:
        saved, log = layers.build_with_log(context, IMAGE, *options, "--secret", f"id=s,src={secret}")
        return saved, [line for line in log.splitlines() if PRINTED.match(line)]
    made = layers.build_classic(context, IMAGE, *options)
    if made is None:
        pytest.skip("this engine has no classic builder")
    return made[0], [line for line in made[1].splitlines() if not line.startswith("Step ")]


def places(text: str, context: Path, secret: Path, *, classic: bool = False) -> set[Place]:
    """Build, and look for the mark in configuration, history, layers and what is left in the end."""
    saved, printed = built(context, secret, classic=classic)
    with tarfile.open(fileobj=io.BytesIO(saved)) as archive:
        manifest = json.loads(read(archive, "manifest.json"))[0]
        config = json.loads(read(archive, manifest["Config"]))
        blobs = [read(archive, name) for name in manifest["Layers"]]
    found = set(in_config(config["config"]))
    entries = [entry for entry in config["history"] if "Imported" not in entry.get("comment", "")]
    made = shipped(text)
    assert len(entries) == len(made), "an entry for each instruction"
    below = made_from = len(blobs) - sum(1 for entry in entries if not entry.get("empty_layer"))
    for entry, instruction in zip(entries, made, strict=True):
        line = str(instruction.start_line)
        told = entry["created_by"].removeprefix("/bin/sh -c #(nop) ").lstrip()
        if MARK in told:
            found.add(("history", line))
            found |= {("text", line, word) for word in re.findall(r"[\w.]+=(?=\S)|^[A-Z]+", told)}
        if not entry.get("empty_layer"):
            assert isinstance(instruction, (Add, Copy, Run, Workdir))
            found |= {("layer", line, path) for path in marked(blobs[below])}
            below += 1
    if any(MARK in line for line in printed):
        found.add(("log",))
    states = layers.states(saved)
    ground, view = states[made_from - 1] if made_from else {}, states[-1]
    return found | {
        ("view", path)
        for path, entry in view.items()
        if entry[0] == "file" and MARK.encode() in entry[1] and ground.get(path) != entry
    }


def in_config(config: dict[str, Any]) -> Iterator[Place]:
    for entry in config.get("Env") or ():
        name, _, value = entry.partition("=")
        if MARK in value:
            yield "config", f"Env.{name}"
    for name, value in (config.get("Labels") or {}).items():
        if MARK in value:
            yield "config", f"Labels.{name}"
    for key, value in config.items():
        if key not in ("Env", "Labels") and MARK in json.dumps(value):
            yield "config", key


def shipped(text: str) -> list[Instruction]:
    """The instructions behind the entries of the history, in order."""
    unit = Unit(parse(Source("Dockerfile", text)), Invocation("default", "Dockerfile", None), lambda _: None)
    found: list[Instruction] = []
    for stage in unit.graph.stages:
        if stage.ships:
            below = unit.graph.stages[stage.parent].instructions if stage.parent is not None else ()
            found += (node.trigger for node in below if isinstance(node, Onbuild) and node.trigger)
            found += (node for node in stage.instructions if not isinstance(node, (From, Onbuild)))
    return found


def marked(blob: bytes) -> Iterator[str]:
    """The files of a layer that hold the mark."""
    with tarfile.open(fileobj=io.BytesIO(blob)) as layer:
        for member in layer:
            if member.isfile() and MARK.encode() in read(layer, member.name):
                yield "/" + member.name.removeprefix("./").strip("/")


def read(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(name)
    assert file is not None, name
    return file.read()
