"""Our reading beside BuildKit's own parser, in the package `dockerfile` (BuildKit 0.12.5), over tests/corpus."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from dfguard.dockerfile import nodes
from dfguard.dockerfile.parse import parse
from dfguard.dockerfile.scan import RawInstruction, scan
from dfguard.source import Source

buildkit: Any = import_module("dockerfile")  # by name: for mypy this folder has the same one
CORPUS = Path(__file__).parent.parent / "corpus"
FILES = sorted(CORPUS.glob("*.Dockerfile"))

# What BuildKit does since 0.12.5, the version inside of the package.
NEWER = {
    "heredoc-blank-before-name": "`<< EOF` opens a heredoc since BuildKit 0.22",
    "json-text-behind": "text behind the closing bracket makes it no JSON form",
}
UNREADABLE = {"latin-1-bytes": "the package decodes as UTF-8 and fails"}
# BuildKit's parser lets them pass; its instructions package, which the package leaves out, does not.
REFUSED_LATER = {
    *("continuation-of-nothing", "directives-all", "heredoc-as-destination", "instruction-before-from"),
    *("no-from", "odd-blanks", "onbuild-onbuild", "unknown-instruction"),
}
COMPARED = [path for path in FILES if path.stem not in {**NEWER, **UNREADABLE}]


def source_of(path: Path) -> Source:
    return Source.from_bytes(str(path), path.read_bytes())


def theirs(path: Path) -> list[dict[str, Any]] | None:
    try:
        found = buildkit.parse_file(str(path))
    except buildkit.GoParseError:
        return None
    return [
        {
            "keyword": (command.cmd or "").upper(),
            "lines": (command.start_line, command.end_line),
            "flags": list(command.flags),
            "json": command.json,
            "heredocs": [(heredoc.name, heredoc.content) for heredoc in command.heredocs],
            "trigger": command.sub_cmd and command.sub_cmd.upper(),
            "words": list(command.value),
        }
        for command in found
    ]


def ours(source: Source) -> list[dict[str, Any]]:
    raws = [item for item in scan(source).items if isinstance(item, RawInstruction)]
    return [record(node, raw) for node, raw in zip(parse(source).instructions, raws, strict=True)]


def record(node: nodes.Instruction, raw: RawInstruction) -> dict[str, Any]:
    """An instruction as the package lists it: JSON and words of a trigger belong to its ONBUILD, heredocs don't."""
    trigger = node.trigger if isinstance(node, nodes.Onbuild) else None
    inner = trigger or node
    return {
        "keyword": raw.line.text[slice(*raw.command.keyword)].upper(),
        "lines": (node.start_line, node.end_line),
        "flags": [f"--{flag.name}" + ("" if flag.value is None else f"={flag.value}") for flag in node.flags],
        "json": inner.exec_form is not None,
        "heredocs": [] if trigger else [(heredoc.name, heredoc.body.text) for heredoc in node.heredocs],
        "trigger": trigger.keyword.text.upper() if trigger else None,
        "words": words(inner, raw),
    }


def words(node: nodes.Instruction, raw: RawInstruction) -> list[str] | None:
    """The words of an instruction as the package lists them: quotes kept, JSON strings decoded."""
    match node:
        case nodes.Env(pairs=pairs) | nodes.Label(pairs=pairs):
            return [word.raw for pair in pairs for word in (pair.key, pair.value) if word]
        case nodes.Arg(pairs=pairs):
            return [pair.name + (f"={pair.value.raw}" if pair.value else "") for pair in pairs]
        case nodes.Copy(sources=sources, destination=last) | nodes.Add(sources=sources, destination=last):
            return [source.raw for source in sources] + ([last.raw] if last else [])
        case nodes.Expose(ports=found) | nodes.Volume(paths=found):
            return [word.raw for word in found]
        case nodes.Run() | nodes.Cmd() | nodes.Entrypoint() | nodes.User() | nodes.Workdir() if not node.onbuild:
            text = raw.line.text[slice(*raw.command.arguments)]
            strings = node.exec_form
            return ([text] if text else []) if strings is None else [string.value for string in strings]
    return None  # the trigger's line starts elsewhere, or the words are of the same kind as others'


@pytest.mark.parametrize("path", COMPARED, ids=lambda path: str(path.stem))
def test_reads_as_buildkit_does(path: Path) -> None:
    source = source_of(path)
    expected = theirs(path)
    refused = [problem for problem in parse(source).problems if problem.refused]
    if expected is None:
        assert refused
        return
    found = ours(source)
    for mine, other in zip(found, expected, strict=True):
        if mine["words"] is None:
            other["words"] = None
        assert mine == other
    assert bool(refused) == (path.stem in REFUSED_LATER)


@pytest.mark.parametrize("name", sorted(NEWER))
def test_what_is_newer_than_the_package(name: str) -> None:
    path = CORPUS / f"{name}.Dockerfile"
    expected = theirs(path)
    assert expected is not None
    assert [entry["json"] for entry in expected] != [entry["json"] for entry in ours(source_of(path))]


def test_bytes_that_are_no_utf_8() -> None:
    path = CORPUS / "latin-1-bytes.Dockerfile"
    with pytest.raises(UnicodeDecodeError):
        theirs(path)
    read = parse(source_of(path))
    assert [(node.start_line, node.end_line) for node in read.instructions] == [(1, 1), (2, 2), (3, 4)]
    assert not read.problems
    assert read.source.data == path.read_bytes()


def test_every_exception_names_a_file() -> None:
    stems = {path.stem for path in FILES}
    assert stems >= REFUSED_LATER | set(NEWER) | set(UNREADABLE)
    assert len(stems) > 50
