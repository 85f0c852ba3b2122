"""Nodes from the parts of a line: one function for each instruction.

Nothing is refused here: what is missing becomes None or an empty word, and dfguard.dockerfile.checks
says what BuildKit thinks of it.
"""

from __future__ import annotations

from collections.abc import Callable

from dfguard.dockerfile import jsonform, nodes
from dfguard.dockerfile.copysources import read_source
from dfguard.dockerfile.flags import Command, RawFlag, split_command
from dfguard.dockerfile.lines import LogicalLine, Range
from dfguard.dockerfile.mounts import read_mount
from dfguard.dockerfile.nodes import Flag, Heredoc, Instruction, JsonWord, KeyValue, Word
from dfguard.dockerfile.words import blank_words, quoted_words
from dfguard.source import Span
from dfguard.struct import Struct

Head = tuple[Span, Span, Span, tuple[Flag, ...], tuple[Heredoc, ...], "tuple[JsonWord, ...] | None", int, int, bool]


class Parts(Struct):
    """An instruction on its way to a node: its line, the ranges of its parts, and its place in the file."""

    line: LogicalLine
    command: Command
    heredocs: tuple[Heredoc, ...]
    span: Span
    escape: str
    index: int
    stage_index: int
    onbuild: bool = False

    @property
    def text(self) -> str:
        """The joined text of the whole line."""
        return self.line.text

    @property
    def keyword(self) -> str:
        """The keyword in lower case."""
        start, end = self.command.keyword
        return self.line.text[start:end].lower()

    def word(self, start: int, end: int) -> Word:
        """The word at a range of the line."""
        return Word(self.line.span(start, end), self.line.text[start:end])

    def words(self) -> list[Word]:
        """The arguments, split at blanks."""
        return [self.word(*place) for place in blank_words(self.text, *self.command.arguments)]


def build(parts: Parts) -> Instruction:
    """The node of an instruction."""
    return _BUILDERS.get(parts.keyword, _unknown)(parts)


def _head(parts: Parts, exec_form: tuple[JsonWord, ...] | None = None) -> Head:
    """The fields that all instructions share, in the order of nodes.Instruction."""
    line, command = parts.line, parts.command
    flags = tuple([_flag(line, flag) for flag in command.flags]) if command.flags else ()
    keyword, arguments = line.span(*command.keyword), line.span(*command.arguments)
    place = (parts.index, parts.stage_index, parts.onbuild)
    return parts.span, keyword, arguments, flags, parts.heredocs, exec_form, *place


def _flag(line: LogicalLine, raw: RawFlag) -> Flag:
    name, equals, value = raw.text[2:].partition("=")
    if not equals:
        return Flag(line.span(raw.start, raw.end), name, None, None)
    return Flag(line.span(raw.start, raw.end), name, value, line.span(raw.equals + 1, raw.end))


def _json(parts: Parts, start: int, end: int) -> tuple[JsonWord, ...] | None:
    """The strings of a JSON form, None when a part of the line is none."""
    if not parts.text.startswith("[", start, end):
        return None
    try:
        strings = jsonform.read_array(parts.text, start, end)
    except (jsonform.NotJson, jsonform.NotStrings):
        return None
    return tuple([JsonWord(parts.line.span(s.start, s.end), s.value) for s in strings])


def _inside(string: JsonWord) -> Word:
    """A string of a JSON form as a word: what stands between the quotes, decoded."""
    return Word(string.span.sub(1, string.span.end - string.span.start - 1), string.value)


def _from(parts: Parts) -> Instruction:
    words = parts.words()
    image = words[0] if words else parts.word(*parts.command.arguments)
    named = len(words) > 2 and words[1].raw.casefold() == "as"
    return nodes.From(*_head(parts), image, words[2] if named else None)


def _run(parts: Parts) -> Instruction:
    head = _head(parts, _json(parts, *parts.command.arguments))
    return nodes.Run(*head, tuple([read_mount(flag) for flag in head[3] if flag.name == "mount"]))


def _copy(node: type[nodes.Copy] | type[nodes.Add]) -> Callable[[Parts], Instruction]:
    def build_copy(parts: Parts) -> Instruction:
        strings = _json(parts, *parts.command.arguments)
        words = parts.words() if strings is None else [_inside(string) for string in strings]
        head = _head(parts, strings)
        from_ = next((flag for flag in reversed(head[3]) if flag.name == "from"), None)
        names = words[:-1] if len(words) > 1 else words
        sources = [read_source(word, parts.heredocs, from_ is not None, parts.escape) for word in names]
        return node(*head, tuple(sources), words[-1] if len(words) > 1 else None, from_)

    return build_copy


def _key_value(parts: Parts, start: int, end: int) -> KeyValue:
    """The pair at a range; without `=` it has no value."""
    equals = parts.text.find("=", start, end)
    if equals < 0:
        word = parts.word(start, end)
        return KeyValue(word.span, word, None)
    return KeyValue(parts.line.span(start, end), parts.word(start, equals), parts.word(equals + 1, end))


