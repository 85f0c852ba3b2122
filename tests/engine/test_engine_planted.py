"""One real image with many planted secrets, in every form of archive: each is found at its place, with its fate.

The image is built once; skopeo and compressors make the other forms of it.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import builders
import layers
import planted
import pytest
import zstandard

from dfguard.image.created_by import instruction_of
from dfguard.image.layer import Wanted
from dfguard.image.opening import open_image
from dfguard.image.secrets import image_secrets
from dfguard.image.view import stack
from dfguard.image_unit import IMAGE_LIMITS
from dfguard.secrets.scanner import SecretScanner
from dfguard.source import LayerPlace

pytestmark = pytest.mark.engine


def skopeo(transport: str, *options: str) -> Callable[[Path, Path], None]:
    """A form that skopeo writes."""

    def make(saved: Path, out: Path) -> None:
        tag = {"dir": "", "docker-archive": ":planted:1"}.get(transport, ":planted")
        builders.run(
            "skopeo", "--insecure-policy", "copy", *options, f"docker-archive:{saved}", f"{transport}:{out}{tag}"
        )

    return make


FORMS: dict[str, Callable[[Path, Path], object]] = {
    "docker save": lambda saved, out: out.symlink_to(saved),
    "docker save, gzip around": lambda saved, out: out.write_bytes(gzip.compress(saved.read_bytes(), 1)),
    "docker save, zstd around": lambda saved, out: out.write_bytes(zstandard.compress(saved.read_bytes(), 1)),
    "docker-archive": skopeo("docker-archive"),
    "OCI archive, gzip": skopeo("oci-archive", "--dest-compress-format", "gzip"),
    "OCI archive, zstd": skopeo("oci-archive", "--dest-compress-format", "zstd"),
    "OCI folder, gzip": skopeo("oci", "--dest-compress-format", "gzip"),
    "OCI folder, zstd": skopeo("oci", "--dest-compress-format", "zstd"),
    "OCI folder, plain": skopeo("oci", "--dest-decompress"),
    "dir, gzip": skopeo("dir", "--dest-compress"),
    "dir, plain": skopeo("dir", "--dest-decompress"),
}
OTHERS = {"Docker 20.10": builders.old, "containerd": builders.containerd}
SAMPLE = ("docker save", "OCI archive, zstd", "dir, gzip")


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = layers.busybox_root()
    if root is None:
        pytest.skip("no static busybox here to make a base image of; tests/engine/up.sh installs one")
    folder = tmp_path_factory.mktemp("planted") / "context"
    planted.lay_out(folder, root, zstandard.compress(planted.plain("zstd") * 2))
    return folder


@pytest.fixture(scope="module")
def saved(context: Path) -> Iterator[Path]:
    try:
        builders.need_engine()
    except builders.Absent as why:
        pytest.skip(str(why))
    out = context.parent / "saved.tar"
    builders.buildkit(context, out)
    yield out
    out.unlink()


def found(archive: str) -> set[planted.Row]:
    """What the image says, as rows without the name of the case."""
    image = open_image(archive, Wanted(scanner=SecretScanner(IMAGE_LIMITS)))
    view = stack([layer.content for layer in image.layers])
    instructions = [instruction_of(image, layer).replace("/bin/sh -c ", "") for layer in image.layers]
    rows = set()
    for secret in image_secrets(image, view):
        place = secret.place.path if isinstance(secret.place, LayerPlace) else secret.place.key
        if place.startswith("history."):
            place = "history.ARG"  # its own entry and those of commands behind it
        own = instructions[secret.layer] if secret.layer is not None else ""
        by = instructions[secret.by] if secret.by is not None else ""
        rows.add(planted.Row("", place, own, secret.fate, by))
    return rows


TRUE = {row._replace(case="") for row in planted.ROWS}


@pytest.mark.parametrize("form", FORMS if os.environ.get("DFGUARD_FULL") else SAMPLE)
def test_each_planted_secret_is_found_with_its_fate(form: str, saved: Path, tmp_path: Path) -> None:
    FORMS[form](saved, tmp_path / "image")
    assert found(str(tmp_path / "image")) == TRUE


@pytest.mark.parametrize("engine", OTHERS)
def test_so_it_is_in_what_other_engines_build(engine: str, context: Path, tmp_path: Path) -> None:
    try:
        OTHERS[engine](context, tmp_path / "image")
    except builders.Absent as why:
        pytest.skip(str(why))
    assert found(str(tmp_path / "image")) == TRUE
