"""An image with a secret in every place and form that scanners are known to miss: what is planted, and what is true.

Each has a token of its own; a row tells its place in the image, the instruction of its layer, and what became of it.
"""

from __future__ import annotations

import base64
import gzip
import io
import marshal
import random
import sqlite3
import string
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple


class Row(NamedTuple):
    """A planted secret: `path` or a key of the image, the instruction that brought it, its fate, and whose doing."""

    case: str
    path: str
    instruction: str
    fate: str = "live"
    by: str = ""


FILES, OVER, LAST = "COPY files /", "COPY over /", "COPY last /"
GONE, FOLDER = "RUN rm /gone/a.env", "RUN rm -r /folder"
OPAQUE = "RUN rm -r /opaque && mkdir /opaque && echo 1 > /opaque/new"
LINKED = "RUN ln /hard/one.env /hard/two.env && rm /hard/one.env"
TWINS, ONE_TWIN = "RUN mkdir /twins && cp /plain.env /twins/a && ln /twins/a /twins/b", "RUN rm /twins/a"
LONG = "/" + "/".join(f"{'long' * 12}{number}" for number in range(5)) + "/a.env"

ROWS = (
    Row("plain", "/plain.env", FILES),
    Row("last layer", "/last.env", LAST),
    Row("long name of PAX", LONG, FILES),
    Row("source of a hard link, deleted", "/hard/one.env", FILES, "deleted", LINKED),
    Row("hard link that is left", "/hard/two.env", LINKED),
    Row("first of two names in one layer, deleted", "/twins/a", TWINS),
    Row("whiteout", "/gone/a.env", FILES, "deleted", GONE),
    Row("whiteout of a folder", "/folder/deep/a.env", FILES, "deleted", FOLDER),
    Row("opaque folder", "/opaque/a.env", FILES, "deleted", OPAQUE),
    Row("overwritten", "/over/a.env", FILES, "overwritten", OVER),
    Row("overwrites", "/over/a.env", OVER),
    Row("variable", "config.Env.ENV_TOKEN", ""),
    Row("label", "config.Labels.deploy.token", ""),
    Row("command", "config.Cmd", ""),
    Row("argument", "history.ARG", ""),
    Row("tests", "/app/test/conftest.py", FILES),
    Row("vendor", "/app/vendor/lib/a.go", FILES),
    Row("document", "/app/README.md", FILES),
    Row("usr/share", "/usr/share/app/a.conf", FILES),
    Row("dist-packages", "/usr/lib/python3/dist-packages/a.py", FILES),
    Row("site-packages", "/usr/lib/python3.11/site-packages/a/b.py", FILES),
    Row("node_modules", "/app/node_modules/a/index.js", FILES),
    Row("lock file", "/app/package-lock.json", FILES),
    Row("settings of git", "/app/.git/config", FILES),
    Row("object of git", "/app/.git/objects/ab/" + "c" * 38, FILES),
    Row("picture", "/app/logo.png", FILES),
    Row("byte code", "/app/__pycache__/a.cpython-311.pyc", FILES),
    Row("end of a log of 20 MB", "/var/log/a.log", FILES),
    Row("line of 1.6 MB", "/app/a.min.js", FILES),
    Row("program", "/usr/bin/a", FILES),
    Row("database", "/var/lib/a.sqlite", FILES),
    Row("gzip", "/var/a.conf.gz", FILES),
    Row("zstd", "/var/a.conf.zst", FILES),
    Row("archive", "/var/a.tar.gz", FILES),
    Row("zip", "/var/a.zip", FILES),
    Row("jar", "/app/a.jar", FILES),
    Row("base64", "/app/a.yaml", FILES),
    Row("UTF-16", "/app/a.reg", FILES),
)


def token(case: str) -> str:
    """A token of the right form, made up; the same for a case at every run."""
    return "glp" + "at-" + "".join(random.Random(case).choices(string.ascii_letters + string.digits, k=20))


DOCKERFILE = f"""\
FROM scratch
ADD root.tar /
ARG API_TOKEN={token("argument")}
ENV ENV_TOKEN={token("variable")}
LABEL deploy.token={token("label")}
{FILES}
{GONE}
{FOLDER}
{OPAQUE}
{OVER}
{LINKED}
{TWINS}
{ONE_TWIN}
{LAST}
CMD ["sh", "-c", "echo {token("command")}"]
"""


def lay_out(folder: Path, root: bytes, zstd: bytes | None) -> None:
    """Write the build context; `root` are the files of a small system, `zstd` the content of the zstd file."""
    folder.mkdir()
    (folder / "root.tar").write_bytes(root)
    (folder / "Dockerfile").write_text(DOCKERFILE)
    (folder / ".dockerignore").write_text("Dockerfile\n")
    for row in ROWS:
        source = {FILES: "files", OVER: "over", LAST: "last"}.get(row.instruction)
        if source is not None:
            target = folder / source / row.path[1:]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(zstd or b"" if row.case == "zstd" else _content(row.case))


def plain(case: str) -> bytes:
    """A line with the token."""
    return f"API_TOKEN={token(case)}\n".encode()


def _content(case: str) -> bytes:
    line = plain(case)
    made = {
        "settings of git": lambda: b'[remote "o"]\n\turl = https://u:%s@example.com/r\n' % token(case).encode(),
        "object of git": lambda: zlib.compress(b"blob %d\0%s" % (len(line), line)),
        "picture": lambda: b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(line)) + b"tEXt" + line + bytes(4),
        "byte code": lambda: bytes(16) + marshal.dumps(compile(f"TOKEN = {token(case)!r}", "a.py", "exec")),
        "end of a log of 20 MB": lambda: b"GET /index.html HTTP/1.1 200\n" * 720_000 + line,
        "line of 1.6 MB": lambda: b"var a=[" + b"1234," * 320_000 + f'"{token(case)}"]'.encode(),
        "program": lambda: Path("/bin/true").read_bytes() + b"\0" + line + b"\0",
        "database": lambda: _database(case),
        "gzip": lambda: gzip.compress(line),
        "archive": lambda: _tar(line),
        "zip": lambda: _zip(line),
        "jar": lambda: _zip(line),
        "base64": lambda: b"data:\n  config: " + base64.b64encode(b"# settings of the app\n" + line) + b"\n",
        "UTF-16": lambda: line.decode().encode("utf-16"),
        "lock file": lambda: b'{"packages": {"a": {"resolved": "https://example.com/?t=%s"}}}\n' % token(case).encode(),
    }
    return made.get(case, lambda: line)()


def _database(case: str) -> bytes:
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE settings (name, value)")
        database.execute("INSERT INTO settings VALUES ('token', ?)", (token(case),))
        database.commit()
        return database.serialize() if hasattr(database, "serialize") else b"SQLite format 3\0" + plain(case)


def _tar(data: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        member = tarfile.TarInfo("etc/a.conf")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


def _zip(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("etc/a.conf", data)
    return out.getvalue()
