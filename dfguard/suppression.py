"""Comments that silence findings, as data: what they say, where, and which of their words silence nothing."""

from __future__ import annotations

from dfguard.dockerfile.nodes import Problem, Word
from dfguard.edit import Edit
from dfguard.regex import regex
from dfguard.source import Span
from dfguard.struct import Struct

OURS = "dfguard"
_DIRECTIVE = regex(r"#[ \t]*[A-Za-z][A-Za-z0-9]*[ \t]*=")


class Suppression(Struct):
    """One comment: `span` is the comment, `words` are the codes and names in its brackets, with their places.

    `reason` is the text behind `--`, empty when there is none. `kind` is `instruction`, `pattern`, `entry`,
    `stage` or `file`, `scope` the text that it speaks for. `tool` is whose form it is. If `problem` is set, the
    comment was not understood and silences nothing; it has to be reported.
    """

    span: Span
    words: tuple[Word, ...]
    reason: str
    kind: str
    scope: Span
    problem: Problem | None = None
    tool: str = OURS

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes and names as written."""
        return tuple(word.raw for word in self.words)


class UnusedWord(Struct):
    """A code or name (`word`) of a suppression that silences no finding.

    It is no news if the rule did not run or is not selected: only the caller knows that. `why` says what is wrong
    with a word that no rule has, "" for one that has just nothing to silence. `on_files`: what the rule says depends
    on the files that lie there, so that another checkout may need the word. `gone` are all words of the comment that
    silence nothing.
    """

    suppression: Suppression
    word: Word
    why: str = ""
    on_files: bool = False
    gone: tuple[Word, ...] = ()

    @property
    def span(self) -> Span:
        """The word."""
        return self.word.span

    @property
    def removal(self) -> Edit | None:
        """What takes the word out, with the whole comment if no other word is left; None where that would do harm."""
        words, comment = self.suppression.words, self.suppression.span
        if all(word in self.gone for word in words):
            return None if _shields_a_directive(comment) else _without_line(comment)
        at = words.index(self.word)
        if at + 1 < len(words):
            return Edit(Span(comment.source, self.word.span.start, words[at + 1].span.start), "")
        return Edit(Span(comment.source, words[at - 1].span.end, self.word.span.end), "")


def _without_line(comment: Span) -> Edit:
    """The comment taken out: with its line where nothing else stands on that, else with the blanks before it."""
    source = comment.source
    start = source.line_starts[comment.start_line - 1]
    if not source.text[start : comment.start].strip(" \t"):
        return Edit.delete_line(comment)
    before = len(source.text[start : comment.start].rstrip())
    return Edit(Span(source, start + before, comment.end), "")


def _shields_a_directive(comment: Span) -> bool:
    """Whether a line below would be read as a parser directive if the comment were not above it."""
    source, line = comment.source, comment.start_line
    if any(not source.line_text(above).startswith("#") for above in range(1, line)):
        return False
    below = source.line_text(line + 1) if line < len(source.line_starts) else ""
    return _DIRECTIVE.match(below) is not None
