"""Layers of a source: from the cache where they were read before, several at a time where that pays.

Processes are forked on Linux, where nothing but this thread can hold a lock; elsewhere layers are read one after the
other. Whoever is free takes the layer that unpacks to most. What a process can't read, or does not hand over, is read
again when its turn comes, so that results and errors are those of a run that reads one layer after the other.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import BinaryIO

from dfguard.errors import InputError
from dfguard.image.allowance import MAX_ENTRIES, MAX_PATHS, Allowance
from dfguard.image.compression import Reader, kind_of
from dfguard.image.layer import LayerContent, Reading, Wanted, read_layer
from dfguard.struct import Struct

PAYS = 16 << 20  # bytes of layers; below that another process costs more than it saves
_WORD = 2  # bytes of a number in the queue

Opener = Callable[[], Reader]


def promised(name: str) -> str:
    """The digest that the name of a blob promises, "" for none: `blobs/sha256/<hex>` or `sha256:<hex>`."""
    stem = name.removeprefix("blobs/sha256/").removeprefix("sha256:")
    return f"sha256:{stem}" if len(stem) == 64 and stem != name else ""


def read_blob(opened: Opener, name: str, where: str, wanted: Wanted, allowance: Allowance) -> Reading:
    """A layer that can be opened more than once. What its name promises only saves a look into an empty cache."""
    cache = wanted.cache
    if cache is not None and (not promised(name) or cache.has(promised(name))):
        found = cache.find(digest_of(opened()))
        if found is not None and found.charge(allowance, where):
            return found
    return read_fresh(allowance.counted(opened()), where, wanted, allowance)


def read_fresh(raw: Reader, where: str, wanted: Wanted, allowance: Allowance) -> Reading:
    """A layer from its bytes, kept for the next time unless it passes the allowance."""
    entries, paths = allowance.entries, allowance.paths
    content = read_layer(raw, where, wanted, allowance)
    reading = Reading(content, allowance.entries - entries, allowance.paths - paths)
    within = allowance.entries <= MAX_ENTRIES and allowance.paths <= MAX_PATHS
    return wanted.cache.keep(reading) if wanted.cache is not None and within else reading


def digest_of(raw: Reader) -> str:
    """The digest of a blob."""
    made = hashlib.sha256()
    while data := raw.read(1 << 18):
        made.update(data)
    return f"sha256:{made.hexdigest()}"


class Size(Struct):
    """The bytes of a blob, and of what it says that is in it, which tells better how long it takes."""

    packed: int
    unpacked: int


def size_of(file: BinaryIO, start: int, packed: int) -> Size:
    """The size of a blob that stands in a file. gzip ends with that of its inside, modulo 4 GB (RFC 1952)."""
    file.seek(start)
    if kind_of(file.read(6)) != "gzip":
        return Size(packed, packed)
    file.seek(max(start, start + packed - 4))
    return Size(packed, max(packed, int.from_bytes(file.read(4), "little")))


class Ahead:
    """Layers that were read before somebody asked for them."""

    def __init__(self) -> None:
        self._found: dict[str, Reading] = {}

    def take(self, name: str, allowance: Allowance, where: str) -> LayerContent | None:
        """One of them, if it is there and has room."""
        found = self._found.pop(name, None)
        return found.content if found is not None and found.charge(allowance, where) else None

    def read(self, sizes: dict[str, Size], read: Callable[[str, Allowance], Reading], jobs: int) -> None:
        """Read layers of these names and sizes in `jobs` processes, this one included, if that pays."""
        names = sorted(sizes, key=lambda name: (-sizes[name].unpacked, name))
        jobs = min(jobs, len(names))
        if jobs > 1 and sum(size.packed for size in sizes.values()) >= PAYS and _may_fork():
            self._found = _shared_out(names, read, jobs)


def _may_fork() -> bool:
    import threading

    return sys.platform == "linux" and threading.active_count() == 1


def _shared_out(names: Sequence[str], read: Callable[[str, Allowance], Reading], jobs: int) -> dict[str, Reading]:
    from dfguard.secrets import fast

    fast.load()  # once for all
    queue, fill = os.pipe()
    os.write(fill, b"".join(index.to_bytes(_WORD, "big") for index in range(len(names))))
    os.close(fill)
    children = [child for _ in range(jobs - 1) if (child := _fork(queue, names, read)) is not None]
    try:
        found = dict(_worked(queue, names, read))
        for _, results in children:
            with open(results, "rb", closefd=False) as pipe, suppress(EOFError, pickle.UnpicklingError):
                while True:
                    name, reading = pickle.load(pipe)
                    found[name] = reading
    finally:
        os.close(queue)
        for pid, results in children:
            os.close(results)
            with suppress(ProcessLookupError, ChildProcessError):
                os.kill(pid, 9)  # it has handed over what it had, or is not waited for
                os.waitpid(pid, 0)
    return found


def _fork(queue: int, names: Sequence[str], read: Callable[[str, Allowance], Reading]) -> tuple[int, int] | None:
    """A process that works off the queue, and the pipe that its results come out of; None where none starts."""
    results, end = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        pid = os.fork()
    except OSError:
        os.close(results)
        os.close(end)
        return None
    if pid:
        os.close(end)
        return pid, results
    try:
        os.close(results)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # the line of progress is the other's
        # Each is packed at once: whoever waits for the last layer does not wait for the packing of all.
        done = [pickle.dumps(each, pickle.HIGHEST_PROTOCOL) for each in _worked(queue, names, read)]
        with open(end, "wb") as pipe:
            pipe.writelines(done)
    finally:
        os._exit(0)


def _worked(
    queue: int, names: Sequence[str], read: Callable[[str, Allowance], Reading]
) -> Iterator[tuple[str, Reading]]:
    """What one process reads of the queue, under an allowance of its own."""
    allowance = Allowance()
    while word := os.read(queue, _WORD):
        name = names[int.from_bytes(word, "big")]
        try:
            reading = read(name, allowance)
        except InputError:
            continue  # it is read again, and the error told, when its turn comes
        yield name, reading
