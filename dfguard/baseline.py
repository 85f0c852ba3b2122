"""The baseline: findings that were there when dfguard came, left out of reports until somebody mends them.

An entry is a rule, a path, the line that the finding starts on with secrets masked and blanks made one, and how many
such findings there are. So moved lines do not matter, and no secret or hash of one is kept. A baseline never grows by
itself: one more finding than it has is told.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dfguard.errors import ConfigError
from dfguard.finding import Finding
from dfguard.gitignored import repository_root
from dfguard.regex import regex
from dfguard.report.secrecy import Secrecy
from dfguard.source import LayerPlace, Span
from dfguard.struct import Struct

NAME = ".dfguard-baseline.json"
VERSION = 1
_MAX_BYTES = 64 * 1024 * 1024
_LONGEST = 240  # of a line, in characters
_BLANKS = regex(r"\s+")
_MASKED = regex(r"\*+")


Ran = Callable[[str], bool]
"""Whether the rule of a code ran."""


class Key(Struct):
    """What makes findings alike: the rule's code, the path as seen from the baseline, and the masked line."""

    rule: str
    path: str
    content: str


class Baseline(Struct):
    """A baseline file, or one to be written: how many findings there are of each kind."""

    file: str
    counts: Mapping[Key, int]

    def render(self) -> str:
        """The text of the file: sorted, one entry a block, so that changes are easy to review."""
        import json

        kept = ((key, count) for key, count in self.counts.items() if count > 0)
        entries = [
            {"rule": key.rule, "path": key.path, "content": key.content, "count": count}
            for key, count in sorted(kept, key=lambda each: (each[0].path, each[0].rule, each[0].content))
        ]
        return json.dumps({"version": VERSION, "entries": entries}, indent=2) + "\n"


class Matched(Struct):
    """Findings held against a baseline: those that it does not have, those it has, and what it has in vain."""

    new: tuple[Finding, ...]
    known: tuple[Finding, ...]
    unmatched: Mapping[Key, int]


def keys(findings: Iterable[Finding], file: str) -> list[Key]:
    """The key of each finding, for a baseline at `file`."""
    every = tuple(findings)
    secrecy = Secrecy(every)
    path_of = _Relative(file)
    return [Key(finding.code, *_where(finding, secrecy, path_of)) for finding in every]


def of(findings: Iterable[Finding], file: str) -> Baseline:
    """The baseline that has all these findings."""
    return Baseline(file, Counter(keys(findings, file)))


def match(findings: Iterable[Finding], baseline: Baseline) -> Matched:
    """Hold findings against a baseline; of several alike ones the first are those it has."""
    left = dict(baseline.counts)
    new: list[Finding] = []
    known: list[Finding] = []
    every = tuple(findings)
    for finding, key in zip(every, keys(every, baseline.file), strict=True):
        if left.get(key, 0) > 0:
            left[key] -= 1
            known.append(finding)
        else:
            new.append(finding)
    return Matched(tuple(new), tuple(known), {key: count for key, count in left.items() if count})


def in_scope(unmatched: Mapping[Key, int], baseline: Baseline, files: Iterable[str], ran: Ran) -> Baseline:
    """Of the entries in vain those that this run can speak about, as a baseline.

    These are of files that it looked at, or that are gone, and of rules that `ran`.
    """
    path_of = _Relative(baseline.file)
    looked = {path_of(path) for path in files}
    folder = os.path.dirname(os.path.abspath(baseline.file))
    return Baseline(
        baseline.file,
        {
            key: count
            for key, count in unmatched.items()
            if ran(key.rule) and (key.path in looked or not os.path.lexists(os.path.join(folder, key.path)))
        },
    )


def without(baseline: Baseline, unmatched: Baseline) -> Baseline:
    """The baseline without what it has in vain."""
    left = {key: count - unmatched.counts.get(key, 0) for key, count in baseline.counts.items()}
    return baseline.but(counts={key: count for key, count in left.items() if count > 0})


def find_baseline(folder: str = ".") -> str | None:
    """The nearest baseline file, from a folder up to the root of the repository; outside of one only the folder's own.

    Raises ConfigError for one that is a link to outside of the repository.
    """
    top = repository_root(folder)
    here = os.path.abspath(folder)
    last = os.path.abspath(top) if top else here
    while True:
        file = os.path.join(here, NAME)
        if os.path.isfile(file):
            if not os.path.realpath(file).startswith(os.path.join(os.path.realpath(last), "")):
                said = "is a link that leads out of the repository; name it with --baseline to use it"
                raise ConfigError(os.path.relpath(file), 0, said)
            return os.path.relpath(file)
        if here == last or os.path.dirname(here) == here:
            return None
        here = os.path.dirname(here)


def load(file: str) -> Baseline:
    """Read a baseline; raises ConfigError for one that can't be read or is none."""
    import json

    try:
        with open(file, "rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(file, 0, f"can't be read: {error.strerror or error}") from None
    if len(data) > _MAX_BYTES:
        raise ConfigError(file, 0, f"is larger than {_MAX_BYTES:,} bytes; that is no baseline")
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ConfigError(file, 0, "is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise ConfigError(file, error.lineno, f"is no JSON: column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise ConfigError(file, 0, "is nested too deeply") from None
    if not isinstance(found, dict) or found.get("version") != VERSION or not isinstance(found.get("entries"), list):
        expected = f'expected {{"version": {VERSION}, "entries": [...]}}, as `dfguard baseline create` writes it'
        raise ConfigError(file, 0, f"is no baseline of this version: {expected}")
    counts: Counter[Key] = Counter()
    for number, entry in enumerate(found["entries"], 1):
        key, count = _entry(file, number, entry)
        counts[key] += count
    return Baseline(file, counts)


def _entry(file: str, number: int, entry: Any) -> tuple[Key, int]:
    texts = [entry.get(name) for name in ("rule", "path", "content")] if isinstance(entry, dict) else [None]
    count = entry.get("count", 1) if isinstance(entry, dict) else 0
    if not all(isinstance(text, str) for text in texts) or type(count) is not int or count < 1:
        what = "expected `rule`, `path` and `content` as texts, and `count` as a number from 1"
        raise ConfigError(file, 0, f"entry {number} is none: {what}")
    return Key(*map(str, texts)), count


class _Relative:
    """Paths as seen from the folder of a baseline, with `/`."""

    def __init__(self, file: str) -> None:
        self._folder = os.path.dirname(os.path.abspath(file))
        self._known: dict[str, str] = {}

    def __call__(self, path: str) -> str:
        if path not in self._known:
            self._known[path] = os.path.relpath(os.path.abspath(path), self._folder).replace(os.sep, "/")
        return self._known[path]


def _where(finding: Finding, secrecy: Secrecy, path_of: _Relative) -> tuple[str, str]:
    place = finding.place
    if not isinstance(place, Span):
        return "", place.path if isinstance(place, LayerPlace) else place.key
    starts, line = place.source.line_starts, place.start_line
    start, end = starts[line - 1], starts[line] if line < len(starts) else len(place.source.text)
    shown = _MASKED.sub("*", secrecy.masked(place.source)[start:end])
    text = _BLANKS.sub(" ", shown).strip()[:_LONGEST]
    return path_of(place.path), text.encode("utf-8", "replace").decode()
