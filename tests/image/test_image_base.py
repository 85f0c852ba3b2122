"""The base of an image (`--base`, labels), what is left in it, and its age."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from image_archives import docker_archive, layer_tar, oci_blobs, oci_layout, tar_of

from dfguard.cli.main import main

SYSTEM = layer_tar({"etc/os-release": b"ID=debian\n", "usr/bin/bash": b"x"}, modes={"usr/bin/bash": 0o755})
TOOLS = layer_tar({"usr/bin/gcc": b"x", "usr/bin/sudo": b"y"}, modes={"usr/bin/gcc": 0o755, "usr/bin/sudo": 0o4755})
OTHER = layer_tar({"etc/os-release": b"ID=debian\nVERSION_ID=13\n"})


def report(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    main(["image", *arguments, "--format", "json", "--exit-zero"])
    data: dict[str, Any] = json.loads(capsys.readouterr().out)
    return data


def archive(path: Path, *layers: bytes) -> str:
    path.write_bytes(docker_archive(list(layers)))
    return str(path)


def test_what_the_build_added_is_told_from_what_the_given_base_has(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = archive(tmp_path / "app.tar", SYSTEM, TOOLS, layer_tar({"app": b"1"}))
    without = report(capsys, image)
    assert without["base"]["layers"] is None
    assert {(left["kind"], left["base"]) for left in without["leftovers"]} == {("shell", True), ("compiler", False)}
    assert {finding["code"] for finding in without["findings"]} >= {"DG904", "DG913"}
    with_base = report(capsys, image, "--base", archive(tmp_path / "base.tar", SYSTEM, TOOLS))
    assert with_base["base"]["layers"] == 2
    assert not {finding["code"] for finding in with_base["findings"]} & {"DG904", "DG913"}


def test_a_base_that_the_image_does_not_stand_on_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    image = archive(tmp_path / "app.tar", SYSTEM, TOOLS)
    base = archive(tmp_path / "base.tar", OTHER)
    assert report(capsys, image, "--base", base)["base"]["layers"] == 0
    main(["image", image, "--base", base, "--exit-zero"])
    assert f"{base} is not what it was built on, or another state of it" in capsys.readouterr().out


@pytest.mark.parametrize("moved", [False, True])
def test_the_digest_of_the_label_is_held_against_the_base(
    moved: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blobs, descriptor = oci_blobs([SYSTEM])
    (tmp_path / "base.tar").write_bytes(tar_of(oci_layout([descriptor], blobs)))
    labels = {
        "org.opencontainers.image.base.name": "debian:12",
        "org.opencontainers.image.base.digest": "sha256:" + "0" * 64 if moved else descriptor["digest"],
    }
    made, own = oci_blobs([SYSTEM, TOOLS], config={"Labels": labels, "User": "1000"}, created="2001-02-03T04:05:06Z")
    (tmp_path / "app.tar").write_bytes(tar_of(oci_layout([own], made)))
    data = report(capsys, str(tmp_path / "app.tar"), "--base", str(tmp_path / "base.tar"))
    assert data["base"]["current"] is not moved
    assert data["base"]["digest"] == labels["org.opencontainers.image.base.digest"]
    assert data["age_days"] > 365 * 20


def test_a_build_that_can_be_repeated_has_no_age(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made, own = oci_blobs([SYSTEM], created="1970-01-01T00:00:00Z")
    (tmp_path / "app.tar").write_bytes(tar_of(oci_layout([own], made)))
    assert report(capsys, str(tmp_path / "app.tar"))["age_days"] is None
