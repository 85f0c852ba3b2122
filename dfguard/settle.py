"""The fix loop: apply fixes, check again, and go on until nothing changes.

A fix applies wholly or not at all. After each step the changed text is parsed and checked again: one that BuildKit
refuses, that brings a finding that was not there, or that was there before is given up, and the rule that made the
fix is reported. Structural fixes, which are made on request only, come one at a time when nothing else is left.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from dfguard.buffers import Buffers
from dfguard.edit import Edit, Fix, apply
from dfguard.file_report import FileReport
from dfguard.finding import Finding
from dfguard.run import Repair, RunError
from dfguard.source import Place, Source, Span
from dfguard.struct import Struct

MAX_ROUNDS = 100
"""More rounds than this are a fault of the rules; 3 are usual."""

Reports = Mapping[str, FileReport]
Accept = Callable[[Finding, Fix], bool]


class Bench(Protocol):
    """What checks texts; see `fixing.PlanBench`."""

    def check(self, buffers: Buffers, changed: Collection[str] | None) -> Reports:
        """The reports, by key, on all that files at the real paths `changed` bear on; None: on everything."""
        ...

    def costly_fixes(self, buffers: Buffers, key: str, finding: Finding) -> Sequence[Fix]:
        """The fixes that are made on request only, of a finding of the report with this key."""
        ...

    def shows(self, finding: Finding) -> bool:
        """Whether a finding is sure enough to be shown, and so to be mended."""
        ...


class Change(Struct):
    """A fix that is to be applied, or was, and the finding that it mends."""

    finding: Finding
    fix: Fix

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What tells it from other fixes even when lines have moved: rule, title, file, and the text in its place."""
        return self.finding.code, self.fix.title, *_where(self.finding)

    @property
    def sources(self) -> dict[str, Source]:
        """The texts that it edits, by path."""
        return {edit.span.path: edit.span.source for edit in self.fix.edits}


class Settled(Struct):
    """What came of it: the texts that stand for files now, what was applied in order, and what rules did wrong."""

    buffers: Buffers
    applied: tuple[Change, ...]
    faults: tuple[RunError, ...]


class _State(Struct):
    buffers: Buffers
    reports: Reports
    applied: tuple[Change, ...] = ()


def path_of(place: Place) -> str:
    """The path of a place in a text, "" for one in an image."""
    return place.path if isinstance(place, Span) else ""


def _where(finding: Finding) -> tuple[str, str]:
    """The file and the text in the place of a finding, whatever is changed around it."""
    place = finding.place
    return (place.path, place.text) if isinstance(place, Span) else ("", "")


def settle(bench: Bench, buffers: Buffers, accept: Accept, *, structural: bool = False) -> Settled:
    """Apply all fixes that `accept` allows until none is left.

    Each finding offers its fixes in order, and the first one that is accepted counts. `structural`: those that are
    made on request only are asked for too, one at a time.
    """
    return _Loop(bench, accept).run(buffers, structural=structural)


