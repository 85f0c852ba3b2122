"""Trees of other people's files in an image: installed packages, system folders, documents.

Doubtful secrets in them are examples, tests and tables by the hundred. They are told by the tree, with a count for
each package, so that those of the application are seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from dfguard.struct import Struct

# Folders that hold one folder for each package; those under them that start with @ hold packages themselves.
_HOLDERS = frozenset(
    ("site-packages", "dist-packages", "node_modules", "bower_components", "gems", "vendor", "third_party")
)
_VENDORED = frozenset(("vendor", "third_party"))  # which are of a package themselves in the system's folders
_PAIRS = (("pkg", "mod"), ("registry", "src"), (".m2", "repository"))  # of Go, Cargo and Maven
_SYSTEM = (
    ("usr", "lib"), ("usr", "lib64"), ("usr", "libexec"), ("usr", "share"), ("usr", "include"), ("usr", "src"),
    ("usr", "local", "go"), ("usr", "local", "include"), ("var", "lib"), ("lib",), ("lib64",), ("boot",),
)  # fmt: skip
_MOST_NAMED = 4


class Library(Struct):
    """The tree that a file lies in, and the package in there."""

    tree: str
    package: str


def library_of(path: str) -> Library | None:
    """The outermost tree around an absolute path, None for a file that may well be the application's own."""
    parts = path.split("/")[1:]
    system = next((each for each in _SYSTEM if tuple(parts[: len(each)]) == each and len(parts) > len(each)), None)
    holders = _HOLDERS if system is None else _HOLDERS - _VENDORED
    for index, part in enumerate(parts[:-1]):
        outer = part == "gems" and parts[index + 2 : index + 3] == ["gems"]  # ruby/gems/3.1.0/gems
        if (part in holders and not outer) or tuple(parts[index - 1 : index + 1]) in _PAIRS:
            return _in_tree(parts, index + 1)
    return None if system is None else _in_tree(parts, len(system))


def _in_tree(parts: list[str], depth: int) -> Library:
    scoped = parts[depth].startswith("@") and len(parts) > depth + 1
    return Library("/" + "/".join(parts[:depth]), "/".join(parts[depth : depth + 1 + scoped]))


def counted(packages: Iterable[str]) -> str:
    """`botocore 409, Crypto 14 and 3 more`: the packages with the most first."""
    found = Counter(packages)
    ranked = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    named = ", ".join(f"{name} {count:,}" for name, count in ranked[:_MOST_NAMED])
    more = len(ranked) - _MOST_NAMED
    return f"{named} and {sum(count for _, count in ranked[_MOST_NAMED:]):,} in {more:,} more" if more > 0 else named
