"""A layer of the image holds a secret: everybody who can pull the image can read it.

That is so for files that a later layer deletes or replaces, too: each layer is a blob of its own in the registry, and
whiteouts only hide what is below. Rotate the secret; then build without it in any layer
(`RUN --mount=type=secret`).

```image bad
ADD rootfs.tar /
  /etc/passwd = root:x:0:0:root:/root:/bin/sh
COPY .env /app/
  /app/.env = DB_PASSWORD=kX7vb2Qpw41zR9
RUN rm /app/.env
  - /app/.env
```

```image good
ADD rootfs.tar /
  /etc/passwd = root:x:0:0:root:/root:/bin/sh
COPY app /app/
  /app/.env.example = DB_PASSWORD=change-me
  /etc/ssl/certs/ca.pem = -----BEGIN CERTIFICATE-----
```

`dfguard image` and `dfguard verify` look into every file of every layer, archives opened one level deep; what
was not looked into is said. What is doubtful (`--pedantic`) in trees of other people's files, such as `node_modules`,
`site-packages` and `/usr/share`, is one finding for each tree and layer; it names the files.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Confidence, Found, ImageSecret, LayerNames, rule


@rule(
    "DG901",
    "secret-in-layer",
    severity="error",
    peers=("CIS-DI-0010", "DKL-DI-0010"),
    no_fix="it is found in an image, which no edit of a text changes; the secret has to be revoked",
)
def check(secret: ImageSecret, names: LayerNames) -> Iterator[Found]:
    """Visit the secrets of an image."""
    if secret.where != "layer" or secret.layer is None:
        return
    gone = f"; {secret.fate} by {names.of(secret.by)}, which only hides it" if secret.by is not None else ""
    if secret.others:
        yield _of_tree(secret, f"{names.of(secret.layer)}{gone}")
        return
    yield Found(
        secret.place,
        f"{secret.kind} in {secret.name!r}{_where(secret)}, {names.of(secret.layer)}{gone}",
        confidence=max(secret.confidence, Confidence.MEDIUM, key=lambda each: each.rank)
        if secret.inside
        else secret.confidence,
    )


def _of_tree(secret: ImageSecret, where: str) -> Found:
    """Doubtful ones among other people's files, each with its place."""
    files = (secret, *secret.others)
    return Found(
        secret.place,
        f"{len(files)} files under {secret.tree!r} that may hold secrets ({secret.packages}), {where}",
        related=tuple((each.place, f"{each.kind}{_where(each)}") for each in files),
        confidence=secret.confidence,
    )


def _where(secret: ImageSecret) -> str:
    inside = f", in {secret.inside!r} of it" if secret.inside else ""
    return f", line {secret.line}{inside}" if secret.line else inside
