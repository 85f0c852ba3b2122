"""The bash grammar of tree-sitter, loaded at first use."""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from dfguard.regex import regex

if TYPE_CHECKING:
    from tree_sitter import Language, Node

MAX_CHARACTERS = 131_071  # Linux passes no longer argument to `sh -c`: MAX_ARG_STRLEN in linux/binfmts.h
MAX_OPERATORS = 1_000  # errors in a row of operators take the grammar quadratic time and memory to get over
_NOT_PRINTABLE_ASCII = regex(r"[^\n\t -~]")


def too_much(text: str) -> str:
    """Why a text is not given to the grammar ("" when it may be)."""
    if len(text) > MAX_CHARACTERS:
        return f"it is longer than {MAX_CHARACTERS:,} characters"
    if any(text.count(sign) > MAX_OPERATORS for sign in "|<>(){"):
        return f"it has more than {MAX_OPERATORS:,} operators of one kind"
    return ""


def parse(text: str) -> Node:
    """The root of the syntax tree of a script; its byte offsets are character offsets of `text`.

    Characters outside of ASCII and control characters count as one word character each: they mean
    nothing to the shell, and without them tree-sitter's UTF-8 offsets are character offsets.
    """
    from tree_sitter import Parser

    data = _NOT_PRINTABLE_ASCII.sub(_stand_in, text).encode("ascii")
    return Parser(_language()).parse(data).root_node


def _stand_in(match: re.Match[str]) -> str:
    return "." if match[0] > "\x7f" else " "


@lru_cache(maxsize=1)
def _language() -> Language:
    from tree_sitter import Language

    return Language(binding("tree_sitter_bash").language())


def binding(package: str) -> Any:
    """The extension module of a grammar's package, without running the package's own `__init__`.

    That imports `importlib.resources`, which imports `inspect` from Python 3.12 on, for queries that
    are not used here: 7 to 16 ms of a short run. Falls back to the plain import; raises ImportError
    when the package is missing.
    """
    from importlib.machinery import PathFinder

    found = None if package in sys.modules else PathFinder.find_spec(package)
    places = found.submodule_search_locations if found else None
    spec = PathFinder.find_spec(f"{package}._binding", places) if places else None
    module = spec.loader.create_module(spec) if spec and spec.loader else None
    if spec is None or spec.loader is None or module is None:
        from importlib import import_module

        return import_module(package)
    spec.loader.exec_module(module)
    return module
