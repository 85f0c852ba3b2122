"""The paths of claims: which paths of an image they mean, and reading layers for what stands in the files of some."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from dfguard.claim import All, Claim, LayerHoldsPythonSecret, Not, Some
from dfguard.glob import matches_path
from dfguard.image.layer import LayerStore, Reading

UNKNOWN = "**/"


def matcher(path: str) -> Callable[[str], bool]:
    """What tells paths that a claim's path means: it may start at an unknown folder, and hold wildcards."""
    unknown = path.startswith(UNKNOWN)
    if not unknown and not set(path) & set("*?["):
        return lambda found: found == path
    pattern = path if unknown else path.lstrip("/")
    depth = pattern.count("/")
    return lambda found: _same_depth(found, pattern, depth) and matches_path(found.split("/")[1:], pattern)


def _same_depth(path: str, pattern: str, depth: int) -> bool:
    """A glob also matches what lies below: only a path of its own depth is meant, if that is known."""
    return "**" in pattern or path.count("/") == depth + 1


class ClaimedFiles:
    """The files in which claims say that something stands; called with a path, it says whether that is one."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        paths = {path for claim in claims for path in _read_paths(claim)}
        plain = {path for path in paths if not path.startswith(UNKNOWN) and not set(path) & set("*?[")}
        self._plain = frozenset(plain)
        self._others = tuple(map(matcher, sorted(paths - plain)))

    def __call__(self, path: str) -> bool:
        return path in self._plain or any(means(path) for means in self._others)

    def __bool__(self) -> bool:
        return bool(self._plain or self._others)


def _read_paths(claim: Claim) -> Iterator[str]:
    if isinstance(claim, LayerHoldsPythonSecret):
        yield claim.path
    elif isinstance(claim, (All, Some)):
        for part in claim.claims:
            yield from _read_paths(part)
    elif isinstance(claim, Not):
        yield from _read_paths(claim.claim)


class ReadAgain:
    """A store of layers that keeps no content of the claimed files, and finds no layer that holds one of them."""

    def __init__(self, store: LayerStore, claimed: ClaimedFiles) -> None:
        self._store = store
        self._claimed = claimed

    def has(self, digest: str) -> bool:
        """As LayerStore."""
        return self._store.has(digest)

    def find(self, digest: str) -> Reading | None:
        """As LayerStore."""
        found = self._store.find(digest)
        if found is None or any(self._claimed(entry.path) for entry in found.content.entries):
            return None
        return found

    def keep(self, reading: Reading) -> Reading:
        """As LayerStore; the result has the content of the claimed files."""
        content = reading.content
        ours = tuple(pair for pair in content.kept if self._claimed(pair[0]))
        others = tuple(pair for pair in content.kept if not self._claimed(pair[0]))
        stored = self._store.keep(reading.but(content=content.but(kept=others)))
        return stored.but(content=stored.content.but(kept=(*stored.content.kept, *ours)))
