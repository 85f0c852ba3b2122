"""The walk over a build context, what COPY takes of it, and reading files inside of it."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from context_trees import ignore, kept, lay_out, walk
from hypothesis import given, settings
from hypothesis import strategies as st

from dfguard.context.ignore import NOTHING_IGNORED, IgnoreFile
from dfguard.context.pattern import compile_pattern
from dfguard.context.progress import Progress
from dfguard.context.tree import BuildContext, ContextFile, read_context
from dfguard.context.walk import Walk
from dfguard.errors import InputError


def test_a_line_that_was_skipped_on_the_folder_does_not_hold_below(tmp_path: Path) -> None:
    paths = ["a.js", "a.ts", "node_modules/x/i.js", "node_modules/x/i.md"]
    context = walk(tmp_path, paths, "*\n!**/*.js\nnode_modules\n")
    assert kept(context) == ["a.js", "node_modules", "node_modules/x", "node_modules/x/i.js"]
    leaked = context.get("node_modules/x/i.js")
    assert leaked is not None
    assert leaked.pattern is not None
    assert leaked.pattern.span.text == "!**/*.js"
    cured = read_context(str(tmp_path), ignore("*\n!**/*.js\nnode_modules/**\n"))
    assert kept(cured) == ["a.js"]


def test_what_is_listed_and_not_opened_arrives_empty(tmp_path: Path) -> None:
    """Proved with an engine: tests/engine/test_engine_context.py."""
    context = walk(tmp_path, ["a.js", "node_modules/x/i.js"], "*\n!**/*.js\nnode_modules\n")
    kept_file, hollow = context.get("a.js"), context.get("node_modules/x/i.js")
    assert kept_file is not None
    assert hollow is not None
    assert (kept_file.hollow, kept_file.size, context.read("a.js")) == (False, 1, b"x")
    assert (hollow.hollow, hollow.size, context.read("node_modules/x/i.js")) == (True, 0, b"")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**\n!foo/*/**\n", []),  # cut to `foo/*` and `foo`: nothing of foo itself is won back
        ("**\n!foo/b*/**\n", ["foo", "foo/bar", "foo/bar/x"]),
        ("foo\n!foo/bar\n", ["foo", "foo/bar", "foo/bar/x"]),
        ("*/x\n!foo\n", ["foo", "foo/bar", "foo/bar/x"]),
        ("foo\n!other/x\n", []),
    ],
)
def test_pruning(text: str, expected: list[str], tmp_path: Path) -> None:
    assert kept(walk(tmp_path, ["foo/bar/x"], text)) == expected


def test_dropped_folder_is_one_entry(tmp_path: Path) -> None:
    context = walk(tmp_path, ["node_modules/a/b", "x.log", "keep"], "node_modules\n*.log\n")
    assert [(entry.path, entry.kind, entry.pruned) for entry in context.dropped] == [
        ("node_modules", "dir", True),
        ("x.log", "file", False),
    ]
    below = context.get("node_modules/a/b")
    assert below is not None
    assert below.path == "node_modules"
    assert context.get("keep/x") is None
    assert context.get("none") is None
    assert context.kept_size == 1
    assert context.dropped[1].name == "x.log"
    assert repr(context).endswith("1 kept, 2 dropped)")


def test_parents_of_kept_files_are_there(tmp_path: Path) -> None:
    context = walk(tmp_path, ["a/b/c", "a/d", "e/f"], "*\n!a/b/c\n")
    assert [(entry.path, entry.pattern.text if entry.pattern else None) for entry in context.files] == [
        ("a", "*"),
        ("a/b", "*"),
        ("a/b/c", "a/b/c"),
    ]
    assert [entry.path for entry in context.dropped] == ["a/d", "e"]


def test_kinds(tmp_path: Path) -> None:
    root = lay_out(tmp_path / "c", ["d/f", "run.sh", "new\nline", "caf\udce9"])
    os.chmod(f"{root}/run.sh", 0o755)
    os.symlink("/etc", f"{root}/etc")
    os.symlink("gone", f"{root}/broken")
    os.mkfifo(f"{root}/fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(f"{root}/socket"))
    entries = {entry.path: entry for entry in read_context(root).files}
    assert {path: entry.kind for path, entry in entries.items()} == {
        "d": "dir",
        "d/f": "file",
        "run.sh": "file",
        "new\nline": "file",
        "caf\udce9": "file",
        "etc": "symlink",
        "broken": "symlink",
        "fifo": "other",
        "socket": "other",
    }
    assert (entries["run.sh"].mode, entries["run.sh"].size, entries["d"].size) == (0o755, 1, 0)
    assert entries["etc"].link_target == "/etc"


def test_not_a_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a folder"):
        read_context(str(tmp_path / "none"))


def test_unreadable_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is kept ends the build, one that is dropped is passed over."""
    root = lay_out(tmp_path, ["open/x", "closed/x", "dropped/x"])
    scandir = os.scandir

    def refuse(path: str) -> object:
        if os.path.basename(path) in ("closed", "dropped"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    context = read_context(root, ignore("dropped\n!**/y\n"))
    assert [(error.path, error.fatal) for error in context.errors] == [("closed", True)]
    assert "Permission denied" in context.errors[0].message
    assert kept(context) == ["closed", "open", "open/x"]


def test_refused_ignore_file(tmp_path: Path) -> None:
    context = walk(tmp_path, ["a"], "!\n")
    assert (context.files, context.dropped) == ((), ())
    assert context.errors[0].span is not None
    assert context.errors[0].fatal


def test_malformed_pattern_counts_when_met(tmp_path: Path) -> None:
    met = walk(tmp_path, ["a"], "x\n[Local-Only]\n")
    assert [error.span.start_line for error in met.errors if error.span] == [2]
    assert met.files == ()
    # A `!` line is not compared with a path that nothing has dropped.
    assert kept(read_context(str(tmp_path), ignore("x\n![Local-Only]\n"))) == ["a"]


def test_limit(tmp_path: Path) -> None:
    root = lay_out(tmp_path, [f"{folder}/{name}" for folder in "abc" for name in "xyz"])
    context = read_context(root, max_files=5)
    assert [(error.message, error.fatal) for error in context.errors] == [
        ("holds more than 5 files; the rest was not looked at", False)
    ]
    assert 3 <= len(context.files) < 12
    assert read_context(root, max_files=13).errors == ()


TREE = ["Dockerfile", "app/main.py", "app/util.py", "app/sub/x.py", "conf/a.conf", "conf/b.conf", "conf/a[1].conf"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("app", ["app/main.py", "app/sub", "app/sub/x.py", "app/util.py"]),
        ("/app/", ["app/main.py", "app/sub", "app/sub/x.py", "app/util.py"]),
        ("./app/../app/sub", ["app/sub/x.py"]),
        ("../../Dockerfile", ["Dockerfile"]),
        ("*.py", []),
        ("app/*.py", ["app/main.py", "app/util.py"]),
        ("*/*.py", ["app/main.py", "app/util.py"]),
        ("a*", ["app/main.py", "app/sub", "app/sub/x.py", "app/util.py"]),
        ("**/*.py", ["app/main.py", "app/util.py"]),  # no `**` in Go: one folder deep
        ("conf/a[[]1].conf", ["conf/a[1].conf"]),
        ("conf/[ab].conf", ["conf/a.conf", "conf/b.conf"]),
        ("conf?a.conf", []),
        ("conf[^x]a.conf", ["conf/a.conf"]),  # a class may match a slash
        ("conf/\\a.conf", []),  # without wildcards nothing is escaped
        ("missing", []),
        ("conf/[", []),
    ],
)
def test_copy_sources(source: str, expected: list[str], tmp_path: Path) -> None:
    assert [entry.path for entry in walk(tmp_path, TREE, "").select(source)] == expected


