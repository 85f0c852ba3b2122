"""Which words of a line open a heredoc; the answers are those of BuildKit's own parser (master, August 2026)."""

from __future__ import annotations

import pytest

from dfguard.dockerfile.heredocs import find_openers, read_opener


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("RUN <<EOF", ["EOF"]),
        ("RUN a<<EOF", []),
        ("RUN 12<<EOF", ["EOF"]),
        ("RUN cat <<A <<B > c", ["A", "B"]),
        ("RUN <<'A B'", ["A B"]),
        ('RUN <<"A"B', ["AB"]),
        ("RUN <<E\\OF", ["EOF"]),
        ('RUN <<"E\\OF"', ["E\\OF"]),
        ("RUN << EOF", ["EOF"]),
        ("RUN <<- EOF", []),
        ("RUN <<-EOF", ["EOF"]),
        ("RUN <<<EOF", []),
        ("RUN <<", []),
        ("RUN <<''", []),
        ("RUN '<<EOF'", []),
        ('RUN "<<EOF"', []),
        ("RUN it's <<EOF", []),
        ('RUN "open <<EOF', []),
        ("RUN ${x@Q} <<EOF", []),
        ("RUN ${x:-a} <<EOF", ["EOF"]),
        ("RUN ${x:?a} <<EOF", ["EOF"]),
        ("RUN ${x=a} <<EOF", []),
        ("RUN <<$X", ["$X"]),
        ("RUN <<E${x:-y}", []),  # the builder loses <<E
        ("RUN ${x:-a <<EOF}", ["EOF}"]),
        ("RUN $(cat <<EOF)", ["EOF)"]),
    ],
)
def test_openers(line: str, names: list[str]) -> None:
    found = find_openers(line)
    assert [opener.name for opener in found] == names
    for opener in found:
        assert "<<" in line[opener.start : opener.end]


def test_expand_and_chomp() -> None:
    words = ["<<A", "<<-A", "<<'A'", '<<-A"B"', "<<A\\B"]
    openers = [read_opener(word) for word in words]
    assert [(o.expand, o.chomp) for o in openers if o] == [
        (True, False),
        (True, True),
        (False, False),
        (False, True),
        (True, False),
    ]
