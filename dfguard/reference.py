"""Image references, read as Docker reads them.

The grammar and the normalisation are those of https://github.com/distribution/reference
(`ParseNormalizedNamed`), which BuildKit, containerd and Docker share.
"""

from __future__ import annotations

import re

from dfguard.struct import Struct

DOCKER_HUB = "docker.io"
_LEGACY_DOCKER_HUB = "index.docker.io"
_OFFICIAL = "library/"
_MAX_REPOSITORY = 255
_DIGEST_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}

# Compiled on first use by re's own cache: a check without any FROM image pays nothing.
_PATH_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_PATH = rf"{_PATH_COMPONENT}(?:/{_PATH_COMPONENT})*"
_DOMAIN_COMPONENT = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_DOMAIN = rf"(?:{_DOMAIN_COMPONENT}(?:\.{_DOMAIN_COMPONENT})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_IDENTIFIER = r"[a-f0-9]{64}"


class Reference(Struct):
    """An image reference.

    `raw` is the text as written, `registry` the host with its port (`docker.io` when none is
    written), `repository` the path in it (`library/alpine` for `alpine`), `tag` and `digest`
    (`sha256:...`) are None when not written.
    """

    raw: str
    registry: str
    repository: str
    tag: str | None = None
    digest: str | None = None

    @property
    def familiar(self) -> str:
        """The repository as people write it: `alpine`, `bitnami/redis`, `quay.io/x/y`."""
        if self.registry != DOCKER_HUB:
            return f"{self.registry}/{self.repository}"
        short = self.repository.removeprefix(_OFFICIAL)
        return self.repository if "/" in short else short


def parse(text: str) -> Reference | None:
    """Read a reference; None when Docker would refuse it.

    A lone 64-digit hexadecimal text is an image id, not a reference. `scratch` parses like any
    name: BuildKit gives it its meaning, not the grammar.
    """
    if re.fullmatch(_IDENTIFIER, text):
        return None
    registry, rest = _split_registry(text)
    rest, at, digest = rest.partition("@")
    path, colon, tag = rest.partition(":")
    valid = (
        len(path) <= _MAX_REPOSITORY
        and re.fullmatch(_PATH, path)
        and re.fullmatch(_DOMAIN, registry)
        and (not colon or re.fullmatch(_TAG, tag))
        and (not at or _is_digest(digest))
    )
    if not valid:
        return None
    return Reference(text, registry, path, tag if colon else None, digest if at else None)


def _split_registry(text: str) -> tuple[str, str]:
    """The registry and the rest; the first part is a host only if it can't be a path component."""
    first, slash, rest = text.partition("/")
    if not slash:
        return DOCKER_HUB, _OFFICIAL + text
    if first == _LEGACY_DOCKER_HUB:
        first = DOCKER_HUB
    elif first != "localhost" and "." not in first and ":" not in first and first == first.lower():
        return DOCKER_HUB, text
    if first == DOCKER_HUB and "/" not in rest:
        return first, _OFFICIAL + rest
    return first, rest


def _is_digest(text: str) -> bool:
    algorithm, _, encoded = text.partition(":")
    length = _DIGEST_LENGTHS.get(algorithm)
    return length == len(encoded) and re.fullmatch(r"[a-f0-9]+", encoded) is not None
