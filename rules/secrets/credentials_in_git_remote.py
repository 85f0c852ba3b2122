r"""`git clone` with a credential in the address: git keeps the address in `.git/config`, and the image keeps that.

Everybody who has the image reads it with `git remote -v`. Mount an SSH agent or a credential file instead; nothing of
them is in the address. Build with `docker build --ssh default .` or `--secret id=git,src=$HOME/.git-credentials`.

```dockerfile bad
FROM debian:12.8-slim
ARG GITHUB_TOKEN
RUN git clone https://x-access-token:${GITHUB_TOKEN}@github.com/example/private /src
#   ^^^
```

```dockerfile good
FROM debian:12.8-slim
RUN --mount=type=ssh git clone git@github.com:example/private /src
```

```dockerfile good
FROM debian:12.8-slim
RUN --mount=type=secret,id=git,target=/root/.git-credentials \
    git -c credential.helper=store clone https://github.com/example/private /src
```

Not reported where the same RUN removes the clone or its `.git`, and in stages that do not ship.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, ValueFlow, rule


@rule(
    "DG116",
    "credentials-in-git-remote",
    severity="error",
    no_fix="another way to log in has to be chosen, and the credential revoked",
)
def check(flow: ValueFlow) -> Iterator[Found]:
    """Visit the values, and name the git configurations that keep one as part of an address."""
    for sink in flow.files("git remote"):
        hidden = ((sink.removed.place, "removed here"),) if sink.removed else ()
        yield Found(
            sink,
            f"git keeps {flow.value.name!r} in {sink.path!r}, which {sink.outcome}: expected RUN --mount=type=ssh, "
            "or a credential file as a secret mount",
            related=((flow.value.place, "handed over here"), *hidden),
            confidence=flow.confidence(sink),
            claim=sink.claim,
        )