@pytest.mark.parametrize("source", [".", "/", "./", "..", "*/..", ""])
def test_copy_everything(source: str, tmp_path: Path) -> None:
    context = walk(tmp_path, TREE, "")
    assert context.select(source) == context.files


def test_copy_takes_a_matched_folder_once(tmp_path: Path) -> None:
    context = walk(tmp_path, ["a/b/c"], "")
    (selected,) = context.sources("[a]*")
    assert (selected.path, [entry.path for entry in selected.below]) == ("a", ["a/b", "a/b/c"])
    (everything,) = context.sources(".")
    assert everything.entry is None


def test_copy_passes_over_dropped_files(tmp_path: Path) -> None:
    context = walk(tmp_path, TREE, "app/*.py\nconf\n")
    assert [entry.path for entry in context.select("app")] == ["app/sub", "app/sub/x.py"]
    assert context.select("conf") == ()
    assert context.select("app/main.py") == ()


def test_copy_follows_links_inside(tmp_path: Path) -> None:
    root = lay_out(tmp_path, ["real/x", "real/y"])
    for target, name in (
        ("/real", "folder"),
        ("real/x", "file"),
        ("../../real", "up"),
        ("loop", "loop"),
        ("/etc", "etc"),
    ):
        os.symlink(target, f"{root}/{name}")
    context = read_context(root)
    taken = {
        name: [entry.path for entry in context.select(name)] for name in ("folder", "file", "up", "loop", "etc", "fo*")
    }
    assert taken == {
        "folder": ["real/x", "real/y"],
        "file": ["real/x"],
        "up": ["real/x", "real/y"],
        "loop": [],
        "etc": [],
        "fo*": ["real/x", "real/y"],
    }
    assert [entry.path for entry in context.select("folder/x")] == ["real/x"]
    assert [entry.path for entry in context.select("folder/*")] == ["real/x", "real/y"]


