r"""A mounted secret is written to a file of the layer: the image keeps what the mount was to keep out.

A secret mount is there for one command and leaves nothing behind. What a command copies, prints or redirects from it
into a file of the image is a file like any other: everybody who can pull the image reads it.

```dockerfile bad
FROM node:22.11.0-slim
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=secret,id=npm_token \
    echo "//registry.npmjs.org/:_authToken=$(cat /run/secrets/npm_token)" > .npmrc && npm ci
#                                                                           ^^^^^^
```

Let the program read the mount itself: most take a variable, or their own file at its usual place.

```dockerfile good
FROM node:22.11.0-slim
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=secret,id=npmrc,target=/app/.npmrc npm ci
```

A file that the same RUN removes again is no finding, and neither are one below another mount and one in a stage that
does not ship. A file that a later RUN removes is: its layer still holds it.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, ValueFlow, rule


@rule(
    "DG112",
    "mounted-secret-in-layer",
    severity="error",
    no_fix="whether the command can do without the file is known to who wrote it",
)
def check(flow: ValueFlow) -> Iterator[Found]:
    """Visit the secret mounts, and name the files of shipped layers that their content is written to."""
    if flow.value.kind != "mount":
        return
    for sink in flow.files("file"):
        hidden = ((sink.removed.place, "removed here"),) if sink.removed else ()
        yield Found(
            sink,
            f"secret {flow.value.name!r} is written to {sink.path!r} and {sink.outcome}",
            related=((flow.value.place, "mounted here"), *hidden),
            confidence=flow.confidence(sink),
            claim=sink.claim,
        )
