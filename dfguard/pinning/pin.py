"""Pinning one Dockerfile: what each image becomes, and whether what is pinned still holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from dfguard.context.invocation import Invocation
from dfguard.dockerfile.nodes import Dockerfile
from dfguard.dockerfile.parse import parse
from dfguard.dockerfile.stages import StageReference, build_graph
from dfguard.edit import Edit, apply
from dfguard.errors import InputError
from dfguard.pinning.lock import Entry, Lock, key_of
from dfguard.pinning.places import Place, places
from dfguard.pinning.sources import OfLock, Source
from dfguard.reference import Reference
from dfguard.reference import parse as parse_reference
from dfguard.source import Source as Text
from dfguard.source import Span
from dfguard.struct import Struct

NO_TAG = "has a digest and no tag, so that nothing says what to compare it with"
IN_PARTS = "has a digest that is put together from parts"
SHOWN = len("sha256:") + 12


class Pinned(Struct):
    """A place that gets a digest: `old` is the one that it had, `source` says where the new one is from."""

    place: Place
    old: str | None
    new: str
    source: str


class Remark(Struct):
    """What there is to say of a place: why it was left alone, what drifted, what failed."""

    span: Span
    text: str
    message: str


class FilePins(Struct):
    """What pinning makes of a file: its new text, and what there is to say of its places.

    `kept` are images that had their digest, `left` those that get none, with the reason. `drifted` is only what
    `check_file` finds.
    """

    source: Text
    text: str
    pinned: tuple[Pinned, ...] = ()
    kept: tuple[Place, ...] = ()
    left: tuple[Remark, ...] = ()
    drifted: tuple[Remark, ...] = ()
    failed: tuple[Remark, ...] = ()


class Resolver:
    """What tags stand for. The lock goes first, unless it is to be updated; without a source it is all there is."""

    def __init__(self, lock: Lock | None, source: Source | None, *, update: bool = False) -> None:
        self.lock = lock
        self._locked = OfLock(lock) if lock is not None else None
        self._source = source
        self._update = update and source is not None
        self._known: dict[tuple[str, str], tuple[str, str] | InputError] = {}

    def knows(self, image: Reference) -> bool:
        """Whether there is anything to ask about an image."""
        return self._source is not None or (self._locked is not None and self._locked.knows(image))

    def digest(self, image: Reference) -> tuple[str, str]:
        """The digest of an image's tag, and the name of the source; each is asked once. Raises InputError."""
        key = key_of(image)
        if key not in self._known:
            try:
                self._known[key] = self._ask(image)
            except InputError as error:
                self._known[key] = error
        answer = self._known[key]
        if isinstance(answer, InputError):
            raise answer
        return answer

    def _ask(self, image: Reference) -> tuple[str, str]:
        if self._locked is not None and not self._update and (self._source is None or self._locked.knows(image)):
            return self._locked.digest(image), self._locked.name
        if self._source is None:
            raise InputError(image.familiar, "can't be looked up: there is no lock")
        return self._source.digest(image), self._source.name

    def learned(self, kept: Iterable[Place], day: str) -> dict[tuple[str, str], Entry]:
        """The entries of the lock with all that was resolved; `kept` are places whose digests were there before."""
        entries = dict(self.lock.entries) if self.lock is not None else {}
        for key, answer in self._known.items():
            if isinstance(answer, tuple) and (key not in entries or entries[key].digest != answer[0]):
                entries[key] = Entry(*key, answer[0], day)
        for place in kept:
            image = place.image
            if image is not None and image.tag and image.digest and image.digest.startswith("sha256:"):
                entries.setdefault(key_of(image), Entry(*key_of(image), image.digest))
        return entries


def pin_file(dockerfile: Dockerfile, builds: Sequence[Invocation], resolver: Resolver, *, update: bool) -> FilePins:
    """Give every image its digest; `update`: also those that have one. Raises InputError for a text that goes wrong."""
    result = _Collected()
    for place in places(dockerfile, builds):
        image = place.image
        if image is None or place.holder is None:
            result.left.append(_remark(place, place.left))
        elif image.digest and not (update and image.tag):
            result.kept.append(place)
            if update:
                result.left.append(_remark(place, NO_TAG))
        else:
            result.resolve(place, image, resolver)
    pinned = tuple(result.pinned)
    edits = [edit for each in pinned for edit in _edits(each)]
    text = apply(dockerfile.source, edits)
    if edits:
        _prove(dockerfile, text, pinned)
    found = (pinned, tuple(result.kept), tuple(result.left), (), tuple(result.failed))
    return FilePins(dockerfile.source, text, *found)


