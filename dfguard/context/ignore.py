"""Ignore files: which one a build reads, and the patterns in it.

Reading follows https://github.com/moby/patternmatcher/blob/main/ignorefile/ignorefile.go, then
`patternmatcher.New`. The patterns travel between the two as JSON, which turns each byte that is not
UTF-8 into U+FFFD (https://github.com/moby/buildkit/blob/master/client/llb/source.go).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from dfguard.context.inside import find_inside
from dfguard.context.pattern import compile_pattern, first_fault
from dfguard.errors import InputError, UsageError
from dfguard.regex import regex
from dfguard.source import BOM, Source, Span
from dfguard.struct import Struct

if TYPE_CHECKING:
    from pathspec import PathSpec

    from dfguard.context.pathspec_view import Explanation, MobyPattern

# Go's unicode.IsSpace; Python's own set is wider.
SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
MAX_LINE = 64 * 1024 - 1  # bytes without the line feed: the buffer of Go's bufio.Scanner is 64 KiB
MAX_PATTERNS = 200_000
BUILDERS = ("buildkit", "classic", "podman")


_FAULTY = frozenset("[\\{")  # no pattern without one of them is malformed


class IgnoreLine(Struct):
    """One line that is neither empty nor a comment: `text` is cleaned and keeps its `!`."""

    span: Span
    text: str


class IgnorePattern(Struct):
    """One pattern: `text` cleaned and without `!`, `negated` when it wins files back, `index` from 0."""

    span: Span
    text: str
    negated: bool
    index: int

    @property
    def fault(self) -> str:
        """Why the builder refuses the pattern once it compares it with a path, "" when it does not."""
        return "" if _FAULTY.isdisjoint(self.text) else compile_pattern(self.text).fault

    def matches(self, path: str) -> bool:
        """Whether the pattern matches this path itself; its parents are not looked at.

        Raises MalformedPattern for a pattern with a `fault`.
        """
        return bool(compile_pattern(self.text).match(path))


class IgnoreError(Struct):
    """A mistake in an ignore file that ends the build; `span` is the line."""

    span: Span
    message: str


class IgnoreFile(Struct):
    """The patterns of an ignore file.

    `source` is None where there is no file. The first of `errors` ends every build before a file is looked
    at; `faults` end it when, and only when, the walk gets to compare the pattern with a path. `unread` says why
    a file that is there can't be read: the docker client then sends an empty one, without a word.
    """

    source: Source | None = None
    patterns: tuple[IgnorePattern, ...] = ()
    errors: tuple[IgnoreError, ...] = ()
    faults: tuple[IgnoreError, ...] = ()
    unread: str = ""

    @property
    def error(self) -> IgnoreError | None:
        """Where every build stops, None when the builder takes the file."""
        return self.errors[0] if self.errors else None

    @property
    def path(self) -> str | None:
        """The path of the file, None where there is none."""
        return self.source.path if self.source else None

    def as_pathspec(self) -> PathSpec[MobyPattern]:
        """The patterns as a pathspec.PathSpec: what is dropped if the last matching line decides.

        That is what the ignore file means to its author, not always what the walk does (see `tree`).
        """
        from dfguard.context.pathspec_view import to_pathspec

        return to_pathspec(self)

    def explain(self, path: str) -> Explanation:
        """Which lines speak about `path` (relative to the context root) and which one decides.

        Raises MalformedPattern where the walk would meet a malformed pattern.
        """
        from dfguard.context.pathspec_view import explain

        return explain(self, path)


NOTHING_IGNORED = IgnoreFile()
_UNCLEAN = regex(r"(?:^|/)\.{0,2}(?:/|\Z)")


def clean(path: str) -> str:
    """Go's filepath.Clean for slashes: the shortest equivalent path, "." for an empty one."""
    if _UNCLEAN.search(path) is None:
        return path
    rooted = path.startswith("/")
    parts: list[str] = []
    for part in path.split("/"):
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part == ".." and rooted:
            continue
        elif part not in ("", "."):
            parts.append(part)
    return "/" * rooted + "/".join(parts) or "."


