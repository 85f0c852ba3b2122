"""A secret is handed over as a build argument: the history of the image keeps its value.

The builder writes the build arguments in force into the history entry of every RUN, and into the provenance of the
build if that is asked for. `docker history` prints them; ENV keeps them in the configuration.

```dockerfile bad
FROM node:22.11.0-slim
ARG NPM_TOKEN
#   ^^^^^^^^^
COPY package.json package-lock.json ./
RUN echo "//registry.npmjs.org/:_authToken=${NPM_TOKEN}" > .npmrc && npm ci && rm .npmrc
```

Mount it for the one command that needs it; a mount leaves nothing behind. Build with
`docker build --secret id=npm_token,env=NPM_TOKEN .`

```dockerfile good
# syntax=docker/dockerfile:1
FROM node:22.11.0-slim
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=secret,id=npm_token,env=NPM_TOKEN npm ci
```

`dfguard fix --unsafe-fixes` does so for the RUNs that use it. Without `# syntax=` the RUN reads a file, which every
builder since Docker 23 can mount:

```dockerfile bad
FROM python:3.12.7-slim
ARG PIP_TOKEN
#   ^^^^^^^^^
COPY requirements.txt .
RUN pip install --index-url "https://ci:${PIP_TOKEN}@pypi.example.com/simple" flask==3.1.0
```

```dockerfile fixed
FROM python:3.12.7-slim
#   ^^^^^^^^^
COPY requirements.txt .
RUN --mount=type=secret,id=pip_token export PIP_TOKEN="$(cat /run/secrets/pip_token)" \\
 && pip install --index-url "https://ci:${PIP_TOKEN}@pypi.example.com/simple" flask==3.1.0
```

Reported where a RUN names the argument, where ENV or LABEL takes it over, and where other instructions spell it out
(`ADD https://$TOKEN@...`); with `--pedantic` also where any RUN follows, since a program may read it from its
environment. Its name tells that it is a credential, or an address that it is the password of
(`https://user:$KEY@...`). In stages that do not ship it is an information: the value stays in build caches, and in
the provenance if `--provenance=mode=max` is given. Arguments with a default are left alone: a literal secret is the
matter of DG110, and other values (a fingerprint, a path) say that the name promises too much.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dfguard.api import Confidence, Fix, Found, Instruction, Refusal, Run, Severity, Sink, Span, ValueFlow, rule

if TYPE_CHECKING:
    from dfguard.api import Surroundings


@rule(
    "DG111",
    "secret-in-build-arg",
    peers=("DL3064", "SecretsUsedInArgOrEnv", "DS-0031", "DS031", "DF013", "CIS-DI-0010"),
)
def check(flow: ValueFlow) -> Iterator[Found]:
    """Visit the arguments that are credentials by name or use, and tell the most telling of the places that keep it."""
    value = flow.value
    if value.kind != "arg" or value.by_place or has_default(value.place):
        return
    uses = re.compile(rf"\$\{{?{re.escape(value.name)}(?![A-Za-z0-9_])")
    shown = flow.reaches("history")
    named = [sink for sink in shown if not isinstance(sink.instruction, Run) or uses.search(sink.instruction.span.text)]
    kept = [sink for sink in flow.reaches("config") if "." in sink.key]
    telling = next(iter((*kept, *named, *shown)), None)
    if telling is None:
        return
    used = (*kept, *named)
    yield Found(
        value,
        f"{keeper(telling)} the value given for {value.name!r}: expected RUN --mount=type=secret"
        + (", or it to be given at run time" if kept else ""),
        related=tuple((place_in(telling.instruction, uses) or telling, use_of(telling)) for _ in used[:1]),
        severity=None if telling.ships else Severity.INFO,
        confidence=Confidence.MEDIUM if used else Confidence.LOW,
        claim=telling.claim,
    )


@check.fix
def fix(flow: ValueFlow, around: Surroundings) -> Iterator[Fix | Refusal]:
    """Mount it for the RUNs that use it, or may."""
    from dfguard.api import mounted_argument

    yield mounted_argument(flow, around)


def has_default(pair: Span) -> bool:
    """Whether the pair of an ARG gives a value itself."""
    return bool(pair.text.partition("=")[2].strip("\"'"))


def keeper(sink: Sink) -> str:
    """Who keeps the value where."""
    if not sink.ships:
        return "the build cache, and provenance in mode=max, keep"
    if sink.kind == "config":
        kind, _, name = sink.key.partition(".")
        return f"the image's configuration keeps, as {'ENV' if kind == 'Env' else 'LABEL'} {name!r},"
    return "`docker history` shows"


def place_in(instruction: Instruction, uses: re.Pattern[str]) -> Span | None:
    """Where an instruction names the argument."""
    match = uses.search(instruction.span.text)
    return instruction.span.sub(*match.span()) if match else None


def use_of(sink: Sink) -> str:
    """How an instruction takes it up."""
    return "used here" if isinstance(sink.instruction, Run) else "taken over here"