def check_file(dockerfile: Dockerfile, builds: Sequence[Invocation], resolver: Resolver) -> FilePins:
    """Compare every pinned digest with what its tag stands for; what could be pinned and is not counts too."""
    result, drifted = _Collected(), []
    for place in places(dockerfile, builds):
        image = place.image
        if image is None or image.registry == "localhost" or not (image.digest or place.holder):
            result.left.append(_remark(place, place.left))
        elif image.digest is None:
            drifted.append(_remark(place, "is not pinned by digest"))
        elif image.tag is None:
            result.left.append(_remark(place, NO_TAG))
        elif not resolver.knows(image):
            path = resolver.lock.path if resolver.lock else "the lock"
            drifted.append(_remark(place, f"is not in {path}: `dfguard pin` puts it there"))
        else:
            try:
                digest, source = resolver.digest(image)
            except InputError as error:
                result.failed.append(_remark(place, str(error)))
                continue
            if digest != image.digest:
                message = f"is pinned to {shorten(image.digest)}, but the {source} has {shorten(digest)}"
                drifted.append(_remark(place, message))
            else:
                result.kept.append(place)
    found = (tuple(result.kept), tuple(result.left), tuple(drifted), tuple(result.failed))
    return FilePins(dockerfile.source, dockerfile.source.text, (), *found)


def shorten(digest: str) -> str:
    """A digest as reports show it."""
    return digest[:SHOWN]


class _Collected:
    """What was found so far."""

    def __init__(self) -> None:
        self.pinned: list[Pinned] = []
        self.kept: list[Place] = []
        self.left: list[Remark] = []
        self.failed: list[Remark] = []

    def resolve(self, place: Place, image: Reference, resolver: Resolver) -> None:
        """Look an image up, and file the place by what comes of it."""
        try:
            digest, source = resolver.digest(image)
        except InputError as error:
            self.failed.append(_remark(place, str(error)))
            return
        if digest == image.digest:
            self.kept.append(place)
        elif image.digest and place.holder and _old_place(place.holder, image.digest) is None:
            self.left.append(_remark(place, IN_PARTS))
        else:
            self.pinned.append(Pinned(place, image.digest, digest, source))


def _remark(place: Place, message: str) -> Remark:
    return Remark(place.span, place.reference.text, message)


def _old_place(holder: Span, digest: str) -> tuple[Span, str] | None:
    """Where a digest stands in a text, and how much of it: all, or its digits; None where it stands in parts."""
    for wanted in (digest, digest.partition(":")[2]):
        if holder.text.count(wanted) == 1:
            at = holder.text.index(wanted)
            return holder.sub(at, at + len(wanted)), wanted
    return None


def _edits(pinned: Pinned) -> Iterator[Edit]:
    holder, image = pinned.place.holder, pinned.place.image
    if holder is None or image is None:
        return
    if pinned.old is None:
        yield Edit.after(holder, f"{'' if image.tag else ':latest'}@{pinned.new}")
        return
    old = _old_place(holder, pinned.old)
    if old is not None:
        yield Edit.replace(old[0], pinned.new if ":" in old[1] else pinned.new.partition(":")[2])


def _prove(dockerfile: Dockerfile, text: str, pinned: Sequence[Pinned]) -> None:
    """Read the new text, and see that each place names what it should. Raises InputError when one does not."""
    path = dockerfile.source.path
    wanted = {each.place.span.start: (each.place.image, each.new) for each in pinned}
    before = build_graph(dockerfile).references
    again = parse(Text(path, text))
    after = build_graph(again).references
    refused = sum(p.refused for p in again.problems) > sum(p.refused for p in dockerfile.problems)
    same = len(before) == len(after) and all(_agrees(*pair, wanted) for pair in zip(before, after, strict=True))
    if refused or not same:
        raise InputError(path, "would not mean the same with digests: left as it was; please report it")


def _agrees(old: StageReference, new: StageReference, wanted: Mapping[int, tuple[Reference | None, str]]) -> bool:
    image, digest = wanted.get(old.span.start, (None, ""))
    if image is None:
        return (old.stage, old.image, old.wrong) == (new.stage, new.image, new.wrong)
    found = parse_reference(new.image or "")
    expected = (image.registry, image.repository, image.tag or "latest", digest)
    return found is not None and (found.registry, found.repository, found.tag, found.digest) == expected
