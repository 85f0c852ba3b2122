"""Modes and owners: what --chmod, --chown, chmod and chown make of them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfguard.flow.ownership import changed_mode, new_owner, octal, owner_of, with_numbers, without_ids

PASSWD = "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\n"
GROUP = "root:x:0:\nstaff:x:50:\n"


@pytest.mark.parametrize(("text", "mode"), [("755", 0o755), ("0644", 0o644), ("4711", 0o4711), ("7", 7)])
def test_octal_modes(text: str, mode: int) -> None:
    assert octal(text) == mode


@pytest.mark.parametrize("text", ["", "u=rw", "8", "77777", "0o755", "+x", "-1"])
def test_what_is_no_octal_mode(text: str) -> None:
    assert octal(text) is None


SYMBOLIC = [
    "u+x", "go-rwx", "a=r", "u=rw,g=r,o=", "+x", "-w", "a+X", "u+s", "g+s", "+t", "ug+rw,o-r", "=r", "u+rwX,go-w",
    "o=t", "a=", "u=rwx,go=rx", "+r-w", "a+st",
]  # fmt: skip


@pytest.mark.parametrize("folder", [False, True])
@pytest.mark.parametrize("text", SYMBOLIC)
def test_symbolic_modes_are_those_of_chmod(text: str, folder: bool, tmp_path: Path) -> None:
    """Asked of the chmod of this machine, under a umask of 022."""
    path = tmp_path / "it"
    for mode in (0o640, 0o755, 0o600, 0o111, 0o777):
        if folder:
            path.mkdir(exist_ok=True)
        else:
            path.touch()
        os.chmod(path, mode)
        subprocess.run(["sh", "-c", 'umask 022; exec chmod "$@"', "sh", text, str(path)], check=False, stderr=-3)
        assert changed_mode(text, mode, 0o022, folder=folder) == path.stat().st_mode & 0o7777, f"{mode:o}"


@pytest.mark.parametrize(
    ("text", "mode", "mask"),
    [("u=g", 0o644, 0o022), ("u+x", None, 0o022), ("+x", 0o644, None), ("z+x", 0o644, 0), ("", 1, 0)],
)
def test_modes_that_are_not_followed(text: str, mode: int | None, mask: int | None) -> None:
    assert changed_mode(text, mode, mask, folder=False) is None


@given(st.text("ugoa+-=rwxXst,08", max_size=12), st.integers(0, 0o777), st.booleans())
def test_any_text_is_a_mode_or_none(text: str, mode: int, folder: bool) -> None:
    found = changed_mode(text, mode, 0o022, folder=folder)
    assert found is None or 0 <= found <= 0o7777


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5", "5:5"),
        ("5:6", "5:6"),
        (":7", "0:7"),
        ("root", "0:0"),
        ("root:root", "0:0"),
        ("app:app", "app:app"),
        ("app", "app"),
    ],
)
def test_what_chown_of_a_copy_means(text: str, expected: str) -> None:
    assert owner_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("app", "1000:1001"),
        ("app:staff", "1000:50"),
        (":staff", ":50"),
        ("who", "who"),
        ("app:who", "1000:who"),
        ("5:staff", "5:50"),
    ],
)
def test_names_are_numbers_where_the_image_tells(text: str, expected: str) -> None:
    assert with_numbers(text, PASSWD, GROUP) == expected
    assert with_numbers(text, None, None) == text


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("5", "0:0", "5:0"),
        ("5:6", None, "5:6"),
        (":7", "3:4", "3:7"),
        (":7", None, None),
        ("5", None, None),
        ("root:", "3:4", None),
        ("app", "3:4", "app:4"),
        ("5.6", "3:4", "5:6"),
    ],
)
def test_what_chown_leaves(text: str, before: str | None, after: str | None) -> None:
    assert new_owner(text, before) == after


def test_a_change_of_owner_takes_the_set_id_bits_away() -> None:
    assert [without_ids(mode) for mode in (0o4755, 0o2755, 0o2644, 0o755, None)] == [0o755, 0o755, 0o2644, 0o755, None]
