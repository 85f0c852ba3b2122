"""The base image has no tag, or the tag `latest`: every build may get another image.

Without a tag, Docker takes `latest`, which moves whenever its publisher says so. A build that passed
yesterday can fail or change today, and nobody can tell which image a container was made of. Under the preset
`strict` this is an error.

```dockerfile bad
FROM ubuntu
#    ^^^^^^
RUN echo hello
```

```dockerfile bad
FROM --platform=linux/amd64 node:latest
CMD ["node"]
```

```dockerfile good
ARG VERSION=24.04
FROM ubuntu:${VERSION} AS base
FROM base
COPY --from=busybox:1.36.1 /bin/busybox /bin/busybox
```

Not reported: `scratch`, earlier stages, named build contexts, images pinned by digest, and names that
hang on a build argument without a value. `untagged = false` or `latest = false` under `[rules.DG301]` leaves out one
of the two.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, Options, StageReference, parse_reference, rule


class Kinds(Options):
    """`untagged`: tell images without a tag; `latest`: tell those tagged `latest`."""

    untagged: bool = True
    latest: bool = True


@rule(
    "DG301",
    "base-image-untagged",
    presets={"strict": "error"},
    peers=("DL3006", "DL3007", "DS-0001", "DS001", "CKV_DOCKER_7", "DKL-DI-0006", "DF001", "DF024"),
    no_fix="the tag that is meant is not written anywhere; `dfguard pin` pins what the tag `latest` stands for",
)
def check(reference: StageReference, options: Kinds) -> Iterator[Found]:
    """Visit the images that FROM, COPY --from and mounts name."""
    image = reference.image
    if image is None or image == "scratch":
        return
    parsed = parse_reference(image)
    if parsed is None or parsed.digest is not None or parsed.tag not in (None, "latest"):
        return
    if not (options.untagged if parsed.tag is None else options.latest):
        return
    what = "has no tag, so it is `latest`" if parsed.tag is None else "is tagged `latest`"
    yield Found(reference, f"image {image!r} {what}, which moves: name a version or a digest")
