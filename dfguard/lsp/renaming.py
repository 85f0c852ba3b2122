"""What names a stage or a build argument outside of its Dockerfile: files that describe builds."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

from dfguard.build_plan import Job
from dfguard.context.invocation import Invocation
from dfguard.dockerfile.nodes import Arg
from dfguard.edit import Edit
from dfguard.lsp.names import STAGE, Occurrence
from dfguard.source import Span
from dfguard.unit import Unit

_GIVEN = re.compile(r"""["']?[ \t]*[=:][ \t]*[^\s,}#]""")


def outside(unit: Unit, found: Occurrence, name: str, jobs: Iterable[Job]) -> tuple[tuple[Edit, ...], str]:
    """The edits of files that describe builds when a name becomes `name`; the second is why it can't, "" if it can."""
    real = os.path.realpath(unit.dockerfile.source.path)
    every = tuple(jobs)
    mine = [one for job in every if os.path.realpath(job.path) == real for one in job.invocations]
    others = {
        span for job in every if os.path.realpath(job.path) != real for one in job.invocations for span in _spans(one)
    }
    edits: dict[Span, Edit] = {}
    for invocation in mine:
        for span, certain in _named(unit, found, invocation):
            at = span.text.find(found.span.text)
            place = f"{os.path.basename(span.path)}, line {span.start_line}"
            if not certain or at < 0 or span.text.count(found.span.text) != 1:
                return (), f"{place} names it by way of a variable"
            if span in others:
                return (), f"{place} names it for other Dockerfiles, too"
            exact = span.sub(at, at + len(found.span.text))
            edits[exact] = Edit(exact, name)
    return tuple(edits.values()), ""


def _named(unit: Unit, found: Occurrence, invocation: Invocation) -> Iterator[tuple[Span, bool]]:
    """The places of a name in what describes a build, and whether the name itself is written there."""
    old = found.span.text
    if found.kind == STAGE:
        span = dict(invocation.places).get("target")
        if span is not None and (invocation.target or "").lower() == old.lower():
            yield span, span.text.strip("\"'") == old
        return
    declared = any(isinstance(one, Arg) and any(p.name == old for p in one.pairs) for one, _ in unit.instructions)
    for argument in invocation.arguments if declared else ():
        if argument.name == old and argument.span is not None:
            written = argument.span.text.strip("\"'") == old
            yield argument.span, written and bool(_GIVEN.match(argument.span.source.text, argument.span.end))


def _spans(invocation: Invocation) -> Iterator[Span]:
    yield from (span for what, span in invocation.places if what == "target")
    yield from (one.span for one in invocation.arguments if one.span is not None)
