"""What a bill of materials says in either format: the image, its packages, and which layer holds each."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from datetime import datetime, timezone

from dfguard.errors import UsageError
from dfguard.image.packages.inventory import Installed
from dfguard.reference import parse
from dfguard.report.image.summary import Summary

CYCLONEDX, SPDX = "cyclonedx", "spdx"
_SPACE = uuid.UUID("5d4f4a3c-4c43-5a52-9d0e-3a7e1f0c6b11")  # of the names of our documents


def created() -> datetime:
    """The time of the document: SOURCE_DATE_EPOCH where set, for output that is the same every time.

    Raises UsageError for one that is no number of seconds.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not given:
        return datetime.now(timezone.utc).replace(microsecond=0)
    try:
        return datetime.fromtimestamp(int(given), timezone.utc)
    except (ValueError, OverflowError, OSError):
        raise UsageError(f"SOURCE_DATE_EPOCH is {given!r}; expected seconds since 1970") from None


def document_id(summary: Summary, form: str) -> uuid.UUID:
    """The same for the same image and format."""
    return uuid.uuid5(_SPACE, f"{form} {summary.image.digest} {summary.image.config_digest}")


def image_name(summary: Summary) -> str:
    """The first tag of the image, or what the user called it."""
    return next((tag for tag in summary.image.tags if tag), summary.image.name)


def image_purl(summary: Summary) -> str:
    """The package URL of an image whose tag and manifest are known, "" for others."""
    reference = parse(image_name(summary))
    if reference is None or not summary.image.digest:
        return ""
    where = f"{reference.registry}/{reference.repository}".replace("/", "%2F").replace(":", "%3A")
    digest = summary.image.digest.replace(":", "%3A")
    return f"pkg:oci/{reference.repository.rpartition('/')[2]}@{digest}?repository_url={where}"


def facts(installed: Installed, summary: Summary) -> Iterator[tuple[str, str]]:
    """Where a package is, as pairs of a name and a value."""
    row = summary.rows[installed.layer]
    yield "layer.index", str(installed.layer)
    yield "layer.digest", row.layer.digest
    yield "layer.diff_id", row.layer.content.diff_id
    if row.instruction:
        yield "layer.instruction", row.instruction
    yield "path", installed.path
    yield "fate", installed.fate
    if installed.by is not None:
        by = summary.rows[installed.by]
        yield "removed.layer.index", str(installed.by)
        yield "removed.layer.digest", by.layer.digest
        if by.instruction:
            yield "removed.layer.instruction", by.instruction


def reference_of(index: int, installed: Installed) -> str:
    """A name for a package within the document, the same every time."""
    return f"{installed.purl}#layer-{installed.layer}-{index}"
