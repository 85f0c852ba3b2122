"""One Dockerfile as we read it and as BuildKit's own parser does, in the same form.

BuildKit speaks through the package `dockerfile` (BuildKit 0.12.5) or through tests/oracle/dockerfiledump.go
(the one inside Docker 26). The form is BuildKit's: what our nodes hold beyond it is left out.
"""

from __future__ import annotations

import json
import re
import subprocess
from importlib import import_module
from pathlib import Path
from typing import Any

from dfguard.dockerfile import nodes
from dfguard.dockerfile.build import health_command
from dfguard.dockerfile.flags import split_command
from dfguard.dockerfile.parse import parse
from dfguard.dockerfile.scan import RawInstruction, scan
from dfguard.dockerfile.words import blank_words
from dfguard.source import Source

buildkit: Any = import_module("dockerfile")  # by name: for mypy this folder has the same one
_NO_UTF_8 = re.compile("[\udc80-\udcff]")


class Reading:
    """A file as one side reads it.

    `entries` are its instructions: keyword, lines, flags, json, heredocs, words, trigger. `refused` is
    the reason for which BuildKit's parser, or we, refuse the file, "" for none; `line` is where.
    """

    def __init__(self, entries: list[dict[str, Any]], refused: str = "", line: int = 0) -> None:
        self.entries = entries
        self.refused = refused
        self.line = line


def ours(source: Source) -> Reading:
    """Our own reading; all entries are there, refused or not."""
    parsed, scanned = parse(source), scan(source)
    raws = [item for item in scanned.items if isinstance(item, RawInstruction)]
    entries = [_our_entry(node, raw, scanned.escape) for node, raw in zip(parsed.instructions, raws, strict=True)]
    refused = next((problem for problem in parsed.problems if problem.refused), None)
    return Reading(entries, refused.message, refused.span.start_line) if refused else Reading(entries)


def _our_entry(node: nodes.Instruction, raw: RawInstruction, escape: str) -> dict[str, Any]:
    entry = _common(node, raw.line.text, raw.command.keyword, raw.command.arguments)
    entry["lines"] = (node.start_line, node.end_line)
    entry["heredocs"] = [(h.name, h.body.text, h.expand, h.chomp) for h in node.heredocs]
    entry["trigger"] = None
    if isinstance(node, nodes.Onbuild):
        entry["words"] = []
        if node.trigger:
            inner = split_command(raw.line.text, *raw.command.arguments, escape)
            entry["trigger"] = _common(node.trigger, raw.line.text, inner.keyword, inner.arguments)
    return entry


def _common(node: nodes.Instruction, text: str, keyword: tuple[int, int], rest: tuple[int, int]) -> dict[str, Any]:
    return {
        "keyword": text[slice(*keyword)],
        "flags": [byte_by_byte(f"--{f.name}" + ("" if f.value is None else f"={f.value}")) for f in node.flags],
        "json": node.exec_form is not None,
        "words": _our_words(node, text, rest),
    }


def byte_by_byte(text: str) -> str:
    """A flag as BuildKit has it, which makes a character of each byte."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _our_words(node: nodes.Instruction, text: str, rest: tuple[int, int]) -> list[str]:
    """The words as BuildKit's parser lists them: quotes kept, JSON strings decoded."""
    whole = text[slice(*rest)]
    strings = [_as_characters(string.value) for string in node.exec_form or ()]
    match node:
        case nodes.Env(pairs=pairs) | nodes.Label(pairs=pairs):
            words = [(word.raw, pair.legacy) for pair in pairs for word in (pair.key, pair.value) if word]
            return [raw if legacy else _as_characters(raw) for raw, legacy in words]
        case nodes.Arg(pairs=pairs):
            return [_as_characters(pair.name + (f"={pair.value.raw}" if pair.value else "")) for pair in pairs]
        case nodes.Copy(sources=sources, destination=last) | nodes.Add(sources=sources, destination=last):
            if node.exec_form is not None:
                return strings
            return [source.raw for source in sources] + ([last.raw] if last else [])
        case nodes.Expose(ports=found) | nodes.Volume(paths=found) if node.exec_form is None:
            return [word.raw for word in found]
        case nodes.Healthcheck():
            kind, test = (text[slice(*place)] for place in health_command(text, rest))
            return [kind] * bool(kind) + (strings if node.exec_form is not None else [test] * bool(test))
        case nodes.From():
            return [whole[slice(*place)] for place in blank_words(whole, 0, len(whole))]
        case nodes.Unknown():
            return [""]
        case nodes.Onbuild():
            return []
        case nodes.User(user=word) | nodes.Workdir(path=word) | nodes.Stopsignal(signal=word):
            return [word.raw] if word else []
    return strings if node.exec_form is not None else [whole] * bool(whole)


