"""Programs that nobody thought of: random COPY, ADD, rm, mv, cp, chmod, chown, ln, mkdir, redirections and find.

Every path of every layer must be known and right: kind, mode, owner, content. DFGUARD_FLOW_PROGRAMS asks for more.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import contexts
import layers
import pytest
from foretelling import judge, layer_makers
from states import saved_states
from test_engine_predictions import played

from dfguard.context.tree import BuildContext, read_context
from dfguard.flow.filesystem import StageFlow

pytestmark = pytest.mark.engine

PROGRAMS = int(os.environ.get("DFGUARD_FLOW_PROGRAMS", "6"))
IMAGE = f"dfguard-programs-{os.getpid()}"  # one of each run: several may share an engine
SOURCES = ["a.txt", "d", ".", "*.txt", "d/s", "e/f.txt", "private", "links", "to-a", "run.sh b.txt", "d/* a.txt"]
FLAGS = ["", "", "", "--chmod=640 ", "--chown=5:6 ", "--chown=app --chmod=0711 ", "--link "]
MODES = ["600", "755", "4711", "u+x", "go-rwx", "a+X", "-w"]
compared: Counter[str] = Counter()
NOT_CHANGED = ("/bin", "/dev", "/etc", "/proc", "/sys", "/lib")


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The usual context, with an engine to build it."""
    why = layers.why_no_engine()
    if why:
        pytest.skip(why)
    if contexts.busybox() is None:
        pytest.skip("no static busybox here to make a base image of; tests/engine/up.sh installs one")
    root = tmp_path_factory.mktemp("programs")
    contexts.lay_out(root)
    yield root
    layers.remove_image(IMAGE)


def program(dice: random.Random, context: BuildContext) -> str:
    """A Dockerfile of random instructions over what the flow says is there; no command of it can fail."""
    text = "FROM scratch\nADD rootfs.tar /\nWORKDIR /w\nCOPY d ./d\nCOPY a.txt e/f.txt ./\n"
    for _ in range(dice.randint(3, 6)):
        kind = dice.random()
        if kind < 0.25:
            target = dice.choice(["/w/new/", "/tmp/", "one/two/", "./"])
            text += f"COPY {dice.choice(FLAGS)}{dice.choice(SOURCES)} {target}\n"
        elif kind < 0.35:
            source = dice.choice(["plain.tar", "packed.bin", "a.tar.xz", "notar.gz", "d", "a.txt"])
            text += f"ADD {source} /{dice.choice(['w', 'tmp', 'fresh', 'w/d'])}/\n"
        else:
            done: list[str] = []
            for _ in range(dice.randint(1, 3)):
                flow, _ = played(text + "".join(f"RUN {' && '.join(done)}\n" for _ in done[:1]), context)
                assert flow.target is not None
                done.append(command(dice, flow.target))
            text += f"RUN {' && '.join(done)}\n"
    return text


def command(dice: random.Random, flow: StageFlow) -> str:
    """One command on what is there."""
    files = sorted(path for path in flow.view if changeable(path))
    plain = [path for path in files if flow.tree.link_of(path) is None]
    folders = sorted(path for path in flow.folders if changeable(path) and path.count("/") > 1)
    fresh = f"/w/made{dice.randint(0, 10**6)}"
    if not plain or not folders:
        return f"mkdir -p {fresh}/in && echo 1 > {fresh}/in/first"
    file, other, folder = dice.choice(files), dice.choice(plain), dice.choice(folders)
    choices = [
        f"rm {file}",
        f"rm -rf {folder}",
        f"mv {file} {fresh}",
        f"mkdir -m 700 {fresh} && mv {file} {fresh}",
        f"mv {folder} {fresh}",
        f"cp {other} {fresh}",
        f"cp -p {other} {fresh}",
        f"cp -r {folder} {fresh}",
        f"cp -a {folder} {fresh}",
        f"mkdir {fresh} && cp -r {folder}/. {fresh}",
        f"echo 1 > {fresh}",
        f"echo 2 >> {other}",
        f"printf '%s\\n' a b > {other}",
        f"umask 027 && mkdir -p {fresh}/x/y && touch {fresh}/x/f",
        f"touch {fresh} {other}",
        f"chmod {dice.choice(MODES)} {other} {folder}",
        f"chmod -R {dice.choice(MODES)} {folder}",
        f"chown {dice.choice(['5', '5:6', ':7', 'app:staff'])} {other}",
        f"chown -R 8:9 {folder}",
        f"ln -s {other} {fresh}",
        f"ln {other} {fresh}",
        f"ln -sf nowhere {fresh}",
        f"sed -i s/A/B/ {other}",
        f"cd {folder} && rm -rf *",
        f"(cd {folder} && echo 3 > inner-{dice.randint(0, 99)})",
        f"find {folder} -name '*.txt' | xargs rm -f",
        f"find {folder} -type f -exec chmod 604 {{}} +",
        f"tar cf /tmp/t{dice.randint(0, 10**6)}.tar -C {folder} .",
        f"cat {other} > {fresh}",
    ]
    return dice.choice(choices)


def changeable(path: str) -> bool:
    """Whether a path is no part of what the commands themselves need, and is one word."""
    return not path.startswith(NOT_CHANGED) and not any(sign in path for sign in " [*")


@pytest.mark.parametrize("seed", range(PROGRAMS))
def test_random_programs_are_as_foretold(seed: int, context: Path, tmp_path: Path) -> None:
    seen_context = read_context(str(context))
    text = program(random.Random(seed), seen_context)
    (tmp_path / "Dockerfile").write_text(text)
    real = saved_states(layers.build(context, IMAGE, "--file", str(tmp_path / "Dockerfile")))
    flow, seen = played(text, seen_context)
    (stage,) = flow.stages
    makers = layer_makers(stage)
    assert len(makers) == len(real), "one layer for each instruction"
    faults = []
    compared.update(programs=1, layers=len(real))
    for instruction, before, after in zip(makers, [{}, *real], real, strict=False):
        at = seen[0, instruction.span.start]
        for verdict in judge(at, instruction, before, after, seen_context, set()):
            compared["paths"] += 1
            if verdict.how != "known":
                faults.append(f"line {instruction.start_line}: {verdict.path}: {verdict.how} {verdict.why}")
        if faults:
            break
    assert not faults, "\n".join([*faults, text])


def test_layers_were_compared(capsys: pytest.CaptureFixture[str]) -> None:
    """Behind the others: what they looked at."""
    if not compared:
        pytest.skip("nothing was built")
    assert compared["paths"] > compared["layers"] > compared["programs"]
    with capsys.disabled():
        print(f"\n{compared['programs']} generated programs: {compared['layers']} layers, {compared['paths']} paths")
