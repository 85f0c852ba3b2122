"""What BuildKit refuses of COPY and ADD when it comes to them: modes, checksums, and what is copied from afar.

https://github.com/moby/buildkit/blob/master/frontend/dockerfile/dockerfile2llb/convert_copy.go
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from dfguard.dockerfile.nodes import Add, Copy, Flag, Problem
from dfguard.dockerfile.words import expand
from dfguard.regex import regex

Value = Callable[[str], "str | None"]

_HTTP = ("http://", "https://")
_GIT_SCHEME = regex(r"(?:git|ssh)://", re.IGNORECASE)
_SCP = regex(r"[a-zA-Z0-9_-]+@[a-zA-Z0-9.-]+:.*", re.DOTALL)


def copy_problems(node: Copy | Add, value: Value, escape: str, refused: bool) -> Iterator[Problem]:
    """The problems of one instruction; `value` gives what a word is for sure, None when that is not known."""
    if isinstance(node, Copy):
        yield from _from_flag(node, escape)
        yield from _remote_sources(node, value, refused)
    for flag in node.flags:
        known = value(flag.value) if flag.value else None
        if not known:
            continue
        if flag.name == "chmod":
            from dfguard.dockerfile.values import mode_fault

            if fault := mode_fault(known):
                yield _bad_value(flag, f"--chmod={known} {fault}", refused)
        elif flag.name == "checksum" and isinstance(node, Add) and (fault := _checksum_fault(node, known, value)):
            yield _bad_value(flag, fault, refused)


def _bad_value(flag: Flag, message: str, refused: bool) -> Problem:
    return Problem(flag.value_span or flag.span, "bad-value", message, refused)


def _from_flag(node: Copy, escape: str) -> Iterator[Problem]:
    """--from is looked at in every stage, before any of them is built."""
    name = node.from_.value if node.from_ is not None else None
    if not name or node.from_ is None or not any(mark in name for mark in ("$", "'", '"', escape)):
        return
    expanded = expand(name, lambda _: None, escape)
    if expanded.error or expanded.value != name:
        message = "--from takes no variables: name a stage (FROM $IMAGE AS name) and copy from that"
        yield _bad_value(node.from_, message, not node.onbuild)


def is_git(text: str) -> bool:
    """Whether a source is a git repository."""
    if text.startswith(_HTTP):
        return re.split(r"[#?]", text, maxsplit=1)[0].endswith(".git")
    return bool(_GIT_SCHEME.match(text) or ("://" not in text and _SCP.fullmatch(text)))


def _remote_sources(node: Copy, value: Value, refused: bool) -> Iterator[Problem]:
    for source in node.sources:
        text = value(source.raw) if source.kind != "heredoc" else None
        if text is None:
            continue
        if is_git(text) or text.startswith(_HTTP):
            what = "a git repository" if is_git(text) else "a URL"
            yield Problem(source.span, "remote-source", f"COPY can't take {what}: ADD can", refused)


def _checksum_fault(node: Add, checksum: str, value: Value) -> str:
    sources = [source for source in node.sources if source.kind != "heredoc"]
    if len(sources) != 1:
        return "--checksum takes one source, not several" if sources else "--checksum takes one source, not a heredoc"
    source = value(sources[0].raw)
    if source is None or is_git(source):
        return ""
    if not source.startswith(_HTTP):
        return "--checksum is for downloads and git repositories: this source is a file of the build context"
    from dfguard.dockerfile.values import digest_fault

    fault = digest_fault(checksum)
    return f"--checksum={checksum} {fault}" if fault else ""
