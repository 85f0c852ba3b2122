"""The image configuration and its history, as JSON holds them."""

from __future__ import annotations

from typing import Any

from dfguard.errors import InputError
from dfguard.image.blobs import list_of, object_of, parse_json, text_of
from dfguard.image.model import HistoryEntry, ImageConfig

MAX_HISTORY = 100_000


def read_config(data: bytes, where: str) -> tuple[ImageConfig, tuple[HistoryEntry, ...], tuple[str, ...]]:
    """Configuration, history and problems of a configuration blob (OCI config.md; Docker's has more keys).

    Raises InputError for what is no JSON object. A value of a wrong kind is a problem, and left out.
    """
    document = object_of(parse_json(data, where), where)
    reader = _Reader(document, where)
    config = reader.config()
    history = reader.history()
    return config, history, tuple(reader.problems)


class _Reader:
    def __init__(self, document: dict[str, Any], where: str) -> None:
        self.document = document
        self.where = where
        self.problems: list[str] = []
        self.run = self.inner(document, "config")

    def config(self) -> ImageConfig:
        rootfs = self.inner(self.document, "rootfs")
        return ImageConfig(
            os=text_of(self.document.get("os")),
            architecture=text_of(self.document.get("architecture")),
            variant=text_of(self.document.get("variant")),
            created=text_of(self.document.get("created")),
            user=text_of(self.run.get("User")),
            env=tuple(_pair(text) for text in self.texts(self.run, "Env") or ()),
            entrypoint=self.texts(self.run, "Entrypoint"),
            cmd=self.texts(self.run, "Cmd"),
            workdir=text_of(self.run.get("WorkingDir")),
            labels=tuple((key, text_of(value)) for key, value in self.inner(self.run, "Labels").items()),
            exposed=tuple(self.inner(self.run, "ExposedPorts")),
            volumes=tuple(self.inner(self.run, "Volumes")),
            healthcheck=self.texts(self.inner(self.run, "Healthcheck"), "Test"),
            shell=self.texts(self.run, "Shell"),
            onbuild=self.texts(self.run, "OnBuild") or (),
            stop_signal=text_of(self.run.get("StopSignal")),
            diff_ids=self.texts(rootfs, "diff_ids") or (),
        )

    def history(self) -> tuple[HistoryEntry, ...]:
        try:
            entries = list_of(self.document.get("history"), self.where)
        except InputError:
            self.problems.append("the configuration's history is no list")
            return ()
        if len(entries) > MAX_HISTORY:
            self.problems.append(f"the history has more than {MAX_HISTORY:,} entries: it was not read")
            return ()
        return tuple(_entry(entry) for entry in entries if isinstance(entry, dict))

    def inner(self, outer: dict[str, Any], key: str) -> dict[str, Any]:
        value = outer.get(key)
        if value is not None and not isinstance(value, dict):
            self.problems.append(f"the configuration's {key} is no JSON object")
        return value if isinstance(value, dict) else {}

    def texts(self, outer: dict[str, Any], key: str) -> tuple[str, ...] | None:
        value = outer.get(key)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            self.problems.append(f"the configuration's {key} is no list of strings")
            return None
        return tuple(value)


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


def _entry(entry: dict[str, Any]) -> HistoryEntry:
    return HistoryEntry(
        text_of(entry.get("created_by")),
        text_of(entry.get("comment")),
        text_of(entry.get("created")),
        entry.get("empty_layer") is True,
    )
