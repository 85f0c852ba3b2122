"""A RUN requires a secret that the build is not given.

The build ends there: `secret npm_token: not found`.

```context
Dockerfile = FROM alpine:3.20.3\\nRUN --mount=type=secret,id=npm_token,required=true npm ci\\nUSER 1000
```

```yaml bad
services:
  web:
#   <- ^^^
    build:
      context: .
```

```yaml good
services:
  web:
    build:
      context: .
      secrets:
        - npm_token
secrets:
  npm_token:
    environment: NPM_TOKEN
```

Quiet: secrets that are not required (the command finds no file, and may well cope), stages that the target does
not need, ids with a variable in them, and builds of which nobody says what they are given.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, Invocation, Run, StageGraph, rule


@rule("DG734", "secret-not-given", severity="error", no_fix="where the secret lies is known to its owner only")
def check(invocation: Invocation, graph: StageGraph) -> Iterator[Found]:
    """Visit every build that says which secrets it is given."""
    place = invocation.place("build")
    if invocation.secrets is None or place is None:
        return
    given = {secret.id for secret in invocation.secrets}
    for stage in graph.stages:
        runs = (node for node in stage.instructions if isinstance(node, Run) and stage.reachable)
        for mount in (mount for run in runs for mount in run.mounts if mount.type == "secret" and mount.required):
            if mount.secret and "$" not in mount.secret and mount.secret not in given:
                given.add(mount.secret)
                message = f"a RUN requires the secret {mount.secret!r}, which this build is not given"
                yield Found(place, message, related=((mount.span, "required here"),))
