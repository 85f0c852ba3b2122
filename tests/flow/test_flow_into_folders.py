"""Which COPYs and ADDs have a destination that is known to be a folder before they run."""

from __future__ import annotations

import pytest

from dfguard.context.invocation import Invocation
from dfguard.dockerfile.parse import parse
from dfguard.source import Source
from dfguard.unit import Unit


@pytest.mark.parametrize(
    ("lines", "known"),
    [
        ("COPY a b /srv/app", False),
        ("COPY a b /usr/local/bin", True),
        ("WORKDIR /srv/app\nCOPY a b /srv/app", True),
        ("WORKDIR /srv/app\nCOPY a b .", True),
        ("WORKDIR /srv/app\nCOPY a b lib", False),
        ("RUN mkdir -p /srv/app/lib\nADD a b /srv/app", True),
        ("COPY x /srv/app/x\nCOPY a b /srv/app", True),
        ("COPY a b /srv/app\nRUN mkdir -p /srv/app", False),
    ],
)
def test_a_destination_that_is_there_before(lines: str, known: bool) -> None:
    dockerfile = parse(Source("Dockerfile", f"FROM debian:12.8-slim\n{lines}\n"))
    unit = Unit(dockerfile, Invocation("default", "Dockerfile", None), lambda invocation: None)
    (flow,) = unit.flow.stages
    last = [i.index for i in dockerfile.instructions if i.name in ("COPY", "ADD")][-1]
    assert (last in flow.into_folders) is known
