"""A password, token or key is written into a heredoc that is Python.

The builder keeps the text of a RUN in the history of the image, heredocs included, and what COPY writes is a file of a
layer: `docker history` and `docker save` show both to whoever can pull.

```dockerfile bad
FROM python:3.12.7-slim
RUN python3 <<EOF
import requests
requests.get("https://pypi.example.net/simple/", auth=("ci", "kT7-wq2.Zb"))
#                                                             ^^^^^^^^^^
EOF
COPY <<EOF /srv/settings.py
MAIL_PASSWORD = "correct-Horse-7-battery"
#                ^^^^^^^^^^^^^^^^^^^^^^^
EOF
```

Mount what a command needs, and read in the file what the container is given when it runs:

```dockerfile good
FROM python:3.12.7-slim
RUN --mount=type=secret,id=ci,env=CI_PASSWORD python3 <<EOF
import os, requests
requests.get("https://pypi.example.net/simple/", auth=("ci", os.environ["CI_PASSWORD"]))
EOF
COPY <<EOF /srv/settings.py
import os
MAIL_PASSWORD = os.environ["MAIL_PASSWORD"]
EOF
```

A heredoc is Python if `python` reads it, if its first line names python, or if COPY and ADD write it to a `.py` file.
Tokens that their format gives away are the matter of DG110 in RUN. In stages that do not ship this is a warning: the
secret is in the Dockerfile and in build caches. See DG120 for what is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import (
    Fix,
    Found,
    HeredocSecret,
    HistoryShows,
    InstructionId,
    LayerHoldsPythonSecret,
    Refusal,
    Run,
    Severity,
    Stage,
    from_environment,
    rule,
)


@rule("DG121", "credential-in-python-heredoc", severity="error", peers=("S105", "S106", "S107", "B105", "B106", "B107"))
def check(secret: HeredocSecret, stage: Stage | None) -> Iterator[Found]:
    """Visit the credentials in heredocs, and say who can read them."""
    credential, ships = secret.credential, stage is not None and stage.ships
    holder = f" in {credential.holder!r}" if credential.holder else ""
    run = isinstance(secret.instruction, Run)
    cure = "RUN --mount=type=secret" if run else f'os.environ["{credential.variable}"]'
    readers = "`docker history` shows it" if run else "it is in a file of the image"
    if not ships:
        readers = "whoever has this file or the build cache reads it"
    yield Found(
        secret,
        f"{credential.what}{holder} is written out in a heredoc: {readers}; expected {cure}",
        severity=None if ships else Severity.WARNING,
        confidence=credential.confidence,
        claim=claim(secret, stage) if stage is not None and ships else None,
        secret=True,
    )


def claim(secret: HeredocSecret, stage: Stage) -> LayerHoldsPythonSecret | HistoryShows | None:
    """What the image shows, without the value."""
    instruction = InstructionId(stage.index, secret.instruction.index)
    if secret.added is not None:
        return LayerHoldsPythonSecret(secret.added.path, instruction, secret.credential.holder)
    return HistoryShows(secret.credential.holder, instruction) if secret.credential.holder else None


@check.fix
def fix(secret: HeredocSecret) -> Iterator[Fix | Refusal]:
    """Read it from the environment, in what COPY writes."""
    if isinstance(secret.instruction, Run):
        yield Refusal("the command would need a secret mount")
        return
    edits = from_environment(secret.credential, secret.body)
    title = f"read it from the environment variable {secret.credential.variable}"
    yield edits if isinstance(edits, Refusal) else Fix.unsafe(title, *edits)
