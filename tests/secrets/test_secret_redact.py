"""Redaction: no secret value ever comes out, everything else stays."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from secret_fakes import checksummed, docker_auth, draw, pem

from dfguard.secrets.redact import mask, redact, secret_places

TOKEN = checksummed("gh" + "p_")


def test_mask_keeps_a_shared_prefix_only() -> None:
    assert mask(TOKEN) == "ghp_****"
    assert mask("glpat-" + draw(20)) == "****"
    assert mask("hunter2") == "****"
    assert mask("gh" + "p_x") == "****"
    assert mask("") == "****"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"COPY a b  # {TOKEN}", "COPY a b  # ghp_****"),
        ("ENV DB_PASSWORD=hunter2 OTHER=x", "ENV DB_PASSWORD=**** OTHER=x"),
        ("ENV DB_PASSWORD hunter2", "ENV DB_PASSWORD ****"),
        ("ARG NPM_TOKEN=abc", "ARG NPM_TOKEN=****"),
        ("ARG TOKEN=${T:-hunter2}", "ARG TOKEN=****"),
        ("RUN curl -u bob:hunter2 https://x.test", "RUN curl -u bob:**** https://x.test"),
        ("curl -H 'Authorization: Bearer abcdef123456'", "curl -H 'Authorization: Bearer ****'"),
        ("mysql --password=hunter2 x", "mysql --password=**** x"),
        ("mysql --password hunter2 -h x", "mysql --password **** -h x"),
        ("git clone https://bob:hunter2x@x.test/y", "git clone https://bob:****@x.test/y"),
        ('{"password": "a b c"}', '{"password": "****"}'),
        ("é PASSWORD=né!x é", "é PASSWORD=**** é"),
        ("A=1 API_KEY='x y' B=2", "A=1 API_KEY='****' B=2"),
    ],
)
def test_hidden(text: str, shown: str) -> None:
    assert redact(text) == shown
    assert redact(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing here",
        "ARG NPM_TOKEN=${NPM_TOKEN}",
        "ENV TOKEN=$TOKEN",
        "ENV PASSWORD_FILE=/run/secrets/x",
        "ENV TOKENIZERS_PARALLELISM=false",
        "RUN apt-get install -y --no-install-recommends curl",
        "COPY .env /app/",
        "FROM python:3.12-slim AS base",
        "API_KEY=<your key>",
        "café: http://user@host:80/x",
    ],
)
def test_shown(text: str) -> None:
    assert redact(text) == text
    assert secret_places(text) == ()


def test_a_private_key_is_hidden_whole() -> None:
    key = pem("RSA PRIVATE")
    assert redact(f"RUN cat <<EOF\n{key}EOF\n") == "RUN cat <<EOF\n****\nEOF\n"


def test_a_docker_login_is_hidden() -> None:
    assert draw(12) not in redact(docker_auth(f"bob:{draw(12)}"))


def test_places_are_in_characters() -> None:
    text = f"ü\udcffü {TOKEN} ü DB_PASSWORD=hünter2"
    assert [text[start:end] for start, end in secret_places(text)] == [TOKEN, "hünter2"]


@given(
    st.text(alphabet=string.ascii_letters + string.digits + "!?%&*+/é", min_size=6, max_size=40), st.text(max_size=60)
)
def test_no_value_survives(value: str, around: str) -> None:
    for name in ("DB_PASSWORD", "apiKey"):
        line = f"{name}={value}Qz7"
        assert value + "Qz7" not in redact(f"{around}\n{line}\n").split("\n")[-2]


def test_a_lone_surrogate_is_text_too() -> None:
    assert redact(f"\ud800 {TOKEN} \udcff") == "\ud800 ghp_**** \udcff"


@given(st.text())
def test_any_text_is_accepted(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


def test_time_is_linear() -> None:
    for unit in ("A: b\n", "a_", "a-", "--a", "password=é;", "é" + TOKEN + "\n", "bearer "):
        redact(unit * (100_000 // len(unit)))
