"""The bash grammar of tree-sitter, loaded at first use."""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tree_sitter import Language, Node

_NOT_PRINTABLE_ASCII = re.compile(r"[^\n\t -~]")


def parse(text: str) -> Node:
    """The root of the syntax tree of a script; its byte offsets are character offsets of `text`.

    Characters outside of ASCII and control characters count as one word character each: they mean
    nothing to the shell, and without them tree-sitter's UTF-8 offsets are character offsets.
    """
    module, language = _language()
    data = _NOT_PRINTABLE_ASCII.sub(_stand_in, text).encode("ascii")
    root: Node = module.Parser(language).parse(data).root_node
    return root


def _stand_in(match: re.Match[str]) -> str:
    return "." if match[0] > "\x7f" else " "


@lru_cache(maxsize=1)
def _language() -> tuple[Any, Language]:
    module = extension("tree_sitter")
    return module, module.Language(extension("tree_sitter_bash").language())


def extension(package: str) -> Any:
    """The extension module of a tree-sitter package, without running the package's `__init__`.

    The packages' own `__init__` import `typing` and `importlib.resources` (which imports `inspect`
    from Python 3.12 on) for parts that are not used here; that would cost a third of a short run.
    Falls back to the plain import; raises ImportError when the package is missing.
    """
    if package not in sys.modules:
        from importlib.machinery import PathFinder

        found = PathFinder.find_spec(package)
        places = found.submodule_search_locations if found else None
        spec = PathFinder.find_spec(f"{package}._binding", places) if places else None
        if spec and spec.loader:
            module = spec.loader.create_module(spec)
            if module is not None:
                spec.loader.exec_module(module)
                return module
    from importlib import import_module

    return import_module(package)
