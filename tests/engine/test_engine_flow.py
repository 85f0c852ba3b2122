"""What the flow foretells of every layer, held against layers that a real engine made.

`tests/engine/up.sh DIR` brings an engine up; without one these tests are skipped, with the reason.
Every Dockerfile is also played up to each of its instructions, so that the view after each layer is compared.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import layers
import pytest

from dfguard.context.invocation import Invocation
from dfguard.context.tree import BuildContext, read_context
from dfguard.dockerfile.nodes import Add, Copy, Instruction, Run, Workdir
from dfguard.dockerfile.parse import parse
from dfguard.flow.events import Added
from dfguard.flow.play import Flow
from dfguard.source import Source
from dfguard.unit import Unit

pytestmark = pytest.mark.engine

BASE = "busybox:dfguard-flow-test"  # a name that the base table knows, a tag that nobody else has
IMAGE = "dfguard-flow-test:latest"
FILES = {
    ".env": "SECRET=1",
    "a.txt": "A",
    "b.txt": "B",
    "d/x": "X",
    "d/.hidden": "H",
    "d/s/y": "Y",
    "d/s/z.txt": "Z",
    "e/f.txt": "F",
    "[id].js": "I",
    "with blank": "W",
}
LINKS = {"to-a": "a.txt", "to-d": "d", "d/to-x": "x"}


@pytest.fixture(scope="module", autouse=True)
def base_image() -> Iterator[None]:
    """A small base image from the machine's own static busybox."""
    with layers.based(IMAGE, BASE):
        yield


@pytest.fixture
def context(tmp_path: Path) -> BuildContext:
    """Files, folders and links; the Dockerfile stays out of it."""
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    for path, target in LINKS.items():
        (tmp_path / path).symlink_to(target)
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as packed:
        packed.addfile(tarfile.TarInfo("inside"))
    (tmp_path / "packed.bin").write_bytes(archive.getvalue())
    return read_context(str(tmp_path))


# -- the comparison


def play(text: str, context: BuildContext) -> Flow:
    unit = Unit(parse(Source("Dockerfile", text)), Invocation("default", "Dockerfile", context.root), lambda _: context)
    return unit.flow


def layer_makers(flow: Flow) -> list[Instruction]:
    """The instructions of the shipped stages that make a layer each, in order."""
    return [i for stage in flow.shipped for i in stage.stage.instructions if isinstance(i, (Add, Copy, Run, Workdir))]


def foretold(text: str, end: int, context: BuildContext) -> dict[str, Added]:
    """The view when the build stops behind an instruction."""
    target = play(text[:end] + "\n", context).target
    assert target is not None
    return target.view


def content(added: Added, context: BuildContext) -> tuple[str, bytes] | None:
    """What is in a file, None when the flow does not claim to know."""
    if added.origin.kind == "archive":  # the predictions hold what members contain against the layers
        return None
    file = added.origin.file
    if file is None:
        return None
    if file.kind == "symlink":
        return "link", (file.link_target or "").encode()
    return "file", context.read(file.path)


def compare(text: str, context: BuildContext, work: Path) -> None:
    """Build, and compare every layer's view and what each layer hides."""
    work.mkdir(exist_ok=True)
    (Path(context.root) / "Dockerfile").write_text(text)
    (Path(context.root) / ".dockerignore").write_text("Dockerfile\n.dockerignore\n")
    flow = play(text, context)
    real = layers.states(layers.build(Path(context.root), IMAGE))
    makers = layer_makers(flow)
    below = len(real) - len(makers)
    assert below in (0, 1), "one layer for each instruction, on top of the base image"
    ground = real[0] if below else {}
    before: layers.State = dict(ground)
    for instruction, after in zip(makers, real[below:], strict=True):
        where = f"line {instruction.start_line} of:\n{text}"
        view = foretold(text, instruction.span.end, context)
        assert sorted(view) == sorted(p for p in after if ground.get(p) != after[p]), where
        for path, added in view.items():
            known = content(added, context)
            real_kind, real_content = after[path]
            same = known is None or (known[0] == real_kind and real_content.startswith(known[1]))  # `>>` adds to it
            assert same, f"{path}, {where}"
        hidden = {r.added.path for s in flow.shipped for r in s.removals if r.removed.instruction is instruction}
        gone = {path for path in before if path not in after}
        made = {path for path, added in view.items() if added.instruction.index == instruction.index}
        assert gone <= hidden <= gone | made, where
        before = after


# -- stories

