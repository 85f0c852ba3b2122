"""`dfguard image --extract`: one file of one layer, live or not."""

from __future__ import annotations

from pathlib import Path

import pytest
from image_archives import docker_archive, layer_tar, sha256

from dfguard.cli.main import main

LAYERS = [
    layer_tar({"app/.env": b"FIRST=1\n", "app/link": "../etc/passwd", "app/folder": None}),
    layer_tar({"app/.env": b"SECOND=2\n\x00\xff"}),
    layer_tar({"app/.wh..env": b""}),
]


@pytest.fixture
def image(tmp_path: Path) -> str:
    (tmp_path / "image.tar").write_bytes(docker_archive(LAYERS))
    return str(tmp_path / "image.tar")


@pytest.mark.parametrize(
    ("asked", "data"),
    [
        ("0:/app/.env", b"FIRST=1\n"),
        ("1:app/.env", b"SECOND=2\n\x00\xff"),
        (f"{sha256(LAYERS[1])}:/app/.env", b"SECOND=2\n\x00\xff"),
        (f"{sha256(LAYERS[0])[7:19]}:/app//./.env", b"FIRST=1\n"),
    ],
)
def test_a_file_that_is_gone_is_recovered_from_its_layer(asked: str, data: bytes, image: str, tmp_path: Path) -> None:
    assert main(["image", image, "--extract", asked, "-o", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out").read_bytes() == data


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("2:/app/.env", "is removed by this layer: a lower one has it"),
        ("0:/app/none", "is not in this layer"),
        ("0:/app/link", "is a symlink to ../etc/passwd: ask for that"),
        ("0:/app/folder", "is a dir; only files can be extracted"),
        ("7:/app/.env", "has no layer '7'; it has 3, counted from 0"),
        ("abcdefabcdef:/a", "has no layer"),
        ("0:/app/../../etc/passwd", "a path in a layer has no `..`"),
        ("/app/.env", "expected LAYER:PATH"),
        ("0:", "expected LAYER:PATH"),
    ],
)
def test_what_is_no_file_of_the_layer_is_said_and_nothing_is_written(
    asked: str, says: str, image: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["image", image, "--extract", asked, "-o", str(tmp_path / "out")]) == 2
    said = capsys.readouterr()
    assert says in said.err
    assert said.out == ""
    assert not (tmp_path / "out").exists()


def test_a_file_above_the_limit_is_refused_and_not_cut(
    image: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dfguard.cli.extract.MAX_EXTRACTED", 4)
    assert main(["image", image, "--extract", "0:/app/.env", "-o", str(tmp_path / "out")]) == 2
    assert "has 8 bytes, larger than 4: not extracted" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_hostile_name_in_the_archive_names_no_file_outside(tmp_path: Path) -> None:
    hostile = layer_tar({"../../escape": b"x", "/etc/abs": b"y"})
    (tmp_path / "image.tar").write_bytes(docker_archive([hostile]))
    out = tmp_path / "deep" / "out"
    out.parent.mkdir()
    assert main(["image", str(tmp_path / "image.tar"), "--extract", "0:/escape", "-o", str(out)]) == 2
    assert main(["image", str(tmp_path / "image.tar"), "--extract", "0:/etc/abs", "-o", str(out)]) == 0
    assert out.read_bytes() == b"y"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["deep", "image.tar", "out"]
