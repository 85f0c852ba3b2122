"""Where programs keep their folders when a variable, or an official image, says so."""

from __future__ import annotations

import pytest
from played import last

from dfguard.flow.events import Filled


def filled(text: str) -> set[str]:
    return {event.path for event in last(text).events if isinstance(event, Filled)}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("FROM debian:12.8-slim\nRUN go install example.com/a@v1\n", "/root/go/pkg/mod"),
        ("FROM debian:12.8-slim\nENV GOPATH=/opt/go:/x\nRUN go install example.com/a@v1\n", "/opt/go/pkg/mod"),
        ("FROM debian:12.8-slim\nENV GOPATH=/a GOMODCACHE=/m\nRUN go mod download\n", "/m"),
        ("FROM debian:12.8-slim\nRUN GOPATH=/b go install example.com/a@v1\n", "/b/bin"),
        ("FROM golang:1.23.3\nRUN go build ./...\n", "/go/pkg/mod"),
        ("FROM golang:1.23.3\nENV GOPATH=/c\nRUN go build ./...\n", "/c/pkg/mod"),
        ("FROM rust:1.82.0\nRUN cargo install ripgrep\n", "/usr/local/cargo/registry"),
        ("FROM debian:12.8-slim\nENV CARGO_HOME=/d\nRUN cargo install ripgrep\n", "/d/bin"),
        ("FROM debian:12.8-slim\nENV XDG_CACHE_HOME=/e\nRUN pip install flask\n", "/e/pip"),
        ("FROM debian:12.8-slim\nENV PIP_CACHE_DIR=relative\nRUN pip install flask\n", "/root/.cache/pip"),
    ],
)
def test_folders_of_programs(text: str, path: str) -> None:
    assert path in filled(text)


def test_a_variable_moves_the_folder_away() -> None:
    assert not any(path.startswith("/root") for path in filled("FROM rust:1.82.0\nRUN cargo build\n"))


def test_python_compiles_unless_it_is_told_not_to() -> None:
    def compiles(text: str) -> set[bool]:
        events = last(f"FROM python:3.12.7-slim\n{text}").events
        return {event.certain for event in events if isinstance(event, Filled) and event.path == "**/__pycache__"}

    assert compiles("RUN pip install demo\n") == {True}
    assert compiles("ENV PYTHONDONTWRITEBYTECODE=1\nRUN pip install demo\n") == {False}
    assert compiles("RUN PYTHONDONTWRITEBYTECODE=1 pip install demo\n") == {False}
    assert compiles("RUN pip cache purge\n") == {False}
