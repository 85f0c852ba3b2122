"""Secret files: how sure that is, by which word they came, and whether they are left in the image."""

from __future__ import annotations

import os
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest
from played import context_of, last, play, secrets, unit_of

from dfguard.context.ignore import parse_ignore
from dfguard.context.tree import BuildContext, read_context
from dfguard.finding import Confidence
from dfguard.flow.secret_files import SecretCopy, SecretFinder, SecretReadings, secret_copies
from dfguard.secrets import skips
from dfguard.secrets.names import NamedSecret
from dfguard.secrets.skips import Limits
from dfguard.source import Source

HIGH, MEDIUM, LOW = Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW

# Fakes are put together here, so that no scanner takes this file for a leak.
TOKEN = "gl" + "pat-" + "Zx9Kq2Lm7Rt4Vw8Yb3Nc"
JWT = ".".join(
    urlsafe_b64encode(part).decode().rstrip("=")
    for part in (b'{"alg":"HS256","typ":"JWT"}', b'{"sub":"svc-4711","iat":1718000000}', bytes(range(3, 35)))
)
KEY = (
    "-----BEGIN "
    + "RSA PRIVATE KEY-----\nMIIBOgIBAAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnzj4p4WGeKLs1Pt8Qu\n-----END "
    + "RSA PRIVATE KEY-----\n"
)
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIBszCCAV2gAwIBAgIUQ2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n"
FILES = {
    "secret.env": f"TOKEN={TOKEN}\n",
    ".env": f"TOKEN={TOKEN}\n",
    "plain/.env": "PORT=8080\nDEBUG=false\n",
    "empty/.env": "",
    "id_rsa": KEY,
    "cert.pem": CERTIFICATE,
    "key.pem": KEY,
    "app.js": f"token = '{TOKEN}'\n",
    "readme.txt": "hello\n",
    ".env.example": "TOKEN=changeme\n",
    "to-env -> .env": None,
}
TOP = "FROM debian:12.8-slim\nWORKDIR /w\n"


@pytest.fixture
def context(tmp_path: Path) -> BuildContext:
    return context_of(tmp_path, FILES)


def said(copies: tuple[SecretCopy, ...]) -> list[tuple[str, str, str, int | None]]:
    """(source word, path in the context, path in the image, line of the removal) of every secret."""
    return [
        (c.span.text, a.added.origin.path, a.added.path, a.removed.instruction.start_line if a.removed else None)
        for c in copies
        for a in c.arrivals
    ]


def confidence(name: str, context: BuildContext | None) -> Confidence | None:
    """How sure it is that a file is a secret, None when it is none."""
    found = [a.secret.confidence for c in secrets(f'{TOP}COPY ["{name}", "./"]\n', context) for a in c.arrivals]
    return found[0] if found else None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (".env", HIGH),
        ("secret.env", HIGH),
        ("id_rsa", HIGH),
        ("key.pem", HIGH),
        ("app.js", HIGH),
        ("to-env", HIGH),
        ("plain/.env", LOW),
        ("empty/.env", None),
        ("cert.pem", None),
        ("readme.txt", None),
        ("id_ed25519", MEDIUM),
        ("deploy/server.key", MEDIUM),
        (".env.production", MEDIUM),
        ("missing.txt", None),
        (".env.sample", None),
        ("config/${STAGE}.env", LOW),
        ("keys/$NAME", None),
    ],
)
def test_how_sure_it_is(name: str, expected: Confidence | None, context: BuildContext) -> None:
    assert confidence(name, context) is expected


def test_without_a_context_a_name_is_enough_for_medium() -> None:
    assert (confidence("id_rsa", None), confidence(".env", None)) == (MEDIUM, MEDIUM)


@pytest.mark.parametrize(
    "path",
    [
        "src/auth.spec.ts", "src/auth.test.js", "pkg/auth_test.go", "test_auth.py", "spec/auth_spec.rb",
        "tests/auth.py", "test/auth.py", "src/__tests__/auth.js", "testdata/auth.json", "fixtures/auth.json",
        "examples/auth.py", "docs/auth.md",
    ],
)  # fmt: skip
@pytest.mark.parametrize("content", [f"t = '{JWT}'\n", "password = 'kD8fh2Lq9xZt'\n"], ids=["jwt", "assignment"])
def test_what_test_sources_hold_is_hardly_a_secret(path: str, content: str, tmp_path: Path) -> None:
    assert confidence(path, context_of(tmp_path, {path: content})) in (None, LOW)


