"""Whole files: whatever a secret is wrapped in, and whatever somebody puts there to stop the look at it."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import lzma
import random
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import zstandard
from secret_fakes import checksummed, draw, pem

from dfguard.finding import Confidence
from dfguard.secrets import skips
from dfguard.secrets.names import ARCHIVE, FILE, HISTORY, MISNAMED, TEXT
from dfguard.secrets.scanner import WINDOW, FileSecrets, SecretScanner
from dfguard.secrets.skips import Limits

TOKEN = checksummed("gh" + "p_")
LINE = f"token: {TOKEN}\n"


def look(path: str, data: bytes, limits: Limits | None = None, piece: int = 70_000) -> FileSecrets:
    """What a scanner says of a file that comes in pieces."""
    pieces = (data[at : at + piece] for at in range(0, len(data), piece))
    return SecretScanner(limits).scan(path, pieces)


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


class Unseekable(io.RawIOBase):
    """A pipe, so that zipfile writes sizes behind the data."""

    def __init__(self) -> None:
        self.written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.written += data
        return len(data)


def zipped_to_a_pipe(files: dict[str, bytes]) -> bytes:
    out = Unseekable()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return bytes(out.written)


def tarred(files: dict[str, bytes], mode: str = "w", kind: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=kind) as archive:  # type: ignore[call-overload]
        archive.addfile(tarfile.TarInfo("folder/"))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "x" * 150
        archive.addfile(link)
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def database(rows: int) -> bytes:
    """An SQLite database whose last row has the token, right behind a name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.sqlite"
        with closing(sqlite3.connect(path)) as base:
            base.execute("CREATE TABLE settings (name, value)")
            base.executemany("INSERT INTO settings VALUES (?, ?)", (("colour", "blue or green") for _ in range(rows)))
            base.execute("INSERT INTO settings VALUES ('token', ?)", (TOKEN,))
            base.commit()
        return path.read_bytes()


LONG = "a/" * 70 + "settings.yml"
FILES = {"readme.txt": b"hello\n" * 9, LONG: b"a: 1\n" + LINE.encode(), "z.bin": bytes(range(256))}
WRAPPED: dict[str, tuple[bytes, str, str, int]] = {
    "plain.txt": (LINE.encode(), "", "", 1),
    "crlf.txt": (b"a\r\nb\r\n" + LINE.encode(), "", "", 3),
    "app.log.gz": (gzip.compress(b"x\n" * 4000 + LINE.encode()), "", "gzip", 4001),
    "app.log.bz2": (bz2.compress(b"x\n" * 4000 + LINE.encode()), "", "bzip2", 4001),
    "app.log.xz": (lzma.compress(b"x\n" * 4000 + LINE.encode()), "", "xz", 4001),
    "app.jar": (zipped(FILES), LONG, "", 2),
    "stored.whl": (zipped(FILES, zipfile.ZIP_STORED), LONG, "", 2),
    "piped.zip": (zipped_to_a_pipe(FILES), LONG, "", 2),
    "app.tar": (tarred(FILES), LONG, "", 2),
    "gnu.tar": (tarred(FILES, kind=tarfile.GNU_FORMAT), LONG, "", 2),
    "app.tgz": (tarred(FILES, "w:gz"), LONG, "", 2),
    "app.tar.bz2": (tarred(FILES, "w:bz2"), LONG, "", 2),
    "app.tar.xz": (tarred(FILES, "w:xz"), LONG, "", 2),
    "data.zst": (zstandard.compress(b"x\n" * 4000 + LINE.encode()), "", "zstd", 4001),
    "frames.zst": (zstandard.compress(b"user\n") + zstandard.compress(LINE.encode()), "", "zstd", 2),
    "app.tar.zst": (zstandard.compress(tarred(FILES)), LONG, "", 2),
    "utf16.txt": (("\ufeffuser\r\n" + LINE).encode("utf-16-le"), "", "utf-16", 2),
    "utf16be.txt": (("\ufeffuser\r\n" + LINE).encode("utf-16-be"), "", "utf-16", 2),
    "no-bom.txt": (("user: bob, and more\r\n" + LINE).encode("utf-16-le"), "", "utf-16", 2),
    "k8s.yaml": (b"data:\n  token: " + base64.b64encode(LINE.encode()) + b"\n", "", "base64", 2),
    "inner.txt": (b"a: " + base64.b64encode(b"n" * 31 + b"\n" + TOKEN.encode() + b"\n") + b"\n", "", "base64", 1),
    "object": (zlib.compress(b"blob %d\0" % len(LINE) + LINE.encode()), "", "git object", 0),
    "app.pyc": (b"\xa7\r\r\n\0\0\0\0" + b"\xda)" + TOKEN.encode() + b"\0", "", "", 0),
    "app.so": (b"\x7fELF\2\1\1\0" + b"\0" * 90 + TOKEN.encode() + b"\0", "", "", 0),
    "data.sqlite": (b"SQLite format 3\0" + b"\0" * 80 + TOKEN.encode() + b"\1", "", "", 0),
    "rows.sqlite": (database(1), "", "", 0),
    "large.sqlite": (database(60_000), "", "", 0),
    "minified.js": (b"var a=1;" * 200_000 + f'x="{TOKEN}";'.encode() + b"b();" * 9000, "", "", 1),
    "20MB.log": (b"line of a log\n" * 1_400_000 + LINE.encode(), "", "", 1_400_001),
    "notebook.ipynb": (b'{"source": ["a\\n", "T = \\"' + TOKEN.encode() + b'\\"\\n"]}', "", "", 1),
}


