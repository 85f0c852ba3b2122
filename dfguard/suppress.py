"""Comments that silence findings: `# dfguard: ignore[DG101,DG410] -- reason`.

A comment on a line of its own speaks for the instruction below it (comments and blank lines may
stand between), or for the instruction that it stands inside of; above FROM it speaks for the whole
stage. `# dfguard: ignore-file[DG101] -- reason` speaks for the file, wherever it stands. Rules are
named by code or by name, or by the id of a like check elsewhere. There is no form without brackets: it
would also silence what nobody has seen yet. What is not understood is a Problem and silences nothing.
Comments of other tools count too (see `suppression_forms`), above FROM for that line only where theirs do.

In an ignore file a comment starts in the first column, and speaks for the pattern below it. In a file
that says how images are built (YAML, HCL, JSON with comments) it speaks for the entry that it stands above
or behind, with all that is indented below that.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

from dfguard.catalog import Entry
from dfguard.context.ignore import IgnoreFile, read_lines
from dfguard.dockerfile.nodes import Comment, Directive, Dockerfile, From, Heredoc, Instruction, Onbuild, Problem, Word
from dfguard.finding import Finding
from dfguard.regex import regex
from dfguard.source import BOM, Source, Span
from dfguard.suppression import OURS, Suppression, UnusedWord
from dfguard.suppression_forms import ALL, ANY_MENTION, MENTION, Statement, is_mentioned, read_statement

KIND = "bad-suppression"

_BY_OTHER_IDS = ("kics", "tally")  # whose ids the rules do not list: they are looked up in the table of all peers

_TRAILING = regex(r"(?:^|[ \t;])#+[ \t]*dfguard[ \t]*:[ \t]*ignore", re.IGNORECASE)
_ENTRY_COMMENT = regex(r"(?:^|[ \t])(?://[ \t]*)?(#*[ \t]*dfguard[ \t]*:.*)", re.IGNORECASE)


def read_suppressions(dockerfile: Dockerfile) -> tuple[Suppression, ...]:
    """All comments of a Dockerfile that silence, in order; see `Suppression.problem` for the malformed ones."""
    if not is_mentioned(dockerfile.source.text):
        return ()
    reader = _Reader(dockerfile)
    lines = _mentioning_lines(dockerfile.source, ANY_MENTION)
    return tuple(found for span in lines if (found := reader.read(span)) is not None)


def read_ignore_suppressions(ignore: IgnoreFile) -> tuple[Suppression, ...]:
    """All dfguard comments of an ignore file, in order."""
    if ignore.source is None or MENTION.search(ignore.source.text) is None:
        return ()
    lines = [line.span for line in read_lines(ignore.source)]
    starts = [span.start for span in lines]
    found = []
    for line in _mentioning_lines(ignore.source):
        at = bisect_left(starts, line.start)
        suppression = _above_pattern(_without_end(line), lines[at] if at < len(lines) else None)
        found += [suppression] if suppression is not None else []
    return tuple(found)


def read_entry_suppressions(source: Source) -> tuple[Suppression, ...]:
    """All dfguard comments of a file that says how images are built, in order."""
    if MENTION.search(source.text) is None:
        return ()
    found = []
    for line in map(_without_end, _mentioning_lines(source)):
        comment = _ENTRY_COMMENT.search(line.text)
        if comment is not None:
            number = line.start_line if line.text[: comment.start()].strip() else line.start_line + 1
            span = line.sub(comment.start(1), len(line.text))
            suppression = _comment(span, "entry", _entry_at(source, number))
            found += [suppression] if suppression is not None else []
    return tuple(found)


def _entry_at(source: Source, number: int) -> Span | None:
    """The entry that starts on a line, or on the first one below that is no comment, with what is indented below."""
    indent, first, last = -1, 0, 0
    for line in range(number, len(source.line_starts) + 1):
        text = source.line_text(line)
        stripped = text.lstrip(" \t")
        if not stripped or stripped.startswith(("#", "//")):
            continue
        here = len(text) - len(stripped)
        if indent < 0:
            indent, first = here, line
        elif here <= indent:
            break
        last = line
    if not first:
        return None
    start = source.line_starts[first - 1]
    return source.span(start, source.line_starts[last - 1] + len(source.line_text(last)))


def _above_pattern(line: Span, below: Span | None) -> Suppression | None:
    """The suppression in a line of an ignore file; `below` is the next line that is a pattern, itself included."""
    if line.text.startswith("#"):
        return _comment(line, "pattern", below)
    if _TRAILING.search(line.text) is None:
        return None
    return _malformed(line, "is part of a pattern: a comment has a line of its own, and its `#` in the first column")


def _without_end(line: Span) -> Span:
    """The line without a byte order mark and a carriage return."""
    text = line.text
    return line.sub(len(text) - len(text.lstrip(BOM)), len(text.rstrip("\r")))


def _mentioning_lines(source: Source, mention: re.Pattern[str] = MENTION) -> Iterator[Span]:
    last = 0
    for match in mention.finditer(source.text):
        line = source.line_of(match.start())
        if line > last:
            last, start = line, source.line_starts[line - 1]
            end = source.text.find("\n", start)
            yield source.span(start, len(source.text) if end < 0 else end)


class _Reader:
    """Finds what a line of one Dockerfile stands above, or inside of."""

    def __init__(self, dockerfile: Dockerfile) -> None:
        self._dockerfile = dockerfile
        self._item_starts = [item.span.start for item in dockerfile.items]
        self._instructions = [item for item in dockerfile.items if isinstance(item, Instruction)]
        self._instruction_starts = [instruction.span.start for instruction in self._instructions]
        documents = (heredoc for instruction in self._instructions for heredoc in _heredocs(instruction))
        self._bodies = sorted((heredoc.body.start, heredoc.body.end) for heredoc in documents)
        self._stages = [at for at, item in enumerate(self._instructions) if isinstance(item, From)]

    def read(self, line: Span) -> Suppression | None:
        """The suppression in a line, or None if the line only happens to hold the word."""
        item = self._item_at(line)
        if isinstance(item, Directive):
            return _for_file(item.span)
        if isinstance(item, Comment):
            return self._speaks(item.span, self._below(item.span))
        if not isinstance(item, Instruction) or self._in_heredoc(line):
            return None
        text = line.text.rstrip("\r")
        comment = line.sub(len(text) - len(text.lstrip(" \t")), len(text))
        if line.start > item.span.start and comment.text.startswith("#"):
            return self._speaks(comment, item)
        trailing = _TRAILING.search(text)
        if trailing is None:
            return None
        place = line.sub(text.index("#", trailing.start()), len(text))
        return _malformed(place, "stands behind an instruction, where it silences nothing: put it on the line above")

    def _item_at(self, line: Span) -> object:
        """The item that the line is part of: the last one that starts in it or before it."""
        at = bisect_left(self._item_starts, line.end) - 1
        item = self._dockerfile.items[at] if at >= 0 else None
        return item if item is not None and item.span.end > line.start else None

    def _in_heredoc(self, line: Span) -> bool:
        at = bisect_left(self._bodies, (line.end,)) - 1
        return at >= 0 and line.start < self._bodies[at][1]

    def _below(self, comment: Span) -> Instruction | None:
        at = bisect_left(self._instruction_starts, comment.end)
        return self._instructions[at] if at < len(self._instructions) else None

    def _speaks(self, comment: Span, instruction: Instruction | None) -> Suppression | None:
        said = read_statement(comment)
        if said is None:
            return None
        if said.reach == "block" and isinstance(instruction, From) and comment.start < instruction.span.start:
            return _suppression(comment, said, "stage", self._stage(instruction))
        return _suppression(comment, said, "instruction", instruction.span if instruction is not None else None)

    def _stage(self, start: Instruction) -> Span:
        """From a FROM to the end of the last instruction before the next one."""
        at = bisect_left(self._instruction_starts, start.span.start)
        after = bisect_right(self._stages, at)
        end = self._stages[after] if after < len(self._stages) else len(self._instructions)
        return start.span.to(self._instructions[end - 1].span)


def _for_file(directive: Span) -> Suppression | None:
    """`# check=skip=...` at the top of a Dockerfile."""
    said = read_statement(directive)
    return _suppression(directive, said.but(reach="file"), "file", None) if said is not None else None


def _comment(comment: Span, kind: str, scope: Span | None) -> Suppression | None:
    """What a comment in our form says of the text that it stands above; None for a comment of another kind."""
    said = read_statement(comment)
    return _suppression(comment, said, kind, scope) if said is not None and said.tool == OURS else None


def _suppression(comment: Span, said: Statement, kind: str, scope: Span | None) -> Suppression | None:
    if said.fault:
        return _malformed(comment, said.fault)
    if said.reach == "file":
        return Suppression(comment, said.words, said.reason, "file", comment.source.whole, tool=said.tool)
    if scope is not None:
        return Suppression(comment, said.words, said.reason, kind, scope, tool=said.tool)
    if said.tool != OURS:
        return None
    what = kind if kind in ("pattern", "entry") else "instruction"
    return _malformed(comment, f"stands above no {what}: for the whole file write `ignore-file[...]`")


def _malformed(place: Span, message: str) -> Suppression:
    return Suppression(place, (), "", "instruction", place, Problem(place, KIND, f"this comment {message}", False))


def _heredocs(instruction: Instruction) -> tuple[Heredoc, ...]:
    trigger = instruction.trigger if isinstance(instruction, Onbuild) else None
    return instruction.heredocs + (trigger.heredocs if trigger is not None else ())


def split(
    findings: Iterable[Finding], suppressions: Iterable[Suppression]
) -> tuple[tuple[Finding, ...], tuple[Finding, ...], tuple[UnusedWord, ...]]:
    """Part findings by suppressions: those to show, those silenced, and the words that silence nothing.

    A finding is silenced where its own place starts; related places don't count, nor do places in an
    image. The narrowest scope is the one that counts as used.
    """
    known = tuple(suppression for suppression in suppressions if suppression.problem is None)
    index = _Index(known)
    shown: list[Finding] = []
    silenced: list[Finding] = []
    used: set[Span] = set()
    for finding in findings:
        word = index.word_for(finding)
        if word is None:
            shown.append(finding)
        else:
            silenced.append(finding)
            used.add(word.span)
    unused = (UnusedWord(one, word) for one in known for word in one.words if word.span not in used)
    return tuple(shown), tuple(silenced), tuple(unused)


def rules_meant(tool: str, word: str) -> tuple[Entry, ...]:
    """The rules that a word in a comment of a tool stands for; none for one that no rule answers."""
    from dfguard import peers

    if word.lower() == ALL and tool != OURS:
        return peers.rules_of(tool)
    return peers.rules_for(word) if tool == OURS or tool in _BY_OTHER_IDS else peers.named_by(word)


def _meant(tool: str, word: str) -> set[str]:
    """What the word of a suppression stands for, in lower case: itself, and the codes of rules."""
    return {word.lower(), *(entry.code.lower() for entry in rules_meant(tool, word))}


class _Index:
    """Suppressions by file, rule and kind: a finding is found in logarithmic time among many comments."""

    def __init__(self, suppressions: Iterable[Suppression]) -> None:
        scopes: dict[tuple[str, str, str], dict[int, tuple[int, Word]]] = {}
        for suppression in suppressions:
            scope = suppression.scope
            for word in suppression.words:
                for rule in _meant(suppression.tool, word.raw):
                    key = (scope.path, rule, suppression.kind)
                    scopes.setdefault(key, {}).setdefault(scope.start, (scope.end, word))
        self._scopes = {key: (sorted(ends), ends) for key, ends in scopes.items()}

    def word_for(self, finding: Finding) -> Word | None:
        """The word that silences a finding, from the narrowest scope."""
        place = finding.place
        if not isinstance(place, Span):
            return None
        for kind in ("pattern", "entry", "instruction", "stage", "file"):
            for rule in (finding.code.lower(), finding.name.lower()):
                starts, ends = self._scopes.get((place.path, rule, kind), ((), {}))
                at = bisect_right(starts, place.start) - 1
                while at >= 0:
                    if place.start <= ends[starts[at]][0]:
                        return ends[starts[at]][1]
                    at = at - 1 if kind == "entry" else -1  # only entries lie in one another
        return None
