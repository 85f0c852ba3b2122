"""Comments for all that a check finds now, so that from then on it tells what is new.

One comment for an instruction, a pattern of an ignore file or an entry of a file that describes builds; a comment in
our form that stands there already is made longer. The texts are checked again before anything is written.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence

from dfguard.atomic import Replacement, replace_all
from dfguard.buffers import ON_DISK
from dfguard.build_plan import Plan
from dfguard.context.ignore import parse_ignore, read_lines
from dfguard.discovery import is_ignore_file_name
from dfguard.dockerfile.nodes import Dockerfile
from dfguard.dockerfile.parse import parse
from dfguard.edit import Edit, apply
from dfguard.errors import UsageError
from dfguard.finding import Finding
from dfguard.fixing import NewText, PlanBench, Work
from dfguard.regex import regex
from dfguard.run import Result
from dfguard.source import BOM, Source, Span
from dfguard.struct import Struct
from dfguard.suppress import read_ignore_suppressions, read_suppressions
from dfguard.suppression import OURS, Suppression
from dfguard.suppression_forms import comment_of

ABOUT_COMMENTS = ("DG802", "DG803")
_INLINE_KEY = regex(r"dockerfile[_-]inline")


class Silenced(Struct):
    """What came of it: the texts to write, how many findings they silence, and what a check says of them."""

    texts: tuple[NewText, ...]
    count: int
    result: Result
    plan: Plan


class _Spot(Struct):
    """Where a comment goes: above a line (from 1), for what stands there or for the whole file."""

    line: int
    file: bool = False


def silence(work: Work, reason: str = "", kept: Callable[[Result], Result] = lambda result: result) -> Silenced:
    """Comments for all findings of a check that are `kept`; nothing is written.

    Raises DfguardError as a check does, UsageError when a text with its comments could not be checked.
    """
    bench = PlanBench(work)
    before = kept(bench.result(ON_DISK))
    plan = bench.planned(ON_DISK)
    sources, wanted = _wanted(before.findings, plan)
    texts = tuple(
        NewText(path, sources[path].text, apply(sources[path], list(_edits(sources[path], spots, reason))))
        for path, spots in wanted.items()
    )
    buffers = ON_DISK.but({text.path: text.new for text in texts})
    after = kept(bench.result(buffers))
    known = {(error.path, error.exit_code) for error in before.errors}
    new = next((error for error in after.errors if (error.path, error.exit_code) not in known), None)
    if new is not None:
        raise UsageError(f"{new.path}: with its comments: {new.message}; nothing was written, please report it")
    return Silenced(texts, after.suppressed - before.suppressed, after, bench.planned(buffers))


def write(silenced: Silenced) -> None:
    """Write the texts, all or none; raises UsageError when that can't be."""
    try:
        replace_all([Replacement(text.path, _bytes(text.old), _bytes(text.new)) for text in silenced.texts])
    except OSError as error:
        raise UsageError(f"{error.filename}: can't be written: {error.strerror or error}") from None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


_Wanted = dict[str, dict[_Spot, dict[str, None]]]


def _wanted(findings: Iterable[Finding], plan: Plan) -> tuple[dict[str, Source], _Wanted]:
    """The texts, and the codes for each spot in them."""
    places = _Places(plan)
    sources: dict[str, Source] = {}
    wanted: _Wanted = {}
    for finding in findings:
        place = finding.place
        if not isinstance(place, Span) or finding.code in ABOUT_COMMENTS:
            continue
        spot = places.spot(place)
        if spot is not None:
            sources.setdefault(place.path, place.source)
            wanted.setdefault(place.path, {}).setdefault(spot, {})[finding.code] = None
    return sources, wanted


class _Places:
    """Where the comments for places go, in files of every kind."""

    def __init__(self, plan: Plan) -> None:
        self._build_files = {source.path for source in plan.files}
        self._inline = [job.inline.outer for job in plan.jobs if job.inline is not None]
        self._starts: dict[str, list[tuple[int, int]]] = {}

    def spot(self, place: Span) -> _Spot | None:
        if place.path in self._build_files:
            return self._entry(place)
        if place.path not in self._starts:
            self._starts[place.path] = list(_items(place.source))
        items = self._starts[place.path]
        if not items:
            return None
        at = bisect_right(items, (place.start, len(place.source.text))) - 1
        if at < 0 or place.start > items[at][1]:
            return _Spot(place.source.line_of(items[0][0]), file=True)
        return _Spot(place.source.line_of(items[at][0]))

    def _entry(self, place: Span) -> _Spot | None:
        """Above the line; a Dockerfile that stands in the file is never touched, the comment goes above its key."""
        line, source = place.start_line, place.source
        around = next((o for o in self._inline if o.path == place.path and o.start <= place.start <= o.end), None)
        if around is not None:
            line = next((n for n in range(line, 0, -1) if _INLINE_KEY.search(source.line_text(n))), 0)
        return _Spot(line) if line and not source.path.endswith(".json") else None


def _items(source: Source) -> Iterator[tuple[int, int]]:
    """Start and end of what comments can stand above, in order."""
    if is_ignore_file_name(source.path.rpartition("/")[2]):
        return ((line.span.start, line.span.end) for line in read_lines(source))
    return ((each.span.start, each.span.end) for each in parse(source).instructions)


def _edits(source: Source, spots: dict[_Spot, dict[str, None]], reason: str) -> Iterator[Edit]:
    known = _known(source)
    above: dict[int, list[str]] = {}
    for spot, codes in sorted(spots.items(), key=lambda each: (each[0].line, not each[0].file)):
        comment = known.get(spot)
        if comment is not None and not reason:
            yield Edit.after(comment.words[-1], "".join(f",{code}" for code in codes))
        else:
            above.setdefault(spot.line, []).append(comment_of(codes, reason, file=spot.file))
    end = "\r\n" if "\r\n" in source.text else "\n"
    for line, comments in above.items():
        start = source.line_starts[line - 1] + (line == 1 and source.text.startswith(BOM))
        text = source.line_text(line)
        indent = text[: len(text) - len(text.lstrip(" \t"))] if not _is_ignore(source) else ""
        place = Span(source, start, start)
        yield Edit(place, "".join(f"{indent}{comment}{end}" for comment in comments))


def _is_ignore(source: Source) -> bool:
    return is_ignore_file_name(source.path.rpartition("/")[2])


def _known(source: Source) -> dict[_Spot, Suppression]:
    """The comments in our form that can be made longer, by their spots."""
    if _is_ignore(source):
        found: Sequence[Suppression] = read_ignore_suppressions(parse_ignore(source))
        first = next((line.span.start_line for line in read_lines(source)), 1)
    else:
        dockerfile: Dockerfile = parse(source)
        if not dockerfile.instructions:
            return {}
        found, first = read_suppressions(dockerfile), dockerfile.instructions[0].span.start_line
    return {
        _Spot(first if each.kind == "file" else each.scope.start_line, each.kind == "file"): each
        for each in found
        if each.tool == OURS and each.problem is None and not each.reason
    }