def test_read(tmp_path: Path) -> None:
    root = lay_out(tmp_path / "c", ["d/f"])
    lay_out(tmp_path, ["secret"])
    for target, name in (("../secret", "out"), ("../c/d/f", "weird"), ("/d/f", "absolute")):
        os.symlink(target, f"{root}/{name}")
    os.mkfifo(f"{root}/fifo")
    context = read_context(root)
    assert context.read("d/f") == b"x"
    assert context.read("absolute") == b"x"
    for path, reason in (
        ("out", "is not in the build context"),
        ("../secret", "is not in the build context"),
        ("weird", "is not in the build context"),
        ("fifo", "is no regular file"),
        ("d", "can't be read|is no regular file"),
    ):
        with pytest.raises(InputError, match=reason):
            context.read(path)
    with pytest.raises(InputError, match="is larger than 0 bytes"):
        context.read("d/f", limit=0)


def test_built_by_hand() -> None:
    """Rules are tried on contexts that lie nowhere on disk."""
    entry = ContextFile("a", 3, 0o644, "file", None, True, None)
    context = BuildContext("/nowhere", NOTHING_IGNORED, (entry,))
    assert context.kept_size == 3
    assert context.select(".") == (entry,)


def _plainly_kept(file: IgnoreFile, tree: list[str]) -> set[str]:
    """The walk, written down as simply as possible, without any short cut but the pruning."""
    walk = Walk(file)
    found: set[str] = set()
    hits_of: dict[str, list[bool]] = {"": [False] * len(file.patterns)}
    for path in sorted({"/".join(leaf.split("/")[: n + 1]) for leaf in tree for n in range(leaf.count("/") + 1)}):
        parent = path.rpartition("/")[0]
        if parent not in hits_of:
            continue
        hits, dropped = [], False
        for pattern, above in zip(file.patterns, hits_of[parent], strict=True):
            hit = above or (pattern.negated == dropped and bool(compile_pattern(pattern.text).match(path)))
            hits.append(hit)
            dropped = not pattern.negated if hit else dropped
        if not (dropped and walk.prunes_below(path)):
            hits_of[path] = hits
        if not dropped:
            found |= {"/".join(path.split("/")[: n + 1]) for n in range(path.count("/") + 1)}
    return found


SEGMENT = st.sampled_from(["a", "b", "ab", "x.js", ".env"])
PATTERN = st.lists(st.sampled_from(["a", "b", "*", "**", "a*", "?", "*.js", ".env", "[^a]"]), min_size=1, max_size=3)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.lists(SEGMENT, min_size=1, max_size=4).map("/".join), min_size=1, max_size=8),
    st.lists(st.tuples(st.sampled_from(["", "!"]), PATTERN.map("/".join)).map("".join), max_size=5),
)
def test_walk_against_the_plain_one(
    tmp_path_factory: pytest.TempPathFactory, tree: list[str], lines: list[str]
) -> None:
    tree = [path for path in tree if not any(other.startswith(path + "/") for other in tree)]
    context = walk(tmp_path_factory.mktemp("c"), tree, "\n".join(lines))
    assert set(kept(context)) == _plainly_kept(context.ignore, tree)
    assert not set(kept(context)) & {entry.path for entry in context.dropped}
    opens = Walk(context.ignore).opens
    files = [file for file in context.files if file.kind == "file"]
    assert [file.path for file in files if file.hollow] == [file.path for file in files if not opens(file.path)]


