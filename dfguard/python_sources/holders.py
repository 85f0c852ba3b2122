"""What a Python source gives a value to: variables, attributes, keys, arguments, defaults, comparisons."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dfguard.regex import regex
from dfguard.struct import Struct

ASSIGNED, KEYWORD, ENTRY, DEFAULT, FALLBACK, COMPARED, POSITIONAL = (
    "assigned", "keyword", "entry", "default", "fallback", "compared", "positional",
)  # fmt: skip
_NAME = regex(r"[A-Za-z_][\w.-]{0,99}\Z")
_ENUMS = ("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "TextChoices", "Choices", "IntegerChoices")
# The name of the argument is its place: call -> (position of the credential, how it is called).
_POSITIONS: dict[str, tuple[int, str]] = {
    "HTTPBasicAuth": (1, "password"),
    "HTTPDigestAuth": (1, "password"),
    "HTTPProxyAuth": (1, "password"),
    "BasicAuth": (1, "password"),
    "login": (1, "password"),
    "set_password": (0, "password"),
    "make_password": (0, "password"),
    "create_superuser": (2, "password"),
    "create_user": (2, "password"),
    "generate_password_hash": (0, "password"),
    "Fernet": (0, "encryption_key"),
    "URLSafeTimedSerializer": (0, "secret_key"),
    "URLSafeSerializer": (0, "secret_key"),
}
# `object.method` -> the same.
_METHODS: dict[tuple[str, str], tuple[int, str]] = {
    ("jwt", "encode"): (1, "secret_key"),
    ("jwt", "decode"): (1, "secret_key"),
    ("pymysql", "connect"): (2, "password"),
    ("MySQLdb", "connect"): (2, "password"),
    ("hmac", "new"): (0, "secret_key"),
    ("keyring", "set_password"): (2, "password"),
}
# What takes a user and a password as a pair.
_PAIRS = frozenset("auth basic_auth http_auth proxy_auth credentials".split())
# Reads of the environment or of settings: what they give when the name is not set.
_LOOKUPS = frozenset("get getenv setdefault pop config env str get_secret get_env env_str read_secret".split())


class Holder(Struct):
    """`name` is what holds `value`, `path` all the names up to it (`DATABASES default PASSWORD`).

    `shape` says how: assigned, keyword, entry (of a dict), default, fallback (of a look-up), compared or
    positional. `callee` is the dotted name of the call for arguments.
    """

    name: str
    path: tuple[str, ...]
    value: ast.expr
    shape: str
    callee: str = ""


def holders(tree: ast.AST) -> Iterator[Holder]:
    """All of them, in no certain order; without recursion."""
    todo: list[tuple[ast.AST, tuple[str, ...]]] = [(tree, ())]
    while todo:
        node, path = todo.pop()
        yield from _held(node, path)
        todo += _below(node, path)


def _held(node: ast.AST, path: tuple[str, ...]) -> Iterator[Holder]:
    """What a node itself gives values to; `path` holds the names around it."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _assigned(target, node.value)
    elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.NamedExpr)) and node.value is not None:
        yield from _assigned(node.target, node.value)
    elif isinstance(node, ast.Dict):
        for name, value in _entries(node):
            if name is not None:
                yield from _through(Holder(name, (*path, name), value, ENTRY))
    elif isinstance(node, ast.Call):
        yield from _call(node, path)
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        yield from _defaults(node.args)
    elif isinstance(node, ast.Compare):
        yield from _compared(node)


def _below(node: ast.AST, path: tuple[str, ...]) -> Iterator[tuple[ast.AST, tuple[str, ...]]]:
    """The parts of a node to go on with, and the names around them; annotations are no values."""
    if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr)):
        if node.value is not None:
            yield node.value, names(node.targets[-1] if isinstance(node, ast.Assign) else node.target)
    elif isinstance(node, ast.Dict):
        for name, value in _entries(node):
            yield value, (*path, name) if name is not None else path
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        yield from ((part, ()) for part in (*node.body, *node.decorator_list, node.args))
    elif isinstance(node, ast.ClassDef):
        if not any(dotted(base).rpartition(".")[2] in _ENUMS for base in node.bases):
            yield from ((part, ()) for part in (*node.body, *node.decorator_list))
    elif isinstance(node, ast.arguments):
        yield from ((part, ()) for part in (*node.defaults, *node.kw_defaults) if part is not None)
    else:
        yield from ((part, path) for part in ast.iter_child_nodes(node))


