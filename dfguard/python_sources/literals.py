"""Values that are written out: strings, bytes, what is joined of them, and the constant parts of f-strings."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from dfguard.python_sources.text import PythonText
from dfguard.regex import regex
from dfguard.source import Span
from dfguard.struct import Struct

GAP = "\0"  # stands for what is not constant in a value
_LONGEST = 20_000  # characters of a value that are looked at
_OPENING = regex(r"[rRbBuUfFtT]{0,3}('''|\"\"\"|'|\")")
# Calls that hand on the one string they are given, and methods of a string that do.
_WRAPPERS = frozenset(
    """
    SecretStr SecretBytes Secret str bytes bytearray quote quote_plus b64decode urlsafe_b64decode unhexlify fromhex
    """.split()
)
_METHODS = frozenset("encode decode strip".split())


class Literal(Struct):
    """A written value: `node` is the expression, `value` its text, with GAP where something is not constant.

    `kind` is `str`, `bytes`, `int`, `fstring` or `joined` (strings added up by `+`).
    """

    node: ast.expr
    value: str
    kind: str

    @property
    def whole(self) -> bool:
        """Whether all of it is constant."""
        return GAP not in self.value


def literal(node: ast.expr) -> Literal | None:
    """The value of an expression that is written out at least in part, calls around it taken off."""
    for _ in range(4):
        inner = _wrapped(node)
        if inner is None:
            break
        node = inner
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            return Literal(node, node.value[:_LONGEST], "str")
        if isinstance(node.value, bytes):
            return Literal(node, node.value[:_LONGEST].decode("latin-1"), "bytes")
        if isinstance(node.value, int) and not isinstance(node.value, bool) and node.value.bit_length() < 200:
            return Literal(node, str(node.value), "int")
        return None
    if isinstance(node, ast.JoinedStr):
        return Literal(node, "".join(_parts(node))[:_LONGEST], "fstring")
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _joined(node)
    return None


def _wrapped(node: ast.expr) -> ast.expr | None:
    """The string in `SecretStr("...")`, `b64decode("...")` or `"...".encode()`."""
    if not isinstance(node, ast.Call):
        return None
    if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, (ast.Constant, ast.JoinedStr)):
        return node.func.value if node.func.attr in _METHODS else None
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return node.args[0] if name in _WRAPPERS and node.args else None


def _parts(node: ast.JoinedStr) -> Iterator[str]:
    for part in node.values:
        yield part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else GAP


def joined_parts(node: ast.expr) -> list[ast.expr]:
    """The operands of `"a" + x + "b"`, without recursion: those of a chain lie on the left."""
    operands: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        operands.append(node.right)
        node = node.left
    return [node, *reversed(operands)]


def _joined(node: ast.BinOp) -> Literal | None:
    values = []
    for operand in joined_parts(node):
        if isinstance(operand, ast.Constant) and isinstance(operand.value, str):
            values.append(operand.value)
        elif isinstance(operand, ast.Constant) and isinstance(operand.value, bytes):
            values.append(operand.value.decode("latin-1"))
        elif isinstance(operand, ast.JoinedStr):
            values += _parts(operand)
        else:
            values.append(GAP)
    value = "".join(values)
    return Literal(node, value[:_LONGEST], "joined") if value.strip(GAP) else None


def inner_span(text: PythonText, node: ast.expr) -> Span:
    """The place of a value: between the quotes of a single literal, else the whole expression."""
    whole = text.span_of(node)
    written = text.text_of(node)
    opening = _OPENING.match(written)
    if opening is None or isinstance(node, ast.BinOp):
        return whole
    quote = opening[1]
    body = written[opening.end() : -len(quote)]
    raw = "r" in opening[0].lower()
    if not written.endswith(quote) or _closes_early(body, quote, raw) or not body:
        return whole
    return Span(whole.source, whole.start + opening.end(), whole.end - len(quote))


def _closes_early(body: str, quote: str, raw: bool) -> bool:
    """Whether the quote stands in the body too: then it is several literals beside one another."""
    return quote in re.sub(r"\\.", "", body, flags=re.DOTALL)
