"""Where the builder puts values of variables, and where it does not."""

from __future__ import annotations

import pytest

from dfguard.dockerfile.nodes import Onbuild
from dfguard.dockerfile.parse import parse
from dfguard.dockerfile.uses import VariableUse, variable_uses
from dfguard.source import Source


def uses(text: str) -> tuple[VariableUse, ...]:
    """The variables of the last instruction, or of its trigger."""
    dockerfile = parse(Source("Dockerfile", text))
    node = dockerfile.instructions[-1]
    trigger = node.trigger if isinstance(node, Onbuild) else None
    return variable_uses(trigger or node, dockerfile.escape)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("FROM --platform=$P a:$T AS b", ["P", "T"]),
        ("ADD --chown=$O --chmod=$M --checksum=$C $S $D", ["O", "M", "C", "S", "D"]),
        ("COPY --from=$F --exclude=$E a b", []),
        ('COPY ["$S", "$D"]', ["S", "D"]),
        ("ENV $K=$V", ["K", "V"]),
        ("ENV A $V", ["V"]),
        ("LABEL a=$V", ["V"]),
        ("ARG A=$V B", ["V"]),
        ("EXPOSE $P ${Q}/tcp", ["P", "Q"]),
        ("VOLUME $V /x", ["V"]),
        ("USER $U:$G", ["U", "G"]),
        ("WORKDIR $W", ["W"]),
        ("STOPSIGNAL $S", ["S"]),
        ("RUN --mount=type=cache,target=$T echo $X", ["T"]),
        ("ONBUILD COPY $S /", ["S"]),
        ("CMD echo $X", []),
        ("ENTRYPOINT $X", []),
        ("HEALTHCHECK CMD $X", []),
        ('SHELL ["$X"]', []),
        ("ENV A='$B' C=\\$D", []),
        ("ENV A=${B:-${C}}", ["B", "C"]),
        ("ENV A=${B:+$B/}$C", ["B", "C"]),
        ("ENV A=${B:+x}$B", ["B", "B"]),
    ],
)
def test_places_that_are_expanded(line: str, names: list[str]) -> None:
    found = uses(f"FROM a\n{line}\n")
    assert [use.name for use in found] == names
    assert all(name in use.span.text for use, name in zip(found, names, strict=True))


def test_a_heredoc_is_expanded_unless_its_name_is_quoted() -> None:
    found = uses("FROM a\nCOPY <<A <<'B' /x/\n\"$C\" '$D' \\$E\nA\n$F\nB\n")
    assert [(use.name, use.form, use.span.start_line) for use in found] == [("C", "heredoc", 3), ("D", "heredoc", 3)]


def test_the_heredoc_of_run_is_for_the_shell() -> None:
    assert uses("FROM a\nRUN <<A\n$C\nA\n") == ()


def test_a_word_over_two_lines_keeps_its_places() -> None:
    found = uses("FROM a\nENV A=$B\\\n/$C/\\\n${B}\n")
    assert [(use.span.text, use.span.start_line) for use in found] == [("$B", 2), ("$C", 3), ("${B}", 4)]


@pytest.mark.parametrize(
    ("word", "modifier", "has_default"),
    [
        ("$A", "", False),
        ("${A}", "", False),
        ("${A:-b}", ":-", True),
        ("${A-b}", "-", True),
        ("${A:+b}", ":+", True),
        ("${A:?b}", ":?", True),
        ("${A#b}", "#", False),
        ("${A%%b}", "%", False),
        ("${A//b/c}", "//", False),
    ],
)
def test_modifiers(word: str, modifier: str, has_default: bool) -> None:
    (use,) = uses(f"FROM a\nWORKDIR {word}\n")
    assert (use.modifier, use.has_default) == (modifier, has_default)


def test_the_pair_is_known() -> None:
    (use,) = uses("FROM a\nENV A=1 B=$A\n")
    assert use.pair is not None
    assert use.pair.name == "B"


def test_the_escape_character_of_the_file_counts() -> None:
    assert [use.name for use in uses("# escape=`\nFROM a\nWORKDIR C:\\$A\\`$B\n")] == ["A"]
