"""Finding secrets in bytes: places where a token may stand, then its pattern there.

Python's `re` reads 10 MB/s with all formats at once. Here a pass over the data at memory speed names
the places (`places`, `assignments`), and a pattern is compiled when its place is first seen. With
Hyperscan a gate before that (`fast`) says of most data that it holds nothing at all; the findings
are the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from dfguard.secrets import named
from dfguard.secrets.assignments import Assignment, assignments
from dfguard.secrets.detectors import SecretHit, confirm
from dfguard.secrets.encoded import base64_hits
from dfguard.secrets.files.forms import form_of
from dfguard.secrets.generated import CONTEXTS, DETECTORS
from dfguard.secrets.key_files.marks import looks_stored
from dfguard.secrets.places import plain_places, token_places
from dfguard.struct import Struct

_TEXT = 3  # column of DETECTORS
_BINARY_PROBE = 8192  # a NUL in the first bytes makes a file binary, as for git


Regions = tuple[tuple[int, int], ...]


class Gate(Struct):
    """Which searches are worth while in some data: all of them unless somebody knows better.

    `tokens` are the regions whose words may be tokens, `plain` the detectors whose literal may be
    there, `names` the regions in which names of credentials may be given values, `encoded` places
    inside of runs of base64 that may hold something, `tellers` the marks of files of credentials. None
    stands for everything.
    """

    tokens: Regions | None = None
    plain: frozenset[int] | None = None
    names: Regions | None = None
    encoded: tuple[int, ...] | None = None
    tellers: frozenset[bytes] | None = None


OPEN = Gate()
NOTHING = Gate((), frozenset(), (), (), frozenset())


def is_binary(data: bytes) -> bool:
    """Whether data is no text, by git's measure."""
    return data.find(b"\0", 0, _BINARY_PROBE) >= 0


def scan(
    data: bytes, gate: Gate = OPEN, *, binary: bool | None = None, settings: bool = False
) -> tuple[SecretHit, ...]:
    """All secrets in `data`, in order of place, none overlapping another.

    Placeholders and documented examples are not reported. Formats that are only words and values
    (passwords in URLs, assignments) are not looked for in binary data. Time is linear in the size.
    `binary` says so of a piece from the middle of a file. In a file of `settings` each value that a
    name calls a credential counts, elsewhere only what looks drawn by lot.
    """
    if not data:
        return ()
    if binary is None:
        binary = is_binary(data)
    found = list(_formats(data, gate, binary))
    if gate.names != () and not binary:
        found += _named(data, settings, gate.names)
    if gate.encoded != () and not binary:
        found += base64_hits(data, gate.encoded)
    found += structured_hits(data, binary, gate.tellers)
    return _without_overlaps(found)


def structured_hits(data: bytes, binary: bool, tellers: frozenset[bytes] | None = None) -> list[SecretHit]:
    """The credentials of files that are known by their build-up; nearly all others cost two looks at their start."""
    found: list[SecretHit] = []
    form = None if binary else form_of(data)
    if form is not None:
        from dfguard.secrets.files.find import file_hits

        found += file_hits(data, form, tellers)
    if looks_stored(data):
        from dfguard.secrets.key_files.find import key_file_hits

        found += key_file_hits(data)
    return found


def _formats(data: bytes, gate: Gate, binary: bool) -> Iterator[SecretHit]:
    places: list[tuple[int, int]] = []
    if gate.tokens != ():
        places += token_places(data, gate.tokens)
    if gate.plain is None or gate.plain:
        places += plain_places(data, gate.plain)
    for index, at in places:
        if not (binary and DETECTORS[index][_TEXT]):
            hit = confirm(data, index, at)
            if hit is not None:
                yield hit


@cache
def _ranks() -> dict[str, int]:
    ids = dict.fromkeys((*(row[0] for row in DETECTORS), *(row[0] for row in CONTEXTS), *named.TITLES))
    return {name: rank for rank, name in enumerate(ids)}


def _rank(hit: SecretHit) -> tuple[bool, bool, bool, int]:
    by_structure = hit.detector == hit.file
    return hit.detector in named.TITLES, by_structure, bool(hit.encoding), _ranks().get(hit.detector, 0)


def _named(data: bytes, settings: bool, regions: Regions | None) -> Iterator[SecretHit]:
    for given in assignments(data, regions, named.telling):
        judged = named.judge(data, given, settings)
        if judged is not None:
            yield SecretHit(judged[0], judged[1], given.start, given.end, judged[2], _key(given))


def _key(given: Assignment) -> str:
    return given.name[-60:]


def _without_overlaps(found: list[SecretHit]) -> tuple[SecretHit, ...]:
    """Of two hits that overlap the earlier detector's stays; its name is that of an assignment around it."""
    if len(found) < 2:
        return tuple(found)
    kept: list[SecretHit] = []
    for hit in sorted(found, key=lambda hit: (hit.start, _rank(hit))):
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
            continue
        first, second = sorted((kept[-1], hit), key=_rank)
        kept[-1] = first.but(key=first.key or second.key, file=first.file or second.file)
    return tuple(kept)