def read_lines(source: Source) -> Iterator[IgnoreLine]:
    """The lines that hold a pattern, as ignorefile.ReadAll gives them; a bare `!` stays."""
    for number, start in enumerate(source.line_starts, 1):
        end = source.text.find("\n", start)
        raw = source.text[start : end if end >= 0 else len(source.text)]
        if number == 1 and raw.startswith(BOM):
            raw, start = raw[1:], start + 1
        stripped = raw.strip(SPACE)
        if raw.startswith("#") or not stripped:
            continue
        offset = start + raw.index(stripped)
        negated = stripped.startswith("!")
        text = stripped[negated:].strip(SPACE)
        text = clean(text) if text else ""
        if len(text) > 1 and text.startswith("/"):
            text = text[1:]
        yield IgnoreLine(source.span(offset, offset + len(stripped)), "!" * negated + text)


def parse_ignore(source: Source) -> IgnoreFile:
    """Read an ignore file; mistakes are in `errors` and `faults`. Raises InputError for more than MAX_PATTERNS."""
    long = _long_line(source)
    if long:
        return IgnoreFile(source, errors=(IgnoreError(long, "the line is longer than 65,535 bytes"),))
    patterns: list[IgnorePattern] = []
    errors = []
    faults = []
    for line in read_lines(source):
        if len(patterns) == MAX_PATTERNS:
            raise InputError(source.path, f"holds more than {MAX_PATTERNS:,} patterns, which is more than is looked at")
        text = _as_json(line.text).strip(SPACE)
        if not text:
            continue
        text = clean(text)
        negated = text.startswith("!")
        text = text[negated:]
        if not text:
            errors.append(IgnoreError(line.span, "`!` without a pattern"))
            continue
        pattern = IgnorePattern(line.span, text, negated, len(patterns))
        patterns.append(pattern)
        eager = first_fault(text)
        if eager:
            errors.append(IgnoreError(line.span, f"malformed pattern `{text}`: {eager}"))
        elif pattern.fault:
            faults.append(IgnoreError(line.span, f"malformed pattern `{text}`: {pattern.fault}"))
    return IgnoreFile(source, tuple(patterns), tuple(errors), tuple(faults))


def _as_json(text: str) -> str:
    return text if text.isascii() else "".join("\ufffd" if "\udc80" <= char <= "\udcff" else char for char in text)


def _long_line(source: Source) -> Span | None:
    """The first line that Go's scanner finds too long."""
    starts = [*source.line_starts, len(source.text) + 1]
    for start, following in pairwise(starts):
        if following - start > MAX_LINE // 4:
            line = source.span(start, following - 1)
            if len(line.text.encode("utf-8", "surrogateescape")) > MAX_LINE:
                return line
    return None


def find_ignore_file(dockerfile_path: str, context_root: str, *, builder: str = "buildkit") -> str | None:
    """The path of the ignore file that a build reads, None when it reads none.

    `buildkit`: `<Dockerfile>.dockerignore` beside the Dockerfile, else `.dockerignore` in the root of
    the context; the two are never merged. `classic`: the latter only. `podman`: `<Dockerfile>.dockerignore`
    or `<Dockerfile>.containerignore`, else `.containerignore` in the root, else `.dockerignore`
    (https://github.com/containers/buildah/blob/main/pkg/parse/parse.go, ContainerIgnoreFile). A folder
    of that name, or a link that leads out of the folder, counts as absent, as it does for the builder.
    """
    if builder not in BUILDERS:
        raise UsageError(f"no builder is called {builder!r}; known: {', '.join(BUILDERS)}")
    folder, name = os.path.split(dockerfile_path)
    candidates = [(context_root, ".dockerignore")]
    if builder == "podman":
        candidates.insert(0, (context_root, ".containerignore"))
    if builder != "classic" and name:
        ends = (".dockerignore", ".containerignore") if builder == "podman" else (".dockerignore",)
        candidates[:0] = [(folder or ".", name + end) for end in ends]
    for root, candidate in candidates:
        inside = find_inside(root, candidate)
        if inside is not None and os.path.isfile(os.path.join(root, inside)):
            return _joined(root, candidate)
    return None


def _joined(root: str, name: str) -> str:
    """The path as it reads in reports: no `./` in front."""
    return name if root in ("", ".") else os.path.join(root, name)
