"""Texts with fixes, drawn at random: what makes positions hard, in small texts, so that edits often touch it."""

from __future__ import annotations

from hypothesis import strategies as st

from dfguard.edit import Edit, Fix, OverlapError, apply
from dfguard.finding import Confidence, Finding, Severity
from dfguard.source import BOM, Source

PIECES = ("FROM a", "RUN x", "\t", " ", "é", "日", "😀", "`", "```", "\\", "&", "<", ">", '"', "%", "]]>")
ENDS = ("\n", "\n", "\r\n", "\n\n", "\r\n\r\n")
lines = st.lists(st.sampled_from(PIECES), max_size=4).map("".join)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A text of a few lines, with a BOM or not, an end of the last line or not, line ends alike or mixed."""
    ends = draw(st.sampled_from((("\n",), ("\r\n",), ENDS)))
    parts = [line + draw(st.sampled_from(ends)) for line in draw(st.lists(lines, max_size=6))]
    return draw(st.sampled_from(("", "", BOM))) + "".join(parts) + draw(lines)


@st.composite
def edits(draw: st.DrawFn, source: Source) -> Edit:
    """Any edit, often of whole lines or at the end of one."""
    offsets = st.one_of(st.integers(0, len(source.text)), st.sampled_from(source.line_starts))
    start, end = sorted((draw(offsets), draw(offsets)))
    if draw(st.integers(0, 2)) == 0:
        return Edit.delete_line(source.span(start, start))
    new = draw(st.lists(st.sampled_from((*PIECES, *ENDS)), max_size=4).map("".join))
    return Edit(source.span(start, draw(st.sampled_from((start, end)))), new)


@st.composite
def findings_with_fix(draw: st.DrawFn) -> Finding:
    """A finding in a text, with a fix of one to three edits that do not overlap and change something."""
    source = Source("app/Dockerfile", draw(texts()))
    chosen: list[Edit] = []
    for edit in draw(st.lists(edits(source), min_size=1, max_size=3)):
        try:
            apply(source, [*chosen, edit])
        except OverlapError:
            continue
        chosen.append(edit)
    start = draw(st.integers(0, len(source.text)))
    place = source.span(start, draw(st.integers(start, len(source.text))))
    fix = Fix.identical("mend it", *chosen)
    return Finding("DG410", "a-name", Severity.WARNING, Confidence.HIGH, "a message", place, fixes=(fix,))
