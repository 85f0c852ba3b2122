"""Comments as the shell sees them, which differs from how they look in the file."""

from __future__ import annotations

import pytest

from dfguard.dockerfile.nodes import Run
from dfguard.dockerfile.parse import parse
from dfguard.shell.script import read_script
from dfguard.source import Source


def comments(text: str) -> list[str]:
    run = parse(Source("Dockerfile", f"FROM x\nRUN {text}\n")).instructions[1]
    assert isinstance(run, Run)
    script = read_script(run.arguments, heredocs=run.heredocs, interpreter="bash")
    assert script.understood
    return [span.text for span in script.comments]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a # b", ["# b"]),
        ("a; # b \\\n c", ["# b \\\n c"]),
        ("a && # b \\\n c", ["# b \\\n c"]),
        ("a \\\n # b\n c", []),
        ("a # b \\\n # c\n", ["# b"]),
        ("<<EOF\na # b \\\nc\n# d\nEOF", ["# b \\", "# d"]),
        ("bash -c 'a # b \\\n c'", ["# b \\\n c"]),
        ("# a \\\n b", ["# a \\\n b"]),
        ("a '# b' \"# c\" \\# d e#f", []),
        ("a $# ${b#c} ${b# c} $((16#ff)) ${#d}", []),
        ("a \\ #b", []),
        ("a \\\\ #b", ["#b"]),
        ("sed 's # x '", []),
        ("a `# b` c", []),
        ('echo "$(a "b # c")"', []),
    ],
)
def test_comments(text: str, found: list[str]) -> None:
    assert comments(text) == found


@pytest.mark.parametrize("unit", [" #", "' #' ", "; # a", "\\ #", "(# "])
def test_time_is_linear(unit: str) -> None:
    comments("a " + unit * (60_000 // len(unit) if "(" not in unit else 900))
