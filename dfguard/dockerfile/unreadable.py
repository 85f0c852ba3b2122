"""What to say of a word that the builder can't expand, and what was meant."""

from __future__ import annotations

from dfguard.dockerfile.uses import ExpandedText
from dfguard.regex import regex
from dfguard.source import Span

_DEFAULT = regex(r"\$\{([A-Za-z_]\w*):(?=[^-+?#%/:=}0-9\s])([^}]*)\}")
_OF_BASH = regex(r"\$\{(?:!|[A-Za-z_]\w*(?:\[|\^|,|@|:[0-9 ])|#)")
_LETTER = regex(r"\w")


def explain(text: ExpandedText, span: Span, reason: str, escape: str) -> tuple[str, str | None]:
    """The message, and the text that may have been meant in the place of `span` (None when nothing is likely)."""
    found, reason = span.text, reason.replace("\n", "a line end")
    default = _DEFAULT.fullmatch(found)
    if default:
        meant = f"${{{default[1]}:-{default[2]}}}"
        return f"{_short(found)} is no substitution that the builder knows: did you mean {_short(meant)}?", meant
    if not found.startswith("${"):
        quote = escape + "'" if found == "'" and _is_apostrophe(text, span) else None
        hint = f": an apostrophe is written {quote} outside of double quotes" if quote else ""
        return f"{reason}{hint}", quote
    message = f"{_short(found)} can't be expanded: {reason}"
    if text.form == "heredoc":
        return f"{message}; quote the name of the heredoc (<<'EOF') if it is meant to stay", None
    if _OF_BASH.match(found):
        return f"{_short(found)} is known to shells only, not to the builder", None
    return message, None


def _is_apostrophe(text: ExpandedText, span: Span) -> bool:
    """Whether the only single quote of a text stands between letters."""
    around = span.source.text[span.start - 1 : span.start], span.source.text[span.end : span.end + 1]
    return text.raw.count("'") == 1 and all(_LETTER.match(character) for character in around)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."
