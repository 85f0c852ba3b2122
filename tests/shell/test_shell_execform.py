"""What only a shell would understand, in words that none reads."""

from __future__ import annotations

import pytest

from dfguard.shell.execform import program_name, shell_syntax


def kinds(*words: str) -> list[tuple[int, str, str]]:
    return [(one.index, one.text, one.kind) for one in shell_syntax(words)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["java", "$OPTS"], [(1, "$OPTS", "variable")]),
        (["a", "-p${PORT:-80}"], [(1, "${PORT:-80}", "variable")]),
        (["a", "$(date)", "`id`"], [(1, "$(date)", "variable"), (2, "`id`", "variable")]),
        (["a", "--x=${Y}"], [(1, "${Y}", "placeholder")]),
        (["$JAVA_HOME/bin/java"], [(0, "$JAVA_HOME", "variable")]),
        (["a", "&&", "b", "||", "c"], [(1, "&&", "operator"), (3, "||", "operator")]),
        (["a", "2>&1", ">/x", ">>", "2>/dev/null", "&>/x"], [(i, w, "operator") for i, w in enumerate(
            ["2>&1", ">/x", ">>", "2>/dev/null", "&>/x"], 1)]),
        (["a", "~", "~/x", "a~"], [(1, "~", "home"), (2, "~/x", "home")]),
        (["java", "-jar", "/a/*.jar"], [(2, "/a/*.jar", "jar")]),
        (["a", "/x/*", "*.py"], [(1, "/x/*", "pattern"), (2, "*.py", "pattern")]),
        (["a", "%X%"], [(1, "%X%", "percent")]),
        (["source", "/x"], [(0, "source", "builtin")]),
        (["A=1", "b"], [(0, "A=1", "assignment")]),
        (["/bin/a b"], [(0, "/bin/a b", "command-line")]),
        (["bash", "run.sh", "$X"], [(2, "$X", "variable")]),
        (["gosu", "app", "server", "$X"], [(3, "$X", "variable")]),
        (["python3.12", "-m", "x", "$X"], [(3, "$X", "variable")]),
    ],
)  # fmt: skip
def test_what_a_shell_would_read(words: list[str], expected: list[tuple[int, str, str]]) -> None:
    assert kinds(*words) == expected


@pytest.mark.parametrize(
    "words",
    [
        ["sh", "-c", "a $X && b"],
        ["bash", "-o", "pipefail", "-ec", "$X"],
        ["tini", "--", "su", "app", "-c", "$X"],
        ["C:\\Windows\\System32\\cmd.exe", "/S", "/C", "a && b"],
        ["pwsh", "-Command", "$x"],
        ["awk", "$1"],
        ["python3.12", "-c", "$X"],
        ["a", "-d", "|", "--separator", ";"],
        ["a", "*", "--x=*", "http://*:80", "-x*", "a*b"],
        ["a", "$", "$1", "a$", "\\$X", "$$X", "${}", "100%", "%Y-%m"],
        ["C:\\Program Files\\a.exe"],
        ["/opt/My App/run", "x"],
        [],
        [""],
    ],
)
def test_what_is_left_alone(words: list[str]) -> None:
    assert kinds(*words) == []


def test_program_names() -> None:
    assert [program_name(word) for word in ("/bin/Sh", "C:\\x\\CMD.EXE", "a", "")] == ["sh", "cmd", "a", ""]
