"""Files whose every line is a record: netrc, .pgpass, password files of web servers and of Unix, git-credentials."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.regex import regex
from dfguard.secrets.files.entry import Entry

# crypt(5), and Apache's own: https://httpd.apache.org/docs/2.4/misc/password_encryptions.html
_HASH = (
    rb"(?:\$(?:apr1|1|2[abxy]?|5|6|7|y|gy|sha1|argon2id?)\$[A-Za-z0-9./$,=+-]{20,300}"
    rb"|\{S?SHA[0-9]{0,3}\}[A-Za-z0-9+/=]{20,200})"
)
HTPASSWD = rb"[^:\s#]{1,64}:(?P<secret>" + _HASH + rb")"
SHADOW = (
    rb"[a-z_][a-z0-9_.-]{0,31}:(?P<secret>[A-Za-z0-9./$,=+*!-]{0,300}):[0-9]*:[0-9]*:[0-9]*:[0-9]*:[0-9]*:[0-9]*:[0-9]*"
)
PGPASS = (
    rb"(?:[^:\s\\#]|\\.){1,253}:(?:[0-9]{1,5}|\*):(?:[^:\s\\]|\\.){1,63}:(?:[^:\s\\]|\\.){1,63}"
    rb":(?P<secret>(?:[^:\r\n\\]|\\.){1,200})"
)
GIT_CREDENTIALS = rb"https?://[^:@/\s]{1,200}:(?P<secret>[^@/\s]{1,300})@[^\s@]{1,253}"
S3FS = rb"(?:[a-z0-9.-]{3,63}:)?A[KS]IA[A-Z2-7]{16}:(?P<secret>[A-Za-z0-9/+]{40})"

LINES = {"htpasswd": HTPASSWD, "shadow": SHADOW, "pgpass": PGPASS, "git-credentials": GIT_CREDENTIALS, "s3fs": S3FS}
_HOLDS = {"htpasswd": b":", "shadow": b":", "pgpass": b":", "git-credentials": b"://", "s3fs": b"IA"}  # in every record
_COMMENTS = regex(rb"(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ \t]*")
# The pattern of the first record and that of any, for each kind.
_RECORDS = {
    kind: (regex(pattern + rb"[ \t]*\r?(?:\n|\Z)"), regex(rb"(?m)^[ \t]*" + pattern + rb"[ \t]*\r?$"))
    for kind, pattern in LINES.items()
}
_NETRC = rb"(?m)[ \t]*#.*$|(?P<word>[^\s\"]+|\"[^\"\n]{1,300}\")"


def record_entries(data: bytes) -> Iterator[Entry]:
    """The secret of each line that is a record of the first one's kind, which is the key."""
    start = _COMMENTS.match(data)
    at = start.end() if start is not None else 0
    for kind, (first, line) in _RECORDS.items():
        if data.find(_HOLDS[kind], at) >= 0 and first.match(data, at):
            for match in line.finditer(data):
                yield Entry((kind,), *match.span("secret"))


def netrc_entries(data: bytes) -> Iterator[Entry]:
    """The passwords of a netrc file, behind machine and `password`; macros are passed over.

    https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html
    """
    machine, last = "", ""
    for match in re.finditer(_NETRC, re.sub(rb"(?m)^\s*macdef\b(?:.+\n?)*", _blank, data)):
        word = (match["word"] or b"").decode("utf-8", "replace")
        if last in ("machine", "password", "login", "account") and match["word"]:
            start, end = match.span("word")
            if match["word"].startswith(b'"'):
                start, end = start + 1, end - 1
            if last == "machine":
                machine = word
            yield Entry((machine, last), start, end)
            last = ""
        elif word == "default":
            machine, last = "default", ""
        else:
            last = word


def _blank(match: re.Match[bytes]) -> bytes:
    return b" " * len(match[0])
