"""What secrets a file holds, from its path and its bytes as they come: one engine for contexts and images.

It knows nothing of where files are from. To use it on any stream, a layer of an image for one:

    scanner = SecretScanner(progress=lambda path, count: ...)   # one for a whole run: it keeps the budget
    for path, pieces in members_of_the_layer:                   # pieces: bytes objects of any size, read once
        found = scanner.scan(path, pieces)
        if found.secret is not None:                            # what the file is, all things weighed
            say(path, found.secret.kind, found.secret.confidence, found.secret.lines)
        for place in found.places:                              # every single secret: line, key, member of an archive
            ...                                                 # never its value
        skipped += found.skips                                  # what was not looked at, and why

A window of 1 MB, or of a larger piece, and the piece behind it are held at a time, whatever the size of
the file; pieces that are not needed (the limits are reached) are not asked for. A file that can't be
opened or is missing is `scanner.by_name(path)`. Archives are opened one level deep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from dfguard.finding import Confidence
from dfguard.secrets import skips
from dfguard.secrets.archives import Member, tar_members, zip_members
from dfguard.secrets.contents import NOTHING, OPEN, Gate, is_binary, scan, structured_hits
from dfguard.secrets.detectors import SecretHit
from dfguard.secrets.files.forms import LARGE
from dfguard.secrets.gitobjects import pack_members
from dfguard.secrets.kinds import SQLITE, TAR, ZIP, archive_of, compression_of, wide_encoding_of
from dfguard.secrets.names import NamedSecret, is_settings
from dfguard.secrets.skips import Limits, Skip
from dfguard.secrets.streams import ZLIB, Allowance, Broken, Cut, Pieces, inflate
from dfguard.secrets.weigh import weigh_hits, within_archive
from dfguard.struct import Struct

if TYPE_CHECKING:
    from dfguard.secrets.fast import Gates

WINDOW = 1024 * 1024
_WHOLE = 4 * WINDOW  # of a file that is in memory anyway
_BEHIND = 4096  # bytes of the window before that a look back may need
_AHEAD = 32 * 1024  # bytes of the next one: the longest key, and what stands around it
FAST_AFTER = 4 * 1024 * 1024
_MOST_PLACES = 200  # in one file, of each confidence

Progress = Callable[[str, int], None]
Deep = Callable[[bytes], tuple[SecretHit, ...]]


class SecretPlace(Struct):
    """One secret in a file: what it is (never its value), and where.

    `line` counts from 1 in the text that holds it, 0 in binary data. `inside` is the member of an
    archive, `encoding` what had to be undone to read it ("gzip", "utf-16", "base64").
    """

    hit: SecretHit
    line: int
    inside: str = ""
    encoding: str = ""


class FileSecrets(Struct):
    """What a file holds: `secret` is it as a whole, None for nothing to tell of."""

    path: str
    secret: NamedSecret | None
    places: tuple[SecretPlace, ...] = ()
    skips: tuple[Skip, ...] = ()


class _Text(Struct):
    """A text that is looked at: its name, the member of an archive that it is, what was undone to read it."""

    name: str
    inside: str = ""
    encoding: str = ""


class _Look:
    """One look at a file: what was found, what was passed over, and whether it can't go on."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.places: list[SecretPlace] = []
        self.skips: list[Skip] = []
        self.stopped = False

    def skip(self, reason: str, detail: str) -> None:
        self.skips.append(Skip(self.path, reason, detail))

    def stop(self, reason: str, detail: str) -> None:
        """Tell why the rest can't be looked at; what follows from that is not told again."""
        if not self.stopped:
            self.skip(reason, detail)
        self.stopped = True