STORIES = {
    "files and folders": """
        WORKDIR /w/v
        COPY a.txt one
        COPY a.txt b.txt ./
        COPY d e/ /both/
        COPY d /w/v/one-more
        COPY e/f.txt ..
        COPY a.txt /tmp
        COPY ["with blank", "/has blank/"]
        COPY "a.txt" '/quoted'
    """,
    "patterns": """
        COPY *.txt /dest
        COPY *.txt /dest2/
        COPY * /all/
        COPY d/* /flat/
        COPY [[]id].js /x/
        COPY d?s/ none* a.txt /y/
        COPY d*/ /z/
    """,
    "links of the context": """
        COPY to-a /plain
        COPY to-a /named/
        COPY to-d /folder
        COPY d/to-x d/x /both/
        COPY . /whole/
    """,
    "variables": """
        ARG WHERE=/srv
        ENV NAME=n FULL=$WHERE/full
        WORKDIR $WHERE
        COPY a.txt $NAME
        COPY a.txt ${FULL}/
        COPY ${NONE:-b}.txt ${FULL%l}/
    """,
    "heredocs": """
        COPY <<one /single
        text
        one
        COPY <<one <<"two" /several/
        1
        one
        2
        two
        COPY <<one /tmp
        in the folder
        one
        RUN <<EOF
        cp /single /copy
        rm /several/one
        EOF
    """,
    "rm": """
        COPY . /w/
        RUN rm /w/a.txt; rm -f /w/missing /w/e; rm -rf /w/d/s
        RUN rm -rf /w/e
        RUN cd /w && rm b.txt; (cd d && rm x); rm -r 'd/'
        RUN rm -rf /w/*
        RUN rm -rf /w
    """,
    "patterns of rm": """
        COPY d /w
        COPY d /v
        RUN rm -r /w/s/z* /v/[!s] && rm -f '/v/*' "/w/"x
        RUN rm /w/.h*
    """,
    "mv": """
        COPY . /w/
        RUN mv /w/a.txt /w/renamed && mv /w/d /w/e/
        RUN mv /w/e /moved && mv /moved/d/* /moved
        RUN mv /w/b.txt /w/.env /tmp && rm /tmp/.env
        RUN rm /tmp/b.txt /w/renamed
    """,
    "cp": """
        COPY d /m
        RUN cp -r /m /n && cp -r /m/. /o && cp -r /m /n && cp /m/x /m/s
        RUN cp /m/* /tmp || true
        RUN mkdir -p /p/q && cp -r /m/s /p/q/r && cp -r /m/s /p/q
        RUN ln -s /m /soft && echo 1 > /soft/by-link && rm /soft/x && cp -r /soft/s /soft/t && rm /soft
    """,
    "writing": """
        COPY d /m
        RUN echo new > /m/new && echo more >> /m/x && touch /m/s/y && echo t | tee /m/t1 /m/t2
        RUN : > /m/x && ln /m/.hidden /m/hard && ln -s x /m/soft && mkdir /m/k && ln -s ../x /m/k
        RUN echo gone > /m/gone && rm /m/gone && mv /m/new /m/newer && rm /m/newer
    """,
    "again": """
        COPY a.txt /f
        RUN rm /f
        COPY b.txt /f
        RUN mv /f /g && mv /g /f
        COPY a.txt /f
        RUN rm /f && cp /bin/busybox /f && rm /f
    """,
    "mounts": """
        COPY d /t
        RUN --mount=type=tmpfs,target=/t rm -f /t/x; echo 1 > /t/new; cp /t/new /kept
        WORKDIR /t
        RUN --mount=type=bind,source=e,target=s,rw rm s/f.txt && echo 2 > s/other && rm x
        RUN --mount=type=cache,target=/cache mv /kept /cache/kept
    """,
    "json form and shells": """
        COPY d /m
        RUN ["rm", "/m/x"]
        RUN ["sh", "-c", "rm /m/s/y && mv /m/s /m/r"]
        SHELL ["/bin/sh", "-ec"]
        RUN sh -c 'cd /m && rm r/z.txt' && rm -r /m/r
    """,
    "archives": """
        ADD packed.bin a.txt /x/
        ADD d /y
        COPY packed.bin /z/
        RUN rm /x/a.txt
    """,
}
STAGES = {
    "from a stage": f"""
        FROM {BASE} AS one
        COPY . /s/
        RUN rm /s/b.txt && mkdir /s/empty
        FROM {BASE} AS two
        COPY --from=one /s/d /t
        COPY --from=0 /s/* /u/
        FROM scratch
        COPY --from=two /t/x /file
        COPY --from=two /t/x /folder/
        COPY --from=two t /t
        COPY --from=1 /u/s/../* /v/
        COPY --from=one /s/.e* /s/d/s /w/
    """,
    "stages on stages": f"""
        FROM {BASE} AS below
        WORKDIR /app
        COPY . .
        FROM scratch AS aside
        COPY a.txt /
        FROM below AS above
        RUN rm .env && mv d ..
        COPY --from=aside / from-aside
        FROM above
        WORKDIR sub
        COPY a.txt ../..
        RUN rm -r /d ../a.txt
    """,
}


def text_of(story: str) -> str:
    """A story as a Dockerfile."""
    lines = "\n".join(line.strip() for line in story.strip().splitlines()) + "\n"
    return lines if lines.startswith("FROM") else f"FROM {BASE}\n{lines}"


@pytest.mark.parametrize("name", [*STORIES, *STAGES])
def test_every_layer_is_as_foretold(name: str, context: BuildContext, tmp_path: Path) -> None:
    compare(text_of({**STORIES, **STAGES}[name]), context, tmp_path)
