"""How a source can name `os.environ`: by an import that it has, or by one that can be added without a clash."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dfguard.struct import Struct


class Environ(Struct):
    """`name` is what to write for `os.environ`; `line` the import to add for it, "" for none."""

    name: str
    line: str = ""


def environ(tree: ast.Module, line: int) -> Environ:
    """What `os.environ` is called at a line of the module."""
    taken = [(name, node) for node in ast.walk(tree) for name in _bound(node)]
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    local = {name for node in around for inner in ast.walk(node) if inner is not node for name in _bound(inner)}
    other = {
        name for name, node in taken if not (isinstance(node, ast.alias) and node.name in ("os", "os.path", "environ"))
    }
    imported = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom)) and node.lineno < line]
    for written, name in (pair for node in imported for pair in _given(node)):
        if name not in local | other:
            return Environ(written)
    if "os" not in other | local:
        return Environ("os.environ", "import os")
    names = {name for name, _ in taken}
    alias = next(f"_os{number}" for number in ("", *range(2, len(names) + 3)) if f"_os{number}" not in names)
    return Environ(f"{alias}.environ", f"import os as {alias}")


def _given(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """(what `os.environ` is called, the name that it hangs on) by an import at the top of a module."""
    for alias in node.names:
        if isinstance(node, ast.Import) and (alias.name == "os" or (alias.name == "os.path" and not alias.asname)):
            yield f"{alias.asname or 'os'}.environ", alias.asname or "os"
        elif isinstance(node, ast.ImportFrom) and (node.module, alias.name, node.level) == ("os", "environ", 0):
            yield alias.asname or "environ", alias.asname or "environ"


def _bound(node: ast.AST) -> Iterator[str]:
    """The names that a node binds by itself."""
    if isinstance(node, ast.Name):
        if not isinstance(node.ctx, ast.Load):
            yield node.id
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler)):
        if node.name:
            yield node.name
    elif isinstance(node, ast.alias):
        yield node.asname or node.name.partition(".")[0]
    elif isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
        yield node.name
    elif isinstance(node, ast.MatchMapping) and node.rest:
        yield node.rest
