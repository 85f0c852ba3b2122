"""What holds for any text: places say what they claim, nothing is lost, nothing raises, time is linear."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mutations import mutants

from dfguard.dockerfile import nodes
from dfguard.dockerfile.lines import SPACE
from dfguard.dockerfile.parse import parse
from dfguard.dockerfile.scan import continued
from dfguard.dockerfile.stages import build_graph
from dfguard.dockerfile.words import variables
from dfguard.source import BOM, Source, Span

EVERY = bool(os.environ.get("DFGUARD_FULL"))
BLANKS = st.sampled_from([" ", "  ", "\t", " \\\n", " \\\n  # note\n", "\\ \n\n "])
NAMES = st.sampled_from(["a", "B1", "x_y", "é", "key"])
VALUES = st.sampled_from(["b", '"c d"', "'e f'", "g\\ h", "$V", "${V:-w}", "", '"\\""', "i=j", "\udce9"])
PATHS = st.sampled_from(["a", "/b/", "*.c", "$V/d", "https://x.org/e", "git@x.org:f/g", '"h"', "i\\j"])
PAIRS = st.builds("{}={}".format, NAMES, VALUES)
JSON = st.sampled_from(['["a"]', '["a", "b\\n\\u00e9"]', "[]", '[ "é" ]', "['a']", '["a",', '["a", 1]'])
FLAGS = st.sampled_from(
    ["--mount=type=cache,target=/x", "--from=b", '--chown="a b":c', "--link", "--x=\\\n1", "--mount='a\"b'", "--"]
)
TAGS = st.sampled_from(["<<EOF", "<<-'E F'", '3<<"Q"', "<<E\\OF", "<< EOF", "<<$X", "<<"])
KEYWORDS = st.sampled_from(
    [
        *("FROM", "run", "Copy", "ADD", "ENV", "LABEL", "ARG", "CMD", "ENTRYPOINT", "HEALTHCHECK", "HEALTHCHECK CMD"),
        *("EXPOSE", "USER", "VOLUME", "WORKDIR", "SHELL", "STOPSIGNAL", "MAINTAINER", "ONBUILD RUN", "ONBUILD COPY"),
        *("ONBUILD", "NONSENSE", "\\\nRUN", "RU\\\nN"),
    ]
)
ARGUMENTS = st.lists(st.one_of(PAIRS, PATHS, JSON, FLAGS, TAGS, VALUES), max_size=4)
LINES = st.one_of(
    st.builds(lambda keyword, blank, words: keyword + blank + blank.join(words), KEYWORDS, BLANKS, ARGUMENTS),
    st.sampled_from(["", " ", "# note", "#", "EOF", "\tE F", "Q", "# escape=`", "# syntax=x/y", "\\", "RUN a \\"]),
)
FILES = st.builds(
    lambda head, lines, end: head + end.join(lines),
    st.sampled_from(["", BOM, "# escape=`\n", "FROM a\n"]),
    st.lists(LINES, max_size=8),
    st.sampled_from(["\n", "\r\n"]),
)


def without_continuations(span: Span, escape: str) -> str:
    """The text of a place as a logical line has it."""
    rows, out, more = span.text.split("\n"), [], False
    for number, row in enumerate(rows):
        row = row.removesuffix("\r") if number < len(rows) - 1 else row
        body = row.lstrip(SPACE)
        if more and number < len(rows) - 1 and (not body or body[0] == "#"):
            continue
        stop, more = continued(row, 0, len(row), escape) if number < len(rows) - 1 else (len(row), False)
        out.append(row[:stop])
    return "".join(out)


def words_of(node: nodes.Instruction) -> Iterator[tuple[Span, str]]:
    """Places of a node, each with the text that it claims."""
    match node:
        case nodes.From(image=image, alias=alias):
            yield image.span, image.raw
            if alias:
                yield alias.span, alias.raw
        case nodes.Copy(sources=sources, destination=last) | nodes.Add(sources=sources, destination=last):
            for word in (*(source.word for source in sources), *([last] if last else [])):
                yield word.span, word.raw
        case nodes.Env(pairs=pairs) | nodes.Label(pairs=pairs) | nodes.Arg(pairs=pairs):
            for pair in pairs:
                yield pair.key.span, pair.key.raw
                if pair.value:
                    yield pair.value.span, pair.value.raw
        case nodes.Expose(ports=found) | nodes.Volume(paths=found):
            for word in found:
                yield word.span, word.raw
        case nodes.User(user=word) | nodes.Workdir(path=word) | nodes.Stopsignal(signal=word) if word:
            yield word.span, word.raw


def all_nodes(instructions: tuple[nodes.Instruction, ...]) -> Iterator[nodes.Instruction]:
    for node in instructions:
        yield node
        if isinstance(node, nodes.Onbuild) and node.trigger:
            yield node.trigger


ENCODED = st.one_of(
    FILES.map(lambda text: text.encode("utf-8", "surrogateescape")),
    FILES.map(lambda text: text.encode("latin-1", "replace")),
    FILES.map(lambda text: b"\xef\xbb\xbf" + text.encode("cp1252", "replace").replace(b"\n", b"\r\n")),
    st.binary(max_size=300),
)


def printed(read: nodes.Dockerfile) -> bytes:
    """The file put together from its items and the blanks between them."""
    text, at, out = read.source.text, 0, []
    for item in read.items:
        gap = text[at : item.span.start]
        assert not gap.strip(SPACE + BOM)
        out += [gap, item.span.text]
        at = item.span.end
    assert not text[at:].strip(SPACE + BOM)
    return "".join([*out, text[at:]]).encode("utf-8", "surrogateescape")


def check_places(read: nodes.Dockerfile) -> None:
    """Every place of every part lies where it should and holds the text that the part claims."""
    for node in all_nodes(read.instructions):
        json = node.exec_form is not None
        for span, raw in words_of(node):
            assert node.span.contains(span)
            if not json or "\\" not in span.text:
                assert without_continuations(span, read.escape) == raw
        for flag in node.flags:
            written = without_continuations(flag.span, read.escape)
            assert written.startswith("--") and node.span.contains(flag.span)
            if flag.value_span:
                assert written.endswith("=" + without_continuations(flag.value_span, read.escape))
        for string in node.exec_form or ():
            assert string.span.text[0] == string.span.text[-1] == '"'
        for heredoc in node.heredocs:
            assert "<<" in heredoc.opener.text and node.span.contains(heredoc.body)
            if heredoc.terminator:
                closing = heredoc.terminator.text
                assert (closing.lstrip("\t") if heredoc.chomp else closing) == heredoc.name
                assert heredoc.body.end == heredoc.terminator.start
    for problem in read.problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(read.source.text)
        assert problem.message and "\n" not in problem.message


@settings(max_examples=300, deadline=None)
@given(ENCODED)
def test_items_printed_back_give_the_bytes(data: bytes) -> None:
    read = parse(Source("Dockerfile", data.decode("utf-8", "surrogateescape")))
    assert read.source.data == printed(read) == data


@settings(max_examples=300, deadline=None)
@given(FILES)
@example("run <<EOF\nFROM \\\n")
def test_places_say_what_they_claim(text: str) -> None:
    check_places(parse(Source("Dockerfile", text)))


@settings(max_examples=200, deadline=None)
@given(ENCODED)
def test_places_in_any_encoding(data: bytes) -> None:
    check_places(parse(Source("Dockerfile", data.decode("utf-8", "surrogateescape"))))


def test_mutated_files() -> None:
    """Byte order marks, CRLF and bytes that are no UTF-8 are among what is put in."""
    kinds = set()
    for data in mutants(seed=5, count=400):
        read = parse(Source.from_bytes("Dockerfile", data))
        assert printed(read) == data
        check_places(read)
        kinds |= {data.startswith(b"\xef\xbb\xbf") and "BOM", b"\r\n" in data and "CRLF"}
        kinds |= {bool(re.search("[\udc80-\udcff]", read.source.text)) and "bytes"}
    assert kinds >= {"BOM", "CRLF", "bytes"}


@settings(max_examples=300, deadline=None)
@given(st.one_of(FILES, st.text(alphabet="RUNCOPY \t\n\\#<EOF'\"$={}[],-`\r\xa0", max_size=80), st.text(max_size=60)))
def test_nothing_raises(text: str) -> None:
    found = build_graph(parse(Source("Dockerfile", text)))
    for node in all_nodes(found.dockerfile.instructions):
        scope = found.scope_at(node)
        for _, raw in words_of(node):
            scope.expand(raw)
            for use in variables(raw, scope.escape):
                assert raw[use.start] == "$" and use.name in raw[use.start : use.end]


SHAPES: dict[str, Callable[[int], str]] = {
    "nested substitutions": lambda n: "FROM a\nENV A=" + "${A:-" * n + "}" * n,
    "nested substitutions of a heredoc line": lambda n: "FROM a\nRUN <<X " + "${A:-" * n + "}" * n,
    "open quotes and heredocs": lambda n: "FROM a\n" + "RUN <<E '\n" * n,
    "heredoc openers": lambda n: "FROM a\nRUN " + "<<E " * n,
    "unclosed heredocs": lambda n: "FROM a\n" + "RUN <<E\n" * n,
    "nested JSON": lambda n: "FROM a\nCMD " + "[" * n,
    "JSON strings": lambda n: "FROM a\nCMD [" + '"\\n",' * n,
    "continuations": lambda n: "FROM a\nRUN b \\\n" + " c \\\n" * n,
    "triggers of triggers": lambda n: "ONBUILD " * n,
    "flags": lambda n: "FROM a\nRUN " + "--a='b' " * n,
    "doubling values": lambda n: "FROM a\n" + "ENV A=$A$A\n" * n,
    "chained stages": lambda n: (
        "FROM a AS s0\n" + "".join(f"FROM s{i} AS s{i + 1}\nARG v{i}=$u{i}\n" for i in range(n // 4))
    ),
    "patterns": lambda n: "FROM a\nENV A=" + "ab" * 2000 + "\nENV B=" + "${A%*a*b*c}" * (n // 20),
    "replacements": lambda n: "FROM a\nENV A=" + "ab" * 200 + "\nENV B=" + "${A//a/cc}" * (n // 20),
    "random bytes": lambda n: Random(1).randbytes(n).decode("utf-8", "surrogateescape"),
    "random turning points": lambda n: "".join(Random(1).choices("RUNCOPY \t\n\\#<EOF'\"$={}[],-`\r\xa0", k=n)),
    "backslashes": lambda n: "FROM a\nENV A=" + "\\" * n,
}


LARGE = 5_000_000
QUICK = {"nested JSON", "random bytes", "triggers of triggers", "unclosed heredocs", "continuations"}


def cost(text: str, runs: int) -> float:
    """Seconds of the quickest run."""
    found = []
    for _ in range(runs):
        start = time.process_time()
        build_graph(parse(Source("Dockerfile", text)))
        found.append(time.process_time() - start)
    return min(found)


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_time_is_linear(shape: str) -> None:
    """Eight times the text takes far less than 64 times the time."""
    small, large = (cost(SHAPES[shape](size), runs=2) for size in (1_000, 8_000))
    assert large < 30 * max(small, 0.002)


@pytest.mark.parametrize("shape", [shape for shape in sorted(SHAPES) if EVERY or shape in QUICK])
def test_time_is_linear_up_to_5_megabytes(shape: str) -> None:
    """Without DFGUARD_FULL only what takes seconds: the others need up to half a minute each."""
    make = SHAPES[shape]
    per_unit = (len(make(2_000)) - len(make(1_000))) / 1_000
    small, large = (make(int(size / per_unit)) for size in (LARGE // 8, LARGE))
    assert len(large) > 0.9 * LARGE
    assert cost(large, runs=1) < 30 * max(cost(small, runs=2), 0.002)