def _pairs(parts: Parts) -> tuple[KeyValue, ...]:
    """ENV and LABEL: `KEY=value ...`, or `KEY all the rest` when the first word has no `=`."""
    start, end = parts.command.arguments
    words = quoted_words(parts.text, start, end, parts.escape)
    if not words:
        return ()
    if parts.text.find("=", *words[0]) >= 0:
        return tuple([_key_value(parts, *word) for word in words])
    first, second = (*blank_words(parts.text, start, end)[:2], None, None)[:2]
    place = parts.line.span(start, end)
    if first is None or second is None:
        return (KeyValue(place, parts.word(start, end), None, True),)
    return (KeyValue(place, parts.word(*first), parts.word(second[0], end), True),)


def _env(parts: Parts) -> Instruction:
    return nodes.Env(*_head(parts), _pairs(parts))


def _label(parts: Parts) -> Instruction:
    return nodes.Label(*_head(parts), _pairs(parts))


def _arg(parts: Parts) -> Instruction:
    words = quoted_words(parts.text, *parts.command.arguments, parts.escape)
    return nodes.Arg(*_head(parts), tuple([_key_value(parts, *word) for word in words]))


def _expose(parts: Parts) -> Instruction:
    return nodes.Expose(*_head(parts), tuple(parts.words()))


def _volume(parts: Parts) -> Instruction:
    strings = _json(parts, *parts.command.arguments)
    words = parts.words() if strings is None else [_inside(string) for string in strings]
    return nodes.Volume(*_head(parts, strings), tuple(words))


def _only(parts: Parts) -> Word | None:
    """All arguments as one word, None when there are none."""
    start, end = parts.command.arguments
    return parts.word(start, end) if start < end else None


def _user(parts: Parts) -> Instruction:
    return nodes.User(*_head(parts), _only(parts))


def _workdir(parts: Parts) -> Instruction:
    return nodes.Workdir(*_head(parts), _only(parts))


def _stopsignal(parts: Parts) -> Instruction:
    return nodes.Stopsignal(*_head(parts), _only(parts))


def _maintainer(parts: Parts) -> Instruction:
    return nodes.Maintainer(*_head(parts))


def _commanded(node: type[nodes.Cmd] | type[nodes.Entrypoint] | type[nodes.Shell]) -> Callable[[Parts], Instruction]:
    return lambda parts: node(*_head(parts, _json(parts, *parts.command.arguments)))


def health_command(text: str, place: Range) -> tuple[Range, Range]:
    """The type of a HEALTHCHECK (CMD or NONE) and what stands behind it, as ranges of the line."""
    start, end = place
    words = blank_words(text, start, end)
    if not words:
        return (end, end), (end, end)
    return words[0], (words[1][0], end) if len(words) > 1 else (end, end)


def _healthcheck(parts: Parts) -> Instruction:
    kind, rest = health_command(parts.text, parts.command.arguments)
    if parts.text[slice(*kind)].upper() != "CMD":
        return nodes.Healthcheck(*_head(parts), None)
    test = parts.line.span(*rest) if rest[0] < rest[1] else None
    return nodes.Healthcheck(*_head(parts, _json(parts, *rest)), test)


def trigger_parts(parts: Parts) -> Parts | None:
    """The parts of the instruction behind ONBUILD; None for no trigger, and inside of another trigger."""
    start, end = parts.command.arguments
    if start == end or parts.onbuild:
        return None
    command = split_command(parts.text, start, end, parts.escape)
    place = parts.line.span(*command.keyword)
    span = Span(place.source, place.start, parts.span.end)
    return parts.but(command=command, span=span, onbuild=True)


def _onbuild(parts: Parts) -> Instruction:
    inner = trigger_parts(parts)
    return nodes.Onbuild(*_head(parts), build(inner) if inner else None)


def _unknown(parts: Parts) -> Instruction:
    return nodes.Unknown(*_head(parts))


_BUILDERS: dict[str, Callable[[Parts], Instruction]] = {
    "add": _copy(nodes.Add),
    "arg": _arg,
    "cmd": _commanded(nodes.Cmd),
    "copy": _copy(nodes.Copy),
    "entrypoint": _commanded(nodes.Entrypoint),
    "env": _env,
    "expose": _expose,
    "from": _from,
    "healthcheck": _healthcheck,
    "label": _label,
    "maintainer": _maintainer,
    "onbuild": _onbuild,
    "run": _run,
    "shell": _commanded(nodes.Shell),
    "stopsignal": _stopsignal,
    "user": _user,
    "volume": _volume,
    "workdir": _workdir,
}
KEYWORDS = tuple(keyword.upper() for keyword in _BUILDERS)
