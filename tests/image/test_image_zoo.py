"""Archives of one story, as many tools wrote them, say the same: kept ones here, fresh ones in tests/engine.

fixtures/NAME.xz were written by tests/engine/zoo/keep.py; skopeo's folder is kept as a tar of its files.
"""

from __future__ import annotations

import lzma
import shutil
import tarfile
from pathlib import Path

import pytest
import zoo_story

FIXTURES = sorted((Path(__file__).parent / "fixtures").glob("*.xz"))


def unpacked(fixture: Path, folder: Path) -> str:
    """The archive of a fixture, or the folder that it stands for."""
    out = folder / fixture.stem
    with lzma.open(fixture) as packed, out.open("wb") as target:
        shutil.copyfileobj(packed, target)
    if fixture.stem != "skopeo-dir":
        return str(out)
    with tarfile.open(out) as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file is not None:
                place = folder / "dir" / Path(member.name).name
                place.parent.mkdir(exist_ok=True)
                place.write_bytes(file.read())
    return str(folder / "dir")


def test_the_kept_archives_are_many_and_small() -> None:
    assert len(FIXTURES) >= 10
    assert sum(path.stat().st_size for path in FIXTURES) < 60_000


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.stem)
def test_every_archive_of_the_story_says_the_same(fixture: Path, tmp_path: Path) -> None:
    image = zoo_story.read(unpacked(fixture, tmp_path), "linux/amd64" if "multi" in fixture.stem else "")
    assert zoo_story.told(image) == zoo_story.expected(fixture.stem)
    assert zoo_story.is_as_told(image, fixture.stem)
