"""Paths inside an image: joining, wildcards, and whether ADD unpacks a file."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from posixpath import normpath

from dfguard.context import glob

UNKNOWN = "**"
PATH_MAX = 4096  # Linux refuses longer ones


def join(folder: str, path: str) -> str:
    """Join as the builder does: an absolute `path` wins; below an unknown folder it starts with `**/`.

    What is too long for a path is UNKNOWN.
    """
    if len(folder) + len(path) >= PATH_MAX:
        return UNKNOWN
    if path.startswith("/"):
        return normpath("/" + path.lstrip("/"))
    joined = normpath(f"{folder.rstrip('/')}/{path}")
    if joined == UNKNOWN or joined.startswith(("/", UNKNOWN + "/")):
        return joined
    while joined.startswith("../"):
        joined = joined[3:]
    return UNKNOWN if joined in (".", "..") else f"{UNKNOWN}/{joined}"


def name_of(path: str) -> str:
    """The last part of a path."""
    return path.rpartition("/")[2]


@lru_cache(maxsize=1024)
def plain_part(pattern: str) -> str:
    """The folder in front of the first segment with wildcards; "/" when that is the first one."""
    parts = pattern.split("/")
    at = next(
        (i for i, part in enumerate(parts) if part != UNKNOWN and any(sign in part for sign in "*?[")), len(parts)
    )
    return "/".join(parts[:at]) or "/" if parts[0] != UNKNOWN else "/"


Names = Callable[[str], bool]


def go_names(segment: str) -> Names | None:
    """What a segment of a COPY source matches, `*` hidden names too; None when it is a plain name."""
    return glob.read(segment).matches if glob.has_wildcard(segment) else None


@lru_cache(maxsize=1024)
def shell_names(segment: str) -> Names | None:
    """What a shell makes of a segment of a path; None when it is a plain name.

    `*`, `?` and `[` at the start do not match a leading dot.
    """
    if not any(char in segment for char in "*?["):
        return None
    matches = glob.read(_as_go_pattern(segment)).matches
    if segment.startswith("."):
        return matches
    return lambda name: not name.startswith(".") and matches(name)


def shell_regex(pattern: str) -> str:
    """A shell pattern as a regular expression, where a leading dot and a slash are characters like others."""
    out, at = "", 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        start = at + pattern.startswith(("!", "^"), at)
        close = pattern.find("]", start + 1) if char == "[" else -1
        if close > 0:
            body = pattern[start:close].replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
            out += f"[{'^' if start > at else ''}{body}]"
            at = close + 1
        elif char == "\\" and at < len(pattern):
            out += re.escape(pattern[at])
            at += 1
        else:
            out += {"*": "(?s:.*)", "?": "(?s:.)"}.get(char, re.escape(char))
    return out


def _as_go_pattern(segment: str) -> str:
    """A shell pattern as Go writes it: classes that a shell takes literally are escaped."""
    out, at = "", 0
    while at < len(segment):
        char = segment[at]
        at += 1
        start = at + segment.startswith(("!", "^"), at)
        close = segment.find("]", start + 1) if char == "[" else -1
        if close > 0:
            body = segment[start:close].replace("\\", "\\\\").replace("]", "\\]").replace("[", "\\[")
            out += "[" + ("^" if start > at else "") + body + "]"
            at = close + 1
        else:
            out += "\\" + char if char in "[\\" else char
    return out


def unpacks(head: bytes) -> bool | None:
    """Whether ADD unpacks a local file that starts with `head` (a few KB are enough).

    BuildKit asks the content, never the suffix: what decompresses (gzip, bzip2, xz, zstd) to a tar
    header is unpacked, a plain `.gz` is copied. None: compressed with zstd, of which the first bytes tell nothing.
    Source: BuildKit solver/llbsolver/file/unpack.go, isArchivePath.
    """
    if head[:4] == b"\x28\xb5\x2f\xfd":
        return None
    return is_tar_header(_decompressed(head))


def _decompressed(head: bytes) -> bytes:
    """The first bytes of what `head` decompresses to, `head` itself if it is plain, nothing if it is broken."""
    if head[:2] == b"\x1f\x8b":
        import zlib

        return _tried(lambda: zlib.decompressobj(31).decompress(head, 512), zlib.error)
    if head[:3] == b"BZh":
        import bz2

        return _tried(lambda: bz2.BZ2Decompressor().decompress(head, 512), OSError)
    if head[:6] == b"\xfd7zXZ\0":
        import lzma

        return _tried(lambda: lzma.LZMADecompressor().decompress(head, 512), lzma.LZMAError)
    return head


def _tried(decompress: Callable[[], bytes], broken: type[Exception]) -> bytes:
    try:
        return decompress()
    except (broken, EOFError, ValueError):
        return b""


def is_tar_header(block: bytes) -> bool:
    """Whether 512 bytes are the header of an entry of a tar."""
    if len(block) < 512 or not block[0]:
        return False
    try:
        said = int(block[148:156].strip(b"\0 ") or b"x", 8)
    except ValueError:
        return False
    return said == sum(block[:148]) + 8 * 32 + sum(block[156:512])
