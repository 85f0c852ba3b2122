"""Packages of images that a real engine built with the real dpkg: what a layer installed and a later one removed."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import layers
import packages
import pytest
import roots

from dfguard.image.layer import Wanted
from dfguard.image.opening import open_image
from dfguard.image.packages.inventory import take_inventory
from dfguard.image.packages.reader import PackageReader
from dfguard.image.runtime import is_account_file
from dfguard.image.view import stack
from dfguard.image_unit import ImageUnit

pytestmark = pytest.mark.engine

BASE = "debian:dfguard-inventory-test"
IMAGE = "dfguard-inventory-test:latest"


@pytest.fixture(scope="module", autouse=True)
def base_image() -> Iterator[None]:
    """A base image of the machine's own dpkg and what it calls."""
    why = layers.why_no_engine()
    if why:
        pytest.skip(why)
    if not Path("/usr/bin/dpkg").exists():
        pytest.skip("this machine has no dpkg to make a base image of")
    layers.import_base(roots.debian().tar(), BASE)
    yield
    layers.remove_image(IMAGE)
    layers.remove_image(BASE)


def built(context: Path, text: str) -> ImageUnit:
    (context / "demo.deb").write_bytes(packages.deb())
    (context / "Dockerfile").write_text(f"FROM {BASE}\n{text}")
    saved = context / "saved.tar"
    saved.write_bytes(layers.build(context, IMAGE))
    return ImageUnit(open_image(str(saved), Wanted(keeps=is_account_file, reader=PackageReader())))


def test_a_package_that_dpkg_removed_in_a_later_layer_is_told_with_both_layers(tmp_path: Path) -> None:
    unit = built(
        tmp_path,
        "COPY demo.deb /tmp/\nRUN dpkg -i /tmp/demo.deb\nRUN dpkg --purge demo\nRUN dpkg -i /tmp/demo.deb\n",
    )
    inventory = take_inventory(unit.image.layers, stack([layer.content for layer in unit.image.layers]))
    told = [(p.package.name, p.package.version, p.layer, p.fate, p.by) for p in inventory.packages]
    assert told == [("demo", "1.0", 2, "deleted", 3), ("demo", "1.0", 4, "live", None)]
    command = [
        "docker",
        "run",
        "--rm",
        "--network",
        "none",
        IMAGE,
        "dpkg-query",
        "-W",
        "-f",
        "${Package} ${Version}\\n",
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")
    assert [line for line in said if line] == ["demo 1.0"], "what the container itself says is live"


def test_what_containers_stumble_over_is_what_the_engine_refuses(tmp_path: Path) -> None:
    """Every fault that is told keeps the engine from starting the container, and without one it starts."""
    for text, kinds in (
        ('USER nobody-here\nCMD ["true"]\n', {"user"}),
        ('CMD ["no-such-program"]\n', {"program"}),
        ('COPY demo.deb /run-me\nENTRYPOINT ["/run-me"]\n', {"program"}),
        ('USER 12345\nCMD ["rm", "--version"]\n', set()),
    ):
        unit = built(tmp_path, text)
        assert {fault.kind for fault in unit.faults if fault.kind in ("user", "program")} == kinds, text
        run = subprocess.run(["docker", "run", "--rm", "--network", "none", IMAGE], capture_output=True, text=True)
        assert (run.returncode != 0) == bool(kinds), run.stderr
