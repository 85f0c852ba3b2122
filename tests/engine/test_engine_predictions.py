"""The Dockerfiles of predictions/: what the flow foretells of every layer, held against the layers of a real engine.

Each is built twice, from scratch: what differs between the two builds is left out, and printed. The table at the
end tells for each command how many of the paths that it changed were known; none may be known wrongly, and
nine in ten must be known over the whole set.

DFGUARD_FULL=1 builds all, else a seeded sample: of so few, four in five must be known, as a single program that says
little of what it does (a clone, an archive from elsewhere) weighs much, and git's files count only when both builds
fall into one second.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import contexts
import layers
import packages
import pytest
import roots
from foretelling import Verdict, judge, layer_makers
from states import State, saved_states

from dfguard.context.invocation import Invocation
from dfguard.context.tree import BuildContext, read_context
from dfguard.dockerfile.nodes import Instruction
from dfguard.dockerfile.parse import parse
from dfguard.flow.events import Event
from dfguard.flow.filesystem import Filesystem, StageFlow
from dfguard.flow.play import Flow, play_build
from dfguard.source import Source
from dfguard.unit import Unit

pytestmark = pytest.mark.engine

FOLDER = Path(__file__).parent / "predictions"
NAMES = sorted(path.name.removesuffix(".Dockerfile") for path in FOLDER.glob("*.Dockerfile"))
SAMPLE = 10
IMAGE = f"dfguard-predictions-{os.getpid()}"  # one of each run: several may share an engine
ENOUGH, ENOUGH_OF_A_SAMPLE = 0.9, 0.8

ROOT_SOURCES = [f"{name}.tar /" for name in ("rootfs", *roots.ROOTS)]

verdicts: dict[str, list[Verdict]] = {}
programs: dict[str, list[str]] = {}
unstable: dict[str, set[str]] = {}


def chosen() -> list[str]:
    """All, or a sample."""
    if os.environ.get("DFGUARD_FULL"):
        return NAMES
    return sorted(random.Random(5).sample(NAMES, SAMPLE))


@pytest.fixture(scope="module", autouse=True)
def engine() -> Iterator[None]:
    """An engine, and a busybox to make root file systems of."""
    why = layers.why_no_engine()
    if why:
        pytest.skip(why)
    if contexts.busybox() is None:
        pytest.skip("no static busybox here to make a base image of; tests/engine/up.sh installs one")
    yield


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The usual context, laid out once."""
    root = tmp_path_factory.mktemp("context")
    contexts.lay_out(root)
    return root


class Quiet(SimpleHTTPRequestHandler):
    """Gives files out, and prints nothing."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name in the base class
        """Keep still."""


@pytest.fixture(scope="module")
def server(usual: Path) -> Iterator[str]:
    """The address of a server of the usual files; the builder fetches them through the engine's own network."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(usual))) as serving:
        Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()


@pytest.fixture(scope="module")
def rooted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The usual files below `files`, packages beside them, and the root file systems that are asked for."""
    root = tmp_path_factory.mktemp("rooted")
    (root / "files").mkdir()
    contexts.lay_out(root / "files")
    packages.lay_out(root)
    return root


def context_of(text: str, usual: Path, rooted: Path) -> Path:
    """The context of a Dockerfile, which names its root file system in a comment; skips when there is none here."""
    names = header(text, "root")
    if not names:
        return usual
    path = rooted / f"{names[0]}.tar"
    if not path.exists():
        made = roots.ROOTS[names[0]]()
        if made is None:
            pytest.skip(f"this machine lacks the programs of the root file system {names[0]}")
        path.write_bytes(made.tar())
    return rooted


def header(text: str, name: str) -> list[str]:
    """What a comment at the top says: `# needs: zstd`."""
    found = re.search(rf"^# {name}: (.+)$", text, re.MULTILINE)
    return [word.strip() for word in found[1].split(",")] if found else []


def why_not(needs: list[str]) -> str:
    """Why a Dockerfile can't be built here."""
    version = subprocess.run(
        ["docker", "version", "--format", "{{.Server.Version}}"], capture_output=True, text=True
    ).stdout
    major = int(version.partition(".")[0] or 0)
    for need in needs:
        if need == "zstd" and not shutil.which("zstd"):
            return "there is no zstd here to compress with"
        if need in ("exclude", "unpack") and major < 28:
            return f"--{need} needs Docker 28, this is {version.strip()}; SUITE=sid tests/engine/up.sh brings one up"
        if need == "parents":
            return "COPY --parents is in labs frontends only, which no Debian engine has"
    return ""


