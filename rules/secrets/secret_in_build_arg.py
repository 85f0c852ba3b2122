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
FROM node:22.11.0-slim
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=secret,id=npm_token,env=NPM_TOKEN npm ci
```

Reported where a RUN names the argument, or ENV takes it over; with `--pedantic` also where any RUN follows, since a
program may read it from its environment. In stages that do not ship it is an information: the value stays in build
caches. Arguments with a default are left alone: a literal secret is the matter of DG110, and other values (a
fingerprint, a path) say that the name promises too much.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.api import (
    Arg,
    Confidence,
    ConfigHas,
    Env,
    Found,
    HistoryShows,
    Instruction,
    InstructionId,
    KeyValue,
    Run,
    Severity,
    Stage,
    credential_name,
    rule,
)


@rule(
    "DG111",
    "secret-in-build-arg",
    peers=("DL3064", "SecretsUsedInArgOrEnv", "DS-0031", "DS031", "DF013", "CIS-DI-0010"),
)
def check(arg: Arg, stage: Stage) -> Iterator[Found]:
    """Visit the arguments that are named like a credential, and look for what takes them on."""
    behind = [instruction for instruction in stage.instructions if instruction.index > arg.index]
    for pair in arg.pairs:
        if credential_name(pair.name) and (pair.value is None or not pair.value.raw.strip("\"'")):
            found = judge(pair, behind, stage)
            if found is not None:
                yield found


def judge(pair: KeyValue, behind: list[Instruction], stage: Stage) -> Found | None:
    """The finding for one argument, by the most telling of its uses."""
    severity = None if stage.ships else Severity.INFO
    uses = re.compile(rf"\$\{{?{re.escape(pair.name)}(?![A-Za-z0-9_])")
    named = [(i, i.span.sub(*match.span())) for i in behind if (match := uses.search(i.span.text))]
    for instruction, place in named:
        if isinstance(instruction, Env):
            key = next((each.name for each in instruction.pairs if each.span.contains(place)), "")
            return Found(
                pair,
                f"the value given for {pair.name!r} stays in the image's configuration as ENV {key!r}: "
                "expected RUN --mount=type=secret, or it to be given at run time",
                related=((place, "taken over here"),),
                severity=severity,
                confidence=Confidence.MEDIUM,
                claim=ConfigHas(f"Env.{key}") if stage.ships and key else None,
            )
    runs = [instruction for instruction in behind if isinstance(instruction, Run)]
    if not runs:
        return None
    users = [(i, place) for i, place in named if isinstance(i, Run)]
    run = users[0][0] if users else runs[0]
    return Found(
        pair,
        f"`docker history` shows the value given for {pair.name!r}: expected RUN --mount=type=secret",
        related=tuple((place, "used here") for _, place in users[:1]),
        severity=severity,
        confidence=Confidence.MEDIUM if users else Confidence.LOW,
        claim=HistoryShows(f"{pair.name}=", InstructionId(stage.index, run.index)) if stage.ships else None,
    )
