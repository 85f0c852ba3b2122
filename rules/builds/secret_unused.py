"""A build is given a secret that no mount asks for.

It does no harm by itself, but the id may be misspelt on one of both sides, and what is not needed need not be
handed over.

```context
Dockerfile = FROM alpine:3.20.3\\nRUN --mount=type=secret,id=npm_token cat /run/secrets/npm_token || true\\nUSER 1000
```

```yaml bad
services:
  web:
    build:
      context: .
      secrets:
        - npm-token
#         ^^^^^^^^^
secrets:
  npm-token:
    environment: NPM_TOKEN
```

```yaml good
services:
  web:
    build:
      context: .
      secrets:
        - source: npm-token
          target: npm_token
secrets:
  npm-token:
    environment: NPM_TOKEN
```

Mounts of all stages count. Quiet: ids that the builder itself uses (`GIT_AUTH_TOKEN`, `GIT_AUTH_HEADER`), secrets
that an anchor, `extends` or `inherits` gives to several builds, mounts whose id holds a variable, and Dockerfiles
with a frontend of their own.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Dockerfile, Found, Frontend, Invocation, Onbuild, Run, nearest, rule

BUILDER = ("GIT_AUTH_TOKEN", "GIT_AUTH_HEADER")


@rule(
    "DG735", "secret-unused", severity="info", no_fix="the name is one of both: the build's own, or that of the mount"
)
def check(invocation: Invocation, dockerfile: Dockerfile, frontend: Frontend | None) -> Iterator[Found]:
    """Visit every build that says which secrets it is given."""
    if frontend is not None and frontend.foreign:
        return
    nodes = (node.trigger if isinstance(node, Onbuild) else node for node in dockerfile.instructions)
    mounts = (mount for node in nodes if isinstance(node, Run) for mount in node.mounts if mount.type == "secret")
    wanted = {mount.secret for mount in mounts if mount.secret}
    if any("$" in name for name in wanted):
        return
    for secret in invocation.secrets or ():
        if secret.id in wanted or secret.id.startswith(BUILDER) or not invocation.owns(secret.span):
            continue
        assert secret.span is not None
        near = nearest(secret.id, wanted)
        message = f"no mount asks for the secret {secret.id!r}"
        yield Found(secret.span, f"{message}: did you mean {near!r}?" if near else message)
