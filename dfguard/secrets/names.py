"""Which files are secrets by their name and place.

Called for every file of a build context, so the common case is two dictionary look-ups.
"""

from __future__ import annotations

from dfguard.finding import Confidence
from dfguard.regex import regex
from dfguard.secrets import name_table as table
from dfguard.struct import Struct

# What sort of file holds the secret: it is there for it; a text that is more than it; a private key under the
# name of something public; an archive; Git's own files.
FILE, TEXT, MISNAMED, ARCHIVE, HISTORY = "file", "text", "misnamed", "archive", "history"


class NamedSecret(Struct):
    """A file that its name gives away.

    `kind` is what it is ("environment file"; `with_article` makes "an environment file" of it),
    `detector` the id of the reason. `content_decides`: files of this name are as often harmless; one
    that can be read should show a credential (`dfguard.secrets.weigh.weigh`) before anybody is
    bothered.

    What a look inside adds: `line` and `key` of the surest secret (0 and "" when there is none to
    point at), `inside` the member of an archive that holds it, and `sort`, one of the constants of
    this module.
    """

    kind: str
    confidence: Confidence
    detector: str
    content_decides: bool = False
    line: int = 0
    key: str = ""
    inside: str = ""
    sort: str = FILE

    def told(self, path: str) -> str:
        """The secret in words, for messages: kind, path, and where in the file, never its value."""
        where = f" ({self.inside!r} in it)" if self.inside else f" (line {self.line})" if self.line > 1 else ""
        return f"{self.kind} {path!r}{where}"


def with_article(noun: str) -> str:
    """Say "an environment file", "a private key", "an npm token"."""
    return f"{'an' if noun[0] in 'aeioAEIO' or noun.startswith('npm') else 'a'} {noun}"


def classify(path: str) -> NamedSecret | None:
    """The secret that a file's name announces, or None.

    `path` is relative to the build context or absolute in an image, with `/` between its parts.
    Templates, public keys and certificates are None. Below folders of third-party code and of tests
    a name gives low confidence only.
    """
    folders, _, file = path.rpartition("/")
    name = file.lower()
    extension = name.rpartition(".")[2]
    row = table.FILES.get(name)
    if row is None:
        row = table.EXTENSIONS.get(extension)
        if row is not None:
            row = _by_extension(name, extension, row)
        elif ".env" in name:
            row = _environment_file(name)
    folder = folders.rpartition("/")[2]
    if folder[:1] == "." or name in _NAMES_IN_FOLDERS:
        row = _in_folder(folder.lower(), name, row)
    if row is None and extension in _ENDS:
        row = _by_parts(name)
    return None if row is None else _secret(row, folders)


_NAMES_IN_FOLDERS = frozenset(name for _, name in table.FILES_IN_FOLDER)
_NOT_KEYS_IN_SSH = frozenset(("authorized_keys", "config", "known_hosts", "known_hosts.old", "environment", "rc"))
_WORD = regex(r"[^._\- ]+")


def _secret(row: table.Row, folders: str) -> NamedSecret:
    kind, confidence, detector, content_decides = row
    if folders and in_foreign_place(folders + "/"):
        confidence = "low"
    return NamedSecret(kind, Confidence(confidence), detector, content_decides)


def in_foreign_place(path: str) -> bool:
    """Whether a file is third-party code, a test, an example or documentation, by its path."""
    *parts, name = path.lower().split("/")
    if (
        name.endswith(table.DOCUMENT_ENDINGS)
        or name.startswith("test_")
        or any(mark in name for mark in table.TEST_MARKS)
        or (name.startswith(("example", "sample")) and _WORD.findall(name)[0] in table.EXAMPLE_WORDS)
    ):
        return True
    if not (table.THIRD_PARTY_FOLDERS.isdisjoint(parts) and table.TEST_FOLDERS.isdisjoint(parts)):
        return True
    at = parts.index("share") + 1 if "share" in parts else len(parts)
    return at < len(parts) and parts[at].rstrip("-.0123456789") in table.SHARED_FOLDERS


def is_settings(path: str) -> bool:
    """Whether a file holds settings, by its name: `name = value` is data there, not code."""
    return path.rpartition("/")[2].rpartition(".")[2].lower() in table.SETTINGS_EXTENSIONS


def _words(name: str) -> set[str]:
    return set(_WORD.findall(name))


def _environment_file(name: str) -> table.Row | None:
    """`.env.production`, `.env-local`, `prod.env`; a template or an encrypted file is None."""
    words = _words(name)
    ours = name.startswith((".env.", ".env-", ".env_")) or name.endswith(".env")
    if not ours or words & table.TEMPLATE_WORDS:
        return None
    certain = name.startswith(".env") or words & table.ENVIRONMENT_WORDS
    confidence = "low" if words & table.TEST_WORDS or not certain else "medium"
    return "environment file", confidence, "environment-file", False


def _by_extension(name: str, extension: str, row: table.Row) -> table.Row | None:
    words = _words(name)
    if words & table.TEMPLATE_WORDS:
        return None
    if row[2] == "pem-file":
        return _pem_file(words - {extension}, extension, row)
    if row[2] == "key-store":
        if words & table.CERTIFICATE_WORDS:
            return None
        return (row[0], "low", *row[2:]) if "debug" in words else row
    return row


def _pem_file(words: set[str], extension: str, row: table.Row) -> table.Row | None:
    if words & table.PUBLIC_WORDS:
        return None
    if extension == "pem" and words & table.CERTIFICATE_WORDS and not words & table.PRIVATE_WORDS:
        return None
    if words & table.REPOSITORY_KEY_WORDS and not words & table.PRIVATE_WORDS:
        return (row[0], "low", *row[2:])
    return row


def _in_folder(folder: str, name: str, row: table.Row | None) -> table.Row | None:
    found = table.FILES_IN_FOLDER.get((folder, name), row)
    if found is None and folder == ".ssh" and name not in _NOT_KEYS_IN_SSH and not name.endswith(".pub"):
        return "private key", "medium", "private-key-file", True
    if found is None and folder == "private-keys-v1.d":
        return "private key of GnuPG", "high", "private-key-file", False
    return found


_ENDS = ("json", "txt", "backup", "tfvars")


def _by_parts(name: str) -> table.Row | None:
    """Names with a telling beginning and end, which is one of _ENDS."""
    if name.endswith(".json"):
        if name.startswith(table.SERVICE_ACCOUNT_STEMS) or "-firebase-adminsdk-" in name:
            return "key of a Google Cloud service account", "medium", "gcloud-credentials", True
        if name.startswith("client_secret"):
            return "OAuth client secret", "medium", "oauth-client", True
    elif name.endswith(".txt"):
        if name.endswith(("_password.txt", "-password.txt")):
            return "password file", "medium", "password-file", False
    elif name.endswith((".tfstate.backup", ".auto.tfvars")):
        if name.endswith(".auto.tfvars"):
            return table.FILES["terraform.tfvars"]
        return table.EXTENSIONS["tfstate"]
    return None
