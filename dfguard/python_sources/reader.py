"""Finds the credentials of Python files while a SecretFinder reads them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dfguard.finding import Confidence
from dfguard.flow.events import CONTEXT, NAMED, Origin
from dfguard.python_sources.candidates import is_for_development, is_python, is_test, is_worth_reading
from dfguard.secrets.names import NamedSecret, in_foreign_place

if TYPE_CHECKING:
    from dfguard.flow.secret_files import SecretReadings
    from dfguard.python_sources.find import PythonCredential

MOST_PARSED = 16 * 1024 * 1024  # bytes of a folder; a megabyte takes a second


class PythonReader:
    """Keeps what it finds, by path in the context; tests, examples, documents and third-party code are passed over.

    Parsing (and importing `ast`) is for files only that may hold a credential, up to MOST_PARSED bytes of them.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self.credentials: dict[str, tuple[PythonCredential, ...]] = {}
        self._told: dict[str, bool] = {}
        self._left = MOST_PARSED

    def see(self, path: str, data: bytes, found: NamedSecret | None) -> str | None:
        """Look at one file; the result is why it could not be parsed."""
        if not is_python(path, data) or in_foreign_place(path) or is_test(path):
            return None
        if found is None and not is_worth_reading(data):
            return None
        self._left -= len(data)
        if self._left < 0:
            return f"not read as Python: {MOST_PARSED:,} bytes of Python may be read"
        from dfguard.python_sources.find import find
        from dfguard.python_sources.formats import is_format
        from dfguard.python_sources.text import Unreadable, decode

        try:
            said = find(decode(os.path.normpath(os.path.join(self.root, path)), data))
        except Unreadable as error:
            return f"not read as Python: {error}"
        self._told[path] = not said.loose or (found is not None and not is_format(found.detector))
        credentials = said.credentials
        if is_for_development(path):
            credentials = tuple(each if each.certain else each.but(confidence=Confidence.LOW) for each in credentials)
        if credentials:
            self.credentials[path] = credentials
        return None

    def tells(self, path: str, found: NamedSecret) -> bool:
        """Whether what a SecretFinder found by content in a file is said by `credentials`, or was a look-alike."""
        return self._told.get(path, False)


class PythonReaders:
    """One reader for each folder that a build takes files from; `root` is that of the build context."""

    def __init__(self, root: str, readings: SecretReadings | None = None) -> None:
        self.root = root
        self._readings = readings
        self._made: dict[str, PythonReader] = {}

    def at(self, root: str) -> PythonReader:
        """The reader for a folder; builds with the same readings share it."""
        found = self._made.get(root)
        if found is None:
            shared = self._readings
            found = self._made[root] = shared.reader(root, PythonReader) if shared is not None else PythonReader(root)
        return found

    @property
    def found(self) -> bool:
        """Whether any file that was read so far holds credentials."""
        return any(reader.credentials for reader in self._made.values())

    def of(self, origin: Origin) -> PythonReader | None:
        """The reader that has seen a file, None for what is in no context."""
        if origin.kind not in (CONTEXT, NAMED):
            return None
        return self.at(self.root if origin.named is None else origin.named.context.root)