class SecretScanner:
    """Tells what secrets files hold; one for a whole run, as it keeps the budget. See the module.

    `progress` is called with the path and the number of bytes after each piece. Hyperscan is used
    once `fast_after` bytes were looked at, as it takes half a second to get ready. `deep` is another
    engine whose findings are added (`dfguard.secrets.deep.load`).
    """

    def __init__(
        self,
        limits: Limits | None = None,
        progress: Progress | None = None,
        fast_after: int = FAST_AFTER,
        deep: Deep | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.progress = progress
        self.left = self.limits.run
        self._gate: Gates | None = None
        self._until_fast = fast_after
        self._deep = deep

    def _hits(self, look: _Look, data: bytes, gate: Gate, binary: bool, settings: bool) -> tuple[SecretHit, ...]:
        """The secrets of some data, by our own formats and by the deep engine, if it was asked for."""
        if gate is NOTHING:
            hits = tuple(structured_hits(data, binary, gate.tellers))
        else:
            hits = scan(data, gate, binary=binary, settings=settings)
        if self._deep is None:
            return hits
        from dfguard.secrets.deep import NotFinished, added

        try:
            return added(hits, self._deep(data))
        except NotFinished as error:
            look.skip(skips.NOT_UNDERSTOOD, f"kingfisher did not finish: {error}")
            return hits

    def _gate_for(self, data: bytes, settings: bool, binary: bool) -> Gate:
        if self._gate is not None:
            return self._gate(data, settings, binary)
        if self._until_fast >= 0:
            self._until_fast -= len(data)
            if self._until_fast < 0:
                from dfguard.secrets import fast

                self._gate = fast.load()
        return OPEN

    def scan(self, path: str, pieces: Iterable[bytes]) -> FileSecrets:
        """Look at a file. Errors of `pieces` go through; nothing else is raised, whatever the bytes are."""
        look = _Look(path)
        secret = self._opened(look, Pieces(self._counted(look, pieces)))
        return FileSecrets(path, secret, tuple(look.places), tuple(look.skips))

    def scan_whole(self, path: str, data: bytes) -> FileSecrets:
        """As `scan`, of a file that is all in memory; most files are small and plain, which takes half the time."""
        size = len(data)
        if size > _WHOLE or size > self.left or size > self.limits.file or not _is_plain(data):
            return self.scan(path, (data,))
        binary, settings = is_binary(data), is_settings(path)
        found = self._whole(path, data, self._gate_for(data, settings, binary), binary, settings)
        return FileSecrets(path, None) if found is None else found

    def scan_many(self, files: Sequence[tuple[str, bytes]]) -> list[FileSecrets]:
        """What `scan_whole` finds in each of many small files, those that hold nothing and were read left out."""
        size = sum(len(data) for _, data in files)
        if self._gate is None or size > min(self.left, self.limits.file):
            looks: list[FileSecrets | None] = [self.scan_whole(path, data) for path, data in files]
        else:
            texts = [(data, is_settings(path), is_binary(data)) if _is_plain(data) else None for path, data in files]
            gates = iter(self._gate.of_many([text for text in texts if text is not None]))
            looks = []
            for (path, data), text in zip(files, texts, strict=True):
                if text is not None:
                    _, settings, binary = text
                    looks.append(self._whole(path, data, next(gates), binary, settings))
                else:
                    looks.append(self.scan(path, (data,)))
        return [f for f in looks if f is not None and (f.secret is not None or f.places or f.skips)]

    def _whole(self, path: str, data: bytes, gate: Gate, binary: bool, settings: bool) -> FileSecrets | None:
        """Look at a plain file of which all is known that is worth while; None for nothing, as for nearly all."""
        size = len(data)
        self.left -= size
        if self.progress is not None:
            self.progress(path, size)
        plain = gate is NOTHING and self._deep is None and (binary or size <= LARGE)
        if plain and not structured_hits(data, binary, gate.tellers):
            secret = weigh_hits(path, data, ())
            return None if secret is None else FileSecrets(path, secret)
        look = _Look(path)
        hits = self._hits(look, data, gate, binary, settings)
        _tell_unread(look, data, binary)
        if not hits and not look.skips:
            return FileSecrets(path, weigh_hits(path, data, ()))
        _keep(look.places, _placed(data, hits, 0 if binary else 1, _Text(path)))
        secret = weigh_hits(path, data, [(place.hit, place.line) for place in look.places])
        return FileSecrets(path, secret, tuple(look.places), tuple(look.skips))

    def by_name(self, path: str, *skipped: Skip) -> FileSecrets:
        """What a file that can't be read is by its name alone."""
        return FileSecrets(path, weigh_hits(path, None, ()), (), skipped)

    def _counted(self, look: _Look, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The pieces of a file as far as the limits allow."""
        read = 0
        for piece in pieces:
            if self.left <= 0:
                look.stop(skips.BUDGET, f"the run has read its {self.limits.run:,} bytes")
                return
            if read >= self.limits.file:
                look.stop(skips.TOO_LARGE, f"read up to {self.limits.file:,} bytes")
                return
            read += len(piece)
            self.left -= len(piece)
            yield piece
            if self.progress is not None:
                self.progress(look.path, len(piece))

    def _opened(self, look: _Look, source: Pieces) -> NamedSecret | None:
        """Undo compression; then look into an archive, or at a text."""
        head = source.peek(_HEAD)
        allowance = Allowance(self.limits.unpacked, self.limits.ratio)
        encoding = compression_of(head)
        if encoding is not None:
            source.count_in(allowance)
            source = Pieces(self._unpacked(look, inflate(source, encoding, allowance), ""))
            head = source.peek(_HEAD)
        archive = archive_of(head)
        if archive is None:
            return self._text(look, source, _Text(look.path, "", _SPOKEN.get(encoding or "", encoding or "")))
        if archive == TAR:
            return self._members(look, tar_members(source))
        source.count_in(allowance)
        return self._members(
            look, zip_members(source, allowance) if archive == ZIP else pack_members(source, allowance)
        )

    def _unpacked(self, look: _Look, pieces: Iterator[bytes], name: str) -> Iterator[bytes]:
        """Pieces as far as they can be read and the limits allow; the rest is told of."""
        behind = f" in {name!r}" if name else ""
        try:
            for piece in pieces:
                self.left -= len(piece)
                if self.left <= 0:
                    look.stop(skips.BUDGET, f"the run has read its {self.limits.run:,} bytes{behind}")
                    return
                yield piece
        except Broken as error:
            look.stop(skips.BROKEN, f"{error}{behind}")
        except Cut as error:
            look.stop(skips.CUT, f"{error}{behind}")
        except LookupError as error:
            look.stop(skips.UNKNOWN, f"is compressed by {error.args[0]}{behind}")

    def _members(self, look: _Look, members: Iterator[Member]) -> NamedSecret | None:
        """The surest secret of an archive."""
        surest: NamedSecret | None = None
        try:
            for number, member in enumerate(members):
                if number >= self.limits.members:
                    look.stop(skips.CUT, f"holds more than {self.limits.members:,} files")
                elif member.problem:
                    look.skip(skips.ENCRYPTED if "encrypt" in member.problem else skips.UNKNOWN, _said(member))
                else:
                    surest = within_archive(look.path, surest, self._member(look, member), member.name)
                if look.stopped:
                    break
        except Broken as error:
            look.stop(skips.BROKEN, str(error))
        except Cut as error:
            look.stop(skips.CUT, str(error))
        return surest

    def _member(self, look: _Look, member: Member) -> NamedSecret | None:
        source = Pieces(self._unpacked(look, member.pieces, member.name))
        head = source.peek(_HEAD)
        if archive_of(head) or compression_of(head):
            look.skip(skips.NESTED, f"{member.name!r} is an archive within it")
            return None
        return self._text(look, source, _Text(f"{look.path}/{member.name}", member.name))

    def _text(self, look: _Look, source: Pieces, text: _Text) -> NamedSecret | None:
        """Look at a text, or at binary data, window by window."""
        wide = wide_encoding_of(source.peek(_HEAD))
        if wide is not None:
            source = Pieces(_in_utf8(source.rest(), wide))
            text = text.but(encoding=f"{text.encoding} utf-16".lstrip())
        elif source.peek(_HEAD)[: len(SQLITE)] == SQLITE:
            from dfguard.secrets.sqlite import with_values

            source = Pieces(with_values(source.rest()))
        data, more = _filled(b"", source)
        head, binary = data, is_binary(data)
        _tell_unread(look, data, binary, more=more, inside=text.inside)
        found: list[SecretPlace] = []
        settings = is_settings(text.name)
        fresh, line = 0, 1
        while True:
            last = len(data) - _AHEAD if more else len(data)
            hits = self._hits(look, data, self._gate_for(data, settings, binary), binary, settings)
            _keep(found, _placed(data, (hit for hit in hits if fresh <= hit.start < last), 0 if binary else line, text))
            if not more:
                break
            line += 0 if binary else data.count(b"\n", 0, last - _BEHIND)
            fresh = _BEHIND
            data, more = _filled(data[last - _BEHIND :], source)
        _keep(look.places, found)
        return weigh_hits(text.name, head, [(place.hit, place.line) for place in found])


def _tell_unread(look: _Look, data: bytes, binary: bool, *, more: bool = False, inside: str = "") -> None:
    """Count a file of credentials that is too large for the readers of structure."""
    if len(data) > LARGE and not binary:
        from dfguard.secrets.files.find import unread

        said = unread(data, more=more)
        if said:
            look.skip(skips.TOO_LARGE, f"{inside!r} {said}" if inside else said)


_HEAD = 1024
# The first bytes of what `kinds` knows, and of UTF-16; a tar archive has its mark further on.
_TELLING = frozenset(b"\x1fB\xfd(\x78PGS\xff\xfe\0")


def _is_plain(data: bytes) -> bool:
    """Whether nothing has to be undone: no compression, no archive, no wide characters."""
    if data[:1] and data[0] not in _TELLING and data[1:2] != b"\0" and data[257:262] != b"ustar":
        return True
    head = data[:_HEAD]
    if head[: len(SQLITE)] == SQLITE:
        return False
    return not (compression_of(head) or archive_of(head) or wide_encoding_of(head))


_SPOKEN = {ZLIB: "git object"}


def _filled(kept: bytes, source: Pieces) -> tuple[bytes, bool]:
    """The next window, behind what is kept of the one before, and whether more than it is left."""
    data = source.window(WINDOW + _AHEAD, kept)
    return data, bool(source.peek(1))


def _placed(data: bytes, hits: Iterable[SecretHit], line: int, text: _Text) -> Iterator[SecretPlace]:
    """Hits with the lines they are on; `line` is that of the start of `data`, 0 in binary data."""
    seen = 0
    for hit in hits:
        if line:
            line += data.count(b"\n", seen, hit.start)
            seen = hit.start
        encoding = f"{text.encoding} {hit.encoding}".strip()
        yield SecretPlace(hit, line, text.inside, encoding)


def _keep(places: list[SecretPlace], found: Iterable[SecretPlace]) -> None:
    """Add the first of each confidence, so that no file takes all the memory."""
    found = list(found)
    if len(places) + len(found) <= _MOST_PLACES:
        places += found
        return
    left = dict.fromkeys(Confidence, _MOST_PLACES)
    for place in places:
        left[place.hit.confidence] -= 1
    for place in found:
        left[place.hit.confidence] -= 1
        if left[place.hit.confidence] >= 0:
            places.append(place)


def _in_utf8(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    import codecs

    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for piece in pieces:
        yield decoder.decode(piece).lstrip("\ufeff").encode("utf-8", "replace")


def _said(member: Member) -> str:
    return f"{member.name!r} {member.problem}"
