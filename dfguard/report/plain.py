"""The `plain` report: each finding with its source lines, then what was not checked, then a summary.

Colours are plain ANSI codes and only there when asked for. Source lines are shown with secrets
masked, and no character of a path, message or source is printed that could steer a terminal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dfguard.claim import CONFIRMED, NOT_VERIFIABLE, REFUTED, Verdict
from dfguard.edit import UNSAFE, Fix
from dfguard.finding import Confidence, Finding, Severity
from dfguard.report.cells import escape
from dfguard.report.preview import changed_lines
from dfguard.report.secrecy import Secrecy
from dfguard.report.snippet import Mark, Style, by_source, draw
from dfguard.report.verdicts import fit
from dfguard.run import ALL_RULES, NotRun, Repair, Result
from dfguard.source import LayerPlace, Place, Span

_RESET = "\x1b[0m"
_COLORS = {
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "info": "\x1b[1;36m",
    "hint": "\x1b[1;32m",
    "frame": "\x1b[1;34m",
    "related": "\x1b[1;34m",
    "strong": "\x1b[1m",
}
_VERDICTS = {CONFIRMED: "error", REFUTED: "hint", NOT_VERIFIABLE: "warning"}
_MOST_NAMES = 8
_MOST_PLACES = 8
_MOST_FILES = 4  # whose builds are told by name


def render(result: Result, *, color: bool, unicode: bool = True, width: int = 100, preview: bool = False) -> str:
    """The report as text; with `preview` the lines that the first fix of each finding would change.

    Errors and remarks of the run are not in it: they go to standard error, one line each; the last
    line says that there are errors. `color` adds ANSI colours; without `unicode` the text is plain
    ASCII; `width` is the number of cells that a source line may take before it is cut around what
    matters.
    """
    style = Style(_colored if color else _uncolored, unicode, max(width, 20))
    report = _Report(style, result.findings, preview)
    blocks = [report.finding(finding) for finding in result.findings]
    if result.verification is not None:
        blocks.insert(0, [escape(line, unicode=unicode) for line in fit(result.verification)])
    if result.fixed:
        blocks.insert(0, list(report.repairs(result.fixed)))
    tail = [*report.notes(result), report.summary(result)]
    return "\n\n".join(["\n".join(lines) for lines in (*blocks, tail)]) + "\n"


def _colored(part: str, text: str) -> str:
    return f"{_COLORS[part]}{text}{_RESET}" if text.strip() else text


def _uncolored(part: str, text: str) -> str:
    return text


class _Report:
    """Words of one report in one style."""

    def __init__(self, style: Style, findings: Iterable[Finding], preview: bool = False) -> None:
        self._preview = preview
        self._style = style
        self._paint = style.paint
        self._mask = Secrecy(findings).masked

    def finding(self, finding: Finding) -> list[str]:
        """The lines of one finding: header, source, and what else there is to know."""
        severity = finding.severity.value
        header = self._paint(severity, f"{severity}[{finding.code}]")
        said = self._paint("strong", f"{finding.name}: {self._text(finding.message)}")
        marks, elsewhere = self._marks(finding)
        gutter = max((len(str(mark.span.end_line)) for mark in marks), default=1)
        pad = " " * gutter
        lines = [f"{header} {said}"]
        if not isinstance(finding.place, Span):
            lines.append(f"{pad}{self._paint('frame', '-->')} {self._image_place(finding.place)}")
        for group in by_source(marks):
            arrow = self._paint("frame", ":::" if len(lines) > 1 else "-->")
            lines += [f"{pad}{arrow} {self._position(group[0].span)}", self._frame(pad)]
            lines += draw(group, self._mask(group[0].span.source), gutter, self._style)
        lines.append(self._frame(pad))
        equals = self._paint("frame", "=")
        return [*lines, *(f"{pad} {equals} {remark}" for remark in (*elsewhere, *self._remarks(finding)))]

    def _frame(self, pad: str) -> str:
        return f"{pad} {self._paint('frame', '|')}"

    def _marks(self, finding: Finding) -> tuple[list[Mark], list[str]]:
        """Places in texts as marks, and a remark on each related place in an image."""
        marks: list[Mark] = []
        elsewhere: list[str] = []
        if isinstance(finding.place, Span):
            marks.append(Mark(finding.place, "", finding.severity.value, True))
        for related in finding.related[:_MOST_PLACES]:
            if isinstance(related.place, Span):
                marks.append(Mark(related.place, self._text(related.message), "related", False))
            else:
                elsewhere.append(f"{self._text(related.message)}: {self._beside(finding.place, related.place)}")
        more = len(finding.related) - _MOST_PLACES
        return marks, [*elsewhere, f"and {_count(more, 'more place')}"] if more > 0 else elsewhere

    def _remarks(self, finding: Finding) -> Iterator[str]:
        if finding.confidence is not Confidence.HIGH:
            yield f"confidence: {finding.confidence.value}"
        if finding.not_in:
            yield f"builds: {self._some(finding.builds)}; not {self._some(finding.not_in)}"
        if finding.verdict is not None:
            yield from self._verdict(finding.verdict)
        for number, fix in enumerate(finding.fixes):
            yield self._fix(fix, "fix available" if number == 0 else "or")
            if self._preview and number == 0:
                yield from (f"  {self._text(line)}" for line in (*changed_lines(fix, self._mask), *fix.notes))
        yield f"help: dfguard rule {finding.code}"

    def _verdict(self, verdict: Verdict) -> Iterator[str]:
        yield f"{self._paint(_VERDICTS[verdict.kind], verdict.kind)}: {self._text(verdict.reason)}"
        for piece in verdict.evidence:
            place = f"layer {piece.layer[:19]} {piece.path}" if piece.layer else piece.key
            yield f"  {self._text(place)}: {self._text(piece.text)}"

    def repairs(self, fixed: Sequence[Repair]) -> Iterator[str]:
        """What was mended."""
        for repair in fixed:
            place = f"{self._text(repair.path)}:{repair.line}"
            yield f"{self._paint('hint', 'fixed')} {place}: {repair.code} {repair.name}: {self._text(repair.title)}"
            yield from (f"  {self._text(note)}" for note in repair.notes)

    def _fix(self, fix: Fix, lead: str) -> str:
        return f"{lead}: {self._text(fix.title)} [{fix.kind}]"

    def _image_place(self, place: Place) -> str:
        if isinstance(place, LayerPlace):
            parts = [place.image, f"layer {place.layer}", place.path]
        elif isinstance(place, Span):
            parts = [place.path]
        else:
            parts = [place.image, place.key]
        return ", ".join(self._text(part) for part in parts if part)

    def _beside(self, place: Place, other: Place) -> str:
        """A place in an image; of one in the same layer as `place` the path says enough."""
        if isinstance(place, LayerPlace) and isinstance(other, LayerPlace) and place.layer == other.layer:
            return self._text(other.path)
        return self._image_place(other)

    def _position(self, span: Span) -> str:
        source = span.source
        return f"{self._text(span.path)}:{source.line_of(span.start)}:{source.column_of(span.start)}"

    def _text(self, text: str) -> str:
        return escape(text, unicode=self._style.unicode)

    def _some(self, names: Sequence[str]) -> str:
        """Names with commas between, the first few of many."""
        more = len(names) - _MOST_NAMES
        shown = ", ".join(self._text(name) for name in (names if more <= 1 else names[:_MOST_NAMES]))
        return f"{shown} and {more} more" if more > 1 else shown

    def notes(self, result: Result) -> Iterator[str]:
        """What the reader should know of the run: inferred builds, and rules that did not run."""
        inferred: dict[str, set[str]] = {}
        told: dict[str, list[str]] = {}
        for build in result.builds:
            if build.source.startswith("inferred"):
                inferred.setdefault(build.source, set()).add(build.dockerfile)
            elif " of " in build.source:
                told.setdefault(build.source.partition(" of ")[2], []).append(build.source.partition(" of ")[0])
        yield from self._told(told)
        for source, files in inferred.items():
            what = self._text(*files) if len(files) == 1 else f"{len(files):,} Dockerfiles"
            yield f"note: build context of {what} {self._text(source)}"
        for why, codes, paths in _not_run_together(result.not_run):
            yield f"note: {self._not_run(codes, paths, result)}: {self._text(why)}{self._codes(codes)}"

    def _told(self, told: dict[str, list[str]]) -> Iterator[str]:
        """Which builds files describe, by file."""
        if len(told) > _MOST_FILES:
            first = self._text(next(iter(told)))
            yield f"note: {sum(map(len, told.values())):,} builds as in {len(told):,} files, {first} among them"
            return
        for file, names in told.items():
            yield f"note: {_count(len(names), 'build')} as in {self._text(file)}: {self._some(names)}"

    def _not_run(self, codes: Sequence[str], paths: Sequence[str], result: Result) -> str:
        everywhere = bool(result.files) and set(result.files) <= set(paths)
        where = f" on {self._text(paths[0])}" if len(paths) == 1 else f" on {len(paths):,} files"
        what = "no rule" if codes[0] == ALL_RULES else _count(len(codes), "rule")
        verb = "run" if codes[0] == ALL_RULES else "not run"
        return f"{what} {verb}{'' if everywhere else where}"

    def _codes(self, codes: Sequence[str]) -> str:
        return "" if codes[0] == ALL_RULES else f" ({self._some(codes)})"

    def summary(self, result: Result) -> str:
        """The last line."""
        parts = [
            self._found(
                result.findings, result.files, looked=bool(result.hidden or result.known or result.verification)
            )
        ]
        if result.verification is not None and result.findings:
            kinds = [finding.verdict.kind for finding in result.findings if finding.verdict is not None]
            counts = ((kind, kinds.count(kind)) for kind in (CONFIRMED, REFUTED, NOT_VERIFIABLE))
            parts.append(", ".join(f"{count} {kind}" for kind, count in counts if count))
        if result.fixed:
            parts.append(f"fixed {len(result.fixed):,}")
        if held := _held_back(result.findings):
            parts.append(held)
        if result.hidden:
            shows = "shows it" if result.hidden == 1 else "shows them"
            parts.append(f"{_count(result.hidden, 'low-confidence finding')} hidden (--pedantic {shows})")
        if result.suppressed:
            parts.append(f"{_count(result.suppressed, 'finding')} suppressed by comments")
        if result.known:
            parts.append(f"{_count(result.known, 'finding')} in the baseline")
        if result.errors:
            parts.append(f"could not check everything ({_count(len(result.errors), 'error')})")
        return "; ".join(parts) + "."

    def _found(self, findings: Sequence[Finding], files: Sequence[str], *, looked: bool) -> str:
        if not findings:
            if files:
                return f"No findings in {_count(len(files), 'file')}"
            return "No findings" if looked else "No file was checked"
        counts = [(s.value, sum(finding.severity is s for finding in findings)) for s in Severity]
        kinds = ", ".join(f"{n} info" if value == "info" else _count(n, value) for value, n in counts if n)
        return f"Found {_count(len(findings), 'finding')} ({kinds}){_where(findings, files)}"


def _held_back(findings: Sequence[Finding]) -> str:
    """How many findings `dfguard fix` would mend, and how many more with unsafe fixes."""
    safe = sum(any(fix.kind != UNSAFE for fix in finding.fixes) for finding in findings)
    unsafe = sum(bool(finding.fixes) for finding in findings) - safe
    if not safe:
        return f"{unsafe:,} fixable by dfguard fix --unsafe-fixes" if unsafe else ""
    return f"{safe:,} fixable by dfguard fix" + (f", {unsafe:,} more with --unsafe-fixes" if unsafe else "")


def _where(findings: Iterable[Finding], files: Sequence[str]) -> str:
    paths = {finding.place.path for finding in findings if isinstance(finding.place, Span)}
    if not paths:
        return ""
    several = paths < set(files)
    return f" in {len(paths)} of {len(files)} files" if several else f" in {_count(len(paths), 'file')}"


def _not_run_together(entries: Iterable[NotRun]) -> Iterator[tuple[str, list[str], tuple[str, ...]]]:
    """Reason, codes and paths of what was not run; codes that share both other parts come together."""
    paths: dict[tuple[str, str], dict[str, None]] = {}
    for entry in entries:
        paths.setdefault((entry.why, entry.code), {})[entry.path] = None
    groups: dict[tuple[str, bool, tuple[str, ...]], list[str]] = {}
    for (why, code), where in paths.items():
        groups.setdefault((why, code == ALL_RULES, tuple(where)), []).append(code)
    for (why, _, files), codes in groups.items():
        yield why, sorted(codes), files


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
