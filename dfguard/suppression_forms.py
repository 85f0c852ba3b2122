"""What a comment that silences says, in our words and in those of other tools.

Ours is `# dfguard: ignore[DG101,DG410] -- reason`. Of others are read:

- hadolint: `# hadolint ignore=DL3008` and `# hadolint global ignore=DL3008`
- BuildKit: `# check=skip=JSONArgsRecommended;error=true`, as a directive or above an instruction (frontend 1.21)
- trivy: `#trivy:ignore:AVD-DS-0002`, several in one comment, `:exp:2027-01-31`
- checkov: `#checkov:skip=CKV_DOCKER_3: reason`, which speaks for the whole file
- tally: `# tally ignore=max-lines;reason=generated`, `# tally global ignore=...`
- KICS: `# kics-scan ignore-line`, `ignore-block`, `disable=ID`

What stands in the comment of another tool and is not understood is that tool's business: it is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dfguard.dockerfile.nodes import Word
from dfguard.regex import regex
from dfguard.source import Span
from dfguard.struct import Struct
from dfguard.suppression import OURS

ALL = "all"
"""The word for all checks of the tool whose comment it is."""

FORM = "`# dfguard: ignore[DG101] -- reason`"
MENTION = regex(r"dfguard[ \t]*:", re.IGNORECASE)
ANY_MENTION = regex(
    r"dfguard[ \t]*:|\b(?:hadolint|tally)[ \t]|\bcheck[ \t]*=|\b(?:trivy|tfsec|checkov|bridgecrew|cortex):"
    r"|\bkics-scan\b",
    re.IGNORECASE,
)
# One of these is in every text that the pattern of mentions finds, which takes a millisecond for a long file.
_MENTIONED = ("dfguard", "hadolint", "tally", "check", "trivy", "tfsec", "bridgecrew", "cortex", "kics-scan")
_PRAGMA = regex(r"[ \t]*#+[ \t]*dfguard[ \t]*:[ \t]*", re.IGNORECASE)
_FORM_WORD = regex(r"[A-Za-z-]*")
_NAME = regex(r"[A-Za-z][A-Za-z0-9_]*(?:[-/][A-Za-z0-9_]+)*\Z")

_LIST = r"([\w./-]+(?:[ \t]*,[ \t]*[\w./-]+)*)"
_IGNORE = regex(rf"[ \t]*#+[ \t]*(hadolint|tally)[ \t]+(global[ \t]+)?ignore[ \t]*=[ \t]*{_LIST}(.*)", re.I | re.S)
_CHECK = regex(rf"[ \t]*#+[ \t]*check[ \t]*=[ \t]*(?:[^;]*;)*?[ \t]*skip[ \t]*=[ \t]*{_LIST}(.*)", re.I | re.S)
_TRIVY = regex(r"[ \t]*#+[ \t]*(?=(?:trivy|tfsec):ignore:)", re.I)
_TRIVY_ID = regex(r"(?:trivy|tfsec):ignore:([\w-]+)((?::[\w-]+)*)", re.I)
_CHECKOV = regex(rf"[ \t]*#+[ \t]*(?:checkov|bridgecrew|cortex):skip=[ \t]*{_LIST}(.*)", re.I | re.S)
_KICS = regex(
    rf"[ \t]*#+[ \t]*kics-scan[ \t]+(?:(ignore-line|ignore-block|ignore)\b|disable=[ \t]*{_LIST})(.*)", re.I | re.S
)
_EXPIRY = regex(r":exp:(\d{4}-\d\d-\d\d)", re.I)


class Statement(Struct):
    """What a comment says: `words` are the checks that it names, with their places.

    `tool` is whose form it is, `reach` how far it speaks: `next` (what stands below), `block` (the whole stage if a
    FROM stands below) or `file`. `fault` tells what is wrong with one in our form; it then silences nothing.
    """

    tool: str
    words: tuple[Word, ...]
    reason: str
    reach: str
    fault: str = ""


def read_statement(comment: Span) -> Statement | None:
    """What a comment line says, None for one that silences nothing; `comment` starts at its `#` or blanks before."""
    if _PRAGMA.match(comment.text):
        return _ours(comment)
    return _of_ignore(comment) or _of_check(comment) or _of_trivy(comment) or _of_checkov(comment) or _of_kics(comment)


def _ours(comment: Span) -> Statement:
    start = _PRAGMA.match(comment.text)
    assert start is not None
    form = _FORM_WORD.match(comment.text, start.end())
    assert form is not None
    name = form[0].lower()
    if name not in ("ignore", "ignore-file"):
        return _faulty(f"is no form that dfguard knows: expected {FORM} or `ignore-file[...]`")
    text, at = comment.text, form.end()
    rest = text[at:].lstrip()
    start_at = len(text) - len(rest)
    close = text.find("]", start_at)
    if not rest.startswith("["):
        return _faulty(f"names no rule: write `{name}[DG101] -- reason`, as it would silence even what nobody has seen")
    if close < 0:
        return _faulty(f"lacks the closing bracket: expected {FORM}")
    words = tuple(_words(comment.sub(start_at + 1, close)))
    wrong = next((word.raw for word in words if not _NAME.match(word.raw)), None)
    if wrong is not None:
        said = f"has `{wrong[:40]}` in its brackets" if wrong else "has an empty place in its brackets"
        return _faulty(f"{said}: expected codes or names of rules with commas between")
    tail = text[close + 1 :].strip()
    if tail and not tail.startswith("--"):
        return _faulty(f"goes on behind its brackets: expected {FORM}, with `--` before the reason")
    return Statement(OURS, words, tail[2:].strip(), "file" if name == "ignore-file" else "block")


def _faulty(fault: str) -> Statement:
    return Statement(OURS, (), "", "next", fault)


def _of_ignore(comment: Span) -> Statement | None:
    """hadolint's and tally's form."""
    match = _IGNORE.match(comment.text)
    if match is None:
        return None
    tail = match[4].strip()
    reason = tail[len(";reason=") :] if tail.lower().startswith(";reason=") else _reason(tail)
    return Statement(match[1].lower(), _listed(comment, match, 3), reason.strip(), "file" if match[2] else "next")


def _of_check(comment: Span) -> Statement | None:
    match = _CHECK.match(comment.text)
    return Statement("buildkit", _listed(comment, match, 1), "", "next") if match else None


def _of_trivy(comment: Span) -> Statement | None:
    start = _TRIVY.match(comment.text)
    if start is None:
        return None
    every = list(_TRIVY_ID.finditer(comment.text, start.end()))
    words = [Word(comment.sub(*one.span(1)), one[1]) for one in every if not _has_expired(one[2])]
    reason = _reason(comment.text[every[-1].end() :]) if every else ""
    return Statement("trivy", tuple(words), reason, "block") if words else None


def _has_expired(options: str) -> bool:
    found = _EXPIRY.search(options)
    if found is None:
        return False
    import time

    return found[1] <= time.strftime("%Y-%m-%d")


def _of_checkov(comment: Span) -> Statement | None:
    match = _CHECKOV.match(comment.text)
    return Statement("checkov", _listed(comment, match, 1), _reason(match[2]), "file") if match else None


def _of_kics(comment: Span) -> Statement | None:
    match = _KICS.match(comment.text)
    if match is None:
        return None
    if match[2]:
        return Statement("kics", _listed(comment, match, 2), _reason(match[3]), "file")
    reach = {"ignore-line": "next", "ignore-block": "block"}.get(match[1].lower(), "file")
    return Statement("kics", (Word(comment.sub(*match.span(1)), ALL),), _reason(match[3]), reach)


def _reason(tail: str) -> str:
    """What is told behind the list of another tool's comment."""
    return tail.strip().lstrip("-#:;").strip()


def _listed(comment: Span, match: re.Match[str], group: int) -> tuple[Word, ...]:
    return tuple(word for word in _words(comment.sub(*match.span(group))) if word.raw)


def _words(inside: Span) -> Iterator[Word]:
    """The words of a list with commas between."""
    at = 0
    for part in inside.text.split(","):
        raw = part.strip()
        start = at + len(part) - len(part.lstrip())
        yield Word(inside.sub(start, start + len(raw)), raw)
        at += len(part) + 1


def comment_of(codes: Iterable[str], reason: str = "", *, file: bool = False) -> str:
    """A comment in our form, without a line end."""
    behind = f" -- {' '.join(reason.split())}" if reason.strip() else ""
    return f"# dfguard: ignore{'-file' if file else ''}[{','.join(codes)}]{behind}"


def is_mentioned(text: str) -> bool:
    """Whether a text speaks of a tool that its comments may silence."""
    lowered = text.lower()
    if text.isascii() and not any(word in lowered for word in _MENTIONED):
        return False
    return ANY_MENTION.search(text) is not None
