"""A secret file of the build context reaches the image.

Whoever can pull the image can read the file. What counts is the content where it can be read (keys,
tokens, passwords), else the name. Files of credentials (netrc, kubeconfig, Terraform state ...) are known by
their structure, whatever they are called, and are none without a credential. Archives are opened. Examples and
templates (`.env.example`), public keys and certificates are no secrets; what stands in files that are more than
their secret (sources, documents) is the matter of DG103.

```context
.env = API_TOKEN=glpat-ThisIsNotARealToken00
app.py = print("hello")
```

```dockerfile bad
FROM python:3.12.7-slim
WORKDIR /app
COPY . .
#    ^
CMD ["python", "app.py"]
```

Keep the file out of the context with a line in `.dockerignore`, hand it over at run time, or mount it
for the one command that needs it (`RUN --mount=type=secret`).

```context
.dockerignore = **/.env
.env = API_TOKEN=glpat-ThisIsNotARealToken00
app.py = print("hello")
```

```dockerfile good
FROM python:3.12.7-slim
WORKDIR /app
COPY . .
CMD ["python", "app.py"]
```

A file that a COPY names but that this checkout lacks is reported with medium confidence: it will be
there where the image is built. Stages that do not ship are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, SecretArrival, SecretCopy, Some, rule

SHOWN = 3


@rule(
    "DG102",
    "secret-in-shipped-stage",
    severity="error",
    peers=("secrets-in-code", "CIS-DI-0010"),
    no_fix="whether the image needs the file is for its owner to say, and the secret has to be revoked",
)
def check(copy: SecretCopy) -> Iterator[Found]:
    """Visit the secrets that one COPY or ADD brings, and name those that are left in the image."""
    for confidence in dict.fromkeys(arrival.secret.confidence for arrival in copy.arrivals):
        left = [a for a in copy.arrivals if a.removed is None and a.secret.confidence is confidence]
        left = [a for a in left if a.secret.sort in ("file", "archive")]
        if left:
            origins = {a.added.origin.place: "it enters the build here" for a in left if a.added.hops}
            folders = (a.added.origin.named for a in left if a.added.origin.named is not None)
            origins |= {folder.span: "the named context is given here" for folder in folders if folder.span is not None}
            yield Found(
                copy.span,
                f"{listing(left)} {'reaches' if len(left) == 1 else 'reach'} the image",
                related=tuple(origins.items()),
                confidence=confidence,
                claim=Some(tuple(arrival.claim for arrival in left)),
            )


def listing(arrivals: list[SecretArrival]) -> str:
    """The first few secrets by kind and path, and how many more there are."""
    named = [a.secret.told(a.added.origin.shown) for a in arrivals[:SHOWN]]
    more = len(arrivals) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")
