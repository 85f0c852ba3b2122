"""Text for XML 1.0."""

from __future__ import annotations

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}


def xml_text(text: str) -> str:
    """A text for an element or an attribute in quotes; what XML can't say, and bytes that are no UTF-8, read U+FFFD."""
    return "".join(_ESCAPES.get(character) or _said(character) for character in text)


def _said(character: str) -> str:
    code = ord(character)
    if character in "\t\n\r":
        return f"&#{code};"
    fine = 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code > 0xFFFF
    return character if fine else "\ufffd"
