"""Nodes: every part of every instruction, with its place."""

from __future__ import annotations

from typing import TypeVar

import pytest

from dfguard.dockerfile import nodes
from dfguard.dockerfile.parse import parse
from dfguard.source import Source

T = TypeVar("T", bound=nodes.Instruction)


def only(text: str, kind: type[T]) -> T:
    """The only instruction of a kind."""
    found = [node for node in parse(Source("Dockerfile", text)).instructions if isinstance(node, kind)]
    assert len(found) == 1
    return found[0]


def after_from(line: str, kind: type[T]) -> T:
    return only(f"FROM a\n{line}\n", kind)


def test_from() -> None:
    node = only("FROM --platform=linux/amd64 alpine:3.20 as Base", nodes.From)
    assert (node.image.raw, node.alias and node.alias.raw, node.stage_index) == ("alpine:3.20", "Base", 0)
    (flag,) = node.flags
    assert (flag.name, flag.value, flag.span.text) == ("platform", "linux/amd64", "--platform=linux/amd64")
    assert flag.value_span and flag.value_span.text == "linux/amd64"


def test_run_with_mounts() -> None:
    node = after_from('RUN --mount=type=Cache,target=/x,ro --mount="from=b,source=/s" --network=none a b', nodes.Run)
    cache, bind = node.mounts
    assert (cache.type, cache.target, cache.option("ro")) == ("cache", "/x", "true")
    assert (bind.type, bind.from_, bind.source) == ("bind", "b", "/s")
    assert node.arguments.text == "a b"
    assert node.flag("network") and node.exec_form is None


def test_run_with_csv_quotes_in_a_mount() -> None:
    node = after_from("""RUN --mount='"type=bind","target=/a,b"' x""", nodes.Run)
    assert node.mounts[0].options == (("type", "bind"), ("target", "/a,b"))


def test_double_hyphen_ends_flags() -> None:
    node = after_from("RUN --network=none -- --help", nodes.Run)
    assert [flag.name for flag in node.flags] == ["network"]
    assert node.arguments.text == "--help"


def test_exec_form() -> None:
    node = after_from(r'CMD ["a", "b\n\u00e9"]', nodes.Cmd)
    assert node.exec_form is not None
    assert [(word.value, word.span.text) for word in node.exec_form] == [("a", '"a"'), ("b\né", r'"b\n\u00e9"')]


@pytest.mark.parametrize("arguments", ["['a']", '["a",]', '["a" "b"]', '["a"] b', '["a', "[ -f a ]"])
def test_broken_json_is_no_exec_form(arguments: str) -> None:
    assert after_from(f"RUN {arguments}", nodes.Run).exec_form is None


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("a/b", "local"),
        ("*.txt", "glob"),
        ("a?b", "glob"),
        ("[ab].c", "glob"),
        ("$A/*.txt", "variable"),
        ("\\$A", "local"),
        ("https://x.org/a.tar.gz", "url"),
        ("http://x.org/$V.zip", "url"),
        ("https://github.com/a/b.git#main:sub", "git"),
        ("git@github.com:a/b.git", "git"),
        ("ssh://git@x.org/a", "git"),
        ("git://x.org/a", "git"),
    ],
)
def test_kinds_of_sources(word: str, kind: str) -> None:
    (source,) = after_from(f"ADD {word} /x/", nodes.Add).sources
    assert (source.raw, source.kind, source.span.text) == (word, kind, word)


def test_copy_from_a_stage() -> None:
    node = after_from("COPY --chown=1:2 --from=build /a /b /c/", nodes.Copy)
    assert [(source.raw, source.kind) for source in node.sources] == [("/a", "stage"), ("/b", "stage")]
    assert node.destination and node.destination.raw == "/c/"
    assert node.from_ and node.from_.value == "build"


def test_copy_json_words_stand_inside_the_quotes() -> None:
    node = after_from('COPY ["a b", "/c"]', nodes.Copy)
    assert [(s.raw, s.span.text) for s in node.sources] == [("a b", "a b")]
    assert node.destination and node.destination.span.text == "/c"


def test_copy_without_destination() -> None:
    node = after_from("COPY a", nodes.Copy)
    assert [source.raw for source in node.sources] == ["a"]
    assert node.destination is None


def test_heredoc_sources() -> None:
    node = only('FROM a\nCOPY <<one f <<-"t w" /d/\n1\none\n\t2\n\tt w\n', nodes.Copy)
    assert [(source.raw, source.kind) for source in node.sources] == [
        ("<<one", "heredoc"),
        ("f", "local"),
        ('<<-"t', "local"),  # BuildKit splits sources at blanks, quotes or not
        ('w"', "local"),
    ]
    first, second = node.heredocs
    assert node.sources[0].heredoc == first
    assert (first.name, first.expand, first.chomp, first.body.text) == ("one", True, False, "1\n")
    assert (second.name, second.expand, second.chomp, second.body.text) == ("t w", False, True, "\t2\n")
    assert second.terminator and second.terminator.text == "\tt w"
    assert node.arguments.text == '<<one f <<-"t w" /d/'
    assert node.span.text.endswith("\tt w")