@pytest.mark.parametrize("name", WRAPPED)
@pytest.mark.parametrize("piece", [8 * 1024 * 1024, 70_000, 997])
def test_found_in_every_wrapping(name: str, piece: int) -> None:
    data, inside, encoding, line = WRAPPED[name]
    if len(data) > 1_000_000 and piece < 1000:
        piece = 99_991
    found = look(name, data, piece=piece)
    assert [(p.hit.detector, p.inside, p.encoding, p.line) for p in found.places] == [
        ("github-token", inside, encoding, line if encoding != "git object" else found.places[0].line)
    ]
    assert found.secret is not None
    assert found.secret.confidence is Confidence.HIGH
    assert (found.secret.inside, found.secret.sort) == (inside, ARCHIVE if inside else TEXT)
    assert found.skips == ()


@pytest.mark.parametrize("place", [0, WINDOW - 20, WINDOW, WINDOW + 40_000, 2 * WINDOW - 3, 2 * WINDOW + 5])
def test_once_wherever_windows_end(place: int) -> None:
    for secret, detector in ((TOKEN, "github-token"), (pem("RSA PRIVATE"), "private-key")):
        data = b"x\n" * (place // 2) + secret.encode() + b"\n" + b"y\n" * WINDOW
        (found,) = look("a.txt", data).places
        assert (found.hit.detector, found.line) == (detector, place // 2 + 1)


def git(folder: Path, *arguments: str) -> None:
    settings = ("-c", "user.name=a", "-c", "user.email=a@test", "-c", "core.hooksPath=/dev/null")
    subprocess.run(
        ["git", *settings, *arguments], cwd=folder, check=True, capture_output=True, stdin=subprocess.DEVNULL
    )


def history(folder: Path) -> Iterator[tuple[str, FileSecrets]]:
    for path in sorted((folder / ".git").rglob("*")):
        if path.is_file():
            name = str(path.relative_to(folder))
            yield name, look(name, path.read_bytes())


@pytest.mark.parametrize("packed", [False, True])
def test_a_token_that_was_deleted_is_in_the_history(tmp_path: Path, packed: bool) -> None:
    git(tmp_path, "init", "-q")
    for text in (f"A = 1\n{LINE}" + "b\n" * 300, "A = 1\n" + "b\n" * 300 + "c\n"):
        (tmp_path / "settings.py").write_text(text)
        git(tmp_path, "add", "-A")
        git(tmp_path, "commit", "-qm", "change")
    if packed:
        git(tmp_path, "gc", "-q", "--aggressive", "--prune=now")
    found = {name: each for name, each in history(tmp_path) if each.secret is not None}
    assert len(found) == 1
    ((name, secrets),) = found.items()
    assert name.endswith(".pack") == packed
    assert secrets.secret is not None
    assert secrets.secret.sort == HISTORY
    assert not any(each.skips for _, each in history(tmp_path))


def reasons(data: bytes, limits: Limits | None = None) -> list[str]:
    return [skip.reason for skip in look("a", data, limits).skips]


def test_bombs_are_cut_and_told() -> None:
    assert reasons(gzip.compress(b"\0" * 30_000_000)) == [skips.CUT]
    assert reasons(zipped({"a": b"\0" * 30_000_000})) == [skips.CUT]
    assert reasons(zstandard.compress(b"\0" * 30_000_000)) == [skips.CUT]
    assert reasons(zstandard.compress(draw(90_000).encode())[:-3000] + b"x" * 3000) == [skips.BROKEN]
    assert reasons(gzip.compress(draw(400_000).encode() * 2), Limits(unpacked=300_000)) == [skips.CUT]
    assert reasons(zipped({f"f{n}": b"" for n in range(30)}), Limits(members=20)) == [skips.CUT]
    assert reasons(gzip.compress(draw(400_000).encode()), Limits(run=350_000)) == [skips.BUDGET]
    assert reasons(LINE.encode() * 9000, Limits(file=100_000)) == [skips.TOO_LARGE]


def test_what_was_read_before_the_cut_counts() -> None:
    bomb = LINE.encode() + b"\0" * 30_000_000
    for data in (gzip.compress(bomb), zipped({"a": bomb}), tarred({"a": LINE.encode(), "b": bomb}, "w:gz")):
        found = look("a", data)
        assert {place.hit.detector for place in found.places} == {"github-token"}
        assert [skip.reason for skip in found.skips] == [skips.CUT]


def test_what_is_not_opened_is_told() -> None:
    encrypted = bytearray(zipped({"a.txt": b"x" * 99, "b.txt": LINE.encode()}))
    encrypted[6] |= 1
    found = look("a.zip", bytes(encrypted))
    assert [(skip.reason, skip.detail) for skip in found.skips] == [(skips.ENCRYPTED, "'a.txt' is encrypted")]
    assert [place.inside for place in found.places] == ["b.txt"]
    nested = look("a.zip", zipped({"lib/b.jar": zipped(FILES)}))
    assert [(skip.reason, skip.detail) for skip in nested.skips] == [
        (skips.NESTED, "'lib/b.jar' is an archive within it")
    ]
    assert reasons(b"(\xb5/\xfd" + b"\0" * 99) == [skips.BROKEN]
    assert reasons(zstandard.compress(LINE.encode() * 50)[:-4]) == [skips.BROKEN]


def test_zstd_without_its_module_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    assert reasons(zstandard.compress(LINE.encode())) == [skips.UNKNOWN]


ARCHIVES: list[Callable[[], bytes]] = [
    lambda: zipped(FILES),
    lambda: zipped_to_a_pipe(FILES),
    lambda: tarred(FILES),
    lambda: tarred(FILES, kind=tarfile.GNU_FORMAT),
    lambda: tarred(FILES, "w:gz"),
    lambda: gzip.compress(LINE.encode() * 50),
    lambda: bz2.compress(LINE.encode() * 50),
    lambda: lzma.compress(LINE.encode() * 50),
    lambda: LINE.encode("utf-16"),
    lambda: database(40),
    lambda: b"PACK\0\0\0\2\0\0\0\1" + b"\xb5\x03" + zlib.compress(b"x" * 53),
]


@pytest.mark.parametrize("number", range(len(ARCHIVES)))
def test_no_damage_ends_the_look(number: int) -> None:
    """Cut, changed and doubled bytes: an answer, whatever it is, and no error."""
    lot = random.Random(number)
    whole = ARCHIVES[number]()
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(lot.randrange(4)):
            data[lot.randrange(len(data))] = lot.randrange(256)
        cut = lot.randrange(len(data) + 1)
        look("a", bytes(data[:cut]) + bytes(data[lot.randrange(len(data)) :] if lot.random() < 0.3 else b""))
    cut_short = look("a", whole[:-30])
    assert cut_short.places or cut_short.skips or number >= 8


def test_the_end_that_is_missing_is_told() -> None:
    assert reasons(gzip.compress(draw(5000).encode())[:2000]) == [skips.BROKEN]
    assert reasons(zipped({"a": draw(5000).encode()})[:2000]) == [skips.BROKEN]
    assert reasons(tarred({"a": draw(5000).encode()})[:3000]) == [skips.BROKEN]


def test_what_sort_of_file_it_is() -> None:
    key = pem("RSA PRIVATE").encode()
    assert {
        name: found.secret.sort if (found := look(name, data)).secret else None
        for name, data in (
            ("id_rsa", key),
            ("server.crt", key),
            ("id_rsa.pub", key),
            ("src/app.js", key),
            ("src/app.zip", zipped({"id_rsa": key})),
            (".git/config", b"[remote]\n url = https://bob:vR7kq2Lw@git.test/x\n"),
            ("readme.md", b"hello"),
        )
    } == {
        "id_rsa": FILE,
        "server.crt": MISNAMED,
        "id_rsa.pub": MISNAMED,
        "src/app.js": TEXT,
        "src/app.zip": ARCHIVE,
        ".git/config": HISTORY,
        "readme.md": None,
    }


def test_many_secrets_take_little() -> None:
    found = look("a.txt", b"".join(f"{checksummed('gh' + 'p_', n)}\n".encode() for n in range(1000)))
    assert len(found.places) == 200
    assert found.secret is not None


def test_progress_is_told() -> None:
    told: list[tuple[str, int]] = []
    scanner = SecretScanner(progress=lambda path, size: told.append((path, size)))
    scanner.scan("a", [b"x" * 10, b"", b"y" * 5])
    scanner.scan("b", iter([b"z" * 7]))
    assert told == [("a", 10), ("a", 0), ("a", 5), ("b", 7)]


def test_errors_of_the_source_go_through() -> None:
    def failing() -> Iterator[bytes]:
        yield b"x" * 10
        raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input"):
        SecretScanner().scan("a", failing())
