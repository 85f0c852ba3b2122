"""Scanning as a whole: places, overlaps, binary data, long lines, hostile data, speed."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from secret_fakes import checksummed, draw, pem

from dfguard.finding import Confidence
from dfguard.secrets.assignments import SYLLABLES
from dfguard.secrets.contents import scan
from dfguard.secrets.detectors import SecretHit
from dfguard.secrets.generated import PLAIN, WORDS

TOKEN = checksummed("gh" + "p_")


def test_a_hit_names_the_bytes_of_the_value() -> None:
    data = f"é\nDB_PASSWORD='vR7{'k'}q2Lw'\n".encode()
    (hit,) = scan(data)
    assert hit == SecretHit(
        "credential-assignment", "credential in an assignment", hit.start, hit.end, Confidence.MEDIUM, "DB_PASSWORD"
    )
    assert data[hit.start : hit.end] == b"vR7kq2Lw"


def test_a_private_key_ends_with_its_block() -> None:
    key = pem("RSA PRIVATE")
    (hit,) = scan(f"a\n{key}b\n".encode())
    assert (hit.start, hit.end) == (2, 2 + len(key) - 1)


def test_a_key_without_an_end_is_found() -> None:
    (hit,) = scan(pem("RSA PRIVATE").rpartition("-----END")[0].encode())
    assert hit.detector == "private-key"


def test_keys_that_a_program_tests_itself_with_are_doubtful_and_a_single_one_is_not() -> None:
    """GnuTLS holds nine keys as constants, in every image of Debian."""
    keys = [b"\0" + pem(f"{kind} PRIVATE").encode() + b"\0" for kind in ("RSA", "EC", "DSA")]
    tests, single = scan(b"\x7fELF\0\0" + b"\0\1".join(keys)), scan(b"\x7fELF\0\0" + keys[0])
    assert [hit.confidence for hit in tests] == [Confidence.LOW] * 3
    assert [hit.confidence for hit in single] != [Confidence.LOW]


def test_the_special_format_wins_over_the_assignment() -> None:
    assert [hit.detector for hit in scan(f"GITHUB_TOKEN={TOKEN}\n".encode())] == ["github-token"]


def test_all_hits_in_order() -> None:
    data = f"{TOKEN} {checksummed('np' + 'm_')}\n{TOKEN}\n".encode()
    assert [hit.detector for hit in scan(data)] == ["github-token", "npm-token", "github-token"]


def test_binary_data_is_searched_for_tokens_only() -> None:
    binary = b"\x7fELF\0\0" + f"\nDB_PASSWORD=vR7kq2Lw\n{TOKEN}\0".encode()
    assert [hit.detector for hit in scan(binary)] == ["github-token"]


def test_a_token_at_the_end_of_a_long_line() -> None:
    assert [hit.detector for hit in scan(b"token;" * 500_000 + TOKEN.encode())] == ["github-token"]


def test_nothing_in_nothing() -> None:
    assert scan(b"") == ()
    assert scan(b"\0") == ()


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_random_surroundings_neither_hide_nor_break(before: bytes, after: bytes) -> None:
    data = before + b"\n" + TOKEN.encode() + b"\n" + after
    hits = scan(data)
    assert any(data[hit.start : hit.end] == TOKEN.encode() for hit in hits)
    assert all(a.end <= b.start for a, b in pairwise(hits))


LITERALS = [literal for literal, _ in PLAIN] + [before + start for before, start, _ in WORDS[::7]] + list(SYLLABLES)
FILLS = [b"", b"a1", b" ", b"\n", b"-", b":", b"a" * 190, b"x=", b'"', b"A: b\n"]
HOSTILE = [literal + fill for literal in LITERALS for fill in FILLS] + [
    b"-----BEGIN RSA PRIVATE KEY-----\nAbCdEfGhIjKlMnOpQrStUvWx\n",
    b"sk-" + b"a" * 100 + b"T3BlbkFJ",
    b"a://b:c@d",
    b"machine a\nlogin b\n",
    b"eyJ" + b"a" * 1900 + b".",
    b"password=x;host=",
]


def test_time_is_linear_in_hostile_data() -> None:
    size = 10_000
    for unit in HOSTILE:
        scan(unit * (size // len(unit)))


def test_text_with_a_credential_word_in_each_line_holds_no_secret() -> None:
    line = "import os  # the token of the user is read from %d, the key from the store\n"
    text = "".join(line % number for number in range(40_000)).encode()
    assert scan(text) == ()


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_line_ends_do_not_matter(newline: str) -> None:
    data = newline.join(("A=1", "DB_PASSWORD=vR7kq2Lw", "B=2", "")).encode()
    (hit,) = scan(data)
    assert data[hit.start : hit.end] == b"vR7kq2Lw"


def test_an_assignment_far_inside_a_line_is_no_line_of_an_environment_file() -> None:
    assert scan(b"x" * 500 + b" DB_PASSWORD=vR7kq2Lw\n") == ()
    assert scan(("; ".join(["a"] * 3) + "DB_PASSWORD=" + draw(20)).encode()) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"ssl_password = hunter-two-7\n", Confidence.MEDIUM),
        (b"# with a password = setting.\n", Confidence.LOW),
        (b"; db_password = hunter-two-7\n", Confidence.LOW),
        (b"# db_password = q8Zt2Lw9Xc4Vb6\n", Confidence.MEDIUM),
        (b'{"a": "//x.test/find?q=1&searchToken=q8Zt2Lw9Xc4Vb6"}\n', Confidence.LOW),
    ],
)
def test_what_a_comment_or_an_address_tells_in_settings_is_doubtful(text: bytes, expected: Confidence) -> None:
    (hit,) = scan(text, settings=True)
    assert hit.confidence is expected


@pytest.mark.parametrize(
    "line",
    [
        b"cookies.invalidCookieToken=Cookies: Invalid cookie. Value not a token\n",
        b"cookies.invalidCookieToken=Cookies: Ung\\u00fcltiges Cookie. Wert ist kein Token\n",
        b"cors.invalidSupportsCredentials=allowedOrigins = [*]\\u306e\\u5834\n",
        b"realm.setCredentialHandler=CredentialHandler\\uac00 \\ud574\\ub2f9 CombinedRealm\n",
    ],
)
def test_a_message_of_a_program_is_no_sure_password(line: bytes) -> None:
    assert [hit.confidence for hit in scan(line, settings=True)] in ([], [Confidence.LOW])


@pytest.mark.parametrize(
    "line",
    [
        b"command: mysqld --password=kX7vb2Qpw41zR9 --user root --host db\n",
        b"dsn: host=db password=kX7vb2Qpw41zR9 user=me dbname=shop\n",
        b"password: kX7vb2Qpw41zR9 # of the old server\n",
        b"password = kX7vb2Qpw41zR9\nother words here\n",
    ],
)
def test_what_goes_on_with_options_settings_or_a_comment_is_as_sure_as_ever(line: bytes) -> None:
    assert [hit.confidence for hit in scan(line, settings=True)] == [Confidence.MEDIUM]
