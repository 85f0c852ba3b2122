"""Credentials of files whose structure is known: the table's paths against what the readers read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import islice

from dfguard.secrets.detectors import SecretHit
from dfguard.secrets.files import forms
from dfguard.secrets.files.entry import MOST_ENTRIES, Entry
from dfguard.secrets.files.ini_reader import ini_entries
from dfguard.secrets.files.json_reader import json_entries
from dfguard.secrets.files.judges import JUDGES, Judge
from dfguard.secrets.files.line_reader import netrc_entries, record_entries
from dfguard.secrets.files.table import HINTS, KINDS, FileKind
from dfguard.secrets.files.xml_reader import xml_entries
from dfguard.secrets.files.yaml_reader import yaml_entries

_MOST_HITS = 200
_HEAD = 16 * 1024  # bytes up to which a JSON file is searched for marks; of a larger one the first few
_FIRST = 4 * 1024
_LONGEST_VALUE = 40_000

_READERS: dict[str, Callable[[bytes], Iterator[Entry]]] = {
    forms.JSON: json_entries,
    forms.YAML: yaml_entries,
    forms.INI: ini_entries,
    forms.PAIRS: ini_entries,
    forms.XML: xml_entries,
    forms.NETRC: netrc_entries,
    forms.LINES: record_entries,
}
_OFTEN = (forms.JSON, forms.YAML, forms.PAIRS)  # of a hundred files thirteen may be one of these, one another
_RECORDS = ("pgpass", "git-credentials", "htpasswd", "shadow", "s3fs")


def file_hits(data: bytes, form: str, tellers: frozenset[bytes] | None = None) -> list[SecretHit]:
    """The credentials of a file of a syntax, none where it is of no known kind.

    `tellers`, if given, are those of `all_tellers` that stand in the data.
    """
    marked, records = _of_form(form)
    if tellers is not None and form in _OFTEN:
        marked = tuple(row for row in marked if _teller(row[:2]) in tellers) if tellers else ()
    hits: list[SecretHit] = []
    head = data[:_FIRST] if form == forms.JSON and len(data) > _HEAD else data
    for hint in HINTS[form] if marked else ():
        if hint in head:
            kinds = _marked(head, marked)
            if kinds:
                hits += _hits(data, kinds, _READERS[form])
            break
    if records:
        hits += _hits(data, records, record_entries)
    return hits


def unread(data: bytes, *, more: bool) -> str:
    """What is to say of a file of credentials that is too large to be read by its structure, "" of any other file.

    `data` is its beginning, or all of it; `more` says that it goes on.
    """
    form = forms.syntax_of(data)
    if form is None or (len(data) <= forms.LARGEST[form] and not (more and len(data) >= forms.LARGE)):
        return ""
    head = data[: forms.LARGE]
    marked, by_line = _of_form(form)
    kind = next(iter(_marked(head, marked)), None)
    if kind is None and by_line:
        records = file_hits(head[: head.rfind(b"\n", 0, _FIRST) + 1], form)
        kind = known_kind(records[0].file) if records else None
    most = f"{forms.LARGEST[form] // 1024:,} KB"
    return f"looks like a {kind.kind}, larger than the {most} that are read by structure" if kind else ""


_Marked = tuple[tuple[bytes, tuple[bytes, ...], FileKind], ...]  # the first mark of a few, the others


@cache
def _of_form(form: str) -> tuple[_Marked, tuple[FileKind, ...]]:
    """The kinds of a syntax that marks tell, one row for each alternative; and those that the first line tells."""
    kinds = [kind for kind in KINDS if form in kind.forms]
    marked = tuple((first, others, kind) for kind in kinds for first, *rest in kind.marks for others in (tuple(rest),))
    return marked, tuple(kind for kind in kinds if not kind.marks)


def all_tellers() -> frozenset[bytes]:
    """Of the marks of each kind of a frequent syntax the one that is rare elsewhere: no file of the kind is without."""
    return frozenset(_teller(row[:2]) for form in _OFTEN for row in _of_form(form)[0])


@cache
def _teller(marks: tuple[bytes, tuple[bytes, ...]]) -> bytes:
    return max((marks[0], *marks[1]), key=len)


def _marked(data: bytes, rows: _Marked) -> list[FileKind]:
    """The kinds whose marks are there; nearly always the first one of each is not."""
    found: list[FileKind] = []
    for first, others, kind in rows:
        if first in data and kind not in found and all(mark in data for mark in others):
            found.append(kind)
    return found


def _hits(data: bytes, kinds: Sequence[FileKind], read: Callable[[bytes], Iterator[Entry]]) -> list[SecretHit]:
    entries = list(islice(read(data), MOST_ENTRIES))
    if not entries:
        return []
    ends = tuple(end for kind in kinds for end in _ends(kind))
    patterns = [pattern.fullmatch for kind in kinds for pattern, _ in _patterns(kind)]
    asked = [
        (entry, joined)
        for entry in entries
        if (joined := "\0".join(entry.path).lower()).endswith(ends) and any(fits(joined) for fits in patterns)
    ]
    if not asked:
        return []
    others = {(each.document, each.path): _text(data, each)[:200] for each in entries}
    hits: list[SecretHit] = []
    for entry, joined in asked:
        for kind in kinds:
            hit = _hit(data, kind, entry, joined, others)
            if hit is not None:
                hits.append(hit)
                break
        if len(hits) >= _MOST_HITS:
            break
    return hits


def _hit(
    data: bytes, kind: FileKind, entry: Entry, joined: str, others: dict[tuple[int, tuple[str, ...]], str]
) -> SecretHit | None:
    for pattern, judge in _patterns(kind):
        if pattern.fullmatch(joined):
            text = _text(data, entry)
            confidence = judge(text, entry, others) if text else None
            if confidence is not None:
                key = "" if entry.path[-1] in _RECORDS else entry.path[-1][-60:]
                return SecretHit(kind.id, kind.secret, entry.start, entry.end, confidence, key, file=kind.id)
    return None


def _text(data: bytes, entry: Entry) -> str:
    text = data[entry.start : min(entry.end, entry.start + _LONGEST_VALUE)].decode("utf-8", "replace")
    return re.sub(r"\\(.)", _unescaped, text) if "\\" in text else text


def _unescaped(match: re.Match[str]) -> str:
    return {"n": "\n", "t": "\t", "r": "\r"}.get(match[1], match[1])


@cache
def _patterns(kind: FileKind) -> tuple[tuple[re.Pattern[str], Judge], ...]:
    found = []
    for paths, judge in kind.keys:
        alternatives = "|".join(map(_pattern, paths.split(", ")))
        found.append((re.compile(alternatives), JUDGES[judge]))
    return tuple(found)


@cache
def _ends(kind: FileKind) -> tuple[str, ...]:
    """How the paths end that are worth a closer look."""
    ends = (path.lower().rpartition("*")[2] for paths, _ in kind.keys for path in paths.split(", "))
    return tuple(end.replace("[]", "\0").replace("/", "\0").lstrip("\0").replace("%", "/") for end in ends)


def _pattern(path: str) -> str:
    pieces = []
    parts = path.lower().split("/")
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        if part == "**":
            pieces.append(r"(?s:.*)" if last else r"(?:[^\0]*\0)*")
        else:
            text = r"\0" if part == "[]" else re.escape(part).replace(r"\*", r"[^\0]*").replace("%", "/")
            pieces.append(text if last else text + r"\0")
    return "".join(pieces)


def known_kind(detector: str) -> FileKind | None:
    """The kind of file that a hit of this id was found by."""
    return _by_id().get(detector)


@cache
def _by_id() -> dict[str, FileKind]:
    return {kind.id: kind for kind in reversed(KINDS)}
