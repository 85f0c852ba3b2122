"""With Hyperscan and without it the findings are the same."""

from __future__ import annotations

import base64
import gzip
import os
import random
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from secret_fakes import draw, pem
from test_secret_detectors import QUIET, REPORTED

from dfguard.secrets.contents import NOTHING, OPEN, Gate, is_binary, scan
from dfguard.secrets.gates import gate_of
from dfguard.secrets.scanner import SecretScanner

pytest.importorskip("hyperscan", reason="hyperscan is not installed: pip install 'dockerfile-guard[fast]'")


@pytest.fixture(scope="module")
def gate() -> Callable[[bytes, bool, bool], Gate]:
    from dfguard.secrets import fast

    loaded = fast.load()
    assert loaded is not None
    return loaded


def surrounded(text: str, lot: random.Random) -> bytes:
    """A text somewhere in prose, in code, or in noise without a NUL."""
    noise = bytes(lot.randrange(1, 256) for _ in range(lot.randrange(400)))
    before = lot.choice((b"", b"import os\nkey = os.environ['KEY']\n", noise + b"\n", b"a: " * lot.randrange(300)))
    return before + lot.choice((b"", b"\n", b' "', b"\t- ")) + text.encode() + lot.choice((b"", b"\n", b'"\n', noise))


@pytest.mark.parametrize("settings", [False, True])
def test_every_case_of_every_detector(gate: Callable[[bytes, bool, bool], Gate], settings: bool) -> None:
    lot = random.Random(7)
    seen = 0
    for _, text in (*REPORTED, *QUIET):
        for data in (text.encode(), surrounded(text, lot), surrounded(text, lot)):
            found = scan(data, settings=settings)
            assert scan(data, gate(data, settings, False), settings=settings) == found
            seen += len(found)
    assert seen > 2000


def test_base64_at_every_offset(gate: Callable[[bytes, bool, bool], Gate]) -> None:
    seen = 0
    for _, text in REPORTED:
        for shift in range(3):
            data = b"data: " + base64.b64encode(b"x" * (30 + shift) + b"\n" + text.encode() + b"\n" * 9) + b"\n"
            found = scan(data)
            assert scan(data, gate(data, False, False)) == found
            seen += len(found)
    assert seen > 1000


def test_files_of_an_installation(gate: Callable[[bytes, bool, bool], Gate]) -> None:
    """The packages that are installed beside: sources, data and shared objects as they come."""
    files = [path for path in Path(sysconfig.get_paths()["purelib"]).rglob("*") if path.is_file()]
    chosen = random.Random(3).sample(sorted(files), min(len(files), 400))
    assert len(chosen) > 100
    for path in chosen:
        data = path.read_bytes()[: 256 * 1024]
        settings = path.suffix in (".json", ".toml", ".cfg", ".ini")
        opened = gate(data, settings, is_binary(data))
        assert scan(data, opened, settings=settings) == scan(data, settings=settings), path


def test_nothing_is_looked_for_where_nothing_is(gate: Callable[[bytes, bool, bool], Gate]) -> None:
    assert gate(b"print('hello')\n" * 1000, False, False) is NOTHING
    assert gate(pem("RSA PRIVATE").encode(), False, False).plain
    assert gate(f"T = '{'gh' + 'p_' + draw(36)}'".encode(), False, False).tokens


def test_data_that_matches_everywhere_is_searched_as_a_whole(gate: Callable[[bytes, bool, bool], Gate]) -> None:
    assert gate(b"password = 'a1b2c3d4e5f6'\n" * 8000, False, False) is OPEN


def planted(lot: random.Random) -> Iterator[tuple[str, bytes]]:
    """Files of all sizes and kinds, some with secrets in them."""
    for number in range(120):
        lines = [lot.choice(LINES) for _ in range(50_000 if number == 7 else lot.choice((0, 1, 20, 400)))]
        for _ in range(lot.choice((0, 0, 1, 3))):
            lines.insert(lot.randrange(len(lines) + 1), lot.choice(REPORTED)[1])
        data = "\n".join(lines).encode()
        wrapped = lot.choice((bytes, bytes, bytes, gzip.compress, base64.b64encode, lambda data: b"\x7fELF\0" + data))
        yield f"folder/{number}{lot.choice(('.py', '.json', '.env', '.bin', ''))}", wrapped(data)


LINES = ("", "import os", '"key": "value",', "a token = words", "pass", "x" * 300, "password: ${PASSWORD}", "é")


def test_files_known_by_their_structure_are_read_whatever_the_gate_says() -> None:
    data = f"machine api.example.org\n  login robot\n  password {draw(24)}\n".encode()
    fast, slow = SecretScanner(fast_after=0), SecretScanner(fast_after=1 << 60)
    fast.scan_whole("warm", b"up")
    assert fast.scan_whole(".netrc", data) == slow.scan_whole(".netrc", data)
    assert slow.scan_whole(".netrc", data).places


def test_many_files_at_once_hold_the_same_as_each_alone() -> None:
    lot = random.Random(int(os.environ.get("DFGUARD_SEED", "12")))
    fast, slow = SecretScanner(fast_after=0), SecretScanner(fast_after=1 << 60)
    fast.scan_whole("warm", b"up")
    files = [*planted(lot), ("empty", b""), (".netrc", f"machine a.org login b password {draw(24)}".encode())]
    lot.shuffle(files)
    each = [found for path, data in files if (found := slow.scan_whole(path, data)).secret or found.places]
    assert len(each) > 50
    while files:
        few, files = files[:17], files[17:]
        told = fast.scan_many(few)
        assert told == each[: len(told)]
        each = each[len(told) :]
    assert not each


def test_the_scanner_says_the_same_of_every_file() -> None:
    fast, slow = SecretScanner(fast_after=0), SecretScanner(fast_after=1 << 60)
    fast.scan_whole("warm", b"up")
    secrets = 0
    for path, data in planted(random.Random(int(os.environ.get("DFGUARD_SEED", "11")))):
        found = fast.scan_whole(path, data)
        assert found == slow.scan_whole(path, data), path
        halves = fast.scan(path, (data[: len(data) // 2], data[len(data) // 2 :]))
        assert halves.secret == found.secret, path
        assert [(at.hit.detector, at.line) for at in halves.places] == [
            (at.hit.detector, at.line) for at in found.places
        ]
        secrets += len(found.places)
    assert secrets > 30


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"(?<![A-Z(])ab(?!c|[)d])", "ab"),
        (r"(?P<secret>[^)]{3})x", "(?:[^)]{3})x"),
        (r"a[b\]]{1,200}c", r"a[b\]]{1,}c"),
        (r"a{146}b", "a{24,}b"),
        (r"a[0-9]{20,40}={0,2}", "a[0-9]{16}={0,2}"),
        (r"\(?=a", r"\(?=a"),
    ],
)
def test_a_gate_matches_wherever_its_pattern_does(pattern: str, expected: str) -> None:
    assert gate_of(pattern) == expected


def test_files_of_credentials_and_key_stores_are_found_behind_the_gate_too() -> None:
    fast = SecretScanner(fast_after=0)
    fast.scan_whole("warm", b"up")
    netrc = f"machine a.test\nlogin bob\npassword {draw(9)}\n".encode()
    keepass = b"\x03\xd9\xa2\x9ag\xfbK\xb5" + bytes(99)
    for data in (netrc, keepass):
        assert fast.scan_whole("blob", data).secret is not None
        assert fast.scan("blob", (data[:20], data[20:])).secret is not None
