"""Which places of a Dockerfile get a digest, where it goes, and why others are left alone."""

from __future__ import annotations

import pytest

from dfguard.context.invocation import IMAGE, BuildArg, Invocation, NamedContext
from dfguard.dockerfile.parse import parse
from dfguard.errors import InputError
from dfguard.pinning.lock import Entry, Lock
from dfguard.pinning.pin import FilePins, Resolver, check_file, pin_file
from dfguard.reference import Reference
from dfguard.source import Source

NEW, OLD = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"


class Everything:
    """Every image has the digest NEW, but those named `unknown`."""

    name = "registry"

    def digest(self, image: Reference) -> str:
        if "unknown" in image.repository:
            raise InputError(image.familiar, "is not known")
        return NEW


def pinned(text: str, *builds: Invocation, update: bool = False) -> FilePins:
    found = pin_file(parse(Source("Dockerfile", text)), builds, Resolver(None, Everything()), update=update)
    return found.but(text=found.text.replace(NEW, "NEW"))


def why(text: str, *builds: Invocation, update: bool = False) -> list[str]:
    found = pinned(text, *builds, update=update)
    assert found.text == text, "it was changed"
    return [remark.message for remark in found.left]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("FROM node:20\n", "FROM node:20@NEW\n"),
        ("FROM node\n", "FROM node:latest@NEW\n"),
        ("from --platform=$BUILDPLATFORM node:20  AS x\r\n", "from --platform=$BUILDPLATFORM node:20@NEW  AS x\r\n"),
        ('FROM "node:20"\n', 'FROM "node:20@NEW"\n'),
        ("# a\nFROM quay.io/x/y:1 \\\n  AS z\n# b\n", "# a\nFROM quay.io/x/y:1@NEW \\\n  AS z\n# b\n"),
        ("\ufeff# escape=`\nFROM `\n node:20\n", "\ufeff# escape=`\nFROM `\n node:20@NEW\n"),
        ("FROM scratch\nCOPY --from=node:20 /a /b\n", "FROM scratch\nCOPY --from=node:20@NEW /a /b\n"),
        (
            "FROM scratch\nRUN --mount=type=bind,from=node:20,target=/a x\n",
            "FROM scratch\nRUN --mount=type=bind,from=node:20@NEW,target=/a x\n",
        ),
        (
            "FROM scratch\nONBUILD COPY --from=node:20 /a /b\n",
            "FROM scratch\nONBUILD COPY --from=node:20@NEW /a /b\n",
        ),
        ("ARG V=20\nFROM node:${V}\n", "ARG V=20@NEW\nFROM node:${V}\n"),
        ('ARG BASE="node:20"\nFROM $BASE\nFROM $BASE\n', 'ARG BASE="node:20@NEW"\nFROM $BASE\nFROM $BASE\n'),
        ("ARG BASE=node\nFROM $BASE\n", "ARG BASE=node:latest@NEW\nFROM $BASE\n"),
        ("ARG R=docker.io\nFROM $R/library/node:20\n", "ARG R=docker.io\nFROM $R/library/node:20@NEW\n"),
        ("ARG R=quay.io/x/y\nFROM $R:20-slim\n", "ARG R=quay.io/x/y\nFROM $R:20-slim@NEW\n"),
        ("ARG A=1 V=20\nFROM node:$V\n", "ARG A=1 V=20@NEW\nFROM node:$V\n"),
        ("ARG V=20\nFROM node:$V\nARG V=18\nRUN echo $V\n", "ARG V=20@NEW\nFROM node:$V\nARG V=18\nRUN echo $V\n"),
    ],
)
def test_the_digest_goes_behind_the_tag_and_all_else_stays(before: str, after: str) -> None:
    found = pinned(before)
    assert found.text == after
    assert found.left == tuple(each for each in found.left if each.message == "scratch")
    again = pinned(after.replace("NEW", NEW))
    assert not again.pinned, "twice is once"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("FROM scratch\n", "scratch"),
        ("ARG V\nFROM node:$V\n", "hangs on V, which has no value here"),
        ("FROM base-$TARGETARCH\n", "hangs on TARGETARCH, which has no value here"),
        ("ARG V=20\nFROM node:$V-slim\n", "its tag goes on behind V"),
        ("ARG V=20\nFROM node:$V\nARG V\nRUN echo $V\n", "ARG V is declared in a stage as well (line 3)"),
        ("ARG V=20\nARG W=$V-slim\nFROM node:$W\n", "the default of ARG W hangs on other arguments"),
        ("ARG V=20\nARG W=$V\nFROM node:$V\n", "ARG V is used otherwise on line 2"),
        ("ARG V=20\nARG V=22\nFROM node:$V\n", "ARG V is declared more than once"),
        ("ARG V=20\nFROM node:${V:-18}\n", "${V:-...} decides which image it is"),
        ("ARG V=20\nFROM --platform=linux/$V node:$V\n", "ARG V is used otherwise on line 2"),
        ("FROM no\\de:20\n", "holds quotes or escapes"),
        ("FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\n", "is a Windows image"),
        ("FROM mcr.microsoft.com/dotnet/sdk:8.0-windowsservercore-ltsc2022\n", "is a Windows image"),
        ("FROM --platform=windows/amd64 golang:1.23\n", "is a Windows image"),
        ("FROM localhost/mine:1\n", "is a local name"),
    ],
)
def test_what_is_left_alone_is_said(text: str, reason: str) -> None:
    assert any(reason in message for message in why(text)), why(text)


