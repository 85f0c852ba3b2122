"""The texts that an editor holds: each document as it is after every change, and what it is for dfguard."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from lsprotocol.types import TextDocumentContentChangeEvent, TextDocumentContentChangePartial
from pygls.uris import from_fs_path, to_fs_path

from dfguard.buffers import Buffers
from dfguard.config_file import is_config_name
from dfguard.discovery import is_build_file_name, is_dockerfile_name, is_ignore_file_name
from dfguard.lsp.positions import Lines
from dfguard.struct import Struct

DOCKERFILE, IGNORE, BUILD, CONFIG, OTHER = "Dockerfile", "ignore file", "build file", "configuration", "other"
_LANGUAGES = {"dockerfile": DOCKERFILE, "containerfile": DOCKERFILE, "dockerignore": IGNORE, "dockercompose": BUILD}


class Document(Struct):
    """One text: its address as the client spells it, the path of its file, and the text after `version` changes."""

    uri: str
    path: str
    language: str
    version: int
    text: str

    @property
    def kind(self) -> str:
        """What it is: by its name, and for a name that says nothing by the language that the editor takes it for."""
        name = os.path.basename(self.path)
        return kind_of(name) if kind_of(name) != OTHER else _LANGUAGES.get(self.language.lower(), OTHER)

    def changed(self, version: int, changes: Iterable[TextDocumentContentChangeEvent], encoding: str) -> Document:
        """The document after changes, each of which counts from the text that those before it have left."""
        text = self.text
        for change in changes:
            if isinstance(change, TextDocumentContentChangePartial):
                lines = Lines(text, encoding)
                start, end = lines.offset(change.range.start), lines.offset(change.range.end)
                text = text[:start] + change.text + text[max(start, end) :]
            else:
                text = change.text
        return self.but(version=version, text=text)


def kind_of(name: str) -> str:
    """What a file is, by its name without folders."""
    if is_ignore_file_name(name):
        return IGNORE
    if is_build_file_name(name):
        return BUILD
    if is_config_name(name):
        return CONFIG
    return DOCKERFILE if is_dockerfile_name(name) else OTHER


class Documents:
    """All open documents. Files are known by their real path, so that one file has one text."""

    def __init__(self) -> None:
        self._by_uri: dict[str, Document] = {}
        self._uris: dict[str, str] = {}

    def __iter__(self) -> Iterator[Document]:
        return iter(tuple(self._by_uri.values()))

    def put(self, document: Document) -> None:
        """Add a document, or replace the one with its address."""
        self._by_uri[document.uri] = document
        self._uris[os.path.realpath(document.path)] = document.uri

    def drop(self, uri: str) -> Document | None:
        """Forget a document; None for one that is not open."""
        document = self._by_uri.pop(uri, None)
        if document is not None:
            self._uris.pop(os.path.realpath(document.path), None)
        return document

    def get(self, uri: str) -> Document | None:
        """The document with this address."""
        return self._by_uri.get(uri)

    def at(self, path: str) -> Document | None:
        """The document that stands for a file."""
        uri = self._uris.get(os.path.realpath(path))
        return self._by_uri.get(uri) if uri is not None else None

    def uri_of(self, path: str) -> str:
        """The address of a file, as the client spells it where it is open."""
        document = self.at(path)
        return document.uri if document is not None else uri_of(path)

    @property
    def buffers(self) -> Buffers:
        """The texts, for a run."""
        return Buffers({document.path: document.text for document in self})


def uri_of(path: str) -> str:
    """The address of a file."""
    return from_fs_path(os.path.abspath(path)) or ""


def path_of(uri: str) -> str | None:
    """The path of a file, None for what is no file (an unsaved `untitled:` text)."""
    path = to_fs_path(uri) if uri.startswith("file:") else None
    return os.path.normpath(path) if path else None
