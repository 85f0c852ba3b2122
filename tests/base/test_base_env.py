"""The variables that base images set."""

from __future__ import annotations

import pytest

from dfguard.base.table import lookup
from dfguard.reference import parse


def env(image: str) -> frozenset[str] | None:
    return lookup(parse(image)).env


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("python:3.12-slim", "PYTHON_VERSION"),
        ("python:3.6", "PYTHON_PIP_VERSION"),  # older versions set more
        ("node:22-alpine", "NODE_VERSION"),
        ("golang:1.23", "GOPATH"),
        ("eclipse-temurin:21-jre", "JAVA_HOME"),
        ("maven:3.9-eclipse-temurin-21", "JAVA_HOME"),
        ("tomcat:10", "CATALINA_HOME"),
        ("wordpress:php8.3", "PHP_INI_DIR"),
        ("mcr.microsoft.com/dotnet/aspnet:9.0", "APP_UID"),
        ("postgres@sha256:" + "0" * 64, "PGDATA"),
    ],
)
def test_known_variables(image: str, name: str) -> None:
    found = env(image)
    assert found is not None
    assert name in found


@pytest.mark.parametrize("image", ["scratch", "debian:12", "ubuntu:24.04", "alpine", "busybox", "amazonlinux:2"])
def test_plain_systems_set_none(image: str) -> None:
    assert env(image) == frozenset()


@pytest.mark.parametrize(
    "image", ["registry.example.com/x", "golang:1.23-windowsservercore", "gcr.io/distroless/static"]
)
def test_unknown(image: str) -> None:
    assert env(image) is None


def test_path_is_in_none() -> None:
    from dfguard.base.generated import IMAGES

    assert all("PATH" not in image.get("env", ()) for image in IMAGES)
