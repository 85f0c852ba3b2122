"""One story built and exported by every builder at hand: every archive of it says the same.

A sample is built by default, all forms with DFGUARD_FULL=1. What is not here is skipped, with the reason.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import builders
import pytest
import zoo_story

pytestmark = pytest.mark.engine

SAMPLE = ("docker-overlay", "docker-classic", "buildkit-oci-zstd", "buildkit-attested", "buildah-one-layer", "umoci")


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("zoo")
    try:
        shell = builders.small_shell(folder)
    except builders.Absent as why:
        pytest.skip(str(why))
    zoo_story.write_context(folder / "context", shell)
    yield folder / "context"


@pytest.mark.parametrize("form", list(builders.FORMS) if os.environ.get("DFGUARD_FULL") else SAMPLE)
def test_every_archive_of_the_story_says_the_same(form: str, context: Path, tmp_path: Path) -> None:
    try:
        builders.FORMS[form](context, tmp_path / form)
    except builders.Absent as why:
        pytest.skip(str(why))
    image = zoo_story.read(str(tmp_path / form), "linux/amd64" if "multi" in form else "")
    assert zoo_story.told(image) == zoo_story.expected(form)
    assert zoo_story.is_as_told(image, form)


@pytest.mark.parametrize("form", ["buildkit-multi", "buildkit-multi-attested"])
def test_each_platform_of_an_index_says_the_same(form: str, context: Path, tmp_path: Path) -> None:
    try:
        builders.FORMS[form](context, tmp_path / form)
    except builders.Absent as why:
        pytest.skip(str(why))
    for platform in ("linux/amd64", "linux/arm64"):
        assert zoo_story.told(zoo_story.read(str(tmp_path / form), platform)) == zoo_story.EXPECTED
