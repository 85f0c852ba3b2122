"""Rewrites one expression of a Python source with libcst; runs as a process of its own, with limits.

Reads a JSON object on standard input, writes one on standard output: {"text": ...} or {"refused": ...}. libcst
recurses along the source and may crash, which must not take the caller with it. It imports nothing of
dfguard: it is started by its path, isolated from the environment and the current folder.
"""

from __future__ import annotations

import json
import sys
from typing import Any

MOST_SECONDS = 20
MOST_MEMORY = 2 * 1024**3


def main() -> None:
    """Do one rewrite."""
    _limit()
    json.dump(_answer(json.load(sys.stdin)), sys.stdout)


def _limit() -> None:
    """Limits of the operating system, where there are any."""
    try:
        import resource
    except ImportError:  # Windows: what is left is the caller's timeout
        return
    for name, most in (("RLIMIT_CPU", MOST_SECONDS), ("RLIMIT_AS", MOST_MEMORY), ("RLIMIT_CORE", 0)):
        kind = getattr(resource, name, None)
        if kind is not None:
            hard = resource.getrlimit(kind)[1]
            resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _answer(asked: dict[str, Any]) -> dict[str, str]:
    try:
        import libcst
    except ImportError:
        return {"refused": "libcst is not installed"}
    try:
        return {"text": _rewritten(asked)}
    except LookupError as error:
        return {"refused": str(error.args[0])}
    except (libcst.ParserSyntaxError, libcst.CSTValidationError, RecursionError, MemoryError) as error:
        return {"refused": f"libcst does not read the file ({type(error).__name__})"}


def _rewritten(asked: dict[str, Any]) -> str:
    """The source with the expression from `start` to `end` (line from 1, column in characters) replaced."""
    import libcst
    from libcst.metadata import MetadataWrapper, PositionProvider

    wrapper = MetadataWrapper(libcst.parse_module(asked["source"]), unsafe_skip_copy=True)
    wanted = tuple(asked["start"]), tuple(asked["end"])
    for node, at in wrapper.resolve(PositionProvider).items():
        place = (at.start.line, at.start.column), (at.end.line, at.end.column)
        if place == wanted and isinstance(node, libcst.BaseExpression):
            new = libcst.parse_expression(asked["expression"]).with_changes(lpar=node.lpar, rpar=node.rpar)
            module: Any = wrapper.module.deep_replace(node, new)
            return str((_with_import(module, asked["import"]) if asked["import"] else module).code)
    raise LookupError("libcst does not see the value where Python's parser does")


def _with_import(module: Any, line: str) -> Any:
    """The module with an import where isort would put it: behind the docstring and `from __future__`.

    Among the first `import x` of the standard library by name, else in front of all imports, else on its own.
    """
    import libcst

    new = libcst.parse_statement(line, module.config_for_parsing)
    body = list(module.body)
    at = next((index for index, node in enumerate(body) if not _is_head(node, index)), len(body))
    plain = at
    while plain < len(body) and _imported(body[plain]) and not _is_plain(body[plain]):
        plain += 1
    if plain < len(body) and _is_plain(body[plain]) and _is_standard(body[plain]):
        first = at = plain
        while at < len(body) and _is_plain(body[at]) and _imported(body[at]) < "os":
            at += 1
        if at == first:
            new, body[at] = new.with_changes(leading_lines=body[at].leading_lines), _led_by(body[at], [])
        body.insert(at, new)
        return module.with_changes(body=body)
    blank = [libcst.EmptyLine(indent=False)]
    if at < len(body):
        led = list(body[at].leading_lines)
        while led and led[0].comment is None:
            del led[0]
        follows = bool(_imported(body[at])) and _is_standard(body[at])
        rest = list(body[at].leading_lines[: len(body[at].leading_lines) - len(led)]) or blank
        body[at] = _led_by(body[at], led if follows else [*(blank if _imported(body[at]) else rest), *led])
    body.insert(at, _led_by(new, blank) if at else new)
    return module.with_changes(body=body)


def _led_by(statement: Any, lines: list[Any]) -> Any:
    return statement.with_changes(leading_lines=lines)


def _is_head(node: Any, index: int) -> bool:
    """The docstring, and imports from `__future__`."""
    import libcst

    if not isinstance(node, libcst.SimpleStatementLine):
        return False
    first = node.body[0]
    if isinstance(first, libcst.Expr):
        return index == 0 and isinstance(first.value, (libcst.SimpleString, libcst.ConcatenatedString))
    return _imported(node) == "__future__"


def _imported(node: Any) -> str:
    """The module that an import names first, `.` for a relative one, "" for another statement."""
    import libcst

    first = node.body[0] if isinstance(node, libcst.SimpleStatementLine) else None
    if isinstance(first, libcst.Import):
        return str(libcst.Module([]).code_for_node(first.names[0].name))
    if isinstance(first, libcst.ImportFrom):
        return str(libcst.Module([]).code_for_node(first.module)) if first.module and not first.relative else "."
    return ""


def _is_plain(node: Any) -> bool:
    import libcst

    return isinstance(node, libcst.SimpleStatementLine) and isinstance(node.body[0], libcst.Import)


def _is_standard(node: Any) -> bool:
    return _imported(node).partition(".")[0] in sys.stdlib_module_names


if __name__ == "__main__":
    main()
