"""A secret is written into the Dockerfile: everybody who has the image, or the file, has the secret.

ENV, LABEL and CMD are kept in the configuration of the image, ARG and RUN in its history: `docker inspect` and
`docker history` print them to whoever can pull. What counts is the format of a token, or a value that stands where
a credential stands (`DB_PASSWORD=`, `--password`, `-u user:password`). A secret that was ever built or committed
must be replaced, not only removed.

```dockerfile bad
FROM postgres:17.2
ENV POSTGRES_PASSWORD=correct-Horse-7-battery
#                     ^^^^^^^^^^^^^^^^^^^^^^^
LABEL maintainer="ops@example.com"
RUN curl -u deploy:s3cr3t-Pa55 -fsSLO https://example.com/internal.tgz
#                  ^^^^^^^^^^^
```

Give the container its secrets when it runs, and mount those of the build for the one command that needs them:

```dockerfile good
FROM postgres:17.2
ENV POSTGRES_PASSWORD_FILE=/run/secrets/password
RUN --mount=type=secret,id=netrc,target=/root/.netrc curl --netrc -fsSLO https://example.com/internal.tgz
```

Not reported: files, versions, lengths and other roles of a name (`*_FILE`, `PUBLIC_KEY`, `MAX_TOKENS`), fingerprints,
variables, empty values, and placeholders such as `changeme`. A usual default ("postgres") is shown with `--pedantic`.
Stages that do not ship give a warning: their secrets are in the file and in build caches, not in the image. The
value is never printed.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import (
    Add,
    Arg,
    Found,
    HistoryShowsSecret,
    InstructionId,
    Run,
    SecretValue,
    Severity,
    Stage,
    rule,
)


@rule(
    "DG110",
    "secret-value",
    severity="error",
    peers=("secrets-in-code", "DL3064", "SecretsUsedInArgOrEnv", "DS-0031", "DS031", "DF013", "DF014", "CIS-DI-0010"),
    onbuild=True,
    no_fix="the secret has to be revoked; how the program gets the new one is for its author to say",
)
def check(secret: SecretValue, stage: Stage | None) -> Iterator[Found]:
    """Visit the secrets that stand in the file, and say who can read them."""
    instruction, ships = secret.instruction, stage is not None and stage.ships
    holder = f" {secret.name!r}" if secret.name else ""
    where = (
        f"in {instruction.name}{holder}" if not isinstance(instruction, Run) else f"for{holder}" if holder else "in RUN"
    )
    grave = secret.certain or (ships and not isinstance(instruction, Arg))
    yield Found(
        secret,
        f"{secret.what} {where} is written out: {readers(secret, ships)}",
        severity=None if grave else Severity.WARNING,
        confidence=secret.confidence,
        claim=claim(secret, stage) if stage is not None and ships else None,
        secret=True,
    )


def readers(secret: SecretValue, ships: bool) -> str:
    """Who can read it, and what to do instead."""
    if not ships:
        return "whoever has this file or the build cache reads it; expected RUN --mount=type=secret"
    if isinstance(secret.instruction, (Add, Arg, Run)):
        return "`docker history` shows it to whoever has the image; expected RUN --mount=type=secret"
    return "`docker inspect` shows it to whoever has the image; expected it to be given at run time"


def claim(secret: SecretValue, stage: Stage) -> HistoryShowsSecret:
    """What the image shows, without the value: that of ENV is in the configuration, too, unless it is set anew."""
    return HistoryShowsSecret(InstructionId(stage.index, secret.instruction.index), secret.name)