def build(root: Path, dockerfile: Path, tag: str, secrets: list[str]) -> list[State]:
    """The state after each layer of a fresh build."""
    command = ["docker", "build", "--quiet", "--no-cache", "--network", "none", "--tag", f"{IMAGE}:{tag}"]
    for secret in secrets:
        command += ["--secret", f"id={secret},src={root / 'a.txt'}"]
    run = subprocess.run([*command, "--file", str(dockerfile), str(root)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    try:
        return saved_states(layers.save(f"{IMAGE}:{tag}"))
    finally:
        layers.remove_image(f"{IMAGE}:{tag}")


def played(text: str, context: BuildContext) -> tuple[Flow, dict[tuple[int, int], StageFlow]]:
    """The flow, and what it was behind each instruction of each stage."""
    unit = Unit(parse(Source("Dockerfile", text)), Invocation("default", "Dockerfile", context.root), lambda _: context)
    seen: dict[tuple[int, int], StageFlow] = {}

    def watch(instruction: Instruction, state: Filesystem) -> None:
        frozen = state.freeze()
        seen[state.stage.index, instruction.span.start] = frozen.but(tree=state.tree.copy())

    return play_build(unit.graph, context, script=unit.script, base=unit.base, watch=watch), seen


def program_of(event: Event | None, instruction: Instruction, unit: Unit) -> str:
    """The command that an event speaks of."""
    if instruction.name != "RUN":
        return instruction.name
    place = getattr(event, "place", None)
    commands = unit.script(instruction).commands  # type: ignore[arg-type]
    if place is not None:
        holders = [c for c in commands if (c.statement or c.span).contains(place)]
        if holders:
            return min(holders, key=lambda c: c.span.end - c.span.start).program or ">"
    return "RUN"


@pytest.mark.parametrize("name", chosen())
def test_every_path_that_is_called_known_is_so(
    name: str, usual: Path, rooted: Path, server: str, tmp_path: Path
) -> None:
    dockerfile = tmp_path / "Dockerfile"
    text = (FOLDER / f"{name}.Dockerfile").read_text().replace("http://server", server)
    dockerfile.write_text(text)
    why = why_not(header(text, "needs"))
    if why:
        pytest.skip(why)
    context = context_of(text, usual, rooted)
    secrets = header(text, "secrets")
    one = build(context, dockerfile, "one", secrets)
    two = build(context, dockerfile, "two", secrets)
    differs = {p for a, b in zip(one, two, strict=True) for p in a.keys() | b.keys() if a.get(p) != b.get(p)}
    seen_context = read_context(str(context))
    flow, seen = played(text, seen_context)
    unit = Unit(parse(Source("Dockerfile", text)), Invocation("default", "Dockerfile", None), lambda _: None)
    makers = [(stage, instruction) for stage in flow.shipped for instruction in layer_makers(stage)]
    assert len(makers) == len(one), "one layer for each instruction"
    found: list[Verdict] = []
    told: set[tuple[str, str]] = set()  # what is wrong is told once, not of every layer above too
    for (stage, instruction), before, after in zip(makers, [{}, *one], one, strict=False):
        at = seen[stage.stage.index, instruction.span.start]
        for verdict in judge(at, instruction, before, after, seen_context, differs):
            if verdict.how != "wrong" or (verdict.path, verdict.why) not in told:
                found.append(verdict)
                told.add((verdict.path, verdict.why))
    # The root file system itself is no test of anything.
    found = [v for v in found if not (v.instruction.name == "ADD" and v.instruction.arguments.text in ROOT_SOURCES)]
    verdicts[name] = found
    programs[name] = [program_of(v.event, v.instruction, unit) for v in found]
    unstable[name] = differs
    wrong = [f"line {v.instruction.start_line}: {v.path}: {v.why}" for v in found if v.how == "wrong"]
    assert not wrong, "\n".join([*wrong, text])


def test_nearly_all_changed_paths_are_known(capsys: pytest.CaptureFixture[str]) -> None:
    if not verdicts:
        pytest.skip("nothing was built")
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for name, found in verdicts.items():
        for verdict, program in zip(found, programs[name], strict=True):
            counts[program][verdict.how] += 1
    total: Counter[str] = sum(counts.values(), Counter())
    with capsys.disabled():
        print(f"\n{len(verdicts)} Dockerfiles")
        print(f"{'command':24}{'changed':>9}{'known':>8}{'pattern':>9}{'unknown':>9}{'wrong':>7}{'known %':>9}")
        for program, count in sorted(counts.items(), key=lambda item: -sum(item[1].values())):
            print(row(program, count))
        print(row("all", total))
        for name, paths in sorted(unstable.items()):
            if paths:
                print(f"left out of {name}, as two builds differ there: {', '.join(sorted(paths)[:8])}")
    assert share(total) >= (ENOUGH if os.environ.get("DFGUARD_FULL") else ENOUGH_OF_A_SAMPLE)


def share(count: Counter[str]) -> float:
    """The part of the changed paths that was known."""
    return (count["known"] + count["pattern"]) / sum(count.values())


def row(name: str, count: Counter[str]) -> str:
    """One line of the table."""
    return (
        f"{name:24}{sum(count.values()):9}{count['known']:8}{count['pattern']:9}{count['unknown']:9}{count['wrong']:7}"
        f"{100 * share(count):9.1f}"
    )
