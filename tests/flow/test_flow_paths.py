"""Paths of an image, wildcards of a shell, and the tree of known files."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfguard.dockerfile.parse import parse
from dfguard.flow.events import Added, Origin
from dfguard.flow.filetree import FileTree
from dfguard.flow.paths import UNKNOWN, go_names, join, shell_names, unpacks
from dfguard.source import Source

SOURCE = Source("Dockerfile", "FROM scratch\n")
(FROM,) = parse(SOURCE).instructions


def file(path: str) -> Added:
    return Added(path, FROM, 0, SOURCE.whole, Origin("command", path, SOURCE.whole))


def tree(*paths: str) -> FileTree:
    made = FileTree()
    for path in paths:
        made.put(file(path))
    return made


def below(made: FileTree, path: str) -> list[str]:
    return [added.path for added in made.below(path)]


# -- join


@pytest.mark.parametrize(
    ("folder", "path", "expected"),
    [
        ("/", "a", "/a"),
        ("/w", "a/", "/w/a"),
        ("/w", "./a/../b//c", "/w/b/c"),
        ("/w", "../../a", "/a"),
        ("/w", "//a", "/a"),
        ("/w", "", "/w"),
        ("/w", ".", "/w"),
        ("/", "..", "/"),
        (UNKNOWN, "a", "**/a"),
        (UNKNOWN, ".", "**"),
        (UNKNOWN, "..", "**"),
        (UNKNOWN, "../../a/b", "**/a/b"),
        ("**/w", "../a", "**/a"),
        ("**/w", "../../a", "**/a"),
        ("**/w", "/a", "/a"),
        ("/" + "a" * 4000, "b" * 100, UNKNOWN),
    ],
)
def test_join(folder: str, path: str, expected: str) -> None:
    assert join(folder, path) == expected


@given(st.text("ab./", max_size=12), st.text("ab./", max_size=12))
def test_a_joined_path_is_clean(folder: str, path: str) -> None:
    joined = join(join("/", folder), path)
    assert joined == posixpath.normpath(joined) and joined.startswith("/") and not joined.startswith("//")
    assert join(UNKNOWN, joined) == joined


# -- wildcards


@pytest.mark.parametrize(
    ("pattern", "names", "others"),
    [
        ("*", "a ab a.b", ".a"),
        (".*", ".a .", "a"),
        ("a*", "a ab", "ba .a"),
        ("**", "a ab", ".a"),
        ("?", "a é", "ab ."),
        ("?a", "ba", ".a a"),
        ("[ab]", "a b", "c ab"),
        ("[!ab]", "c d", "a ."),
        ("[^ab]", "c", "a"),
        ("[a-c]x", "ax cx", "dx"),
        ("[]a]", "] a", "b"),
        ("[!]]", "a", "]"),
        ("[[]", "[", "a"),
        ("a[", "", "a"),
        ("*[", "a[", "a"),
        ("*.{a,b}", "x.{a,b}", "x.a"),
        ("*\\", "a\\", "a"),
    ],
)
def test_wildcards_of_a_shell(pattern: str, names: str, others: str) -> None:
    matches = shell_names(pattern)
    assert matches is not None
    assert [name for name in names.split() if not matches(name)] == []
    assert [name for name in others.split() if matches(name)] == []


def test_plain_names_are_no_patterns() -> None:
    assert shell_names("a.txt") is None
    assert go_names("a\\*") is None


def test_a_source_of_copy_matches_hidden_names() -> None:
    matches = go_names("*e*")
    assert matches is not None and matches(".env") and not matches("a")


def test_hostile_patterns_take_linear_time() -> None:
    matches = shell_names("*a" * 2000 + "b")
    assert matches is not None
    assert not matches("a" * 4000)


# -- the tree


def test_files_and_folders() -> None:
    made = tree("/a/b/c", "/a/x", "/top", "**/u/v")
    assert sorted(made.files) == ["**/u/v", "/a/b/c", "/a/x", "/top"]
    for folder in ("/", "/a", "/a/", "/a/b", "**", "**/u"):
        assert made.is_folder(folder)
    for other in ("/a/x", "/none", "/a/b/c/d", "**/u/v"):
        assert not made.is_folder(other)
    assert below(made, "/") == ["/top", "/a/x", "/a/b/c"]
    assert below(made, "/a/b/") == below(made, "/a/b/c") == ["/a/b/c"]
    assert below(made, "/none") == []


def test_drop() -> None:
    made = tree("/a/b/c", "/a/x", "/ab")
    made.drop("/a/b")
    made.drop("/none/at/all")
    assert sorted(made.files) == ["/a/x", "/ab"]
    assert not made.is_folder("/a/b")
    made.drop("/a/x")
    assert made.is_folder("/a")
    made.drop("/")
    assert not made.files and made.is_folder("/")
    made.put(file("/again/here"))
    assert below(made, "/") == ["/again/here"]


def test_a_file_takes_the_place_of_a_folder_and_a_folder_of_a_file() -> None:
    made = tree("/a/b/c", "/a")
    assert sorted(made.files) == ["/a"] and not made.is_folder("/a")
    made.put(file("/a/b"))
    assert sorted(made.files) == ["/a/b"] and made.is_folder("/a")
    made.make_folder("/a/b/c/d")
    assert not made.files and made.is_folder("/a/b/c/d")


def test_a_copy_goes_its_own_way() -> None:
    made = tree("/a/b", "/a/c")
    made.put(file("/l"), "a")
    twin = made.copy()
    twin.drop("/a/b")
    twin.put(file("/a/new"))
    twin.put(file("/l"))
    assert (sorted(made.files), below(made, "/a")) == (["/a/b", "/a/c", "/l"], ["/a/b", "/a/c"])
    assert sorted(twin.files) == ["/a/c", "/a/new", "/l"]
    assert (made.real("/l/b"), twin.real("/l/b")) == ("/a/b", "/l/b")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("/a", ["/a"]),
        ("/a/b/c", ["/a/b/c"]),
        ("/a/*", ["/a/b", "/a/x"]),
        ("/*/?", ["/a/b", "/a/x"]),
        ("/*/*/c", ["/a/b/c"]),
        ("/*", ["/a", "/top"]),
        ("/", ["/"]),
        ("/none/*", []),
        ("/top/*", []),
        ("/top/x", []),
        ("**/u", ["**/u"]),
        ("**/*/v", ["**/u/v"]),
        ("**", ["**"]),
    ],
)
def test_find(pattern: str, expected: list[str]) -> None:
    assert tree("/a/b/c", "/a/x", "/a/.h", "/top", "**/u/v").find(pattern, shell_names) == expected


def test_links() -> None:
    made = tree("/a/b/c")
    for path, target in (("/l", "a/b"), ("/a/up", ".."), ("/abs", "/a/up/l"), ("/loop", "loop"), ("/gone", "/none")):
        made.put(file(path), target)
    assert made.real("/abs/c") == "/a/b/c"
    assert made.real("/abs") == "/a/b"
    assert made.real("/abs", follow=False) == "/abs"
    assert made.real("/a/up/a/up/l/c") == "/a/b/c"
    assert made.real("/gone/x") == "/none/x"
    assert made.real("/loop/x").startswith("/loop")
    assert made.find("/abs/*", shell_names) == ["/a/b/c"]
    assert made.find("/l*", go_names) == ["/l", "/loop"]
    assert (made.link_of("/l"), made.link_of("/a/b/c")) == ("a/b", None)
    made.drop("/l")
    assert made.link_of("/l") is None
    made.put(file("/abs"))
    assert made.real("/abs") == "/abs"


names = st.text("ab", min_size=1, max_size=2)
full_paths = st.lists(names, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts))
steps = st.lists(st.tuples(st.sampled_from(["put", "drop", "folder"]), full_paths), max_size=25)


def replay(actions: list[tuple[str, str]]) -> Iterator[tuple[FileTree, set[str]]]:
    """The tree beside a plain set of paths that is kept the slow way."""
    made, files = FileTree(), set[str]()
    for action, path in actions:
        inside = {p for p in files if p.startswith(path + "/")}
        above = {p for p in files if path.startswith(p + "/")}
        if action == "put":
            made.put(file(path))
            files = files - inside - above | {path}
        elif action == "drop":
            made.drop(path)
            files = files - inside - {path}
        else:
            made.make_folder(path)
            files = files - above - {path}
        yield made, files


@given(steps)
def test_the_tree_agrees_with_a_plain_set(actions: list[tuple[str, str]]) -> None:
    for made, files in replay(actions):
        assert set(made.files) == files
        assert sorted(below(made, "/")) == sorted(files)
        for path in files:
            assert below(made, path) == [path]
            assert made.is_folder(path.rpartition("/")[0] or "/")


def test_deep_trees_need_no_recursion() -> None:
    deep = "/a" * 2000
    made = tree(deep + "/f")
    assert below(made.copy(), "/a") == [deep + "/f"]
    made.drop("/a")
    assert not made.files


# -- archives


def test_bytes_that_are_no_archive() -> None:
    header = b"x" + bytes(147) + b"0000000\0" + bytes(356)
    assert unpacks(header) is False
    assert unpacks(header[:148] + b"%06o\0 " % (sum(b"x") + 8 * 32) + header[156:]) is True
    for data in (b"", bytes(512), b"x" * 512, b"BZh9" + bytes(20), b"\xfd7zXZ\0" + bytes(20), b"\x1f\x8b" + bytes(20)):
        assert unpacks(data) is False
    assert unpacks(b"\x28\xb5\x2f\xfd") is None


@given(st.binary(max_size=600), st.sampled_from([b"", b"\x1f\x8b\x08\0", b"BZh9", b"\xfd7zXZ\0\0\x04"]))
def test_no_bytes_break_it(data: bytes, magic: bytes) -> None:
    assert unpacks(magic + data) in (True, False, None)
