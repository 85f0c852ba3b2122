"""What a builder, a person and this program read in a Dockerfile, without how it is laid out.

Two texts of equal meaning build the same image with the same cache, and say the same in comments. Where BuildKit keeps
the text itself (what a shell is given, a trigger of ONBUILD, which is written into the image), every character counts:
https://github.com/moby/buildkit/blob/master/frontend/dockerfile/instructions/parse.go
"""

from __future__ import annotations

from typing import Any

from dfguard.dockerfile.lines import BLANK
from dfguard.dockerfile.nodes import Arg, Blank, Comment, Directive, Env, From, Instruction, KeyValue, Label
from dfguard.dockerfile.parse import parse
from dfguard.dockerfile.scan import RawInstruction, scan
from dfguard.regex import regex
from dfguard.source import Source

_WORDS = frozenset(("from", "copy", "add", "volume", "expose"))
_BLANKS = regex(f"[{BLANK}]+")


def meaning(source: Source) -> tuple[Any, ...]:
    """All that counts in a text, to be compared with that of another one."""
    scanned, dockerfile = scan(source), parse(source)
    instructions = iter(dockerfile.instructions)
    found: list[Any] = [scanned.escape, [problem.kind for problem in dockerfile.problems]]
    for item in scanned.items:
        if isinstance(item, RawInstruction):
            found.append(_of_instruction(item, next(instructions)))
        elif isinstance(item, Directive):
            found.append((item.name, item.value))
        elif isinstance(item, Comment):
            found.append(item.span.text.rstrip(" \t"))
        elif found[-1] is not Blank:
            found.append(Blank)
    return tuple(found[:-1] if found[-1] is Blank else found)


def _of_instruction(raw: RawInstruction, node: Instruction) -> Any:
    line, command = raw.line, raw.command
    flags = [flag.text for flag in command.flags]
    documents = [(one.opener.text, one.body.text, one.name, one.expand, one.chomp) for one in raw.heredocs]
    keyword = line.text[slice(*command.keyword)].lower()
    told = _arguments(raw, node, keyword)
    return keyword, flags, told, documents, comments_within(raw), len(raw.blank_lines), raw.finished


def _arguments(raw: RawInstruction, node: Instruction, keyword: str) -> Any:
    """What the builder makes of all behind keyword and flags."""
    line = raw.line
    text = line.text[slice(*raw.command.arguments)]
    if keyword == "onbuild":
        return line.text[raw.command.keyword[1] :].lstrip(BLANK)
    if node.exec_form is not None:
        return [word.value for word in node.exec_form]
    if isinstance(node, (Env, Label, Arg)):
        return [_pair(pair) for pair in node.pairs]
    if keyword not in _WORDS:
        return text
    words = _BLANKS.split(text)
    if isinstance(node, From) and node.alias is not None and len(words) == 3:
        words[1] = words[1].lower()
    return words


def _pair(pair: KeyValue) -> Any:
    return pair.key.raw, pair.value.raw if pair.value is not None else None, pair.legacy


def comments_within(raw: RawInstruction) -> list[str]:
    """The comments between the lines of one instruction."""
    end = raw.heredocs[0].body.start if raw.heredocs else raw.span.end
    rows = raw.span.source.text[raw.span.start : end].split("\n")[1:]
    return [row.strip() for row in rows if row.lstrip().startswith("#")]