def _entries(node: ast.Dict) -> Iterator[tuple[str | None, ast.expr]]:
    """(key, value) of a dict; None for keys that are not written out."""
    for key, value in zip(node.keys, node.values, strict=True):
        name = key.value if isinstance(key, ast.Constant) else None
        if isinstance(name, bytes):
            name = name.decode("latin-1")
        yield name if isinstance(name, str) else None, value


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[Holder]:
    """What one target gets, the elements of a tuple one by one."""
    if isinstance(target, (ast.Tuple, ast.List)):
        if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts):
            for inner, part in zip(target.elts, value.elts, strict=True):
                path = names(inner)
                if path:
                    yield from _through(Holder(path[-1], path, part, ASSIGNED))
        return
    path = names(target)
    if path:
        yield from _through(Holder(path[-1], path, value, ASSIGNED))


def names(target: ast.expr) -> tuple[str, ...]:
    """`app.config["SECRET_KEY"]` as app, config, SECRET_KEY; what is no name is left out."""
    found: list[str] = []
    while True:
        if isinstance(target, ast.Attribute):
            found.append(target.attr)
            target = target.value
        elif isinstance(target, ast.Subscript):
            key = target.slice
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                found.append(key.value)
            elif not found:
                return ()
            target = target.value
        elif isinstance(target, ast.Name):
            found.append(target.id)
            break
        else:
            break
    return tuple(reversed(found))


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a name or attribute, with what stands before a call left out."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        parts.append(node.id)
    return ".".join(reversed(parts))


def _through(holder: Holder) -> Iterator[Holder]:
    """The holder, or one for each value that it may get: `x or "..."`, `a if b else "..."`, a list's elements."""
    value = holder.value
    if isinstance(value, ast.BoolOp):
        for part in value.values:
            shape = FALLBACK if part is value.values[-1] and len(value.values) > 1 else holder.shape
            yield holder.but(value=part, shape=shape)
    elif isinstance(value, ast.IfExp):
        yield holder.but(value=value.body)
        yield holder.but(value=value.orelse)
    elif isinstance(value, (ast.List, ast.Tuple, ast.Set)):
        if holder.name.lower() in _PAIRS and len(value.elts) == 2:
            yield holder.but(name="password", path=(*holder.path, "password"), value=value.elts[1])
        else:
            for part in value.elts[:50]:
                yield holder.but(value=part)
    else:
        yield holder


def _call(node: ast.Call, path: tuple[str, ...]) -> Iterator[Holder]:
    """The arguments of a call: by keyword, by a place that is known, and the default of a look-up."""
    callee = dotted(node.func)
    last = node.func.attr if isinstance(node.func, ast.Attribute) else callee
    looked_up = _key(node.args[0]) if last in _LOOKUPS and node.args else None
    if looked_up is not None:
        shape = ASSIGNED if last == "setdefault" else FALLBACK
        for value in node.args[1:2]:
            yield from _through(Holder(looked_up, (*path, looked_up), value, shape, callee))
    if last == "setattr" and len(node.args) == 3:
        key = _key(node.args[1])
        if key is not None:
            yield from _through(Holder(key, (key,), node.args[2], ASSIGNED, callee))
    head = callee.split(".")[-2] if "." in callee else ""
    position = _METHODS.get((head, last)) or _POSITIONS.get(last)
    if position is not None and len(node.args) > position[0]:
        yield Holder(position[1], (*path, last, position[1]), node.args[position[0]], POSITIONAL, callee)
    for keyword in node.keywords:
        if looked_up is not None and keyword.arg in ("default", "fallback"):
            yield from _through(Holder(looked_up, (*path, looked_up), keyword.value, FALLBACK, callee))
        elif keyword.arg is not None:
            yield from _through(Holder(keyword.arg, (*path, keyword.arg), keyword.value, KEYWORD, callee))


def _key(node: ast.expr) -> str | None:
    """A name that is written out as a string."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and _NAME.match(node.value):
        return node.value
    return None


def _defaults(arguments: ast.arguments) -> Iterator[Holder]:
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = list(zip(reversed(positional), reversed(arguments.defaults), strict=False))
    pairs += [(a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None]
    for argument, value in pairs:
        yield Holder(argument.arg, (argument.arg,), value, DEFAULT)


def _compared(node: ast.Compare) -> Iterator[Holder]:
    if len(node.ops) != 1 or not isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
        return
    left, right = node.left, node.comparators[0]
    for side, value in ((left, right), (right, left)):
        path = names(side)
        if path and isinstance(value, ast.Constant):
            yield Holder(path[-1], path, value, COMPARED)
