"""What every source of images is made of: named blobs, small ones as JSON and layers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, Protocol

from dfguard.errors import InputError
from dfguard.image.layer import LayerContent

MAX_JSON = 16 << 20  # bytes; the largest manifest that registries take has 4 MiB


class Blobs(Protocol):
    """A source of blobs; `where` names it in messages.

    A blob is named by its path in the source, one of a registry by its digest.
    """

    @property
    def where(self) -> str: ...

    def data(self, name: str) -> bytes | None:
        """A small blob, None when there is none. Raises InputError for one above MAX_JSON or unreadable."""

    def ready(self, names: Sequence[str]) -> None:
        """These layers will be asked for: a source may read them meanwhile, and raises nothing."""

    def layer(self, name: str) -> LayerContent:
        """A layer, read in one pass. Raises InputError for an absent, unreadable or damaged one."""

    def name_of(self, digest: str) -> str:
        """The name of the blob with a digest. Raises InputError for what is no digest."""


def read_json(blobs: Blobs, name: str) -> Any:
    """A blob as parsed JSON, None when it is absent. Raises InputError for what is none, or nested too deep."""
    data = blobs.data(name)
    return None if data is None else parse_json(data, f"{blobs.where}: {name}")


def parse_json(data: bytes, where: str) -> Any:
    """JSON of a blob. Raises InputError, which names `where` and the line. Half characters become `?`."""
    try:
        found = json.loads(data)
        if b"\\ud" in data or b"\\uD" in data:  # what can't be encoded can't be printed or looked into either
            found = json.loads(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace"))
        return found
    except RecursionError:
        raise InputError(where, "holds JSON that is nested too deep") from None
    except UnicodeDecodeError:
        raise InputError(where, "holds no JSON: it is no UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise InputError(where, f"holds no JSON: line {error.lineno}: {error.msg}") from None
    except ValueError:  # a number with more digits than Python takes
        raise InputError(where, "holds JSON with a number out of all range") from None


def object_of(value: Any, where: str) -> dict[str, Any]:
    """A JSON object; raises InputError for anything else."""
    if not isinstance(value, dict):
        raise InputError(where, f"holds {_kind(value)}; expected a JSON object")
    return value


def list_of(value: Any, where: str) -> list[Any]:
    """A JSON list, an absent one being empty; raises InputError for anything else."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise InputError(where, f"holds {_kind(value)}; expected a JSON list")
    return value


def text_of(value: Any) -> str:
    """A JSON string, "" for anything else."""
    return value if isinstance(value, str) else ""


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "a truth value", type(None): "null"}
    return names.get(type(value), "a number")


def split_digest(digest: str, where: str) -> tuple[str, str]:
    """Algorithm and hex of a digest. Raises InputError for what is none, so that no digest is a path."""
    algorithm, colon, value = digest.partition(":")
    lengths = {"sha256": 64, "sha512": 128}
    if not colon or len(value) != lengths.get(algorithm) or set(value) - set("0123456789abcdef"):
        raise InputError(where, f"names {digest[:80]!r}, which is no digest; expected sha256: and 64 hex digits")
    return algorithm, value


def digest_of(data: bytes, like: str = "sha256:") -> str:
    """The digest of data, by the algorithm of the digest `like`."""
    algorithm = "sha512" if like.startswith("sha512:") else "sha256"
    return f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}"