def _as_characters(text: str) -> str:
    """Words that BuildKit reads character by character: a byte that belongs to none becomes U+FFFD."""
    return _NO_UTF_8.sub("\ufffd", text)


def package(path: Path) -> Reading:
    """The reading of the package `dockerfile`. Raises UnicodeDecodeError: it decodes all texts as UTF-8."""
    try:
        found = buildkit.parse_file(str(path))
    except buildkit.GoParseError as error:
        return Reading([], str(error) or "refused")
    return Reading([_package_entry(command) for command in found])


def _package_entry(command: Any) -> dict[str, Any]:
    """As the package lists an instruction: JSON and words of a trigger are its ONBUILD's, heredocs get lost."""
    return {
        "keyword": command.cmd or "",
        "lines": (command.start_line, command.end_line),
        "flags": list(command.flags),
        "json": command.json,
        "heredocs": [(heredoc.name, heredoc.content) for heredoc in command.heredocs],
        "trigger": command.sub_cmd or None,
        "words": [] if _is_nested(command.sub_cmd) else list(command.value),
    }


def _is_nested(trigger: str | None) -> bool:
    """Whether a trigger is an ONBUILD of its own, which the package lists as an empty word."""
    return (trigger or "").upper() == "ONBUILD"


def as_package_has_it(reading: Reading) -> Reading:
    """A reading of ours less what the package leaves out."""
    return Reading([_flattened(entry) for entry in reading.entries], reading.refused, reading.line)


def _flattened(entry: dict[str, Any]) -> dict[str, Any]:
    trigger = entry["trigger"]
    inner = trigger or entry
    return {
        "keyword": entry["keyword"],
        "lines": entry["lines"],
        "flags": entry["flags"],
        "json": inner["json"],
        "heredocs": [] if trigger else [heredoc[:2] for heredoc in entry["heredocs"]],
        "trigger": trigger and trigger["keyword"],
        "words": inner["words"],
    }


def oracle(program: str, paths: list[Path]) -> list[Reading]:
    """The readings of tests/oracle/dockerfiledump.go, one for each path."""
    lines = "".join(f"{path}\n" for path in paths)
    return [_oracle_reading(answer) for answer in ask(program, [], lines)]


def ask(program: str, arguments: list[str], lines: str) -> list[dict[str, Any]]:
    """What tests/oracle/dockerfiledump.go answers to lines of text; it complains about bytes on standard error."""
    run = subprocess.run(
        [program, *arguments],
        input=lines,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        check=True,
    )
    return [json.loads(line) for line in run.stdout.split("\n") if line]


def _oracle_reading(answer: dict[str, Any]) -> Reading:
    entries = [_oracle_entry(entry) for entry in answer["instructions"]]
    return Reading(entries, decoded(answer["error"]), answer["line"])


def _oracle_entry(answer: dict[str, Any]) -> dict[str, Any]:
    entry = _oracle_common(answer)
    entry["lines"] = (answer["start"], answer["end"])
    entry["heredocs"] = [
        (decoded(heredoc["name"]), decoded(heredoc["content"]), heredoc["expand"], heredoc["chomp"])
        for heredoc in answer["heredocs"]
    ]
    trigger = answer["trigger"]
    entry["trigger"] = trigger and _oracle_common(trigger)
    return entry


def _oracle_common(answer: dict[str, Any]) -> dict[str, Any]:
    return {
        "keyword": decoded(answer["keyword"]),
        "flags": [decoded(flag) for flag in answer["flags"]],
        "json": answer["json"],
        "words": [decoded(word) for word in answer["words"]],
    }


def decoded(text: str) -> str:
    """Text of ours from a text of the oracle, in which one character stands for one byte."""
    return text.encode("latin-1").decode("utf-8", "surrogateescape")
