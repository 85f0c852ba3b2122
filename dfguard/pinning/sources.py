"""What a tag stands for: asked of a registry or its mirrors, of an engine's store, or of the lock."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from dfguard.errors import InputError
from dfguard.image.sources.engine import inspected
from dfguard.pinning.lock import Lock, key_of
from dfguard.reference import Reference, parse
from dfguard.registry.client import Registry
from dfguard.registry.transport import Unreachable
from dfguard.struct import Struct


class Source(Protocol):
    """Where digests come from; `name` is what a report calls it."""

    name: str

    def digest(self, image: Reference) -> str:
        """The digest of an image's tag. Raises InputError, one line, when it can't be told."""
        ...


class Mirror(Struct):
    """A host, and the folder in it, that keeps what another registry has."""

    host: str
    prefix: str = ""


class OfRegistry:
    """Registries: the mirrors of one in their order, and then itself. `proves`: the manifest is fetched and hashed."""

    name = "registry"

    def __init__(self, mirrors: Mapping[str, Sequence[Mirror]], *, proves: bool = True) -> None:
        self._mirrors = mirrors
        self._proves = proves
        self._registries: dict[Mirror, Registry] = {}
        self._silent: dict[Mirror, Unreachable] = {}

    def digest(self, image: Reference) -> str:
        """The digest of the index, or of the manifest where there is only one platform."""
        said: list[str] = []
        for server in (*self._mirrors.get(image.registry, ()), Mirror(image.registry)):
            try:
                return self._ask(server, image)
            except InputError as error:
                said.append(str(error))
        raise InputError(_shown(image), "; ".join(dict.fromkeys(said)))

    def _ask(self, server: Mirror, image: Reference) -> str:
        if server in self._silent:
            raise self._silent[server]
        registry = self._registries.setdefault(server, Registry(server.host, prefix=server.prefix))
        tag = image.tag or "latest"
        try:
            digest = registry.digest(image.repository, tag)
            if digest is None:
                raise InputError(server.host, f"knows no {image.repository}:{tag}")
            if self._proves and registry.manifest(image.repository, digest) is None:
                raise InputError(server.host, f"says that {image.repository}:{tag} is {digest}, and does not have that")
        except Unreachable as error:
            self._silent[server] = error
            raise
        return digest


class OfEngine:
    """The store of Docker or podman on this machine: the digest that an image was pulled or pushed by."""

    def __init__(self, engine: str) -> None:
        self.name = engine

    def digest(self, image: Reference) -> str:
        """The digest that the engine keeps for the image's repository."""
        where = f"{self.name}:{_shown(image)}"
        try:
            found: Any = json.loads(inspected(self.name, _full(image)))
            kept = [parse(text) for text in found[0].get("RepoDigests") or ()]
            own = found[0].get("Digest")
        except (ValueError, LookupError, AttributeError, TypeError, RecursionError):
            raise InputError(where, "is described in a way that is not understood") from None
        same = [
            each for each in kept if each and (each.registry, each.repository) == (image.registry, image.repository)
        ]
        digests = dict.fromkeys(each.digest for each in same if each.digest)
        if len(digests) > 1:  # podman keeps that of the index and that of the one image in it
            digests.pop(own, None)
        if not digests:
            raise InputError(where, "has no digest: it was built here, and never pulled from or pushed to its registry")
        if len(digests) > 1:
            raise InputError(
                where, f"was pulled by {len(digests)} digests, so that none of them is the one: pull it anew"
            )
        return next(iter(digests))


class OfLock:
    """The lock: nothing else is asked."""

    name = "lock"

    def __init__(self, lock: Lock) -> None:
        self._lock = lock

    def knows(self, image: Reference) -> bool:
        """Whether the lock has an entry for the image's tag."""
        return key_of(image) in self._lock.entries

    def digest(self, image: Reference) -> str:
        """The digest that is locked."""
        entry = self._lock.entries.get(key_of(image))
        if entry is None:
            raise InputError(_shown(image), f"is not in {self._lock.path}")
        return entry.digest


def _shown(image: Reference) -> str:
    return f"{image.familiar}:{image.tag or 'latest'}"


def _full(image: Reference) -> str:
    return f"{image.registry}/{image.repository}:{image.tag or 'latest'}"
