"""The image's tag moves from version to version, though it is not `latest`.

`node:lts`, `nginx:mainline` and `debian:testing` name a channel: the image behind it changes when the
publisher goes on to the next version. `golang:alpine` and `python:slim` name no version at all: they are
`latest` in another dress, which few people expect.

```dockerfile bad
FROM node:lts-slim
#    ^^^^^^^^^^^^^
CMD ["node", "server.js"]
```

```dockerfile bad
FROM golang:alpine AS build
#    ^^^^^^^^^^^^^
RUN go build -o /app .
FROM scratch
COPY --from=build /app /app
```

```dockerfile good
FROM golang:1.23.3-alpine AS build
RUN go build -o /app .
FROM debian:bookworm-slim
COPY --from=build /app /app
COPY --from=nginx:stable@sha256:bc5eac5eafc581aeda3008b4b1f07ebba230de2f27d47767129a6a905c84f470 /etc/nginx /etc/nginx
```

To follow a channel can be a decision: channels are an information, as are images that are little known;
a well-known image without any version is a warning.
A tag with a major version only (`node:22`) is reported with low confidence. Not reported: releases of
distributions by number or name (`debian:bookworm`), images pinned by digest, and `latest` itself, which is
`base-image-untagged`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.api import (
    Confidence,
    Found,
    Reference,
    Severity,
    StageReference,
    lookup_base,
    parse_reference,
    regex,
    rule,
)

CHANNELS = frozenset(
    "stable oldstable testing unstable sid rawhide rolling lts current mainline edge nightly daily weekly canary "
    "snapshot main master trunk develop head next preview beta alpha rc experimental insiders".split()
)
VARIANTS = frozenset(
    "alpine slim fpm apache cli zts dind rootless jdk jre headless full minimal management onbuild perl "
    "windowsservercore nanoserver debian ubuntu buster bullseye bookworm trixie stretch jessie focal jammy "
    "noble".split()
)
SUITES = frozenset("debian ubuntu buster bullseye bookworm trixie stretch jessie focal jammy noble".split())
DISTRIBUTIONS = frozenset(
    "debian ubuntu buildpack-deps fedora centos rockylinux almalinux oraclelinux amazonlinux sl photon clearlinux "
    "mageia leap tumbleweed ubi8 ubi9 ubi10 ubi8-minimal ubi9-minimal ubi10-minimal ubi-minimal ubi".split()
)
NUMBERED_VARIANT = regex(r"(?:alpine|jdk|jre|java|php|python|node|debian|ubuntu)[\d.]*")
VERSION = regex(r"v?\d")


@rule(
    "DG307",
    "moving-tag",
    severity="info",
    presets={"strict": "warning", "kubernetes": "warning"},
    no_fix="the version that was tested is not written anywhere; `dfguard pin` pins today's",
)
def check(reference: StageReference) -> Iterator[Found]:
    """Visit the images that FROM, COPY --from and mounts name."""
    image = reference.image
    parsed = parse_reference(image) if image is not None else None
    if parsed is None or parsed.digest is not None or parsed.tag in (None, "latest"):
        return
    words = (parsed.tag or "").lower().split("-")
    channel = next((word for word in words if word in CHANNELS), None)
    if is_latest(words, parsed):
        message = f"tag {parsed.tag!r} names no version, so it moves as `latest` does: name a version"
        yield Found(reference, message, severity=Severity.WARNING if lookup_base(parsed).known else None)
    elif channel and all(word == channel or plain(word) for word in words):
        message = f"tag {parsed.tag!r} moves with the channel {channel!r}: name a version"
        yield Found(reference, message)
    elif is_major(words) and not is_distribution(parsed):
        message = f"tag {parsed.tag!r} moves with every release of version {words[0]}: name more of the version"
        yield Found(reference, message, confidence=Confidence.LOW)


def is_latest(words: list[str], image: Reference) -> bool:
    """Whether a tag holds nothing but `latest` and variants, such as `alpine` or `fpm-alpine3.20`."""
    if "latest" in words:
        return all(word == "latest" or plain(word) for word in words)
    if is_distribution(image) or not all(word in VARIANTS or NUMBERED_VARIANT.fullmatch(word) for word in words):
        return False
    if lookup_base(image).known:
        return True
    text = image.repository.rpartition("/")[2] + "".join(words)  # of unknown images, digits may be the version
    return not SUITES.issuperset(words) and not any(character.isdigit() for character in text)


def plain(word: str) -> bool:
    """Whether a word of a tag is no version, date or commit."""
    return word in VARIANTS or bool(NUMBERED_VARIANT.fullmatch(word)) or (word.isalpha() and len(word) < 7)


def is_major(words: list[str]) -> bool:
    """Whether a tag is a single number and variants, such as `22-slim`."""
    return bool(re.fullmatch(r"v?\d{1,3}", words[0])) and not any(VERSION.match(word) for word in words[1:])


def is_distribution(image: Reference) -> bool:
    """Whether an image is a distribution, whose releases have names and numbers that stay."""
    return image.repository.rpartition("/")[2] in DISTRIBUTIONS
