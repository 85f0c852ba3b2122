"""Values that their names call credentials: formats known by the name, and values that look drawn by lot."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from dfguard.finding import Confidence
from dfguard.regex import regex
from dfguard.secrets.assignments import BARE, LINE, Assignment
from dfguard.secrets.checks import CHECKS
from dfguard.secrets.generated import CONTEXTS
from dfguard.secrets.values import assess, credential_name, holds_credential, looks_drawn, name_words

# Formats that are only a name and a value; every one of them is weaker than a format of a vendor.
ASSIGNED = "credential-assignment"
QUOTED = "quoted-credential"
TITLES = {ASSIGNED: "credential in an assignment", QUOTED: "value that looks like a credential"}

_SHORTEST_VALUE, _LONG = 20, 4096
_NAMES = 4096  # whose verdicts are kept: most come again and again
_EARLY_DIGIT = regex(rb"[^0-9]{0,39}[0-9]")
_CODE = r"[(){}\[\],]|\w\.\w+$|^[&*!]|&\w+="
_MORE_WORDS = regex(rb"(?:\\u[0-9A-Fa-f]{4}\S{0,80})?[ \t]{1,4}(?:[^\s#;=/-][^\s=]{0,80}[ \t]{1,4}[^\s#;=/-]|=[ \t])")
Judged = tuple[str, str, Confidence]  # detector, title, confidence


def judge(data: bytes, given: Assignment, settings: bool = False) -> Judged | None:
    """What the value of an assignment is, None for nothing to tell of; see `contents.scan` for `settings`."""
    if data[given.at - 2 : given.at] == b"${" and data[given.start : given.start + 1] in (b"?", b"+"):
        return None  # what a shell or compose says or takes in place of a variable
    found = _in_context(data, given)
    if found is not None or not _credential(given.name):
        return found
    text = data[given.start : given.end].decode("utf-8", "replace")
    if given.name.lower() in text.lower():
        return None
    if given.form == LINE:
        quoted = data[given.start - 1 : given.start] in (b'"', b"'")
        confidence = None if not quoted and re.search(_CODE, text) else assess(text)
        return None if confidence is None else (ASSIGNED, TITLES[ASSIGNED], confidence)
    if settings:
        confidence = None if re.search(_CODE, text) else assess(text)
        aside = confidence is not None and given.form == BARE
        if aside and (_is_aside(data, given.at, text) or _is_sentence(data, given.end)):
            confidence = Confidence.LOW
        return None if confidence is None else (ASSIGNED, TITLES[ASSIGNED], confidence)
    if given.form == BARE or not looks_drawn(text):
        return None
    return QUOTED, TITLES[QUOTED], Confidence.LOW


def _is_aside(data: bytes, at: int, value: str) -> bool:
    """Whether what starts at `at` is of an address's query, or of a comment that explains more than it keeps."""
    line = data[data.rfind(b"\n", max(0, at - _LONG), at) + 1 : at]
    if line.endswith((b"&", b"?")):
        return True
    return line.lstrip().startswith((b"#", b";", b"//")) and not looks_drawn(value)


def _is_sentence(data: bytes, end: int) -> bool:
    """Whether a value goes on with words, as a message of a translated program does: no option, no other setting."""
    return _MORE_WORDS.match(data, end) is not None


@cache
def _by_word() -> dict[str, tuple[int, ...]]:
    table: dict[str, tuple[int, ...]] = {}
    for index, row in enumerate(CONTEXTS):
        for word in row[3]:
            table[word] = (*table.get(word, ()), index)
    return table


@cache
def _patterns() -> tuple[tuple[int, re.Pattern[str]], ...]:
    """The contexts with a pattern of the name."""
    return tuple((index, re.compile(row[4])) for index, row in enumerate(CONTEXTS) if row[4])


@lru_cache(_NAMES)
def _contexts(name: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The contexts that a name fits: by its pattern, and by one of its words."""
    by_pattern = tuple(index for index, pattern in _patterns() if pattern.fullmatch(name))
    words = name_words(name)
    if not holds_credential(words):
        return by_pattern, ()
    table = _by_word()
    return by_pattern, tuple(index for word in words for index in table.get(word, ()))


def telling(name: str) -> bool:
    """Whether `judge` can have something to tell of a value with this name."""
    by_pattern, by_word = _contexts(name)
    return bool(by_pattern or by_word or _credential(name))


_credential = lru_cache(_NAMES)(credential_name)


@cache
def _value(index: int) -> re.Pattern[bytes]:
    return re.compile(CONTEXTS[index][7])


def _in_context(data: bytes, given: Assignment) -> Judged | None:
    """The first format of the contexts that fits name and value."""
    length = given.end - given.start
    by_pattern, by_word = _contexts(given.name)
    indexes = [index for index in by_pattern if CONTEXTS[index][5] <= min(length, _LONG) <= CONTEXTS[index][6]]
    if length >= _SHORTEST_VALUE:
        indexes += by_word
    for index in sorted(indexes):
        name, title, confidence, *_, gate, check = CONTEXTS[index]
        match = _value(index).fullmatch(data, given.start, given.end)
        # As Hyperscan's patterns have it: without one of its own a value holds a digit early on.
        if match is not None and (gate or _EARLY_DIGIT.match(data, given.start, given.end)):
            sure: Confidence | None = Confidence(confidence)
            if check is not None:
                sure = CHECKS[check](data, match, Confidence(confidence))
            if sure is not None:
                return name, title, sure
    return None
