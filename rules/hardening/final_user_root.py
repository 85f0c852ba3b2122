"""The container runs as root.

A process that breaks out of its container as root is root on the host, unless user namespaces are on.
What is root inside can also write everything inside.

```dockerfile bad
FROM python:3.12.7-slim
#    ^^^^^^^^^^^^^^^^^^
COPY app.py /app.py
CMD ["python", "/app.py"]
```

```dockerfile bad
FROM node:22.11.0-slim
USER node
COPY server.js /srv/server.js
USER root
#    ^^^^
CMD ["node", "/srv/server.js"]
```

```dockerfile good
FROM python:3.12.7-slim
RUN useradd --system --uid 10001 app
COPY app.py /app.py
USER 10001
CMD ["python", "/app.py"]
```

```dockerfile good
FROM gcr.io/distroless/static-debian12:nonroot
COPY app /app
CMD ["/app"]
```

Only the stage that becomes the image counts, with the user that the base image sets. Images that start
as root and drop their privileges by themselves (`gosu`, `su-exec`, the official database images) are
reported with low confidence. An unknown base image, or a USER with an unknown variable, is not judged.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Base, Confidence, Found, Stage, StageCommands, StageFlow, rule

ROOT = ("root", "0")
DROPPERS = frozenset(("gosu", "su-exec", "setpriv", "tini-static", "s6-setuidgid", "chpst", "runuser"))


@rule(
    "DG801",
    "final-user-root",
    peers=("DL3002", "DS-0002", "DS002", "CKV_DOCKER_3", "CKV_DOCKER_8", "CIS-DI-0001", "DF002", "DF020"),
)
def check(stage: Stage, base: Base | None, flow: StageFlow, commands: StageCommands) -> Iterator[Found]:
    """Visit the stage that becomes the image."""
    if not stage.target:
        return
    user = flow.user
    drops = (base is not None and base.drops_privileges) or commands.mentions(DROPPERS)
    confidence = Confidence.LOW if drops else Confidence.HIGH
    if user is not None and user.user is not None:
        if flow.user_name is not None and flow.user_name.partition(":")[0] in ROOT:
            yield Found(
                user.user, "the container runs as root: end with a USER that is not root", confidence=confidence
            )
    elif base is not None and base.known and (base.user or "").partition(":")[0] in ROOT:
        yield Found(
            stage.from_.image,
            "the container runs as root, the user of this base image: add a USER that is not root",
            confidence=confidence,
        )