class _Loop:
    """One run of the loop: what was seen and given up so far."""

    def __init__(self, bench: Bench, accept: Accept) -> None:
        self.bench = bench
        self.accept = accept
        self.given_up: set[tuple[str, str, str, str]] = set()
        self.faults: list[RunError] = []
        self.originals: dict[str, str] = {}
        self.seen: set[tuple[tuple[str, str], ...]] = {()}
        self.asked: set[tuple[str, ...]] = set()

    def run(self, buffers: Buffers, *, structural: bool) -> Settled:
        state = _State(buffers, self.bench.check(buffers, None))
        for _ in range(MAX_ROUNDS):
            before, given_up = state, len(self.given_up)
            for group in grouped(self.chosen(state)):
                state = self.attempt(state, group)
            if state is before and structural:
                state = self.structural_step(state)
            if state is before and len(self.given_up) == given_up:
                break
        return Settled(state.buffers, state.applied, tuple(self.faults))

    def findings(self, state: _State) -> Iterator[tuple[str, Finding]]:
        """What is shown, with the key of the report that it stands in."""
        every = ((key, finding) for key, report in state.reports.items() for finding in report.outcome.findings)
        return ((key, finding) for key, finding in every if self.bench.shows(finding))

    def chosen(self, state: _State) -> list[Change]:
        """The fixes to try next: of each finding the first one that may be applied, none that overlaps another."""
        taken: dict[str, _Taken] = {}
        out = []
        for _, finding in self.findings(state):
            change = self.first_allowed(finding, finding.fixes)
            if change is not None and _is_free(change.fix, taken):
                out.append(change)
        return out

    def first_allowed(self, finding: Finding, fixes: Iterable[Fix]) -> Change | None:
        for fix in fixes:
            change = Change(finding, fix)
            if change.identity not in self.given_up and self.accept(finding, fix):
                return change
        return None

    def structural_step(self, state: _State) -> _State:
        """The state after the first structural fix that holds; each finding is asked once."""
        for key, finding in self.findings(state):
            once = (finding.code, finding.message, *_where(finding))
            if once in self.asked:
                continue
            change = self.first_allowed(finding, self.bench.costly_fixes(state.buffers, key, finding))
            after = self.attempt(state, [change]) if change is not None else state
            if after is not state:
                return after
            self.asked.add(once)
        return state

    def attempt(self, state: _State, changes: Sequence[Change]) -> _State:
        """The state with some fixes applied; if they do harm, with the first one that does none by itself."""
        after = self.applied(state, changes)
        harm = self.harm(state, after, {code for change in changes for code in change.fix.brings})
        if not harm:
            self.seen.add(self.texts(after.buffers))
            return after
        if len(changes) == 1:
            self.give_up(changes[0], harm)
            return state
        for change in changes:
            single = self.attempt(state, [change])
            if single is not state:
                return single
        return state

    def applied(self, state: _State, changes: Sequence[Change]) -> _State:
        sources = {path: source for change in changes for path, source in change.sources.items()}
        for path, source in sources.items():
            self.originals.setdefault(os.path.realpath(path), source.text)
        edits = [edit for change in changes for edit in change.fix.edits]
        buffers = state.buffers.but({path: apply(source, edits) for path, source in sources.items()})
        changed = [path for path in buffers if buffers.get(path) != state.buffers.get(path)]
        reports = {**state.reports, **self.bench.check(buffers, changed)}
        return _State(buffers, reports, (*state.applied, *changes))

    def harm(self, before: _State, after: _State, brings: Collection[str] = ()) -> str:
        """What is wrong with a state beside the one before it, in a few words; empty when nothing is.

        Rules of the codes `brings` may say more than before: the changes tell so themselves.
        """
        if self.texts(after.buffers) in self.seen:
            return "makes a text that was there before"
        new_errors = _errors(after.reports) - _errors(before.reports)
        if new_errors:
            return f"makes a text that can't be checked: {min(new_errors)[1]}"
        more = _count(after.reports) - _count(before.reports)
        new = [found for found in more if found[0] not in brings]
        return f"brings {min(new)[0]}" if new else ""

    def texts(self, buffers: Buffers) -> tuple[tuple[str, str], ...]:
        """The texts that are not what they were at first."""
        every = ((path, buffers.get(path) or "") for path in buffers)
        return tuple(sorted((path, text) for path, text in every if self.originals.get(path) != text))

    def give_up(self, change: Change, harm: str) -> None:
        self.given_up.add(change.identity)
        place = change.finding.place
        line = f"line {place.start_line}: " if isinstance(place, Span) else ""
        what = f"the fix of {change.finding.code} ({change.fix.title})"
        message = f"{line}{what} {harm}: left as it was; please report it"
        self.faults.append(RunError(path_of(place), message))


def repair_of(change: Change) -> Repair:
    """What a report says of a fix that was applied."""
    place, finding = change.finding.place, change.finding
    line = place.start_line if isinstance(place, Span) else 0
    fix = change.fix
    return Repair(path_of(place), line, finding.code, finding.name, fix.title, fix.kind, fix.notes)


def _errors(reports: Reports) -> set[tuple[str, str]]:
    return {(error.path, error.message) for report in reports.values() for error in report.outcome.errors}


def _count(reports: Reports) -> Counter[tuple[str, str]]:
    """How often each rule speaks of each file."""
    every = (finding for report in reports.values() for finding in report.outcome.findings)
    return Counter((finding.code, path_of(finding.place)) for finding in every)


class _Taken:
    """The places of one text that edits have taken, in order."""

    def __init__(self) -> None:
        self.spans: list[tuple[int, int, str]] = []

    def has_room_for(self, edit: Edit) -> bool:
        start, end = edit.span.start, edit.span.end
        at = bisect_left(self.spans, (start, end, edit.text))
        if at < len(self.spans) and self.spans[at] == (start, end, edit.text):
            return True
        if at > 0 and _collide(self.spans[at - 1][:2], (start, end)):
            return False
        return at == len(self.spans) or not _collide((start, end), self.spans[at][:2])

    def take(self, edit: Edit) -> None:
        entry = (edit.span.start, edit.span.end, edit.text)
        at = bisect_left(self.spans, entry)
        if at == len(self.spans) or self.spans[at] != entry:
            self.spans.insert(at, entry)


def _collide(left: tuple[int, int], right: tuple[int, int]) -> bool:
    """Whether two places, the first one starting no later, share characters or the place of an insertion."""
    return right[0] < left[1] or left[0] == right[0]


def _is_free(fix: Fix, taken: dict[str, _Taken]) -> bool:
    """Whether no edit of a fix stands in the way of those taken; if so, they are taken."""
    places = [(taken.setdefault(edit.span.path, _Taken()), edit) for edit in fix.edits]
    free = bool(places) and all(place.has_room_for(edit) for place, edit in places)
    if free:
        for place, edit in places:
            place.take(edit)
    return free


def grouped(changes: Iterable[Change]) -> list[list[Change]]:
    """Changes in groups that have no file in common."""
    groups: list[tuple[set[str], list[Change]]] = []
    for change in changes:
        paths, members = set(change.sources), [change]
        apart = []
        for group in groups:
            if group[0] & paths:
                paths |= group[0]
                members = [*group[1], *members]
            else:
                apart.append(group)
        groups = [*apart, (paths, members)]
    return [members for _, members in groups]
