"""Edits and fixes: data that says how a text would change, and what that does to the image."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from dfguard.source import Source, Span
from dfguard.struct import Struct

IDENTICAL, DECLARED, UNSAFE = "identical", "declared", "unsafe"


class HasSpan(Protocol):
    """Anything that has a place in a text."""

    @property
    def span(self) -> Span: ...


class Edit(Struct):
    """Replace the characters of `span` by `text`; an empty span is an insertion."""

    span: Span
    text: str

    @staticmethod
    def replace(place: HasSpan, text: str) -> Edit:
        """Replace a place by `text`."""
        return Edit(place.span, text)

    @staticmethod
    def after(place: HasSpan, text: str) -> Edit:
        """Insert `text` right behind a place."""
        span = place.span
        return Edit(Span(span.source, span.end, span.end), text)

    @staticmethod
    def before(place: HasSpan, text: str) -> Edit:
        """Insert `text` right before a place."""
        span = place.span
        return Edit(Span(span.source, span.start, span.start), text)

    @staticmethod
    def delete(place: HasSpan) -> Edit:
        """Remove a place."""
        return Edit(place.span, "")

    @staticmethod
    def delete_line(place: HasSpan) -> Edit:
        """Remove the line that a place is on, with its end."""
        source = place.span.source
        start = source.line_starts[place.span.start_line - 1]
        behind = source.text.find("\n", place.span.end)
        return Edit(source.span(start, len(source.text) if behind < 0 else behind + 1), "")


class Gone(Struct):
    """A declared difference: no file that matches `path` (a glob, absolute in the image) is left.

    Folders that held nothing else may be gone with them.
    """

    path: str


class Configured(Struct):
    """A declared difference: the image's configuration has `value` at `path`; None: there is nothing any more.

    `path` is that of the OCI configuration, such as ("config", "Labels", "version"), or ("author",).
    """

    path: tuple[str, ...]
    value: str | None


Difference = Gone | Configured


class Fix(Struct):
    """A named set of edits that applies wholly or not at all.

    `kind` is `identical` (files, modes, owners and config of the image stay the same), `declared`
    (the image differs by `differences` and nothing else) or `unsafe` (all else).

    `assumptions` are what a person must know to be so, `build_options` what the build must be called with from then
    on (`--secret id=npmrc,src=.npmrc`), and `brings` the codes of rules that may say more than before.
    """

    title: str
    kind: str
    edits: tuple[Edit, ...]
    differences: tuple[Difference, ...] = ()
    assumptions: tuple[str, ...] = ()
    build_options: tuple[str, ...] = ()
    brings: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What to know before it is taken, each a line: the build's new command line, and what is assumed."""
        build = f"build it with: docker build {' '.join((*self.build_options, '.'))}"
        return (*((build,) if self.build_options else ()), *(f"assumes that {each}" for each in self.assumptions))

    @staticmethod
    def identical(title: str, *edits: Edit) -> Fix:
        """A fix that leaves the image as it is."""
        return Fix(title, IDENTICAL, edits)

    @staticmethod
    def declared(title: str, *edits: Edit, differences: Iterable[Difference]) -> Fix:
        """A fix that changes the image by `differences` and nothing else."""
        return Fix(title, DECLARED, edits, tuple(differences))

    @staticmethod
    def unsafe(title: str, *edits: Edit) -> Fix:
        """A fix that a person must look at."""
        return Fix(title, UNSAFE, edits)

    @staticmethod
    def structural(
        title: str,
        *edits: Edit,
        assumptions: Iterable[str] = (),
        build_options: Iterable[str] = (),
        brings: Iterable[str] = (),
    ) -> Fix:
        """A fix that changes how the file is built up: made on request, and looked at by a person."""
        return Fix(title, UNSAFE, edits, (), tuple(assumptions), tuple(build_options), tuple(brings))


class Refusal(Struct):
    """Why there is no fix: `reason` reads behind "no fix:"."""

    reason: str


class OverlapError(ValueError):
    """Two edits of one text touch the same characters."""


def apply(source: Source, edits: Sequence[Edit]) -> str:
    """Return the text of `source` with all `edits` of it applied.

    Edits of other sources are left out. Raises OverlapError when two edits overlap or two
    insertions stand at the same place; the same edit given twice counts once.
    """
    own = sorted({(e.span.start, e.span.end, e.text) for e in edits if e.span.path == source.path})
    out: list[str] = []
    at, last_insertion = 0, -1
    for start, end, text in own:
        if start < at or start == end == last_insertion:
            raise OverlapError(f"{source.path}: two edits at offset {start}")
        out += (source.text[at:start], text)
        at = end
        last_insertion = start if start == end else -1
    return "".join([*out, source.text[at:]])
