"""The flow held against the layers of a real engine, path by path: known and right, known and wrong, not known.

Known is what the flow calls sure: the path is there (or gone) with these attributes and this content. What the
flow does not know, it must say: a change of a path that is neither known nor covered by an Opaque, an uncertain
event or a folder that a program fills is wrong too.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from states import Entry, State, changes, is_noise

from dfguard.context.tree import BuildContext
from dfguard.dockerfile.nodes import Add, Copy, Instruction, Run, Workdir
from dfguard.flow.events import Added, AddedFolder, Attributes, Changed, Event, Filled, Opaque, Removed
from dfguard.flow.filesystem import StageFlow
from dfguard.flow.paths import shell_names


class Verdict(NamedTuple):
    """What became of one changed path of one layer: `how` is known, pattern, unknown or wrong."""

    path: str
    instruction: Instruction
    how: str
    why: str
    event: Event | None


def layer_makers(stage: StageFlow) -> list[Instruction]:
    """The instructions of a stage that make a layer each, in order."""
    return [instruction for instruction in stage.played if isinstance(instruction, (Add, Copy, Run, Workdir))]


def judge(
    flow: StageFlow, instruction: Instruction, before: State, after: State, context: BuildContext, unstable: set[str]
) -> Iterator[Verdict]:
    """Every path of one layer; `unstable` differs between two builds and is left out."""
    events = [
        event for event in flow.events if event.instruction is instruction or _same(event.instruction, instruction)
    ]
    told = _Told(flow, events, context)
    changed = {path: entry for path, entry in changes(before, after).items() if path not in unstable}
    for path, entry in sorted(changed.items()):
        how, why, event = told.verdict(path, entry)
        yield Verdict(path, instruction, how, why, event)
    for path, why in told.not_there(changed, after, unstable):
        yield Verdict(path, instruction, "wrong", why, None)


def _same(one: Instruction, other: Instruction) -> bool:
    """The same instruction of two readings of a file."""
    return one.index == other.index and one.span.start == other.span.start


class _Told:
    """What the flow tells of one layer."""

    def __init__(self, flow: StageFlow, events: list[Event], context: BuildContext) -> None:
        self.flow = flow
        self.events = events
        self.context = context
        self.removed = [e for e in events if isinstance(e, Removed)]
        self.filled = [e for e in events if isinstance(e, Filled)]
        self.opaque = [e for e in events if isinstance(e, Opaque)]
        self.touched: dict[str, Event] = {e.path: e for e in events if isinstance(e, (Added, AddedFolder, Changed))}

    def verdict(self, path: str, entry: Entry | None) -> tuple[str, str, Event | None]:
        """Of a path that really changed."""
        if entry is None:
            return self.of_gone(path)
        there = path in self.flow.folders or path in self.flow.view
        if not there or not self.flow.is_sure(path):
            return self.covered(path)
        wrong = self.differs(path, entry)
        event = self.touched.get(path)
        if wrong:
            return "wrong", wrong, event
        if event is None:
            return "wrong", "it is as told, but nothing tells that this layer changed it", None
        return "known", "", event

    def of_gone(self, path: str) -> tuple[str, str, Event | None]:
        there = path in self.flow.view or path in self.flow.folders
        if there and self.flow.is_sure(path):
            return "wrong", "told to be there", self.touched.get(path)
        event = next((event for event in self.removed if event.certain and covers(event, path)), None)
        return ("known", "", event) if event is not None else self.covered(path)

    def covered(self, path: str) -> tuple[str, str, Event | None]:
        """Whether it is said that this path is not known."""
        for filled in self.filled:
            if filled.certain and matches_below(filled.path, path):
                return "pattern", "", filled
        for opaque in self.opaque:
            if opaque.scope == "/" or path == opaque.scope or path.startswith(opaque.scope.rstrip("/") + "/"):
                return "unknown", opaque.reason, opaque
        for filled in self.filled:
            if matches_below(filled.path, path):
                return "unknown", "may be filled", filled
        for removed in self.removed:
            if covers(removed, path):
                return "unknown", "not certain", removed
        event = self.touched.get(path)
        return ("unknown", "not certain", event) if event is not None else ("wrong", "nothing tells of it", None)

    def not_there(
        self, changed: dict[str, Entry | None], after: State, unstable: set[str]
    ) -> Iterator[tuple[str, str]]:
        """What is told for sure and is not so: of paths that this layer did not change, too."""
        for path in [*self.flow.view, *self.flow.folders]:
            if path in unstable or not self.flow.is_sure(path) or path in changed:
                continue
            entry = after.get(path)
            if entry is None:
                if not is_noise(path, Entry("folder" if path in self.flow.folders else "file", 0, "", b"")):
                    yield path, "told to be there, but it is not"
            else:
                wrong = self.differs(path, entry)
                if wrong:
                    yield path, wrong
        for event in self.removed:
            if event.certain and not any(sign in event.path for sign in "*?["):
                there = event.path in after and event.path not in self.flow.view and event.path not in self.flow.folders
                if there and event.path not in unstable and after[event.path].kind != "folder":
                    yield event.path, "told to be gone, but it is there"

    def differs(self, path: str, entry: Entry) -> str:
        """How an entry differs from what is told, "" when it does not."""
        known = self.flow.attributes(path) or Attributes()
        kind = "folder" if path in self.flow.folders else "link" if known.link is not None else "file"
        if entry.kind != kind:
            return f"told to be a {kind}, but it is a {entry.kind}"
        if kind == "link" and known.link != entry.content.decode("utf-8", "surrogateescape"):
            return f"told to point to {known.link}, but it does to {entry.content!r}"
        if known.mode is not None and kind != "link" and known.mode != entry.mode:
            return f"told to have mode {known.mode:o}, but it has {entry.mode:o}"
        if known.owner is not None and known.owner.replace(":", "").isdecimal() and known.owner != entry.owner:
            return f"told to belong to {known.owner}, but it does to {entry.owner}"
        if kind == "file" and known.size is not None and known.size != len(entry.content):
            return f"told to have {known.size} bytes, but it has {len(entry.content)}"
        if kind == "file" and not self.flow.is_rewritten(path):
            content = self.content(self.flow.view[path])
            if content is not None and content != entry.content:
                return f"told to hold {content[:40]!r}, but it holds {entry.content[:40]!r}"
        return ""

    def content(self, added: Added) -> bytes | None:
        """What is told to be in a file; None when nothing is."""
        origin = added.origin
        if origin.text is not None:
            return origin.text.encode("utf-8", "surrogateescape")
        if origin.file is None or origin.file.kind != "file":
            return None
        path = Path(self.context.root, origin.file.path)
        return member_of(path, origin.member) if origin.member else path.read_bytes()


@lru_cache(maxsize=32)
def contents_of(path: Path, _changed: int) -> dict[str, bytes]:
    """The files of an archive by name; read once until it changes."""
    import zipfile

    data = path.read_bytes()
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return {name: packed.read(name) for name in packed.namelist()}
    if data[:4] == b"\x28\xb5\x2f\xfd":
        data = subprocess.run(["zstd", "-dc"], input=data, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        found = {}
        for member in archive:
            if member.isreg():
                file = archive.extractfile(member)
                assert file is not None
                found[member.name] = file.read()
        return found


def member_of(path: Path, name: str) -> bytes | None:
    """The content of a file of an archive."""
    return contents_of(path, path.stat().st_mtime_ns).get(name)


def covers(event: Removed, path: str) -> bool:
    """Whether a removal is about a path."""
    if event.path.rstrip("/") in ("", path):
        return True
    if any(sign in event.path for sign in "*?["):
        return matches_below(event.path, path) if event.recursive else _same_depth(event.path, path)
    return event.recursive and path.startswith(event.path.rstrip("/") + "/")


def _same_depth(pattern: str, path: str) -> bool:
    return pattern.count("/") == path.count("/") and matches_below(pattern, path)


def matches_below(pattern: str, path: str) -> bool:
    """Whether a path matches a pattern or lies below one that does; `**/` stands for any folders."""
    if pattern.startswith("**/"):
        tail = pattern[3:]
        parts = path.split("/")
        return any(matches_below("/" + tail, "/" + "/".join(parts[i:])) for i in range(1, len(parts)))
    wanted, got = pattern.rstrip("/").split("/"), path.split("/")
    if len(got) < len(wanted):
        return False
    return all(_fits(a, b) for a, b in zip(wanted, got, strict=False))


def _fits(pattern: str, name: str) -> bool:
    matches = shell_names(pattern)
    return pattern == name if matches is None else matches(name)