def test_uses_of_an_argument_have_to_agree() -> None:
    both = why("ARG V=3\nFROM python:$V\nFROM ruby:$V\n")
    assert both == ["ARG V is part of different images (lines 2 and 3)"] * 2
    part = pinned("ARG V=3\nFROM python:$V AS a\nFROM python:$V-slim\n")
    assert part.left[0].message == "ARG V is used otherwise on line 3"
    stage = why("ARG V=3\nFROM scratch AS base-3\nFROM base-$V\nFROM ruby:$V\n")
    assert "ARG V is used otherwise on line 3" in stage


def test_stages_are_no_images() -> None:
    text = "FROM node:20 AS a\nFROM a\nCOPY --from=0 /x /x\nCOPY --from=a /x /x\nRUN --mount=from=a,target=/x y\n"
    found = pinned(text)
    assert found.text == text.replace("node:20", "node:20@NEW")
    assert [each.message for each in found.left] == ["a stage"] * 4


def test_what_builds_say_counts() -> None:
    contexts = (NamedContext("node", IMAGE, "docker-image://mine"), NamedContext("base", IMAGE, "docker-image://mine"))
    build = Invocation("web", "Dockerfile", ".", named_contexts=contexts, source="compose.yaml")
    assert why("FROM node\nFROM ruby AS base\n", build) == [
        "the named context node stands for it (compose.yaml)",
        "the named context base stands for it (compose.yaml)",
    ]
    build = Invocation("web", "Dockerfile", ".", arguments=(BuildArg("V", "22"),), source="compose.yaml")
    assert why("ARG V=20\nFROM node:$V\n", build) == ["the build web (compose.yaml) gives V"]


def test_digests_stay_unless_they_are_to_be_updated() -> None:
    old = f"ARG D={OLD}\nARG H={'c' * 64}\nFROM a:1@{OLD}\nFROM b:1@$D\nFROM c:1@sha256:$H\nFROM d@{OLD}\n"
    assert why(old) == []
    found = pinned(old, update=True)
    assert found.text == f"ARG D=NEW\nARG H={'a' * 64}\nFROM a:1@NEW\nFROM b:1@$D\nFROM c:1@sha256:$H\nFROM d@{OLD}\n"
    assert [each.old for each in found.pinned] == [OLD, OLD, f"sha256:{'c' * 64}"]
    assert "no tag" in found.left[0].message


def test_an_image_that_fails_keeps_no_other_back() -> None:
    found = pinned("FROM unknown:1\nFROM node:20\n")
    assert found.text == "FROM unknown:1\nFROM node:20@NEW\n"
    assert [each.message for each in found.failed] == ["unknown: is not known"]


def test_the_lock_says_what_has_drifted() -> None:
    lock = Lock("dfguard.lock", b"", {("docker.io/library/node", "20"): Entry("docker.io/library/node", "20", NEW)})
    text = f"FROM node:20@{NEW}\nFROM docker.io/node:20@{OLD}\nFROM ruby:3@{OLD}\nFROM node:20\nFROM d@{OLD}\n"
    found = check_file(parse(Source("Dockerfile", text)), (), Resolver(lock, None))
    assert [(each.span.start_line, each.message) for each in found.drifted] == [
        (2, f"is pinned to {OLD[:19]}, but the lock has {NEW[:19]}"),
        (3, "is not in dfguard.lock: `dfguard pin` puts it there"),
        (4, "is not pinned by digest"),
    ]
    assert len(found.kept) == 1
