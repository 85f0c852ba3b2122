"""References against the facts of distribution/reference's own tests, restated."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dfguard.reference import Reference, parse

SHA256 = "sha256:" + "f" * 64
SHA512 = "sha512:" + "f" * 128
HEX = "1a3f5e7d9c1b3a5f" * 4

# text, registry, repository, tag, digest, familiar name
VALID = [
    ("alpine", "docker.io", "library/alpine", None, None, "alpine"),
    ("alpine:3.20", "docker.io", "library/alpine", "3.20", None, "alpine"),
    ("test_com", "docker.io", "library/test_com", None, None, "test_com"),
    ("test.com:tag", "docker.io", "library/test.com", "tag", None, "test.com"),
    ("test.com:5000", "docker.io", "library/test.com", "5000", None, "test.com"),
    ("localhost", "docker.io", "library/localhost", None, None, "localhost"),
    ("localhost/x", "localhost", "x", None, None, "localhost/x"),
    ("localhost:5000/x:1", "localhost:5000", "x", "1", None, "localhost:5000/x"),
    ("test.com/repo:tag", "test.com", "repo", "tag", None, "test.com/repo"),
    ("test:5000/repo", "test:5000", "repo", None, None, "test:5000/repo"),
    (f"test:5000/repo:tag@{SHA256}", "test:5000", "repo", "tag", SHA256, "test:5000/repo"),
    (f"busybox:latest@{SHA256}", "docker.io", "library/busybox", "latest", SHA256, "busybox"),
    (f"repo@{SHA512}", "docker.io", "library/repo", None, SHA512, "repo"),
    ("lowercase:Uppercase", "docker.io", "library/lowercase", "Uppercase", None, "lowercase"),
    ("docker.io/alpine", "docker.io", "library/alpine", None, None, "alpine"),
    ("docker.io/library/alpine", "docker.io", "library/alpine", None, None, "alpine"),
    ("index.docker.io/alpine:1", "docker.io", "library/alpine", "1", None, "alpine"),
    ("index.docker.io/a/b", "docker.io", "a/b", None, None, "a/b"),
    ("library/foo/bar", "docker.io", "library/foo/bar", None, None, "library/foo/bar"),
    ("bitnami/redis:7", "docker.io", "bitnami/redis", "7", None, "bitnami/redis"),
    ("quay.io/x/y", "quay.io", "x/y", None, None, "quay.io/x/y"),
    ("quay.io/library/y", "quay.io", "library/y", None, None, "quay.io/library/y"),
    ("gcr.io/a/b.c.com/my-app:t.e.com", "gcr.io", "a/b.c.com/my-app", "t.e.com", None, "gcr.io/a/b.c.com/my-app"),
    ("foo/foo_bar.com:8080", "docker.io", "foo/foo_bar.com", "8080", None, "foo/foo_bar.com"),
    ("192.168.1.1", "docker.io", "library/192.168.1.1", None, None, "192.168.1.1"),
    ("192.168.1.1:5000/repo:5050", "192.168.1.1:5000", "repo", "5050", None, "192.168.1.1:5000/repo"),
    ("[2001:db8::1]/repo", "[2001:db8::1]", "repo", None, None, "[2001:db8::1]/repo"),
    (f"[::1]:5000/repo:tag@{SHA256}", "[::1]:5000", "repo", "tag", SHA256, "[::1]:5000/repo"),
    ("xn--n3h.com:18080/foo", "xn--n3h.com:18080", "foo", None, None, "xn--n3h.com:18080/foo"),
    ("Foo/bar", "Foo", "bar", None, None, "Foo/bar"),
    ("dock__er/dock---er", "docker.io", "dock__er/dock---er", None, None, "dock__er/dock---er"),
    (f"docker.io/{HEX}", "docker.io", f"library/{HEX}", None, None, HEX),
    (f"{HEX}:1", "docker.io", f"library/{HEX}", "1", None, HEX),
    ("a:" + "t" * 128, "docker.io", "library/a", "t" * 128, None, "a"),
    ("scratch", "docker.io", "library/scratch", None, None, "scratch"),
    ("x.io/" + "a/" * 127 + "a", "x.io", "a/" * 127 + "a", None, None, "x.io/" + "a/" * 127 + "a"),
]

INVALID = [
    "",
    ":justtag",
    f"@{SHA256}",
    "repo@sha256:" + "f" * 34,
    "repo@sha256:" + "F" * 64,
    "repo@sha512:" + "f" * 64,
    "repo@md5:" + "f" * 32,
    "repo@invaliddigest:" + "f" * 64,
    "repo@",
    "repo:",
    "Uppercase:tag",
    "Alpine",
    "docker/Docker",
    "test:5000/Uppercase/lowercase:tag",
    "aa/asdf$$^/aa",
    "https://github.com/docker/docker",
    "docker///docker",
    "docker/",
    "/docker",
    "-docker",
    "-docker.io/docker/docker",
    "docker-/docker",
    "dock..er/docker",
    "dock_.er/docker",
    "dock-.er/docker",
    "____/____",
    "fc00::1:5000/debian",
    "[2001:db8::1]",
    "[2001:db8::1]:5000",
    "[fe80::1%eth0]:5000/debian",
    "[2001:db8:3:4::192.0.2.33]:5000/debian",
    HEX,
    "repo:-tag",
    "repo:.tag",
    "repo:" + "t" * 129,
    "repo:tag:tag",
    "repo:tag\n",
    "repo\n",
    "repo tag",
    "répo",
    "repo:tàg",
    "$IMAGE",
    "x.io/" + "a/" * 128 + "a",
]


@pytest.mark.parametrize(("text", "registry", "repository", "tag", "digest", "familiar"), VALID)
def test_valid(text: str, registry: str, repository: str, tag: str | None, digest: str | None, familiar: str) -> None:
    reference = parse(text)
    assert reference == Reference(text, registry, repository, tag, digest)
    assert reference is not None
    assert reference.familiar == familiar


@pytest.mark.parametrize("text", INVALID)
def test_invalid(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize("text", [case[0] for case in VALID])
def test_canonical_text_parses_to_the_same_image(text: str) -> None:
    first = parse(text)
    assert first is not None
    canonical = f"{first.registry}/{first.repository}"
    canonical += f":{first.tag}" if first.tag else ""
    canonical += f"@{first.digest}" if first.digest else ""
    assert parse(canonical) == first.but(raw=canonical)


@pytest.mark.parametrize(
    "text",
    [
        "a-" * 100_000,
        "a." * 100_000 + "/b",
        "A" * 200_000 + "/B",
        "a" * 200_000 + "!",
        "a/" * 100_000,
        "[" + ":" * 200_000,
    ],
)
def test_hostile_text_takes_linear_time(text: str) -> None:
    assert parse(text) is None


def test_import_loads_nothing_heavy() -> None:
    heavy = "{'dataclasses', 'inspect', 'json', 'pathlib', 'tomli', 'logging'}"
    code = f"import sys; old = set(sys.modules); import dfguard.reference; print({heavy} & set(sys.modules) - old)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "set()"
