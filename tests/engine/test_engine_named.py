"""What named contexts bring into an image, held against what a real builder makes of them."""

from __future__ import annotations

import os
import subprocess
import tarfile
from pathlib import Path

import layers
import pytest

from dfguard.builds import units_of
from dfguard.context.invocations.flags import read_flags
from dfguard.testing import lay_out

pytestmark = pytest.mark.engine

FILES = """\
main/own.txt = own
main/lib/.dockerignore = *
main/lib/from-main = m
lib/.dockerignore = *.log\\n!deep/keep.log\\nsecret
lib/a.txt = a
lib/x.log = x
lib/deep/keep.log = kept
lib/deep/b.txt = bb
lib/secret/key = k
lib/lib.Dockerfile.dockerignore = a.txt
over/.dockerignore = no
over/yes = y
over/no = n
"""
DOCKERFILES = {
    "a folder": "FROM scratch\nCOPY --from=lib . /all/\nCOPY --from=lib deep/*.log a.txt /some/\n",
    "a folder in the place of an image": "FROM lib\nCOPY own.txt /\n",
    "a tag that is meant anyway": "FROM docker.io/library/lib:latest\n",
    "a folder in the place of a stage": (
        "FROM scratch AS over\nCOPY own.txt /never\n"
        "FROM scratch\nCOPY --from=over / /by-name/\nCOPY --from=0 yes /by-number\n"
    ),
    "a stage that is FROM one that is replaced": (
        "FROM scratch AS over\nCOPY own.txt /never\nFROM over\nWORKDIR w\nCOPY --from=lib deep .\n"
    ),
    "a stage below that is replaced": (
        "FROM scratch AS one\nCOPY --from=over yes /\nFROM scratch AS over\nCOPY own.txt /\nFROM one\n"
    ),
    "upper case": "FROM scratch AS Over\nCOPY own.txt /never\nFROM scratch\nCOPY --from=OVER . /\n",
}


@pytest.fixture(scope="module", autouse=True)
def engine() -> None:
    why = layers.why_no_engine()
    if why:
        pytest.skip(why)


@pytest.mark.parametrize("name", DOCKERFILES)
def test_a_builder_takes_from_named_contexts_what_is_foretold(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out(FILES, tmp_path)
    monkeypatch.chdir(tmp_path)
    Path("main/lib.Dockerfile").write_text(DOCKERFILES[name], encoding="utf-8")
    flags = read_flags(
        context="main",
        target=None,
        build_args=(),
        build_contexts=("lib=lib", "over=over"),
        secrets=(),
        environment={},
    )
    (unit,) = units_of(["main/lib.Dockerfile"], flags)
    target = unit.flow.target
    assert target is not None
    assert sorted(path for path in target.view if target.is_sure(path)) == sorted(target.view)
    assert {path: added.attributes.size for path, added in target.view.items()} == built("main/lib.Dockerfile")


def built(dockerfile: str) -> dict[str, int]:
    """Every file of the image with its size."""
    given = ["--build-context", "lib=lib", "--build-context", "over=over"]
    command = ["docker", "buildx", "build", "--network", "none", "-f", dockerfile, *given, "-o", "type=tar,dest=o.tar"]
    environment = os.environ | {"DOCKER_BUILDKIT": "1"}
    done = subprocess.run([*command, "main"], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    with tarfile.open("o.tar") as archive:
        return {f"/{member.name}": member.size for member in archive if not member.isdir()}
