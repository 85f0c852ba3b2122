"""Every layout of archives and folders gives the same image, or says why not."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from image_archives import config_json, docker_archive, layer_tar, oci_blobs, oci_layout, sha256, tar_of

from dfguard.errors import InputError, UsageError
from dfguard.image.model import Image
from dfguard.image.opening import open_image

LAYERS = [layer_tar({"etc/passwd": b"root"}), layer_tar({"app/.env": b"x"}), layer_tar({"app/.wh..env": b""})]
OTHER = [layer_tar({"other": b"1"})]


def layouts() -> dict[str, bytes]:
    out = {"docker": docker_archive(LAYERS)}
    for kind in ("none", "gzip", "zstd"):
        blobs, descriptor = oci_blobs(LAYERS, kind)
        descriptor["annotations"] = {"io.containerd.image.name": "app:1"}
        out[f"oci-{kind}"] = tar_of(oci_layout([descriptor], blobs))
    return out


def summary(image: Image) -> object:
    contents = [[e.path for e in layer.content.entries] for layer in image.layers]
    return image.tags, contents, [layer.history for layer in image.layers], image.config, image.problems


@pytest.mark.parametrize("name", layouts())
def test_every_archive_plain_compressed_and_as_a_stream_is_the_same_image(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = layouts()[name]
    path = tmp_path / "image.tar"
    path.write_bytes(data)
    image = open_image(str(path))
    assert image.tags == ("app:1",)
    assert image.problems == ()
    assert image.config.env == (("A", "1"),)
    assert [layer.content.whiteouts for layer in image.layers] == [(), (), ("/app/.env",)]
    assert [layer.history for layer in image.layers] == [0, 1, 2]
    path.write_bytes(gzip.compress(data))
    assert summary(open_image(str(path))) == summary(image)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert summary(open_image("-")) == summary(image)


def test_folders_of_oci_and_of_skopeo(tmp_path: Path) -> None:
    blobs, descriptor = oci_blobs(LAYERS)
    write(tmp_path / "oci", oci_layout([descriptor], blobs))
    manifest = next(data for name, data in blobs.items() if name.endswith(descriptor["digest"][7:]))
    write(tmp_path / "dir", {"manifest.json": manifest, **{name[13:]: data for name, data in blobs.items()}})
    images = [open_image(str(tmp_path / "oci")), open_image(f"dir:{tmp_path / 'dir'}")]
    assert summary(images[0]) == summary(images[1])
    assert [len(image.layers) for image in images] == [3, 3]


def write(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def test_a_layer_that_is_listed_twice_is_a_link_in_docker_archives(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive([LAYERS[0], LAYERS[1], LAYERS[0]]))
    assert [len(layer.content.entries) for layer in open_image(str(path)).layers] == [1, 1, 1]


def two_platforms() -> bytes:
    blobs, first = oci_blobs(LAYERS)
    more, second = oci_blobs(OTHER, architecture="arm64")
    first["platform"] = {"os": "linux", "architecture": "amd64"}
    second["platform"] = {"os": "linux", "architecture": "arm64", "variant": "v8"}
    statement = json.dumps({"predicateType": "https://slsa.dev/provenance/v1", "predicate": {}}).encode()
    attestation = json.dumps(
        {
            "config": {"digest": sha256(b"{}"), "size": 2},
            "layers": [{"mediaType": "application/vnd.in-toto+json", "digest": sha256(statement), "size": 1}],
        }
    ).encode()
    third: dict[str, Any] = {
        "digest": sha256(attestation),
        "platform": {"os": "unknown", "architecture": "unknown"},
        "annotations": {"vnd.docker.reference.digest": first["digest"]},
    }
    index = json.dumps({"manifests": [first, second, third]}).encode()
    for data in (statement, attestation, index):
        blobs[f"blobs/sha256/{sha256(data)[7:]}"] = data
    return tar_of(oci_layout([{"digest": sha256(index)}], {**blobs, **more}))


def test_of_several_platforms_one_is_chosen_and_its_attestation_found(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(two_platforms())
    with pytest.raises(UsageError, match=r"holds 2 images, choose one by --platform: .*linux/amd64; .*linux/arm64/v8"):
        open_image(str(path))
    image = open_image(str(path), platform="linux/amd64")
    assert [a.predicate_type for a in image.attestations] == ["https://slsa.dev/provenance/v1"]
    assert len(open_image(str(path), platform="linux/arm64").layers) == 1
    with pytest.raises(UsageError, match="no image fits --platform linux/s390x"):
        open_image(str(path), platform="linux/s390x")


def test_of_several_tags_one_is_chosen(tmp_path: Path) -> None:
    blobs, first = oci_blobs(LAYERS)
    more, second = oci_blobs(OTHER)
    first["annotations"] = {"io.containerd.image.name": "docker.io/library/app:1"}
    second["annotations"] = {"io.containerd.image.name": "docker.io/library/app:2"}
    path = tmp_path / "image.tar"
    path.write_bytes(tar_of(oci_layout([first, second], {**blobs, **more})))
    assert len(open_image(str(path), tag="app:2").layers) == 1
    with pytest.raises(UsageError, match="choose one by --tag"):
        open_image(str(path))


def test_what_does_not_fit_together_is_a_problem_each(tmp_path: Path) -> None:
    blobs, descriptor = oci_blobs(LAYERS)
    first = next(name for name, blob in blobs.items() if blob[:2] == b"\x1f\x8b")
    path = tmp_path / "image.tar"
    path.write_bytes(tar_of(oci_layout([descriptor], {**blobs, first: layer_tar({"evil": b"1"})})))
    problems = "\n".join(open_image(str(path)).problems)
    assert "layer 0 has the digest sha256:" in problems
    assert "layer 0 has the diff id sha256:" in problems
    assert "its manifest says" in problems
    assert "layer 0 is not compressed, its media type says compressed by gzip" in problems
    assert "layer 1" not in problems


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"a.txt": b"x"}, "is no image: it holds neither index.json nor manifest.json"),
        ({"index.json": b"{]"}, "index.json: holds no JSON: line 1"),
        ({"index.json": b"[" * 100_000}, "nested too deep"),
        ({"index.json": b'{"manifests": 7}'}, "holds a number; expected a JSON list"),
        ({"index.json": b'{"manifests": [{"digest": "sha256:../../etc/passwd"}]}'}, "is no digest"),
        ({"index.json": b'{"manifests": []}'}, "holds no image"),
        ({"manifest.json": b'[{"Layers": []}]'}, "names no Config"),
        ({"manifest.json": b'[{"Config": "c.json", "Layers": []}]'}, "lacks the image configuration c.json"),
        ({"manifest.json": b'[{"Config": "c.json", "Layers": ["l.tar"]}]', "c.json": b"{}"}, "lacks the layer l.tar"),
        (
            {"manifest.json": b'[{"Config": "c.json", "Layers": ["a"]}]', "c.json": b"{}", "a": "b", "b": "a"},
            "has links in a circle",
        ),
    ],
)
def test_what_is_no_image_is_one_clear_message(files: dict[str, bytes | str], says: str, tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(tar_of(files))
    for data in (path.read_bytes(), gzip.compress(path.read_bytes())):
        path.write_bytes(data)
        with pytest.raises((InputError, UsageError), match=says) as caught:
            open_image(str(path))
        assert "\n" not in str(caught.value)


def test_an_index_that_names_itself_ends(tmp_path: Path) -> None:
    """Nobody can make an index whose digest is right; one whose name lies is enough."""
    digest = "sha256:" + "0" * 64
    index = json.dumps({"mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [{"digest": digest}]})
    path = tmp_path / "image.tar"
    path.write_bytes(tar_of({"index.json": index.encode(), f"blobs/sha256/{'0' * 64}": index.encode()}))
    with pytest.raises(InputError, match="holds no image"):
        open_image(str(path))


def test_a_history_that_does_not_fit_is_said_and_not_used(tmp_path: Path) -> None:
    config = config_json(LAYERS, history=[{"created_by": "only one"}])
    files = {"manifest.json": b'[{"Config": "c.json", "Layers": ["0", "1", "2"]}]', "c.json": config}
    path = tmp_path / "image.tar"
    path.write_bytes(tar_of({**files, **{str(index): layer for index, layer in enumerate(LAYERS)}}))
    image = open_image(str(path))
    assert image.problems == ("the history tells of 1 layers, the image has 3",)
    assert [layer.history for layer in image.layers] == [None, None, None]


def test_an_archive_that_is_cut_before_its_manifest_is_said_to_be(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(tar_of({"layer.tar": b"x" * 5000, "manifest.json": b"[]"})[:3000])
    with pytest.raises(InputError, match=r"is cut short at byte 3,000"):
        open_image(str(path))


def test_a_tag_may_stand_behind_a_path_as_skopeo_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive([layer_tar({"a": b"1"})]))
    (known,) = open_image(str(path)).tags
    assert open_image(f"docker-archive:{path}:{known}").tags == (known,)
    with pytest.raises(UsageError, match="no image fits --tag none:1"):
        open_image(f"docker-archive:{path}:none:1")
