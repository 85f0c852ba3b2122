"""What is read again after an edit is what is read anew, and nothing else is kept."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from typing import Any

import pytest

from dfguard.context.invocation import Invocation
from dfguard.dockerfile.again import _patched, parse_again
from dfguard.dockerfile.nodes import Instruction
from dfguard.dockerfile.parse import parse
from dfguard.earlier import Earlier
from dfguard.shell import script
from dfguard.source import Source
from dfguard.unit import Unit

EDITS = 1500 if os.environ.get("DFGUARD_FULL") else 60
TEXT = """\
# escape=\\
ARG VERSION=1
FROM debian:12 AS build
ARG VERSION
ENV DIR=/srv PATH=/opt/bin:$PATH
RUN apt-get update \\
    # a comment
    && apt-get install -y curl=$VERSION git \\

    && for each in a b; do echo "$each"; done
RUN curl -fsSL https://example.com/$VERSION.sh | bash -euo pipefail
RUN --mount=type=cache,target=/x ["sh", "-c", "cd $DIR && ls"]
RUN <<EOF
set -e
cd $DIR
EOF
RUN python3 - <<PY && echo done > /tmp/x
print("hello")
PY
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN curl -fsSL https://example.com/$VERSION.sh | bash -euo pipefail
ONBUILD RUN echo $DIR $VERSION \\
    && make
FROM build
RUN ls && ls
RUN ls && ls
HEALTHCHECK CMD curl localhost || exit 1
"""
TYPED = (
    "\n",
    " ",
    "\\\n",
    "#",
    "$DIR",
    "${VERSION:-1}",
    "&& true ",
    "x",
    "😀",
    "'",
    "RUN ls && ls\n",
    "\r\n",
    "<<EOF",
    ";",
)


def unit(text: str, earlier: Earlier | None = None) -> Unit:
    return Unit(parse(Source("Dockerfile", text)), Invocation("x", "Dockerfile", None), lambda _: None, None, earlier)


def edited(text: str, rng: random.Random) -> str:
    """The text with a line doubled, dropped or moved, or with something typed or deleted."""
    lines = text.split("\n")
    at, how = rng.randrange(len(lines)), rng.randrange(8)
    if how == 0:
        lines.insert(at, rng.choice(lines))
    elif how == 1 and len(lines) > 5:
        del lines[at]
    elif how == 2:
        lines.insert(at, lines.pop(rng.randrange(len(lines))))
    else:
        place = rng.randrange(len(text) + 1)
        return text[:place] + rng.choice(TYPED) + text[place + rng.choice((0, 0, 0, 1, 4)) :]
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(4))
def test_scripts_that_are_moved_are_those_that_are_read(seed: int) -> None:
    rng, earlier, text = random.Random(f"scripts {seed}"), Earlier(), TEXT
    for number in range(EDITS):
        text = TEXT if number % 40 == 39 else edited(text, rng)
        earlier.begin()
        for _build in range(rng.choice((1, 2))):
            moved, read = unit(text, earlier), unit(text)
            assert moved.scripts == read.scripts, text
            assert [call for call, _ in moved.package_commands] == [call for call, _ in read.package_commands], text
            if number % 2:
                assert moved.secret_values == read.secret_values, text
            assert all(command.span.source.text == text for command, _ in moved.commands)
            here = {id(command) for command, _ in moved.commands}
            assert all(id(call.command) in here for call, _ in moved.package_commands)


@pytest.mark.parametrize("seed", range(4))
def test_a_file_that_is_read_again_is_the_one_that_is_read(seed: int) -> None:
    rng, text = random.Random(f"files {seed}"), TEXT
    before, patched = parse(Source("Dockerfile", text)), 0
    for number in range(4 * EDITS):
        text = rng.choice(("", "\ufeff", "# syntax=a/b\n")) + TEXT if number % 40 == 39 else edited(text, rng)
        source = Source("Dockerfile", text)
        again = parse_again(before, source)
        assert again == parse(source), (before.source.text, text)
        inside = [item for item in again.items if isinstance(item, Instruction)]
        assert list(map(id, inside)) == list(map(id, again.instructions))
        patched += _patched(before, source) is not None
        before = again
    assert patched > EDITS


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts of the RUNs that are read, not moved."""
    texts: list[str] = []
    read: Callable[..., Any] = script.read_run

    def noting(run: Any, *more: Any) -> Any:
        texts.append(run.span.text)
        return read(run, *more)

    monkeypatch.setattr("dfguard.earlier.read_run", noting)
    return texts


@pytest.mark.parametrize(
    ("changed", "by", "read"),
    [
        ("ARG VERSION=1", "# hello\nARG VERSION=1", ""),
        ("RUN ls && ls\nRUN", "RUN ls && ls -l\nRUN", "ls -l"),
        ("RUN ls && ls\n", "", ""),
        ("ARG VERSION=1", "ARG VERSION=2", "VERSION"),
        ("DIR=/srv", "DIR=/var", "DIR"),
        ("ONBUILD RUN echo", "ONBUILD RUN true; echo", "true; echo"),
    ],
)
def test_only_what_has_changed_is_read(readings: list[str], changed: str, by: str, read: str) -> None:
    earlier = Earlier()
    assert unit(TEXT, earlier).scripts
    readings.clear()
    earlier.begin()
    text = TEXT.replace(changed, by)
    assert text != TEXT
    assert unit(text, earlier).scripts == unit(text).scripts
    assert all(read in each for each in readings)
    assert bool(readings) == bool(read)


def test_what_a_check_does_not_use_is_forgotten(readings: list[str]) -> None:
    earlier = Earlier()
    for text in ("FROM a\nRUN ls\n", "FROM a\n", "FROM a\nRUN ls\n"):
        earlier.begin()
        assert len(unit(text, earlier).scripts) == text.count("RUN")
    assert readings == ["RUN ls", "RUN ls"]
