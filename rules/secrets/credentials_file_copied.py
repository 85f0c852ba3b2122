"""ENV names a file of credentials, and COPY brings that file: it is in the image.

`GOOGLE_APPLICATION_CREDENTIALS`, `DB_PASSWORD_FILE` and their like say where a program finds its credentials. A path
below `/run/secrets` or of a volume is filled when the container runs; one that COPY fills is in every copy of the
image.

```dockerfile bad
FROM python:3.12.7-slim
COPY sa.json /app/sa.json
ENV GOOGLE_APPLICATION_CREDENTIALS=/app/sa.json
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
```

```dockerfile good
FROM python:3.12.7-slim
ENV GOOGLE_APPLICATION_CREDENTIALS=/run/secrets/sa.json
```

Only for files that this checkout lacks, since they are made where the image is built: of a file that is here the
content counts, and DG102 reports it. Files that their name gives away are the matter of DG102 as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Confidence, Env, Flow, Found, Scope, SecretFinder, Stage, ViewHolds, credential_name, rule

_ROLES = ("_FILE", "_PATH", "_LOCATION", "_KEYFILE")


@rule(
    "DG132",
    "credentials-file-copied",
    severity="error",
    peers=("DS-0031", "DS031"),
    no_fix="the file has to come when the container starts, from whatever runs it",
)
def check(env: Env, stage: Stage, scope: Scope, flow: Flow, finder: SecretFinder) -> Iterator[Found]:
    """Visit the variables that name a file of credentials."""
    if not stage.ships or flow.target is None:
        return
    for pair in env.pairs:
        path = scope.expand(pair.value.raw).value if pair.value else ""
        added = flow.target.view.get(path) if path.startswith("/") and names_credentials(pair.name) else None
        if added is None or added.origin.kind != "context" or added.origin.file is not None:
            continue
        if finder.of(added) is None:
            yield Found(
                pair.key,
                f"{pair.name} says that {added.origin.path!r} holds credentials, and the image has it as {path!r}",
                related=((added.entry, "copied here"),),
                confidence=Confidence.MEDIUM,
                claim=ViewHolds(path),
            )


def names_credentials(name: str) -> bool:
    """Whether a variable is named like credentials, or like the path of some."""
    role = next((role for role in _ROLES if name.upper().endswith(role)), "")
    return credential_name(name[: len(name) - len(role)])
