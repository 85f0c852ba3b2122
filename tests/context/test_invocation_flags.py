"""Flags of a build, read as `docker build` reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from dfguard.context.invocation import FOLDER, IMAGE, REMOTE, Invocation, NamedContext, familiar
from dfguard.context.invocations.flags import Flags, context_kind, read_flags
from dfguard.errors import UsageError


def read(**given: object) -> Flags:
    nothing = {"context": None, "target": None, "build_args": (), "build_contexts": (), "secrets": ()}
    return read_flags(**{**nothing, "environment": {"TOKEN": "from outside"}, **given})  # type: ignore[arg-type]


def test_values_come_with_their_place() -> None:
    flags = read(target="web", build_args=["A=1=2", "TOKEN", "GONE"], secrets=["type=file,id=npmrc,src=.npmrc"])
    assert [(arg.name, arg.value) for arg in flags.arguments] == [("A", "1=2"), ("TOKEN", "from outside")]
    assert flags.arguments[0].span is not None and flags.arguments[0].span.text == "A"
    assert [secret.id for secret in flags.secrets] == ["npmrc"]
    target = flags.invocation("Dockerfile", ".", "command line").place("target")
    assert target is not None and (target.path, target.text) == ("command line", "--target web")


@pytest.mark.parametrize(
    "wrong",
    [
        {"context": "nowhere"},
        {"build_contexts": ["lib"]},
        {"build_contexts": ["lib=nowhere"]},
        {"build_contexts": ["=."]},
        {"secrets": ["src=.npmrc"]},
    ],
)
def test_what_docker_build_refuses_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        read(**wrong)


def test_a_named_context_may_be_a_folder_an_image_or_an_address(tmp_path: Path) -> None:
    kinds = {
        str(tmp_path): FOLDER,
        "docker-image://alpine:3.20": IMAGE,
        "oci-layout:///tmp/layout": IMAGE,
        "https://github.com/a/b.git#v1": REMOTE,
        "git@github.com:a/b.git": REMOTE,
    }
    assert {value: context_kind(value) for value in kinds} == kinds
    (named,) = read(build_contexts=[f"lib={tmp_path}"]).named_contexts
    assert (named.name, named.kind, named.value) == ("lib", FOLDER, str(tmp_path))


def test_a_named_context_stands_for_every_spelling_of_the_image() -> None:
    named = (NamedContext("alpine", FOLDER, "."), NamedContext("lib:2", FOLDER, "."))
    build = Invocation("default", "Dockerfile", ".", named_contexts=named)
    for text in ("alpine", "alpine:latest", "docker.io/library/alpine"):
        assert build.named_context(text) is named[0], text
    assert build.named_context("alpine:3") is None
    assert build.named_context("lib:2") is named[1]
    assert familiar("Not A Reference") == "Not A Reference"
