"""Verdicts of `dfguard verify` on real images: the stories of verdicts/, each with what must be said of it.

Every finding is told with its line and its verdict, and every place that is shown with the line of its layer. Beside
that, the places that confirmed findings on secrets show are those where the credential really is, no more and no
less. DFGUARD_FULL=1 builds all stories, else a seeded sample.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import builders
import layers
import pytest
import tomli
from verdict_story import TOKEN, change, lay_out, said, shown, truth

from dfguard.cli.main import main

pytestmark = pytest.mark.engine

BASE = f"docker.io/library/busybox:dfguard-verdicts-{os.getpid()}"  # a name that the base table knows
OTHER_BASE = f"{BASE}-more"  # the one that a story writes files into
STORIES = [
    story
    for path in sorted((Path(__file__).parent / "verdicts").glob("*.toml"))
    for story in tomli.loads(path.read_text(encoding="utf-8"))["story"]
]
SAMPLE = {"buildkit": 6, "buildah": 6, "classic": 2}
CASES = [(builder, story) for story in STORIES for builder in story.get("builders", ("buildkit", "classic", "buildah"))]
SELECT = ("--select", "DG1,DG901,DG902,DG903")
CONFIGURED = {"ENV": "Env", "LABEL": "Labels", "CMD": "Cmd"}
LAYERED = ("RUN", "COPY", "ADD")


def chosen() -> list[Any]:
    """All, or for each builder a sample."""
    if os.environ.get("DFGUARD_FULL"):
        return CASES
    drawn = random.Random(7)
    by_builder = [[case for case in CASES if case[0] == builder] for builder in SAMPLE]
    return [
        case for cases, count in zip(by_builder, SAMPLE.values(), strict=True) for case in drawn.sample(cases, count)
    ]


@pytest.fixture(scope="module")
def root() -> bytes:
    """The files of the base image."""
    made = layers.busybox_root()
    if made is None:
        pytest.skip("no static busybox here to make a base image of; tests/engine/up.sh installs one")
    return made


@pytest.fixture(scope="module")
def engine(root: bytes) -> Iterator[None]:
    """An engine that has the base image."""
    why = layers.why_no_engine()
    if why:
        pytest.skip(why)
    layers.import_base(root, BASE)
    yield
    layers.remove_image(BASE)


@pytest.fixture(scope="module")
def store(root: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[builders.Store]:
    """A store of buildah's that has the base image."""
    store = builders.Store()
    folder = tmp_path_factory.mktemp("base")
    (folder / "root.tar").write_bytes(root)
    (folder / "Dockerfile").write_text("FROM scratch\nADD root.tar /\n")
    try:
        store.build(folder, tag=BASE)
    except builders.Absent as why:
        pytest.skip(str(why))
    yield store
    store.remove()


def own_lines(story: dict[str, Any], text: str) -> list[tuple[int, str]]:
    """The lines of the instructions that make the image, each with its keyword: from the last FROM on, if not told."""
    if "own" in story:
        numbers = story["own"]
        return [(number, text.splitlines()[number - 1].removeprefix("ONBUILD ").split()[0]) for number in numbers]
    found = [(number, line.split()[0]) for number, line in enumerate(text.splitlines(), 1) if re.match("[A-Z]+ ", line)]
    last = max(at for at, (_, keyword) in enumerate(found) if keyword == "FROM")
    return [(number, "COPY") for number in story.get("triggers", ())] + found[last + 1 :]


def build(builder: str, story: dict[str, Any], context: Path, out: Path, request: pytest.FixtureRequest) -> None:
    """Make the image's archive."""
    secret = context.parent / "secret"
    secret.write_text(f"TOKEN={TOKEN}\n")
    given = words(story, "given", context.parent)
    if builder in ("buildkit", "classic"):
        request.getfixturevalue("engine")
        make = builders.buildkit if builder == "buildkit" else builders.classic
        with docker_base(story, context):
            make(context, out, *given, *(["--no-cache"] if "--secret" in given else []))  # no secret breaks the cache
        return
    store = request.getfixturevalue("store")
    if "base" in story:
        store.build(base_of(story, context), tag=OTHER_BASE)
    store.build(context, *story.get("buildah", ["--layers"]), *given)
    store.push(f"docker-archive:{out}:zoo")


def base_of(story: dict[str, Any], context: Path) -> Path:
    """The build context of a story's own base image."""
    folder = context.parent / "base"
    lay_out(folder, {"files": story["base"], "dockerfile": "FROM BASE\nCOPY . /\n"}, BASE)
    return folder


@contextmanager
def docker_base(story: dict[str, Any], context: Path) -> Iterator[None]:
    """The story's own base image is in the engine."""
    if "base" in story:
        layers.build(base_of(story, context), OTHER_BASE)
    yield
    if "base" in story:
        layers.remove_image(OTHER_BASE)


def words(story: dict[str, Any], key: str, folder: Path) -> list[str]:
    """Words of a command line."""
    return [word.replace("MARK", TOKEN).replace("HERE", str(folder)) for word in story.get(key, ())]


@pytest.mark.parametrize(
    ("builder", "story"), [pytest.param(*case, id=f"{case[0]}: {case[1]['name']}") for case in chosen()]
)
def test_every_verdict_is_the_truth(
    builder: str,
    story: dict[str, Any],
    tmp_path: Path,
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
) -> None:
    context, out = tmp_path / "context", tmp_path / "image.tar"
    base = OTHER_BASE if "base" in story else BASE
    lay_out(context, story, base)
    own = own_lines(story, (context / "Dockerfile").read_text())
    build(builder, story, context, out, request)
    change(context, story, base)
    given = words(story, "checked" if "checked" in story else "given", tmp_path)
    code = main(["verify", str(context), "--image", str(out), "--isolated", "--format", "json", *SELECT, *given])
    printed = capsys.readouterr()
    assert TOKEN not in printed.out + printed.err
    data = json.loads(printed.out)
    makers = (*LAYERED, "WORKDIR") if builder == "buildkit" else LAYERED
    layer_lines = [line for line, keyword in own if keyword in makers]
    entry_lines = [line for line, _ in own]
    if story.get("squashed"):
        layer_lines = [-1]
    places, lines = truth(out, layer_lines, entry_lines)
    expected = story.get(f"expected-{builder}", story["expected"])
    seen = shown(data, lines)
    starts = {place.partition(".")[0] for place in places if "@" not in place}
    told = {f"history@{line}" for line, keyword in own if CONFIGURED.get(keyword, "") in starts}
    assert said(data, lines) == sorted(expected)
    assert seen - told == places - told
    assert code == (1 if places else 0)
