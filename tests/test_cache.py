"""The cache folder: where it is, who may read it, and that nothing foreign, damaged or old is ever believed."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from dfguard.cache import Cache, cache_folder


def filled(folder: Path, *contents: bytes) -> tuple[Cache, list[bytes]]:
    cache = Cache(str(folder))
    names = []
    for index, content in enumerate(contents):
        name = cache.keyed(b"%d" % index)
        assert name is not None
        cache.write(name, content)
        names.append(name)
    return cache, names


def test_what_is_kept_is_found_again_by_another_run(tmp_path: Path) -> None:
    _, names = filled(tmp_path / "new" / "cache", b"first", b"second")
    again = Cache(str(tmp_path / "new" / "cache"))
    assert [again.read(name) for name in names] == [b"first", b"second"]
    assert again.keyed(b"0") == names[0]


@pytest.mark.skipif(sys.platform == "win32", reason="needs the modes of POSIX")
def test_all_of_it_is_for_its_owner_alone(tmp_path: Path) -> None:
    filled(tmp_path / "cache", b"content")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "cache").iterdir()}
    assert len(modes) == 2
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE((tmp_path / "cache").stat().st_mode) == 0o700


def test_damaged_swapped_and_foreign_files_are_as_if_they_were_not_there(tmp_path: Path) -> None:
    cache, (first, second) = filled(tmp_path, b"first", b"second")
    paths = [tmp_path / f"{name.hex()}.kept" for name in (first, second)]
    one, two = (path.read_bytes() for path in paths)
    foreign, (name,) = filled(tmp_path / "other", b"first")
    told = (tmp_path / "other" / f"{name.hex()}.kept").read_bytes()
    for data in (two, told, one[:-1], one + b"x", b"", one.replace(b"cache 1", b"cache 0"), one[:20], b"\0" * 99):
        paths[0].write_bytes(data)
        assert cache.read(first) is None
        assert cache.holds(first)
    assert foreign.read(name) == b"first"
    cache.write(first, b"new")
    assert (cache.read(first), cache.read(second)) == (b"new", b"second")


@pytest.mark.skipif(sys.platform == "win32", reason="needs the modes of POSIX")
def test_a_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    _, (name,) = filled(tmp_path, b"content")
    (tmp_path / "key").chmod(0o644)
    cache = Cache(str(tmp_path))
    assert cache.keyed(b"0") is None
    assert cache.read(name) is None


def test_a_folder_that_can_not_be_made_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = Cache(str(tmp_path / "file" / "cache"))
    assert cache.keyed(b"a") is None
    assert cache.read(b"a" * 32) is None
    cache.write(b"a" * 32, b"content")


def test_the_longest_unused_go_when_there_is_too_much(tmp_path: Path) -> None:
    cache, names = filled(tmp_path, *(bytes([index]) * 1000 for index in range(10)))
    for index, name in enumerate(names):
        os.utime(tmp_path / f"{name.hex()}.kept", (index, index))
    assert cache.read(names[0]) is not None  # used again
    cache.most = 6000
    cache.write(cache.keyed(b"more") or b"", b"x" * 1000)
    left = [index for index, name in enumerate(names) if cache.holds(name)]
    assert left == [0, 8, 9]
    assert sum(path.stat().st_size for path in tmp_path.glob("*.kept")) <= 6000


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="other rules")
def test_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DFGUARD_CACHE_DIR", raising=False)
    monkeypatch.setenv("HOME", "/home/app")
    for told, folder in (("/c", "/c/dfguard"), ("", "/home/app/.cache/dfguard"), ("c", "/home/app/.cache/dfguard")):
        monkeypatch.setenv("XDG_CACHE_HOME", told)
        assert cache_folder() == folder
    monkeypatch.setenv("DFGUARD_CACHE_DIR", "/mine")
    assert cache_folder() == "/mine"
