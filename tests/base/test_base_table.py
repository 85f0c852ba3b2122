"""The table of base images: facts read from the images' own Dockerfiles, and what must stay unknown."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dfguard.base.table import UNKNOWN, Base, lookup
from dfguard.reference import parse

DIGEST = "@sha256:" + "0" * 64

# image, family, user, shell, package manager, libc
SYSTEMS = [
    ("debian:12-slim", "debian", "root", "dash", "apt-get", "glibc"),
    ("ubuntu", "ubuntu", "root", "dash", "apt-get", "glibc"),
    ("alpine:3.20", "alpine", "root", "ash", "apk", "musl"),
    ("busybox:musl", "busybox", "root", "ash", "none", "musl"),
    ("busybox", "busybox", "root", "ash", "none", None),
    ("centos:7", "rhel", "root", "bash", "yum", "glibc"),
    ("centos:8", "rhel", "root", "bash", "dnf", "glibc"),
    ("fedora:44", "fedora", "root", "bash", "dnf", "glibc"),
    ("rockylinux:9-minimal", "rhel", "root", "bash", "microdnf", "glibc"),
    ("oraclelinux:7-slim", "rhel", "root", "bash", "yum", "glibc"),
    ("oraclelinux:9-slim", "rhel", "root", "bash", "microdnf", "glibc"),
    ("amazonlinux:2", "amazon", "root", "bash", "yum", "glibc"),
    ("amazonlinux:2.0.20260817.0", "amazon", "root", "bash", "yum", "glibc"),
    ("amazonlinux", "amazon", "root", "bash", "dnf", "glibc"),
    ("registry.access.redhat.com/ubi9/ubi-minimal:9.4", "rhel", "root", "bash", "microdnf", "glibc"),
    ("python:3.12", "debian", "root", "dash", "apt-get", "glibc"),
    ("python:3.12-alpine3.20", "alpine", "root", "ash", "apk", "musl"),
    ("python:3.12-windowsservercore-ltsc2022", "windows", "ContainerAdministrator", "powershell", "none", None),
    ("golang:1.22-nanoserver", "windows", "ContainerUser", "cmd", "none", None),
    ("eclipse-temurin:21-jre", "ubuntu", "root", "dash", "apt-get", "glibc"),
    ("eclipse-temurin:21-jdk-ubi9-minimal", "rhel", "root", "bash", "microdnf", "glibc"),
    ("openjdk:17", None, "root", None, None, None),
    ("openjdk:17-slim", "debian", "root", "dash", "apt-get", "glibc"),
    ("openjdk:8-jre-alpine", "alpine", "root", "ash", "apk", "musl"),
    ("maven:3.9-eclipse-temurin-21-alpine", "alpine", "root", "ash", "apk", "musl"),
    ("maven:3-amazoncorretto-21", None, "root", None, None, None),
    ("mcr.microsoft.com/dotnet/aspnet:8.0", "debian", "root", "dash", "apt-get", "glibc"),
    ("mcr.microsoft.com/dotnet/aspnet:8.0-alpine", "alpine", "root", "ash", "apk", "musl"),
    ("mcr.microsoft.com/dotnet/runtime:9.0-noble-chiseled", "ubuntu", "1654", "none", "none", "glibc"),
    ("mcr.microsoft.com/dotnet/sdk:10.0", None, "root", "dash", "apt-get", "glibc"),
    ("gcr.io/distroless/static", "distroless", "root", "none", "none", "none"),
    ("gcr.io/distroless/static-debian12:nonroot", "distroless", "65532", "none", "none", "none"),
    ("gcr.io/distroless/base-debian12:nonroot-amd64", "distroless", "65532", "none", "none", "glibc"),
    ("gcr.io/distroless/java21-debian13:debug", "distroless", "root", None, "none", "glibc"),
    ("mcr.microsoft.com/windows/servercore:ltsc2022", "windows", "ContainerAdministrator", "cmd", "none", None),
    ("cgr.dev/chainguard/wolfi-base", "wolfi", "root", "ash", "apk", "glibc"),
    ("scratch", "scratch", "root", "none", "none", "none"),
    ("haproxy:3.0", "debian", "haproxy", "dash", "apt-get", "glibc"),
    ("haproxy:2.2-alpine", "alpine", None, "ash", "apk", "musl"),
    ("elasticsearch:8.15.0", None, "1000:0", None, None, None),
    ("nginx:1.27-alpine-slim", "alpine", "root", "ash", "apk", "musl"),
    ("rabbitmq:4-management", None, "root", "dash", "apt-get", "glibc"),
    ("wordpress:cli", "alpine", "www-data", "ash", "apk", "musl"),
    ("public.ecr.aws/lambda/python:3.12", None, None, None, None, None),
]


def base(image: str) -> Base:
    reference = parse(image)
    assert reference is not None
    return lookup(reference)


@pytest.mark.parametrize(("image", "family", "user", "shell", "manager", "libc"), SYSTEMS)
def test_system(
    image: str, family: str | None, user: str | None, shell: str | None, manager: str | None, libc: str | None
) -> None:
    found = base(image)
    assert found.known
    assert (found.family, found.user, found.shell, found.package_manager, found.libc) == (
        family,
        user,
        shell,
        manager,
        libc,
    )


@pytest.mark.parametrize(
    ("image", "sdk", "present", "absent"),
    [
        ("python:3.12", None, {"gcc", "make", "pip"}, set()),
        ("python:3.12-slim", None, {"pip"}, {"gcc", "make", "curl"}),
        ("node:20-alpine", None, {"npm"}, {"gcc", "curl"}),
        ("golang:1.22", "golang", {"go", "gcc", "make"}, set()),
        ("golang:1.22-alpine", "golang", {"go"}, {"gcc"}),
        ("rust:1-slim", "rust", {"cargo", "gcc"}, {"make"}),
        ("php:8.3-fpm", None, {"php", "gcc"}, set()),
        ("php:8.3-fpm-alpine", None, {"php"}, {"gcc"}),
        ("eclipse-temurin:21", "jdk", {"javac"}, set()),
        ("eclipse-temurin:21-jre", None, {"java"}, {"javac"}),
        ("mcr.microsoft.com/dotnet/sdk:8.0", "dotnet-sdk", {"dotnet"}, set()),
        ("mcr.microsoft.com/dotnet/aspnet:8.0", None, set(), {"dotnet-sdk"}),
        ("buildpack-deps:curl", None, {"curl"}, {"gcc"}),
        ("buildpack-deps:bookworm", "buildpack-deps", {"gcc"}, set()),
        ("swift:6.0-slim", None, set(), {"swift"}),
    ],
)
def test_tools(image: str, sdk: str | None, present: set[str], absent: set[str]) -> None:
    found = base(image)
    assert found.sdk == sdk
    assert present <= found.tools
    assert not absent & found.tools


@pytest.mark.parametrize(
    "image", ["bitnami/redis:7", "example.com/python:3.12", "python/python", "gcr.io/x/y", "amd64/x"]
)
def test_everything_else_is_unknown(image: str) -> None:
    assert base(image) == UNKNOWN
    assert not base(image).known


def test_no_reference_is_unknown() -> None:
    assert lookup(None) == UNKNOWN


@pytest.mark.parametrize(
    "image",
    ["docker.io/library/python:3-slim", "arm64v8/python:3-slim", "public.ecr.aws/docker/library/python:3-slim"],
)
def test_other_names_of_the_same_image(image: str) -> None:
    assert base(image) == base("python:3-slim")


def test_an_architecture_is_a_namespace_of_docker_hub_only() -> None:
    assert not base("quay.io/amd64/python:3").known


def test_a_digest_alone_gets_what_all_variants_share() -> None:
    found = base("python" + DIGEST)
    assert found.known
    assert found.user == "root"
    assert found.family is None
    assert found.shell is None
    assert "pip" in found.tools
    assert "gcc" not in found.tools


def test_a_tag_beside_a_digest_is_believed() -> None:
    assert base("python:3-alpine" + DIGEST) == base("python:3-alpine")


def test_a_digest_of_an_image_without_variants_says_all() -> None:
    assert base("debian" + DIGEST) == base("debian:12")


def test_tags_are_read_as_words() -> None:
    assert base("python:3.12-notalpine").family == "debian"
    assert base("python:3.12-Alpine").family == "alpine"


def test_import_and_lookup_are_cheap() -> None:
    heavy = "{'dataclasses', 'inspect', 'json', 'pathlib', 'tomli', 'logging'}"
    code = f"import sys; old = set(sys.modules); import dfguard.base.table; print({heavy} & set(sys.modules) - old)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "set()"
    reference = parse("python" + DIGEST)
    for _ in range(100):
        lookup(reference)