def test_key_values() -> None:
    node = after_from("""ENV A=b "C d"='e f' G=h\\ i J=""", nodes.Env)
    assert [(pair.name, pair.value and pair.value.raw) for pair in node.pairs] == [
        ("A", "b"),
        ('"C d"', "'e f'"),
        ("G", "h\\ i"),
        ("J", ""),
    ]
    assert [pair.span.text for pair in node.pairs] == ["A=b", "\"C d\"='e f'", "G=h\\ i", "J="]


def test_legacy_key_value() -> None:
    (pair,) = after_from("LABEL key  all the=rest ", nodes.Label).pairs
    assert (pair.name, pair.value and pair.value.raw, pair.legacy) == ("key", "all the=rest", True)


def test_a_space_that_splits_words_but_not_key_and_value() -> None:
    node = after_from("ENV A\u00a0B=c", nodes.Env)  # BuildKit: ENV must have two arguments
    assert [(pair.name, pair.value, pair.legacy) for pair in node.pairs] == [("A\u00a0B=c", None, True)]


def test_arg() -> None:
    pairs = after_from('ARG A B=c D="e f"', nodes.Arg).pairs
    assert [(pair.name, pair.value and pair.value.raw) for pair in pairs] == [("A", None), ("B", "c"), ("D", '"e f"')]


def test_single_words() -> None:
    text = "FROM a\nUSER a b\nWORKDIR /x y\nSTOPSIGNAL 9\nEXPOSE 80 81/udp\nVOLUME /a /b\nMAINTAINER me\n"
    _, user, workdir, signal, expose, volume, maintainer = parse(Source("Dockerfile", text)).instructions
    assert isinstance(user, nodes.User) and user.user and user.user.raw == "a b"
    assert isinstance(workdir, nodes.Workdir) and workdir.path and workdir.path.raw == "/x y"
    assert isinstance(signal, nodes.Stopsignal) and signal.signal and signal.signal.raw == "9"
    assert isinstance(expose, nodes.Expose) and [port.raw for port in expose.ports] == ["80", "81/udp"]
    assert isinstance(volume, nodes.Volume) and [path.raw for path in volume.paths] == ["/a", "/b"]
    assert isinstance(maintainer, nodes.Maintainer) and maintainer.arguments.text == "me"


def test_healthcheck() -> None:
    node = after_from("HEALTHCHECK --interval=5s  CMD  curl  -f x", nodes.Healthcheck)
    assert node.test and node.test.text == "curl  -f x"
    assert after_from("HEALTHCHECK NONE", nodes.Healthcheck).test is None
    strings = after_from('HEALTHCHECK CMD ["a","b"]', nodes.Healthcheck).exec_form
    assert strings and [word.value for word in strings] == ["a", "b"]


def test_onbuild() -> None:
    node = only("FROM a\nONBUILD COPY --chown=1 <<E /x\ny\nE\n", nodes.Onbuild)
    trigger = node.trigger
    assert isinstance(trigger, nodes.Copy)
    assert (trigger.onbuild, trigger.index, trigger.stage_index) == (True, node.index, 0)
    assert (trigger.sources[0].kind, trigger.sources[0].heredoc) == ("heredoc", node.heredocs[0])
    assert trigger.span.text == "COPY --chown=1 <<E /x\ny\nE"
    assert [flag.name for flag in trigger.flags] == ["chown"] and node.flags == ()


def test_parts_over_continuations() -> None:
    node = only("FROM a\nru\\\nn --mount=type=\\\ncache,target=/x echo \\\n # note\n\n hi \\\n\n", nodes.Run)
    assert node.name == "RUN"
    assert node.mounts[0].type == "cache"
    assert node.flags[0].value == "type=cache,target=/x"
    assert node.flags[0].span.text == "--mount=type=\\\ncache,target=/x"
    assert node.arguments.text == "echo \\\n # note\n\n hi"
    assert (node.start_line, node.end_line) == (2, 8)


def test_indexes() -> None:
    read = parse(Source("Dockerfile", "ARG A\nFROM a\nRUN b\nFROM c\nRUN d\n"))
    assert [(node.index, node.stage_index) for node in read.instructions] == [(0, -1), (1, 0), (2, 0), (3, 1), (4, 1)]


def test_directives() -> None:
    read = parse(Source("Dockerfile", "#  SYNTAX = a/b:1 \n# escape=`\n# other=x\n# check=skip=all\nFROM a"))
    assert [(d.name, d.value, d.value_span.text) for d in read.directives] == [
        ("syntax", "a/b:1", "a/b:1"),
        ("escape", "`", "`"),
    ]
    assert read.escape == "`"
    assert read.directive("escape") == read.directives[1] and read.directive("check") is None
    assert [type(item).__name__ for item in read.items] == ["Directive", "Directive", "Comment", "Comment", "From"]


def test_pieces_of_bytes_that_are_no_utf_8() -> None:
    source = Source.from_bytes("Dockerfile", b"FROM a\nLABEL a=\xe9\n")
    (pair,) = next(node for node in parse(source).instructions if isinstance(node, nodes.Label)).pairs
    assert pair.value and pair.value.raw.encode("utf-8", "surrogateescape") == b"\xe9"
