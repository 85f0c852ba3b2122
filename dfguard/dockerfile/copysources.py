"""What a source of COPY or ADD is: a path, a pattern, an address, a heredoc or a file of another stage.

https://docs.docker.com/reference/dockerfile/#adding-files-from-a-git-repository
"""

from __future__ import annotations

import re

from dfguard.dockerfile.heredocs import read_opener
from dfguard.dockerfile.lexer import LexError
from dfguard.dockerfile.nodes import CopySource, Heredoc, Word
from dfguard.dockerfile.words import has_variable
from dfguard.regex import regex

_SCHEME = regex(r"(https?|git|ssh)://")
_SCP = regex(r"[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:[^/].*|[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:/.+")


def read_source(word: Word, heredocs: tuple[Heredoc, ...], staged: bool, escape: str) -> CopySource:
    """Tell the kind of a source; `staged` when the instruction has --from, `heredocs` are its own."""
    name = heredoc_name(word.raw)
    if name is not None:
        heredoc = next((heredoc for heredoc in reversed(heredocs) if heredoc.name == name), None)
        return CopySource(word, "heredoc", heredoc)
    if staged:
        return CopySource(word, "stage")
    return CopySource(word, _kind(word.raw, escape))


def heredoc_name(raw: str) -> str | None:
    if "<<" not in raw:
        return None
    try:
        opener = read_opener(raw)
    except LexError:
        return None
    return opener.name if opener else None


def _kind(raw: str, escape: str) -> str:
    scheme = _SCHEME.match(raw)
    if scheme:
        path = re.split(r"[#?]", raw, maxsplit=1)[0]
        return "git" if scheme[1] in ("git", "ssh") or path.endswith(".git") else "url"
    if _SCP.match(raw):
        return "git"
    if has_variable(raw, escape):
        return "variable"
    return "glob" if any(character in raw for character in "*?[") else "local"
