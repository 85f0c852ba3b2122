"""The rules of kingfisher beside our own, on request: `pip install 'dockerfile-guard[deep]'`.

It is called inside of this process with the same bytes, redacted, and only what it finds beyond our own findings
is added. Scanning never uses the network; its validation, which does, is never called.
https://pypi.org/project/kingfisher-secret-scanner/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from dfguard.errors import UsageError
from dfguard.finding import Confidence
from dfguard.secrets.detectors import SecretHit
from dfguard.secrets.values import assess, declared_fake

Deep = Callable[[bytes], "tuple[SecretHit, ...]"]
_TIMEOUT = 30.0  # seconds for 1 MB
_LONGEST_TITLE = 60


@cache
def load() -> Deep:
    """The engine, made once a process; raises UsageError where the package is missing or does not start."""
    try:
        import kingfisher_sdk  # type: ignore[import-not-found, unused-ignore]
    except ImportError as error:
        raise UsageError(
            "--deep-secrets needs kingfisher, which is not installed: pip install 'dockerfile-guard[deep]'"
        ) from error
    try:
        scanner = kingfisher_sdk.Scanner(redact=True)
    except (RuntimeError, ValueError, OSError) as error:
        raise UsageError(f"--deep-secrets: kingfisher does not start: {error}") from error

    def look(data: bytes) -> tuple[SecretHit, ...]:
        try:
            found = scanner.scan(data, timeout=_TIMEOUT)
        except (TimeoutError, RuntimeError) as error:
            raise NotFinished(str(error)) from error
        return tuple(hit for each in found if each.visible and (hit := _hit(data, each)) is not None)

    return look


class NotFinished(Exception):
    """kingfisher gave up on some data; what it found until then is not told."""


def _hit(data: bytes, found: Any) -> SecretHit | None:
    """One of its findings as ours. The value comes from our own bytes, to refuse what says that it is none."""
    place = found.location
    start, end = int(place["start_offset"]), min(int(place["end_offset"]), len(data))
    text = data[start:end].decode("utf-8", "replace")
    if start >= end or declared_fake(text) or ("\n" not in text and assess(text) is None):
        return None
    rule = str(found.rule_id)
    title = f"{rule.rpartition('.')[2].replace('-', ' ')[:_LONGEST_TITLE]} (kingfisher)"
    encoding = "base64" if found.is_base64_encoded else ""
    return SecretHit(f"kingfisher:{rule}", title, start, end, Confidence(found.confidence), "", encoding)


def added(hits: Iterable[SecretHit], deeper: Iterable[SecretHit]) -> tuple[SecretHit, ...]:
    """Our hits, and those of the other engine that none of them overlaps, in order of place."""
    own = tuple(hits)
    more: list[SecretHit] = []
    for hit in sorted(deeper, key=lambda hit: (hit.confidence.rank, hit.start)):
        if not any(hit.start < other.end and other.start < hit.end for other in (*own, *more)):
            more.append(hit)
    return tuple(sorted((*own, *more), key=lambda hit: hit.start))
