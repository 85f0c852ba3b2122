"""The whole story of one path: from the ignore file through every line and stage to the image."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from dfguard.context.ignore import IgnorePattern, parse_ignore
from dfguard.context.pattern import MalformedPattern
from dfguard.context.tree import ContextFile
from dfguard.dockerfile.spelling import nearest
from dfguard.flow.events import Added, Removed
from dfguard.flow.takings import would_take
from dfguard.report.context.view import ContextView, Fate, Weight, origin_path, weigh
from dfguard.secrets.names import NamedSecret
from dfguard.source import Source, Span
from dfguard.struct import Struct

MISSING = "missing"
MAX_NEAR = 5


class Verdict(Struct):
    """What the ignore file says of a path.

    `deciding` is the line that decides, None when none speaks about it; `pruned_by` the dropped folder
    that is not entered; `skipped` are lines that match and do not count, because the builder did not
    compare them where they match. `remedies` are lines that would turn the verdict over when they come
    last, each tried; `removing`: so would the removal of the deciding line.
    """

    kept: bool
    deciding: IgnorePattern | None
    pruned_by: str | None
    skipped: tuple[IgnorePattern, ...]
    remedies: tuple[str, ...]
    removing: bool


class Step(Struct):
    """One line that writes the path, or `files` files below it, into a layer of a stage.

    `path` is where to, absolute in the image, `**` where the folder is not known; `hops` are the words
    of COPY --from on the way, the last one of this stage. `removed` hides all of it again. `left`: it is
    in the file system that the stage ends with.
    """

    stage: int
    line: Span
    path: str
    hops: tuple[Span, ...]
    files: int
    certain: bool
    left: bool
    removed: Removed | None


class Story(Struct):
    """All there is to say about one path of the context.

    `kind` is that of the entry, `missing` when nothing is there. `weight` counts the kept files, one for a
    file. `takers` are indices in the view's takings: the lines that take it, or would if it were kept or
    there. `near` are kept or dropped paths that may have been meant.
    """

    path: str
    kind: str
    entry: ContextFile | None
    verdict: Verdict | None
    weight: Weight
    takers: tuple[int, ...]
    fates: dict[Fate, int]
    steps: tuple[Step, ...]
    secrets: dict[str, NamedSecret]
    near: tuple[str, ...]


def tell(view: ContextView, path: str) -> Story:
    """The story of `path`, relative to the context and clean."""
    context = view.context
    entry = context.get(path)
    real = os.path.join(context.root, path)
    there = os.path.lexists(real)
    kind = _kind(real, entry, path) if there else MISSING
    kept = [f for f in ((entry,) if entry is not None and entry.kept else ()) if f.path == path and f.kind != "dir"]
    files = kept or [file for file in context.below(path) if file.kind != "dir"]
    fates: dict[Fate, int] = {}
    for file in files:
        fates[view.fate(file)] = fates.get(view.fate(file), 0) + 1
    return Story(
        path,
        kind,
        entry,
        _verdict(view, path),
        weigh(files),
        _takers(view, path, files),
        fates,
        tuple(_steps(view, path)),
        {name: view.secrets[name] for name in (file.path for file in files) if name in view.secrets},
        () if there else tuple(_near(view, path)),
    )


def _kind(real: str, entry: ContextFile | None, path: str) -> str:
    if entry is not None and entry.path == path:
        return entry.kind
    if os.path.islink(real):
        return "symlink"
    return "dir" if os.path.isdir(real) else "file" if os.path.isfile(real) else "other"


# -- the ignore file


def _verdict(view: ContextView, path: str) -> Verdict | None:
    """None when the builder refuses the ignore file."""
    ignore = view.context.ignore
    if ignore.error is not None:
        return None
    if not path:
        return Verdict(True, None, None, (), (), False)
    try:
        found = ignore.explain(path)
        entry = view.context.get(path)
        kept = entry.kept if entry is not None and entry.path == path else not found.dropped
        remedies = tuple(_remedies(view, path, kept))
        removing = found.deciding is not None and _removing(view, path, found.deciding, kept)
        return Verdict(kept, found.deciding, found.pruned_by, found.skipped, remedies, removing)
    except MalformedPattern:
        return None


def _remedies(view: ContextView, path: str, kept: bool) -> Iterator[str]:
    """Lines at the end of the ignore file that keep a dropped path, or drop a kept one."""
    source = view.context.ignore.source
    text = source.text if source is not None else ""
    for pattern in (_escaped(path), f"{_escaped(path)}/**"):
        line = pattern if kept else f"!{pattern}"
        if _turns(f"{text}\n{line}\n", path, kept):
            yield line
            return


def _removing(view: ContextView, path: str, deciding: IgnorePattern, kept: bool) -> bool:
    """Whether the verdict turns over without the deciding line."""
    text, span = deciding.span.source.text, deciding.span
    return _turns(text[: span.start] + text[span.end :], path, kept)


def _turns(text: str, path: str, kept: bool) -> bool:
    """Whether an ignore file of that text says the contrary, of the path and of what is below it."""
    changed = parse_ignore(Source("", text))
    if changed.error is not None:
        return False
    try:
        return changed.explain(path).dropped is kept and changed.explain(f"{path}/x").dropped is kept
    except MalformedPattern:
        return False


def _escaped(path: str) -> str:
    return "".join(f"\\{char}" if char in "*?[]\\" else char for char in path)


# -- lines and stages


def _takers(view: ContextView, path: str, files: Iterable[ContextFile]) -> tuple[int, ...]:
    taken = {index for file in files for index in view.fate(file).takers}
    if not taken:
        taken = {index for index, taking in enumerate(view.takings) if would_take(taking, path)}
    return tuple(sorted(taken))


def _steps(view: ContextView, path: str) -> Iterator[Step]:
    """The layers that hold the path, in order; files that one line brings to one folder are one step."""
    below = f"{path}/"
    for played in view.flow.stages:
        hidden = {id(removal.added): removal.removed for removal in played.removals}
        groups: dict[tuple[Span, str, tuple[Span, ...]], list[Added]] = {}
        for event in played.events:
            origin = origin_path(event, view.folder) if isinstance(event, Added) else None
            if origin is not None and isinstance(event, Added) and (origin == path or origin.startswith(below)):
                where = _folder(event.path, origin[len(path) :])
                groups.setdefault((event.place, where, event.hops), []).append(event)
        for (_, where, _), events in groups.items():
            first = events[0]
            removed = [hidden.get(id(event)) for event in events]
            left = any(played.view.get(event.path) is event for event in events)
            certain = all(event.certain for event in events)
            gone = removed[0] if not left and removed and all(removed) else None
            yield Step(played.stage.index, first.place, where, first.hops, len(events), certain, left, gone)


def _folder(path: str, relative: str) -> str:
    """Where the thing itself is when something below it is at `path`; the path where it changed its name."""
    return path.removesuffix(relative) if relative and path.endswith(relative) else path


# -- what may have been meant


def _near(view: ContextView, path: str) -> Iterator[str]:
    """Entries that a missing path may mean: another letter case, another folder, a slip of the finger."""
    known = [entry.path for entry in (*view.context.files, *view.context.dropped)]
    above, _, name = path.rpartition("/")
    folded = path.lower()
    found = [other for other in known if other.lower() == folded]
    found += [other for other in known if other.rpartition("/")[2] == name]
    beside = {other.rpartition("/")[2]: other for other in known if other.rpartition("/")[0] == above}
    close = nearest(name, beside)
    if close:
        found.append(beside[close])
    yield from list(dict.fromkeys(found))[:MAX_NEAR]
