"""A credential of a Python source read from the environment instead: `os.environ["DB_PASSWORD"]`.

libcst rewrites, in a child process with limits of time, memory and size (`child`), and `ast` holds the result
against the source: the new one parses, and its tree is the old one but for the value and the import.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import warnings

from dfguard.edit import Edit, Refusal
from dfguard.python_sources import bindings
from dfguard.python_sources.find import PythonCredential, parse
from dfguard.python_sources.holders import FALLBACK, dotted
from dfguard.python_sources.text import PythonText, Unreadable, decode, of_heredoc
from dfguard.source import Span
from dfguard.struct import Struct

MOST_CHARACTERS = 400_000  # libcst reads half a megabyte a second
TIMEOUT = 40.0
CHILD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "child.py")
_KEPT = ("SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG", "LC_ALL")  # of the environment, for the child
_LOOKUPS = ("os.environ.get", "os.getenv", "environ.get", "getenv")


class _Replacement(Struct):
    """`node` of the tree becomes `expression`; `line` is the import that it needs, "" for none."""

    node: ast.expr
    expression: str
    line: str


def from_environment(credential: PythonCredential, body: Span | None = None) -> tuple[Edit, ...] | Refusal:
    """The edits of the file that holds the credential, or why there are none; `body` is the heredoc that it is in."""
    try:
        source = credential.span.source
        text = of_heredoc(body) if body is not None else decode(source.path, source.data)
        return _rewritten(text, parse(text), credential)
    except Unreadable as error:
        return Refusal(str(error))


def _rewritten(text: PythonText, tree: ast.Module, credential: PythonCredential) -> tuple[Edit, ...] | Refusal:
    if len(text.text) > MOST_CHARACTERS:
        return Refusal(f"the file is larger than {MOST_CHARACTERS:,} characters")
    planned = _plan(text, tree, credential)
    if isinstance(planned, Refusal):
        return planned
    new = _ask(text, planned)
    if isinstance(new, Refusal):
        return new
    if not _is_faithful(tree, new, planned):
        return Refusal("libcst's rewrite changes more than the value")
    return _edits(text, new, planned)


def _plan(text: PythonText, tree: ast.Module, credential: PythonCredential) -> _Replacement | Refusal:
    node = next(
        (node for node in ast.walk(tree) if isinstance(node, ast.expr) and _is_at(text, node, credential)), None
    )
    if node is None:
        return Refusal("the value is not where it was")
    environ = bindings.environ(tree, node.lineno)
    read = f'{environ.name}["{credential.variable}"]'
    if credential.shape == FALLBACK:
        call = next((c for c in ast.walk(tree) if isinstance(c, ast.Call) and node in c.args[1:]), None)
        if call is None or dotted(call.func) not in _LOOKUPS or len(call.args) != 2:
            return Refusal("it is the default of a look-up: drop the default by hand")
        name = call.args[0]
        assert isinstance(name, ast.Constant)
        return _Replacement(call, f"{environ.name}[{name.value!r}]".replace("'", '"'), environ.line)
    expression = _expression(text, node, credential, read)
    return expression if isinstance(expression, Refusal) else _Replacement(node, expression, environ.line)


def _is_at(text: PythonText, node: ast.expr, credential: PythonCredential) -> bool:
    kinds = (ast.Constant, ast.JoinedStr, ast.BinOp)
    return isinstance(node, kinds) and text.span_of(node) == credential.value


def _expression(text: PythonText, node: ast.expr, credential: PythonCredential, read: str) -> str | Refusal:
    """What takes the place of the literal: all of it, or an f-string around what is no credential."""
    if credential.literal in ("fstring", "joined") and not credential.constant:
        return Refusal("the value is put together at run time: take the constant part out by hand")
    part = credential.span.text
    if isinstance(node, ast.Constant) and isinstance(node.value, bytes):
        if not node.value.isascii():
            return Refusal("the value is bytes that are no text")
        whole = f"{read}.encode()"
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        return f"int({read})"
    else:
        whole = read
    if credential.partial:
        written = text.text_of(node)
        if (
            credential.literal != "str"
            or written.count(part) != 1
            or set(written) & set("{}")
            or written[0] not in "'\""
        ):
            return Refusal("the credential is a part of a longer text: take it out by hand")
        quoted = read.replace('"', "'") if written[0] == '"' else read
        return "f" + written.replace(part, "{" + quoted + "}")
    return whole


def _ask(text: PythonText, planned: _Replacement) -> str | Refusal:
    """The child's answer: the new text."""
    node = planned.node
    asked = {
        "source": text.text,
        "start": _characters(text, node.lineno, node.col_offset),
        "end": _characters(text, node.end_lineno or node.lineno, node.end_col_offset or 0),
        "expression": planned.expression,
        "import": planned.line,
    }
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    try:
        # -I: neither the current folder nor the environment say what is imported
        done = subprocess.run(
            [sys.executable, "-I", CHILD],
            input=json.dumps(asked).encode("ascii"),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=TIMEOUT,
            env=kept,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Refusal(f"libcst takes longer than {TIMEOUT:.0f} seconds")
    except OSError as error:
        return Refusal(f"no process can be started: {error.strerror}")
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        return Refusal(f"libcst ended with code {done.returncode}")
    return str(answer["text"]) if "text" in answer else Refusal(str(answer["refused"]))


def _characters(text: PythonText, line: int, column: int) -> tuple[int, int]:
    return line, text.index_of(line, column) - text.index_of(line, 0)


def _is_faithful(tree: ast.Module, new: str, planned: _Replacement) -> bool:
    """The new text parses to the old tree, with the expression in the place of the value, and one import more."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            other = ast.parse(new)
            _swap(tree, planned.node, ast.parse(planned.expression, mode="eval").body)
        expected = ast.dump(tree)
        if not planned.line:
            return ast.dump(other) == expected
        body = list(other.body)
        for index, node in enumerate(body):
            if isinstance(node, ast.Import) and ast.unparse(node) == planned.line:
                other.body = body[:index] + body[index + 1 :]
                return ast.dump(other) == expected
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        pass
    return False


def _swap(tree: ast.Module, old: ast.expr, new: ast.expr) -> None:
    for node in ast.walk(tree):
        for name, value in ast.iter_fields(node):
            if value is old:
                setattr(node, name, new)
            elif isinstance(value, list):
                value[:] = [new if item is old else item for item in value]


def _edits(text: PythonText, new: str, planned: _Replacement) -> tuple[Edit, ...] | Refusal:
    """The rewrite as the fewest edits: the value, and the lines of the import."""
    span = text.span_of(planned.node)
    value = Edit(span, planned.expression)
    start = text.index_of(planned.node.lineno, planned.node.col_offset)
    end = text.index_of(planned.node.end_lineno or 0, planned.node.end_col_offset or 0)
    plain = text.text[:start] + planned.expression + text.text[end:]
    added = len(new) - len(plain)
    if not added:
        return (value,) if new == plain else Refusal("libcst's rewrite changes more than the value")
    at = next((at for at, (left, right) in enumerate(zip(plain, new, strict=False)) if left != right), len(plain))
    while at and plain[at - 1] != "\n" and new[at - 1] == new[at + added - 1]:
        at -= 1
    lines = new[at : at + added]
    if plain[:at] + lines + plain[at:] != new or at > start:
        return Refusal("libcst's rewrite changes more than the value and the import")
    offset = text.offset_at(at)
    return Edit(Span(text.source, offset, offset), lines), value