def test_the_same_in_a_source_file_is_one(tmp_path: Path) -> None:
    assert confidence("src/auth.ts", context_of(tmp_path, {"src/auth.ts": f"t = '{JWT}'\n"})) in (MEDIUM, HIGH)


def test_secrets_are_told_by_the_word_that_brings_them(context: BuildContext) -> None:
    text = f"{TOP}COPY .env id_rsa readme.txt ./a/\nCOPY . ./b/\n"
    found = said(secrets(text, context))
    assert found[:2] == [(".env", ".env", "/w/a/.env", None), ("id_rsa", "id_rsa", "/w/a/id_rsa", None)]
    assert [row[:2] for row in found[2:]] == [
        (".", name) for name in (".env", "app.js", "id_rsa", "key.pem", "plain/.env", "secret.env")
    ]
    copies = secrets(text, context)
    assert [c.instruction.start_line for c in copies] == [3, 3, 4]


@pytest.mark.parametrize(
    ("lines", "path", "line"),
    [
        ("COPY .env .", "/w/.env", None),
        ("COPY .env .\nRUN rm .env", "/w/.env", 4),
        ("COPY .env .\nRUN [ -f .env ] && rm .env", "/w/.env", 4),
        ("COPY .env .\nRUN rm -rf *", "/w/.env", None),
        ("COPY .env .\nRUN rm -rf /w", "/w/.env", 4),
        ("COPY .env .\nRUN mv .env /tmp/x", "/tmp/x", None),
        ("COPY .env .\nRUN mv .env /tmp/x && rm /tmp/x", "/w/.env", 4),
        ("COPY .env .\nRUN mv .env /tmp/x\nRUN rm /tmp/x", "/w/.env", 5),
        ("COPY .env .\nRUN cp .env /tmp/x\nRUN rm .env", "/tmp/x", None),
        ("COPY .env .\nRUN cp .env /tmp/x\nRUN rm .env\nRUN rm /tmp/x", "/w/.env", 6),
        ("COPY .env .\nRUN cp .env /tmp/x && rm /tmp/x", "/w/.env", None),
        ("COPY .env .\nRUN echo A=1 >> .env", "/w/.env", None),
        ("COPY .env .\nRUN echo A=1 >> .env\nRUN rm .env", "/w/.env", 5),
        ("COPY .env .\nCOPY readme.txt .env", "/w/.env", None),
        ("COPY .env .\nCOPY readme.txt .env\nRUN rm .env", "/w/.env", 5),
        ("COPY .env .\nRUN echo 1 > .env && rm .env", "/w/.env", 4),
        ("ADD .env /x/", "/x/.env", None),
    ],
)
def test_what_becomes_of_a_secret(lines: str, path: str, line: int | None, context: BuildContext) -> None:
    ((_, origin, found, removed),) = said(secrets(f"{TOP}{lines}\n", context))
    assert (origin, found, removed) == (".env", path, line)


def test_removed_and_copied_again(context: BuildContext) -> None:
    text = f"{TOP}COPY .env .\nRUN rm .env\nCOPY .env .\n"
    assert said(secrets(text, context)) == [(".env", ".env", "/w/.env", 4), (".env", ".env", "/w/.env", None)]


def test_a_stage_that_is_from_another_may_remove_its_secret(context: BuildContext) -> None:
    text = f"{TOP.replace('slim', 'slim AS a')}COPY .env .\nFROM a AS b\nRUN rm .env\n"
    assert said(secrets(text, context)) == [(".env", ".env", "/w/.env", 5)]


def test_stages_that_do_not_ship_keep_their_secrets(context: BuildContext) -> None:
    text = "FROM debian:12 AS build\nCOPY . /src/\nFROM scratch\nCOPY --from=build /src/readme.txt /\n"
    assert secrets(text, context) == ()


def test_a_secret_that_hops_is_told_at_the_last_hop(context: BuildContext) -> None:
    text = (
        "FROM debian:12 AS a\nCOPY . /src/\nFROM debian:12 AS b\nCOPY --from=a /src /mid\n"
        "FROM scratch\nCOPY --from=b /mid/.env /x\nCOPY --from=b /mid/id_rsa /y\n"
    )
    one, two = secrets(text, context)
    assert (one.span.text, one.instruction.start_line) == ("/mid/.env", 6)
    (arrival,) = one.arrivals
    assert (arrival.added.path, arrival.added.origin.place.text) == ("/x", ".")
    assert [hop.start_line for hop in arrival.added.hops] == [4, 6]
    assert two.arrivals[0].secret.confidence is HIGH


