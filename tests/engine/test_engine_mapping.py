"""Layers beside lines, on images of drawn Dockerfiles: repeated and alike instructions, triggers, arguments, heredocs.

The truth is in the layers: an instruction writes a file named after its line. Those that are written twice in the
same words add to a file instead, whose size tells which of them it was.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import builders
import pytest

from dfguard.dockerfile.parse import parse
from dfguard.dockerfile.stages import build_graph
from dfguard.image.history import map_layers
from dfguard.image.model import Image
from dfguard.image.opening import open_image
from dfguard.source import Source

pytestmark = pytest.mark.engine

FULL = bool(os.environ.get("DFGUARD_FULL"))
COUNT = int(os.environ.get("DFGUARD_MAPPED_DOCKERFILES", 30 if FULL else 3))
BUILDERS: dict[str, Callable[..., None]] = {
    "buildkit": builders.buildkit,
    "classic": builders.classic,
    "buildah": builders.buildah("docker-archive", "--layers"),
}
REPEATED = "RUN echo . >> /log"

COMMON: tuple[str, ...] = (
    "RUN echo x > /m{n}",
    "RUN echo x > /m{n}",
    REPEATED,
    REPEATED,
    "RUN echo x > /m{n} \\\n  # in between\n  && \\\n  true",
    'RUN ["/bin/sh", "-c", "echo x > /m{n}"]',
    "COPY file /m{n}",
    "COPY file other /m{n}/",
    'COPY ["file", "/m{n}"]',
    "ADD file /m{n}",
    "COPY --from=base /bin/sh /m{n}",
    "COPY --chown=1:1 file /m{n}",
    "COPY file ${{PLACE}}/m{n}",
    "RUN echo $VALUE > /m{n}",
    "ARG VALUE=a{n}",
    "ARG VALUE",
    "ENV PLACE=/p{n}",
    'ENV SAID="a b" N={n}',
    'LABEL line="{n} of it"',
    "WORKDIR /w{n}",
    "STOPSIGNAL SIGTERM",
    "EXPOSE {n}",
    'CMD ["/bin/sh", "-c", "true"]',
)
OWN: dict[str, tuple[str, ...]] = {
    "buildkit": (
        "RUN <<EOT\necho x > /m{n}\nEOT",
        "COPY <<EOT /m{n}\ntext\nEOT",
        "RUN --mount=type=cache,target=/c echo x > /m{n}",
        "COPY --link file /m{n}",
    ),
    "buildah": ("RUN --mount=type=tmpfs,target=/t echo x > /m{n}",),
    "classic": (),
}


def drawn(seed: int, builder: str) -> str:
    """A Dockerfile of two stages; `{n}` becomes the line of the instruction."""
    random_ = random.Random(f"{seed} {builder}")
    lines = ["FROM scratch AS base", "COPY sh /bin/sh"]
    for form in random_.sample(("RUN echo x > /m{n}", "COPY file /m{n}", "ADD other /m{n}"), seed % 3):
        lines.append("ONBUILD " + form.format(n=len(lines) + 1))
    lines += ["FROM base", "ARG VALUE=first", "ENV PLACE=/p"]
    for form in random_.choices((*COMMON, *OWN[builder] * 3), k=10):
        lines += form.format(n=len("\n".join(lines).split("\n")) + 1).split("\n")
    return "\n".join(lines) + "\n"


def truth(image: Image, text: str, builder: str) -> dict[int, int]:
    """The line of each layer that holds a mark. Only BuildKit makes a layer for WORKDIR: with the others its folder
    is part of the next one."""
    kinds = ("m", "w") if builder == "buildkit" else ("m",)
    lines = text.splitlines()
    repeated = [number for number, line in enumerate(lines, 1) if line == REPEATED]
    found = {}
    for layer in image.layers:
        for entry in layer.content.entries:
            first, _, rest = entry.path[1:].partition("/")
            name = rest.partition("/")[0] if first.startswith("p") and rest else first
            if name[:1] in kinds and name[1:].isdigit():
                found[layer.index] = int(name[1:])
            elif entry.path == "/log":
                found[layer.index] = repeated[entry.size // 2 - 1]
            elif entry.path == "/bin/sh":
                found[layer.index] = 2
    return found


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("mapped")
    try:
        builders.small_shell(folder)
    except builders.Absent as why:
        pytest.skip(str(why))
    (folder / "file").write_text("text\n")
    (folder / "other").write_text("more\n")
    yield folder


@pytest.mark.parametrize("seed", range(COUNT))
@pytest.mark.parametrize("builder", BUILDERS)
def test_every_layer_is_that_of_its_line(builder: str, seed: int, context: Path, tmp_path: Path) -> None:
    text = drawn(seed, builder)
    (context / "Dockerfile").write_text(text)
    try:
        BUILDERS[builder](context, tmp_path / "image.tar")
    except builders.Absent as why:
        pytest.skip(str(why))
    image = open_image(str(tmp_path / "image.tar"))
    mapping = map_layers(image, build_graph(parse(Source("Dockerfile", text))))
    expected = truth(image, text, builder)
    steps = {layer: mapping.step_of_layer(layer) for layer in expected}
    assert {layer: step.instruction.start_line for layer, step in steps.items() if step} == expected, text
    assert mapping.differences == ()
    assert mapping.unmatched == ()
    # buildah's images have no triggers, unless they are of Docker's format: what is written in ONBUILD is not run.
    assert [step for step in mapping.missing if builder != "buildah" or not step.trigger] == []
