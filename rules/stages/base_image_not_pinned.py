"""The base image is not pinned by digest: its tag can be moved to another image.

Only a digest names one image for good. A tag can be moved by its publisher, or by whoever takes over
the publisher's account. Under the preset `strict` this is an error.

```dockerfile bad
FROM debian:12.8-slim
#    ^^^^^^^^^^^^^^^^
```

```dockerfile good
FROM debian:12.8-slim@sha256:ca3372ce30b03a591ec573ea975ad8b0ecaf0eb17a354416741f8001bbcae33d AS base
FROM base
FROM scratch
```

`dfguard pin` writes the digests. Keep the tag beside them: people read it, and tools that propose updates need
it. Not reported:
`scratch`, earlier stages, named build contexts, names that hang on a build argument without a value, and images
without a tag or with `latest`: what is wrong with these is the tag first (`base-image-untagged`).
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, StageReference, parse_reference, rule


@rule(
    "DG302",
    "base-image-not-pinned",
    severity="info",
    presets={"strict": "error"},
    no_fix="the digest is the registry's to tell: `dfguard pin` asks it",
)
def check(reference: StageReference) -> Iterator[Found]:
    """Visit the images that FROM, COPY --from and mounts name."""
    image = reference.image
    if image is None or image == "scratch":
        return
    parsed = parse_reference(image)
    if parsed is not None and parsed.digest is None and parsed.tag not in (None, "latest"):
        yield Found(reference, f"image {image!r} is not pinned by digest: its tag can be moved to another image")