def test_secrets_in_heredocs(context: BuildContext) -> None:
    text = f"{TOP}COPY <<x <<y ./\ntoken={TOKEN}\nx\nhello\ny\nCOPY <<.env /e/\nPORT=1\n.env\n"
    found = [(c.span.text, a.added.path, a.secret.confidence) for c in secrets(text, context) for a in c.arrivals]
    assert found == [("<<x", "/w/x", HIGH), ("<<.env", "/e/.env", LOW)]
    text = f"FROM debian:12 AS a\nCOPY <<x /x\ntoken={TOKEN}\nx\nFROM scratch\nCOPY --from=a /x /z\n"
    assert [c.span.text for c in secrets(text, context)] == ["/x"]


def test_files_that_nobody_can_read_are_judged_by_name(tmp_path: Path) -> None:
    context = context_of(tmp_path, {"gone/id_rsa": KEY, "gone/notes.txt": "", "left.txt": TOKEN})
    for name in ("id_rsa", "notes.txt"):
        (tmp_path / "gone" / name).unlink()
    unit = unit_of(f"{TOP}COPY . .\n", context)
    assert [a.added.origin.path for c in unit.secret_copies for a in c.arrivals] == ["gone/id_rsa", "left.txt"]
    assert [skip.path for skip in unit.secret_finder.skips] == ["gone/id_rsa", "gone/notes.txt"]
    assert {skip.reason for skip in unit.secret_finder.skips} == {skips.UNREADABLE}


def test_limits_are_kept_and_told(tmp_path: Path) -> None:
    first = f"token = {TOKEN}\n" + "x" * 20_000
    context = context_of(tmp_path, {"a.txt": first, "b.txt": "x" * 20_000 + TOKEN, "c.txt": TOKEN})
    readings = SecretReadings(Limits(file=10_000, run=30_000), piece=10_000)
    finder = SecretFinder(context, readings=readings)
    found = [finder.inside(file) for file in context.files]
    assert [each.secret is not None for each in found] == [True, False, True]
    assert [each.skips[0].reason for each in found[:2]] == [skips.TOO_LARGE, skips.TOO_LARGE]
    assert SecretFinder(context, readings=SecretReadings(Limits(run=100), piece=100)).of_file(context.files[1]) is None


def test_each_file_is_read_once_whoever_asks(context: BuildContext, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    real = os.open

    def counted(path: str, *rest: Any, **more: Any) -> int:
        if str(path).startswith(context.root):
            opened.append(str(path))
        return real(path, *rest, **more)

    monkeypatch.setattr(os, "open", counted)
    readings = SecretReadings()
    other = read_context(context.root, parse_ignore(Source(".dockerignore", "readme.txt\n")))
    for each in (context, context, other):
        flow = play(f"{TOP}COPY . a/\nCOPY . b/\nCOPY .env c/\n", each)
        assert len(list(secret_copies(flow, SecretFinder(each, readings=readings)))) == 3
    assert len(opened) == len(set(opened)) > 5


class Listener:
    """A reader that understands no Python."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, bytes, bool]] = []

    def see(self, path: str, data: bytes, found: NamedSecret | None) -> str | None:
        self.seen.append((path, data, found is not None))
        return "is Python" if path.endswith(".py") else None


def test_readers_see_what_the_finder_reads(tmp_path: Path) -> None:
    context = context_of(tmp_path, {"app.py": "print()", "id_rsa": KEY, "left.txt": ""})
    listener = Listener()
    finder = SecretFinder(context, [listener])
    flow = play("FROM scratch\nCOPY app.py id_rsa /\nRUN cp app.py b.py\n", context)
    for _ in range(2):
        list(secret_copies(flow, finder))
    assert listener.seen == [("app.py", b"print()", False), ("id_rsa", KEY.encode(), True)]
    assert finder.unread == [("app.py", "is Python")]


def test_entry_is_the_word_in_the_stages_of_the_image(context: BuildContext) -> None:
    flow = last(f"{TOP}COPY .env .\nRUN mv .env x && cp x y\n", context)
    assert {flow.view[path].entry.start_line for path in ("/w/x", "/w/y")} == {3}
