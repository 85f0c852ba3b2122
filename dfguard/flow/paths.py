"""Paths inside an image: joining, globs, and whether ADD unpacks a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from posixpath import normpath

UNKNOWN = "**"


def join(folder: str, path: str) -> str:
    """Join as the builder does: an absolute `path` wins; below an unknown folder it starts with `**/`."""
    if path.startswith("/"):
        return normpath("/" + path.lstrip("/"))
    joined = normpath(f"{folder.rstrip('/')}/{path}") if folder != "/" else normpath("/" + path)
    return joined if joined.startswith(("/", UNKNOWN)) else f"{UNKNOWN}/{joined.removeprefix('../')}"


def parents(path: str) -> Iterator[str]:
    """Every folder above `path`, the nearest first, without the root."""
    while (path := path.rpartition("/")[0]) and path != UNKNOWN:
        yield path


def is_glob(path: str) -> bool:
    """Whether a shell would expand `path` (a leading `**/` of an unknown folder does not count)."""
    return any(c in path.removeprefix(UNKNOWN + "/") for c in "*?[")


@lru_cache(maxsize=1024)
def glob(pattern: str) -> re.Pattern[str]:
    """A shell glob as a pattern that also matches everything below what it names.

    `*` and `?` stop at `/` and, at the start of a name, do not match a leading dot.
    """
    known = pattern.removeprefix(UNKNOWN + "/")
    out = re.escape(UNKNOWN + "/") if known != pattern else ""
    for segment in known.split("/"):
        hidden = "" if segment.startswith(".") or not is_glob(segment) else r"(?!\.)"
        out += hidden + _segment(segment) + "/"
    return re.compile(out.removesuffix("/") + r"(?:/.*)?\Z", re.S)


def _segment(segment: str) -> str:
    out, at = "", 0
    while at < len(segment):
        char = segment[at]
        close = segment.find("]", at + 2) if char == "[" else -1
        if char == "*":
            out += "" if out.endswith("[^/]*") else "[^/]*"
        elif char == "?":
            out += "[^/]"
        elif close > 0:
            body = segment[at + 1 : close].replace("\\", r"\\").replace("[", r"\[")
            out += "[" + ("^" + body[1:] if body[0] in "!^" else body) + "]"
            at = close
        else:
            out += re.escape(char)
        at += 1
    return out


def below(folder: str, paths: Iterable[str]) -> list[str]:
    """Those of `paths` that are `folder` or lie below it."""
    prefix = folder.rstrip("/") + "/"
    return [path for path in paths if path == folder or path.startswith(prefix)]


def matching(pattern: str, paths: Iterable[str]) -> list[str]:
    """Those of `paths` that a shell argument names, or that lie below what it names."""
    if not is_glob(pattern):
        return below(pattern, paths)
    try:
        match = glob(pattern).match
    except re.error:  # `[z-a]`: a shell takes it literally
        return below(pattern, paths)
    return [path for path in paths if match(path)]


def unpacks(head: bytes) -> bool | None:
    """Whether ADD unpacks a local file that starts with `head` (a few KB are enough).

    BuildKit asks the content, never the suffix: what decompresses (gzip, bzip2, xz, zstd) to a tar
    header is unpacked, a plain `.gz` is copied. None: compressed with zstd, which is not read here.
    Source: BuildKit solver/llbsolver/file/unpack.go, isArchivePath.
    """
    if head[:4] == b"\x28\xb5\x2f\xfd":
        return None
    return _is_tar_header(_decompressed(head))


def _decompressed(head: bytes) -> bytes:
    try:
        if head[:2] == b"\x1f\x8b":
            import zlib

            return zlib.decompressobj(31).decompress(head, 512)
        if head[:3] == b"BZh":
            import bz2

            return bz2.BZ2Decompressor().decompress(head, 512)
        if head[:6] == b"\xfd7zXZ\0":
            import lzma

            return lzma.LZMADecompressor().decompress(head, 512)
    except (OSError, ValueError, EOFError):
        return b""
    except Exception as error:
        if type(error).__name__ not in ("error", "LZMAError"):
            raise
        return b""
    return head


def _is_tar_header(block: bytes) -> bool:
    if len(block) < 512 or not block[0]:
        return False
    try:
        said = int(block[148:156].strip(b"\0 ") or b"x", 8)
    except ValueError:
        return False
    return said == sum(block[:148]) + 8 * 32 + sum(block[156:512])
