"""Secrets that stand in a Dockerfile: which places are looked at, and how sure the finding is."""

from __future__ import annotations

import pytest

from dfguard.context.invocation import Invocation
from dfguard.dockerfile.parse import parse
from dfguard.flow.secret_values import SecretValue
from dfguard.source import Source
from dfguard.unit import Unit

PW = "w7Kq-93mz-TTb2"
TOKEN = "glpat-w7Kq93mzTTb2xR5vLq1c"


def secrets(text: str) -> tuple[SecretValue, ...]:
    dockerfile = parse(Source("Dockerfile", f"FROM debian:12.8-slim\n{text}\n"))
    return Unit(dockerfile, Invocation("default", "Dockerfile", None), lambda _: None).secret_values


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"ENV DB_PASSWORD={PW}", "DB_PASSWORD"),
        (f"ENV db.password='{PW}'", "db.password"),
        (f'LABEL com.example.api-key="{PW}"', "com.example.api-key"),
        (f"ARG TOKEN={PW}", "TOKEN"),
        (f"RUN a --password {PW}", "--password"),
        (f"RUN a --auth-token='{PW}'", "--auth-token"),
        (f"RUN sudo -u x env DB_PASSWORD={PW} a", "DB_PASSWORD"),
        (f"RUN bash -c 'a --password {PW}'", "--password"),
        (f"RUN curl -su x:{PW} https://example.net", "-u"),
        (f"RUN curl -u x:{PW} https://example.net", "-u"),
        (f"RUN docker login -p {PW} x", "-p"),
        (f"RUN keytool -genkey -storepass {PW}", "-storepass"),
        (f"RUN curl -H 'X-Api-Key: {PW}' https://example.net", "X-Api-Key"),
        (f"RUN printf 'a:b\\nroot:{PW}\\n' | chpasswd", "password"),
        (f"RUN echo 'token = {PW}' | tee /a", "token"),
        (f"RUN psql -c \"ALTER ROLE a PASSWORD '{PW}'\"", "password"),
        (f"RUN <<EOF\nexport API_KEY={PW}\nEOF", "API_KEY"),
        (f"RUN mysql <<EOF\nCREATE USER a IDENTIFIED BY '{PW}';\nEOF", "password"),
        (f'CMD ["a", "--password={PW}"]', "--password"),
        (f"ENTRYPOINT a --password {PW}", "--password"),
    ],
)
def test_a_value_by_its_role(text: str, name: str) -> None:
    found = [value for value in secrets(text) if value.span.text == PW]
    assert [value.name for value in found] == [name]
    assert not any(value.certain for value in found)


@pytest.mark.parametrize(
    "text",
    [
        f"ENV DB_PASSWORD_FILE=/a/{PW}",
        f"COPY {PW} /a",
        "RUN a --password-stdin x9Yk-3Tq && adduser --disabled-password --gecos x9Yk-3Tq b",
        "RUN a --password $PW && curl -u a:$PW https://example.net && docker login -p ${PW} x",
        "RUN docker run -p 8080:80 x && cp -p a-9Xk b-9Xk && mkdir -p d/e-9Xk",
        "RUN echo 'a ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/a",
        "RUN echo 'Password: x9Yk-3Tq'",
        "RUN openssl passwd -1 x9Yk-3Tq",
    ],
)
def test_look_alikes(text: str) -> None:
    assert secrets(text) == ()


def test_a_token_format_needs_no_name_and_wins() -> None:
    (value,) = secrets(f"ENV GITLAB_TOKEN={TOKEN}")
    assert (value.what, value.name, value.certain) == ("a GitLab token", "GITLAB_TOKEN", True)
    assert value.span.text == TOKEN


def test_places_count_characters() -> None:
    found = secrets(f"LABEL a=\"Größe\"\nENV A={TOKEN}\nENV B='ü' DB_PASSWORD={PW}")
    assert [value.span.text for value in found] == [TOKEN, PW]


def test_files_of_copy_are_not_looked_at_here() -> None:
    assert secrets(f"COPY <<EOF /a\nDB_PASSWORD={PW}\n{TOKEN}\nEOF") == ()


def test_time_is_linear() -> None:
    for unit in ("--password ", "a: ", "-p", "A_KEY=x ", "echo 'a:b' | "):
        secrets("RUN a " + unit * (50_000 // len(unit) if "|" not in unit else 900) + " > /b")
