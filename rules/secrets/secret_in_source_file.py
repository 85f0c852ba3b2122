"""A token, key or password is written into a source file or document that reaches the image.

Whoever can pull the image can read the file. It can't be left out, as the application needs it: the value must go.
A secret that an image or a repository has ever carried must be replaced, not only removed.

```context
src/client.js = const token = "glpat-ThisIsNotARealToken00";
```

```dockerfile bad
FROM node:22.11.0-slim
COPY src /app/src
#    ^^^
CMD ["node", "/app/src/client.js"]
```

Read it from the environment when the container runs, or from a file that is mounted.

```context
src/client.js = const token = process.env.API_TOKEN;
```

```dockerfile good
FROM node:22.11.0-slim
COPY src /app/src
CMD ["node", "/app/src/client.js"]
```

Known are the token formats of two hundred vendors, private keys, and what stands behind the name of a credential.
Placeholders, documented examples and variables are none; tests, documents and the code of others give low confidence
unless the format is certain. A private key that documentation cuts short is none. Stages that do not ship are left
alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, SecretCopy, Some, rule

SHOWN = 3


@rule(
    "DG103",
    "secret-in-source-file",
    severity="error",
    peers=("secrets-in-code", "CIS-DI-0010"),
    no_fix="the secret has to be revoked, and the program told another way to get the new one",
)
def check(copy: SecretCopy) -> Iterator[Found]:
    """Visit the secrets that one COPY or ADD brings, and name the texts that hold one and are left in the image."""
    for confidence in dict.fromkeys(arrival.secret.confidence for arrival in copy.arrivals):
        left = [a for a in copy.arrivals if a.removed is None and a.secret.confidence is confidence]
        left = [a for a in left if a.secret.sort == "text"]
        if left:
            named = ", ".join(a.secret.told(a.added.origin.shown) for a in left[:SHOWN])
            more = f" and {len(left) - SHOWN} more" if len(left) > SHOWN else ""
            yield Found(
                copy.span,
                f"{named}{more} {'reaches' if len(left) == 1 else 'reach'} the image: expected the value at run time",
                confidence=confidence,
                claim=Some(tuple(arrival.claim for arrival in left)),
            )
