"""How text looks in the cells of a terminal: what is printed for a character, and how wide that is.

Sources, paths and messages come from strangers: a control character printed as it is could move the
cursor, hide text or reverse its order (https://trojansource.codes), so it is shown as an escape.
"""

from __future__ import annotations

TAB = 4


def escape(text: str, *, unicode: bool = True) -> str:
    """`text` on one line with all that is not printable as `\\xNN` or `\\uNNNN`; a tab is one blank.

    Without `unicode`, all that is not ASCII is escaped too.
    """
    if text.isprintable() and (unicode or text.isascii()):
        return text
    return "".join(" " if character == "\t" else _shown(character, unicode) for character in text)


def cells(text: str, *, unicode: bool = True) -> list[str]:
    """What is printed for each character of a piece of a line; tabs reach to the next multiple of TAB."""
    if text.isascii() and text.isprintable():
        return list(text)
    shown: list[str] = []
    column = 0
    for character in text:
        piece = " " * (TAB - column % TAB) if character == "\t" else _shown(character, unicode)
        shown.append(piece)
        column += width(piece)
    return shown


def width(shown: str) -> int:
    """The number of cells that printed text takes: two for wide East Asian characters and emoji, none for accents."""
    if shown.isascii():
        return len(shown)
    from unicodedata import category, east_asian_width

    return sum(2 if east_asian_width(c) in "WF" else 0 if category(c) in ("Mn", "Me") else 1 for c in shown)


def _shown(character: str, unicode: bool) -> str:
    if character.isprintable() and (unicode or character.isascii()):
        return character
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8, see dfguard.source
        code -= 0xDC00
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
