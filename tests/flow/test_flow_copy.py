"""COPY and ADD: what is called what in the image. What the engine does was tried; see tests/engine."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import tarfile
from pathlib import Path

import pytest
from played import added, context_of, last, paths, play, reasons, removals

from dfguard.context.tree import BuildContext
from dfguard.flow.events import Attributes

ZSTD = b"\x28\xb5\x2f\xfd"
SCRATCH = "FROM scratch\n"
DEBIAN = "FROM debian:12.8-slim\n"
UNKNOWN = "FROM registry.example.com/team/image:1\n"
FILES = {
    ".env": "A=1",
    "a.txt": "a",
    "b.txt": "b",
    "with blank": "w",
    "[id].js": "i",
    "d/x": "x",
    "d/.hidden": "h",
    "d/s/y": "y",
    "empty/": None,
    "to-a -> a.txt": None,
    "to-d -> d": None,
    "d/to-x -> x": None,
}


@pytest.fixture
def context(tmp_path: Path) -> BuildContext:
    return context_of(tmp_path, FILES)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("COPY a.txt /dest", ["/dest"]),
        ("COPY a.txt /dest/", ["/dest/a.txt"]),
        ("COPY a.txt /dest/.", ["/dest/a.txt"]),
        ("COPY a.txt /", ["/a.txt"]),
        ("COPY a.txt .", ["/a.txt"]),
        ("WORKDIR rel\nCOPY a.txt .", ["/rel/a.txt"]),
        ("COPY a.txt dest", ["/dest"]),
        ("COPY a.txt ./deep//er/../dest", ["/deep/dest"]),
        ("COPY ./d/../a.txt /dest", ["/dest"]),
        ("COPY ../a.txt /dest", ["/dest"]),
        ("COPY /a.txt /dest", ["/dest"]),
        ("COPY a.txt b.txt /dest/", ["/dest/a.txt", "/dest/b.txt"]),
        ("COPY d /dest", ["/dest/.hidden", "/dest/s/y", "/dest/to-x", "/dest/x"]),
        ("COPY d/ /dest/", ["/dest/.hidden", "/dest/s/y", "/dest/to-x", "/dest/x"]),
        ("COPY d/s a.txt /dest/", ["/dest/a.txt", "/dest/y"]),
        ("COPY empty /dest", []),
        ("COPY to-a /dest/", ["/dest/to-a"]),
        ("COPY to-d/s /dest", ["/dest/y"]),
        ("COPY *.txt /dest/", ["/dest/a.txt", "/dest/b.txt"]),
        ("COPY *.txt /dest", ["/dest"]),
        ("COPY d/* /dest/", ["/dest/.hidden", "/dest/to-x", "/dest/x", "/dest/y"]),
        ("COPY none*.txt a.txt /dest/", ["/dest/a.txt"]),
        ("COPY [[]id].js /dest", ["/dest"]),
        ("COPY [ab].txt /dest/", ["/dest/a.txt", "/dest/b.txt"]),
        ("COPY \"a.txt\" '/dest'", ["/dest"]),
        ('COPY ["with blank", "/has blank/"]', ["/has blank/with blank"]),
        ('COPY ["a.txt", "b.txt", "."]', ["/a.txt", "/b.txt"]),
        ("COPY --chown=1:1 --chmod=600 a.txt /dest", ["/dest"]),
        ("COPY a.txt", []),
    ],
)
def test_where_files_go(line: str, expected: list[str], context: BuildContext) -> None:
    assert paths(last(f"{SCRATCH}{line}\n", context)) == expected


def test_the_whole_context_brings_files_and_links_but_no_folders(context: BuildContext) -> None:
    flow = last(f"{SCRATCH}COPY . /w\n", context)
    assert paths(flow) == sorted(f"/w/{name.partition(' -> ')[0]}" for name in FILES if not name.endswith("/"))
    assert [a.origin.file.path for a in added(flow) if a.origin.file][:2] == [".env", "[id].js"]


def test_the_last_file_of_a_pattern_wins_where_the_destination_is_one_file(context: BuildContext) -> None:
    flow = last(f"{SCRATCH}COPY *.txt /dest\n", context)
    assert flow.view["/dest"].origin.path == "b.txt"
    assert [(a.path, a.origin.path) for a in added(flow)] == [("/dest", "a.txt"), ("/dest", "b.txt")]


def test_a_link_that_a_source_names_is_followed_and_keeps_its_name(context: BuildContext) -> None:
    flow = last(f"{SCRATCH}COPY to-a d/to-x /dest/\nCOPY d /d\n", context)
    assert [flow.view[path].origin.path for path in ("/dest/to-a", "/dest/to-x")] == ["a.txt", "d/x"]
    link = flow.view["/d/to-x"].origin.file
    assert link is not None and link.kind == "symlink"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("WORKDIR /w\nCOPY a.txt .", "/w/a.txt"),
        ("WORKDIR /w\nCOPY a.txt to", "/w/to"),
        ("WORKDIR /w\nWORKDIR v\nCOPY a.txt ..", "/w/a.txt"),
        ("WORKDIR /w\nWORKDIR ../u\nCOPY a.txt x/", "/u/x/a.txt"),
        ("WORKDIR /w\nCOPY a.txt /w", "/w/a.txt"),
        ("WORKDIR /w/v\nCOPY a.txt /w", "/w/a.txt"),
        ('WORKDIR "/in quotes"\nCOPY a.txt .', "/in quotes/a.txt"),
        ("ENV HOME=/h SUB=s\nWORKDIR $HOME/${SUB}\nCOPY a.txt ./", "/h/s/a.txt"),
        ("COPY b.txt /made/b\nCOPY a.txt /made", "/made/a.txt"),
        ("COPY empty /made\nCOPY a.txt /made", "/made/a.txt"),
        ("RUN mkdir -p /made/here\nCOPY a.txt /made/here", "/made/here/a.txt"),
        ("RUN mkdir /made && rm -r /made\nCOPY a.txt /made", "/made"),
        ("COPY a.txt /usr/local/bin", "/usr/local/bin/a.txt"),
        ("COPY a.txt /usr/local/bin/a", "/usr/local/bin/a"),
        ("RUN ln -s /opt/app-1 /opt/app\nCOPY a.txt /opt/app/x", "/opt/app-1/x"),
    ],
)
def test_the_working_directory_and_folders_that_are_there(lines: str, expected: str, context: BuildContext) -> None:
    flow = last(f"{DEBIAN}{lines}\n", context)
    (copied,) = [a for a in added(flow) if a.origin.path == "a.txt"]
    assert copied.path == expected
    assert copied.certain


def test_nothing_is_there_below_scratch(context: BuildContext) -> None:
    assert paths(last(f"{SCRATCH}COPY a.txt /usr/local/bin\n", context)) == ["/usr/local/bin"]
    assert paths(last("FROM busybox:1.37\nCOPY a.txt /usr/local/bin\n", context)) == ["/usr/local/bin"]
    assert paths(last("FROM busybox:1.37\nCOPY a.txt /etc\n", context)) == ["/etc/a.txt"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("COPY a.txt .", "**/a.txt"),
        ("COPY a.txt to", "**/to"),
        ("WORKDIR v\nCOPY a.txt .", "**/v/a.txt"),
        ("WORKDIR v\nCOPY a.txt ..", "**/a.txt"),
        ("COPY a.txt ../up/", "**/up/a.txt"),
        ("WORKDIR /w\nCOPY a.txt .", "/w/a.txt"),
        ("COPY a.txt /abs", "/abs"),
    ],
)
def test_an_unknown_working_directory_is_two_stars(lines: str, expected: str, context: BuildContext) -> None:
    assert paths(last(f"{UNKNOWN}{lines}\n", context)) == [expected]


def test_a_path_longer_than_linux_allows_is_not_known(context: BuildContext) -> None:
    flow = last(f"{SCRATCH}WORKDIR /{'a/' * 2000}\nWORKDIR {'b/' * 2000}\nCOPY a.txt .\n", context)
    assert paths(flow) == ["**/a.txt"]


# -- variables


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("ARG NAME=a.txt\nCOPY $NAME /x/", "/x/a.txt"),
        ("ENV TO=/to\nCOPY a.txt ${TO}", "/to"),
        ("ENV TO=/to/\nCOPY a.txt $TO", "/to/a.txt"),
        ("ARG X\nCOPY ${X:-a.txt} /x/", "/x/a.txt"),
        ("ARG X=b.txt\nARG X=a.txt\nCOPY $X /x/", "/x/a.txt"),
        ("ARG PRE=a.\nCOPY ${PRE}t?t /x/", "/x/a.txt"),
        ("ENV EMPTY=\nCOPY a.txt $EMPTY", "/a.txt"),
    ],
)
def test_known_variables(lines: str, expected: str, context: BuildContext) -> None:
    flow = last(f"{SCRATCH}{lines}\n", context)
    assert [(a.path, a.certain) for a in added(flow)] == [(expected, True)]


def test_build_arguments_are_used(context: BuildContext) -> None:
    text = f"{SCRATCH}ARG NAME=a.txt\nCOPY $NAME /x/\n"
    assert paths(last(text, context, NAME="b.txt")) == ["/x/b.txt"]


def test_an_unknown_destination_may_be_anywhere(context: BuildContext) -> None:
    (copied,) = added(last(f"{SCRATCH}ARG TO\nCOPY a.txt /x/$TO/\n", context))
    assert (copied.path, copied.certain, copied.origin.path) == ("**/a.txt", False, "a.txt")


def test_an_unknown_source_is_named_as_written(context: BuildContext) -> None:
    (copied,) = added(last(f"{SCRATCH}ARG KIND\nCOPY conf/$KIND.env /x/\n", context))
    assert (copied.path, copied.certain) == ("/x/$KIND.env", False)
    assert (copied.origin.kind, copied.origin.path, copied.origin.file) == ("context", "conf/$KIND.env", None)


def test_an_unknown_working_directory_is_left_by_an_absolute_one(context: BuildContext) -> None:
    text = f"{SCRATCH}ARG W\nWORKDIR $W\nCOPY a.txt .\nWORKDIR /w\nCOPY b.txt .\n"
    assert paths(last(text, context)) == ["**/a.txt", "/w/b.txt"]


# -- what is not there


def test_a_file_missing_from_the_checkout_is_followed(context: BuildContext) -> None:
    flow = last(f"{SCRATCH}WORKDIR /w\nCOPY key.pem .\nRUN rm key.pem\n", context)
    (copied,) = added(flow)
    assert (copied.path, copied.certain, copied.origin.file) == ("/w/key.pem", False, None)
    assert removals(flow) == [("/w/key.pem", 3, "key.pem", 4)]


def test_an_ignored_file_and_an_empty_pattern_bring_nothing(tmp_path: Path) -> None:
    context = context_of(tmp_path, {".dockerignore": "*.pem\nsub\n", "key.pem": "k", "sub/x": "x"})
    assert paths(last(f"{SCRATCH}COPY key.pem sub/x *.key /w/\n", context)) == []


def test_without_a_context_only_literal_names_are_followed() -> None:
    flow = last(f"{SCRATCH}COPY a.txt dir/b.txt /w/\nCOPY . *.md /all/\nCOPY . .\n")
    assert [(a.path, a.origin.path, a.certain) for a in added(flow)] == [
        ("/w/a.txt", "a.txt", False),
        ("/w/b.txt", "dir/b.txt", False),
    ]
    assert reasons(flow) == ["the build context is not known"] * 3


# -- heredocs


def test_heredocs(context: BuildContext) -> None:
    flow = last(
        f"{DEBIAN}COPY <<one /single\ntext\none\nCOPY <<'a' <<-\"b\" /many/\n1\na\n\t2\n\tb\n"
        "COPY <<c /tmp\n3\nc\nCOPY <<d a.txt /mixed/\n4\nd\n",
        context,
    )
    assert paths(flow) == ["/many/a", "/many/b", "/mixed/a.txt", "/mixed/d", "/single", "/tmp/c"]
    origin = flow.view["/single"].origin
    assert (origin.kind, origin.path, origin.place.text) == ("heredoc", "one", "<<one")


# -- ADD


def tar(name: str = "inside") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo(name))
    return out.getvalue()


PACKED = {
    "plain.tar": tar(),
    "no-suffix": tar(),
    "t.gz": gzip.compress(tar()),
    "t.bz2": bz2.compress(tar()),
    "t.xz": lzma.compress(tar()),
}
NOT_PACKED = {
    "log.gz": gzip.compress(b"a log" * 200),
    "log.bz2": bz2.compress(b"a log"),
    "log.xz": lzma.compress(b"a log"),
    "broken.gz": gzip.compress(tar())[:30],
    "fake.tar.gz": b"\x1f\x8bnot really",
    "fake.tar": b"text",
    "zip.zip": b"PK\3\4" + bytes(600),
    "empty.tar": b"",
}


@pytest.mark.parametrize("name", PACKED)
def test_add_unpacks_by_content(name: str, tmp_path: Path) -> None:
    context = context_of(tmp_path, PACKED)
    flow = last(f"{SCRATCH}ADD {name} /x\nADD {name} /y/\nCOPY {name} /z/\n", context)
    assert paths(flow) == ["/x/inside", "/y/inside", f"/z/{name}"]
    origin = flow.view["/x/inside"].origin
    assert (origin.kind, origin.path, origin.member) == ("archive", name, "inside")
    assert not reasons(flow)


def test_an_archive_that_is_too_large_to_be_looked_through_is_opaque(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dfguard.flow.archives.MAX_UNPACKED", 1000)
    flow = last(f"{SCRATCH}ADD t.gz /x\n", context_of(tmp_path, PACKED))
    assert (paths(flow), reasons(flow)) == ([], ["ADD unpacks t.gz"])


@pytest.mark.parametrize("name", NOT_PACKED)
def test_add_copies_what_is_no_archive(name: str, tmp_path: Path) -> None:
    flow = last(f"{SCRATCH}ADD {name} /x\n", context_of(tmp_path, NOT_PACKED))
    assert (paths(flow), reasons(flow)) == (["/x"], [])


def test_add_of_zstd_unpacks_what_is_a_tar_inside(tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard")
    pack = zstandard.ZstdCompressor().compress
    files = {"t.tar.zst": pack(tar()), "t.zst": pack(b"text"), "cut.zst": pack(tar())[:40], "bad": ZSTD + bytes(100)}
    context = context_of(tmp_path, files)
    flow = last(f"{SCRATCH}ADD t.tar.zst t.zst /x/\n", context)
    assert (paths(flow), reasons(flow)) == (["/x/inside", "/x/t.zst"], [])
    flow = last(f"{SCRATCH}ADD cut.zst bad /x/\n", context)
    assert (paths(flow), reasons(flow)) == (["/x/bad", "/x/cut.zst"], [])


def test_add_of_zstd_is_not_known_without_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    monkeypatch.setitem(sys.modules, "compression", None)
    context = context_of(tmp_path, {"t.tar.zst": ZSTD + bytes(100)})
    flow = last(f"{SCRATCH}ADD t.tar.zst /x\n", context)
    why = "ADD may unpack t.tar.zst: only the package zstandard reads what is compressed with zstd"
    assert (paths(flow), reasons(flow)) == ([], [why])


def test_add_looks_at_each_match_of_a_pattern_and_not_into_folders(tmp_path: Path) -> None:
    context = context_of(tmp_path, {"a.bin": tar(), "b.bin": "text", "d/c.bin": tar(), "to-a -> a.bin": None})
    flow = last(f"{SCRATCH}ADD *.bin d /x/\nADD to-a /y\nCOPY b.bin /y\n", context)
    assert paths(flow) == ["/x/b.bin", "/x/c.bin", "/x/inside", "/y/b.bin", "/y/inside"]


@pytest.mark.parametrize(("flag", "owner"), [("--chmod=700", "0:0"), ("--chown=0", "0:0"), ("--chown=8:9", None)])
def test_whom_the_entries_of_an_archive_belong_to_depends_on_the_builder_if_chown_differs(
    flag: str, owner: str | None, tmp_path: Path
) -> None:
    flow = last(f"{SCRATCH}ADD {flag} t.tar /x/\n", context_of(tmp_path, {"t.tar": tar("in")}))
    assert flow.attributes("/x/in") == Attributes(0o644, owner, 0)


def test_a_file_that_is_named_itself_may_arrive_in_spite_of_exclude(context: BuildContext) -> None:
    flow = last(f"{SCRATCH}COPY --exclude=*.txt a* /w/\n", context)
    assert [(a.path, a.certain) for a in added(flow)] == [("/w/a.txt", False)]


def test_add_with_unpack_false_copies_archives(tmp_path: Path) -> None:
    flow = last(f"{SCRATCH}ADD --unpack=false t.gz /x/\n", context_of(tmp_path, PACKED))
    assert paths(flow) == ["/x/t.gz"]


@pytest.mark.parametrize(
    ("word", "destination", "expected"),
    [
        ("https://example.com/a/tool.tgz", "/x/", "/x/tool.tgz"),
        ("https://example.com/a/tool.tgz?raw=1/2#f", "/x/", "/x/tool.tgz"),
        ("https://example.com/a/tool", "/x/renamed", "/x/renamed"),
        ("https://example.com/", "/x/", "/x/__unnamed__"),
        ("http://example.com", "/x/", "/x/__unnamed__"),
        ("$HOST/tool", "/x/", "/x/tool"),
    ],
)
def test_add_of_addresses(word: str, destination: str, expected: str) -> None:
    flow = last(f"{SCRATCH}ENV HOST=https://example.com\nADD {word} {destination}\n")
    (fetched,) = added(flow)
    assert (fetched.path, fetched.origin.kind, fetched.certain) == (expected, "remote", True)


@pytest.mark.parametrize("word", ["https://github.com/a/b.git", "git@github.com:a/b.git", "https://x.org/b.git#v1:dir"])
def test_add_of_a_git_repository_brings_unknown_files(word: str) -> None:
    flow = last(f"{SCRATCH}ADD {word} /x\n")
    assert (paths(flow), reasons(flow)) == ([], ["ADD fetches a git repository"])


def test_add_that_unpacks_what_it_fetches_brings_unknown_files() -> None:
    assert reasons(last(f"{SCRATCH}ADD --unpack=true https://x.org/t.tar /x\n")) == ["ADD unpacks what it fetches"]


# -- flags that choose files


def test_what_exclude_names_is_left_out_and_the_rest_is_certain_if_the_patterns_are_plain(
    context: BuildContext,
) -> None:
    flow = last(f"{SCRATCH}COPY --exclude=.env --exclude=d/s --exclude=*.js --exclude=[ . /w/\n", context)
    assert {"/w/.env", "/w/d/s/y", "/w/[id].js"}.isdisjoint(flow.view)
    assert {"/w/a.txt", "/w/d/x"} <= set(flow.view)
    assert not any(a.certain for a in added(flow))
    plain = last(f"{SCRATCH}COPY --exclude=.env --exclude=**/*.js . /w/\n", context)
    assert "/w/.env" not in plain.view and all(a.certain for a in added(plain))
    assert paths(last(f"{SCRATCH}COPY --exclude=*.txt d a.txt /w/\n", context)) == [
        "/w/.hidden", "/w/a.txt", "/w/s/y", "/w/to-x", "/w/x",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("COPY --parents d/s/y a.txt /w/", ["/w/a.txt", "/w/d/s/y"]),
        ("COPY --parents d/s /w/", ["/w/d/s/y"]),
        ("COPY --parents ./d/./s/y /w/", ["/w/s/y"]),
        ("COPY --parents d/./s /w/", ["/w/s/y"]),
        ("COPY --parents=false d/s/y /w/", ["/w/y"]),
    ],
)
def test_parents(line: str, expected: list[str], context: BuildContext) -> None:
    flow = last(f"{SCRATCH}{line}\n", context)
    assert paths(flow) == expected
    assert all(a.certain for a in added(flow)) == ("=false" in line)


# -- over one another


def test_a_later_copy_replaces_and_a_removal_names_every_layer_that_holds_the_path(context: BuildContext) -> None:
    text = f"{SCRATCH}COPY .env /f\nCOPY a.txt /f\n"
    assert last(text, context).view["/f"].origin.path == "a.txt"
    assert removals(last(text, context)) == []
    assert sorted(removals(last(f"{text}RUN rm /f\n", context))) == [("/f", 2, "/f", 4), ("/f", 3, "/f", 4)]


def test_a_file_copied_again_after_its_removal_is_left(context: BuildContext) -> None:
    flow = last(f"{SCRATCH}COPY .env /f\nRUN rm /f\nCOPY .env /f\n", context)
    assert removals(flow) == [("/f", 2, "/f", 3)]
    assert flow.view["/f"].instruction.start_line == 4


def test_a_folder_over_a_file_and_a_file_over_a_folder(context: BuildContext) -> None:
    assert paths(last(f"{SCRATCH}COPY a.txt /p\nRUN rm /p\nCOPY d/s /p\n", context)) == ["/p/y"]
    flow = last(f"{SCRATCH}COPY d /p/q\nRUN rm -r /p/q && echo 1 > /p/q\n", context)
    assert paths(flow) == ["/p/q"]


def test_instructions_and_stages_are_named(context: BuildContext) -> None:
    flow = play(f"{SCRATCH}{SCRATCH}COPY a.txt  /x\n", context).stages[1]
    (copied,) = added(flow)
    assert (copied.stage, copied.place.text, copied.origin.place.text, copied.hops) == (1, "a.txt", "a.txt", ())
    assert copied.instruction is flow.stage.instructions[0]