def test_the_root_of_the_file_system_is_not_walked(tmp_path: Path) -> None:
    os.symlink("/", tmp_path / "all")
    for root in ("/", "//", "/tmp/..", str(tmp_path / "all")):
        with pytest.raises(InputError, match="root of the file system"):
            read_context(root)


def test_sizes_and_modes_are_looked_up_late(tmp_path: Path) -> None:
    root = lay_out(tmp_path, ["a", "b"])
    context = read_context(root)
    os.truncate(f"{root}/a", 10)
    os.remove(f"{root}/b")
    a, b = context.files
    assert (a.size, a.mode & 0o400, b.size, b.mode) == (10, 0o400, 0, 0)
    assert context.kept_size == 10


def test_progress_is_told(tmp_path: Path) -> None:
    told = {"listed": 0, "read": 0}

    class Told(Progress):
        def listed(self, count: int) -> None:
            told["listed"] += count

        def read(self, size: int) -> None:
            told["read"] += size

    context = read_context(lay_out(tmp_path, ["a/b", "a/c", "d"]), progress=Told())
    context.read("a/b")
    assert told == {"listed": 4, "read": 1}


def as_nobody(look: Callable[[], object]) -> str:
    """What `look` gives, as text, in a child process that is not root."""
    ours, childs = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            os.write(childs, repr(look()).encode())
        finally:
            os._exit(0)
    os.close(childs)
    with os.fdopen(ours, "rb") as answer:
        text = answer.read().decode()
    os.waitpid(child, 0)
    return text


@pytest.mark.parametrize(
    ("mode", "lines", "kept_paths", "errors"),
    [
        (0o000, "", ["closed", "open", "open/x"], [("closed", True)]),
        (0o444, "", ["closed", "open", "open/x"], [("closed", True)]),  # names can be listed, and no more
        (0o000, "closed\n", ["open", "open/x"], []),  # never entered
        (0o000, "closed\n!**/y\n", ["open", "open/x"], []),  # entered, and passed over as nothing of it is kept
    ],
)
def test_folders_that_this_user_may_not_read(
    mode: int, lines: str, kept_paths: list[str], errors: list[tuple[str, bool]]
) -> None:
    with tempfile.TemporaryDirectory() as root:
        os.chmod(root, 0o755)
        lay_out(Path(root), ["open/x", "closed/x"])
        os.chmod(f"{root}/closed", mode)

        def look() -> object:
            context = read_context(root, ignore(lines))
            return kept(context), [(error.path, error.fatal) for error in context.errors]

        said = as_nobody(look)
        os.chmod(f"{root}/closed", 0o755)
    assert said == repr((kept_paths, errors))


@pytest.mark.parametrize("shape", ["d0/x{}", "**/x{}", "*.x{}", "**/*.x{}", "x{}*", "x{}/**", "**x{}", "!x{}"])
def test_many_plain_lines_are_looked_up_not_compared(
    shape: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten thousand lines and a hundred files would be a million comparisons."""
    monkeypatch.setattr("dfguard.context.walk.MAX_COMPARISONS", 1000)
    root = lay_out(tmp_path, [f"d{folder}/f{name}" for folder in range(10) for name in range(10)])
    context = read_context(root, ignore("\n".join(shape.format(number) for number in range(10_000)) + "\nd1\n"))
    assert context.errors == ()
    assert [entry.path for entry in context.dropped] == ["d1"]


def test_lines_that_can_only_be_compared_come_to_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dfguard.context.walk.MAX_COMPARISONS", 1000)
    root = lay_out(tmp_path, [f"f{name}" for name in range(100)])
    context = read_context(root, ignore("\n".join(f"*a*{number}" for number in range(100))))
    (error,) = context.errors
    assert not error.fatal
    assert "the rest was not looked at" in error.message


def test_repeated_lines_count_once(tmp_path: Path) -> None:
    context = walk(tmp_path, ["a", "b"], "a\n" * 5 + "!a\n" * 5 + "a\n" * 5)
    assert [entry.pattern.index for entry in context.dropped if entry.pattern] == [10]
