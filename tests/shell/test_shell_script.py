"""RUN text becomes commands whose spans lie in the Dockerfile: the cures before the grammar, and the walk."""

from __future__ import annotations

import re

import pytest

from dfguard.dockerfile.nodes import Run
from dfguard.dockerfile.parse import parse
from dfguard.shell.commands import Command
from dfguard.shell.script import Script, read_exec_form, read_script
from dfguard.source import Source


def run_of(text: str) -> tuple[Run, str]:
    """The first RUN of a Dockerfile and its escape character."""
    dockerfile = parse(Source("Dockerfile", text))
    run = next(each for each in dockerfile.instructions if isinstance(each, Run))
    return run, dockerfile.escape


def read(text: str, interpreter: str = "sh") -> Script:
    """The script of the first RUN of a Dockerfile."""
    run, escape = run_of(text)
    return read_script(run.arguments, escape=escape, heredocs=run.heredocs, interpreter=interpreter)


def shell(text: str, interpreter: str = "sh") -> Script:
    """The script of a text that is all arguments."""
    return read_script(Source("Dockerfile", text).whole, interpreter=interpreter)


def plain(command: Command) -> str:
    """A command as its program and the values of its arguments."""
    return " ".join([command.program, *(argument.text for argument in command.arguments)])


def plains(script: Script) -> list[str]:
    """All commands of a script that has no gaps."""
    assert script.understood, script.why_not
    assert not script.gaps
    return [plain(command) for command in script.commands]


def assert_spans(script: Script) -> None:
    """Every program stands in the source where its span says."""
    for command in script.commands:
        if command.program:
            written = re.sub(r"[\\`][ \t]*\r?\n", "", command.program_span.text).strip("\"'")
            assert written.rpartition("/")[2] == command.program
        for argument in command.arguments:
            assert argument.span.text == argument.raw


# what BuildKit does before the shell sees anything


@pytest.mark.parametrize(
    ("dockerfile", "expected"),
    [
        ("FROM a\nRUN apk update && \\\n    apk add curl\n", ["apk update", "apk add curl"]),
        ("FROM a\nRUN a 1 \\\n# note: don't && b\n  2 \\\n\n   \\\n\t# more\n 3 && b\n", ["a 1 2 3", "b"]),
        ("FROM a\nRUN cu\\\nrl -s\\\nS x\n", ["curl -sS x"]),
        ("FROM a\nRUN a '1 \\\n  2' \"3\\\n4\"\n", ["a 1   2 34"]),
        ("# escape=`\nFROM a\nRUN a one `\n  two`\nfour \\x && b\n", ["a one twofour x", "b"]),
        ("FROM a\r\nRUN a one \\\r\n  two && \\\r\n# c\r\n  b x\r\n", ["a one two", "b x"]),
        ("FROM a\nRUN a b && c \\", ["a b", "c"]),
        ("FROM a\nRUN a b && c \\\n\n\n", ["a b", "c"]),
        ("FROM a\nRUN a b # not run \\\n && c\n", ["a b"]),
        ("FROM a\nRUN --mount=type=cache,target=/x \\\n  --network=none \\\n  # why\n  a b\n", ["a b"]),
    ],
    ids=[
        "continuation", "comments-and-blanks", "inside-a-word", "inside-quotes", "escape", "crlf", "end-of-file",
        "end-of-file-blanks", "shell-comment-to-the-end", "flags",
    ],
)  # fmt: skip
def test_joins_lines_as_buildkit_does(dockerfile: str, expected: list[str]) -> None:
    script = read(dockerfile)
    assert plains(script) == expected
    assert_spans(script)


@pytest.mark.parametrize("filler", ["é", "😀", "日本語", "\udcff", "\ufeff"])
def test_spans_count_characters_whatever_their_bytes(filler: str) -> None:
    text = f'FROM a\nRUN echo {filler} "{filler}x" \\\n # {filler}\n && curl "{filler}" -o /{filler}\n'
    script = read(text)
    assert plains(script) == [f"echo {filler} {filler}x", f"curl {filler} -o /{filler}"]
    assert_spans(script)
    assert script.commands[1].span.start == text.index("curl")


def test_spans_under_backtick_escape_and_crlf() -> None:
    text = '# escape=`\r\nFROM a\r\nRUN echo "😀" `\r\n  && apt-get install `\r\n     curl\r\n'
    script = read(text)
    install = script.commands[1]
    assert install.span.text == "apt-get install `\r\n     curl"
    assert install.program_span.start == text.index("apt-get")
    assert install.span.start_line == 4


# here-documents


def test_bare_heredoc_is_the_script() -> None:
    script = read(
        "FROM a\nRUN <<EOF\nset -e\n# it's a note\napt-get update\n\napt-get install -y \\\n  curl\nEOF\nUSER x\n"
    )
    assert plains(script) == ["set -e", "apt-get update", "apt-get install -y curl"]
    assert [command.operator for command in script.commands] == ["", ";", ";"]
    assert_spans(script)


def test_bare_heredoc_keeps_its_own_backslashes() -> None:
    assert plains(read("FROM a\nRUN <<-'EOF'\n\techo 'a \\\n\tb'\n\tEOF\n")) == ["echo a \\\nb"]


@pytest.mark.parametrize(
    ("opener", "shebang", "understood"),
    [
        ("<<EOF", "#!/bin/bash -e", True),
        ("<<EOF", "#!/usr/bin/env -S bash -e", True),
        ("<<EOF", "#!/usr/bin/env python3", False),
        ("<<EOF", "#!/usr/bin/perl", False),
    ],
)
def test_bare_heredoc_may_name_its_interpreter(opener: str, shebang: str, understood: bool) -> None:
    script = read(f"FROM a\nRUN {opener}\n{shebang}\nls /x\nEOF\n")
    assert script.understood is understood
    assert bool(script.why_not) is not understood
    assert [plain(command) for command in script.commands] == (["ls /x"] if understood else [])


def test_heredoc_fed_to_a_shell_is_read() -> None:
    for line in ("<<EOT bash", "bash <<EOT", "bash -eux <<'EOT'", "sh -s -- x <<EOT"):
        script = read(f"FROM a\nRUN {line}\napk add curl\nEOT\n")
        assert plains(script) == ["apk add curl"]
        assert script.commands[0].wrappers in (("bash",), ("sh",))
        assert_spans(script)


def test_heredoc_fed_to_another_program_is_text() -> None:
    script = read("FROM a\nRUN python3 <<EOF > /log && ls\nimport os; rm = 'x\nEOF\n")
    assert plains(script) == ["python3", "ls"]
    here, out = script.commands[0].redirects
    assert (here.operator, here.body and here.body.text) == ("<<", "import os; rm = 'x\n")
    assert (out.operator, out.target and out.target.value) == (">", "/log")


def test_two_heredocs_on_one_command() -> None:
    script = read("FROM a\nRUN cat <<A <<-'B' > /f && \\\n  ls\none '\nA\n\ttwo\n\tB\n")
    assert plains(script) == ["cat", "ls"]
    bodies = [each.body.text for each in script.commands[0].redirects if each.body]
    assert [body.strip() for body in bodies] == ["one '", "two"]


def test_heredocs_inside_a_bare_heredoc() -> None:
    body = "cat <<A <<'B' | tee /x && echo ok\n$(x) '\nA\n\"\nB\nif true; then\n  cat > /y <<C\n}\nC\nfi\n"
    script = read(f"FROM a\nRUN <<EOF\n{body}EOF\n")
    assert plains(script) == ["cat", "tee /x", "echo ok", "true", "cat"]
    assert [len(command.redirects) for command in script.commands] == [2, 0, 0, 0, 2]


def test_shift_in_arithmetic_is_no_heredoc() -> None:
    assert plains(read("FROM a\nRUN <<EOF\nx=$((1<<y))\necho a\ny\nEOF\n"))[1:] == ["echo a", "y"]


# what is no shell


@pytest.mark.parametrize("interpreter", ["sh", "/bin/bash", "ash", "dash", "busybox", "ksh", "zsh", "/usr/bin/env/sh"])
def test_understood_interpreters(interpreter: str) -> None:
    assert plains(shell("ls x", interpreter)) == ["ls x"]


@pytest.mark.parametrize("interpreter", ["powershell", "pwsh.exe", "cmd", "C:\\Windows\\cmd.exe", "python", "", "fish"])
def test_other_interpreters_are_not_understood(interpreter: str) -> None:
    script = shell("ls x", interpreter)
    assert not script.understood
    assert not script.commands
    assert (interpreter or "unknown").lower().rsplit("\\")[-1].removesuffix(".exe") in script.why_not


@pytest.mark.parametrize(
    "text",
    [
        "apk add {{ packages }}",
        "{{ if x }}ls{{ end }}",
        "ls {%- if a %} b",
        'x={{InsertTemplate("a", [',
        "$env:X = 1",
        'echo "$env:PATH"',
        "Invoke-WebRequest -Uri https://x -OutFile y",
        "ls; Remove-Item x",
        "mkdir C:\\app",
        "mvn -f C:/Temp/pom.xml",
        "powershell -Command ls",
        "cmd /S /C dir",
        "setx /M PATH x",
    ],
)
def test_templates_and_windows_text_are_not_understood(text: str) -> None:
    assert not shell(text).understood


@pytest.mark.parametrize(
    "text",
    [
        "go list -f '{{.Dir}}' ./...",
        'docker ps --format "{{ .Names }}"',
        "echo '$env:X'",
        "pwsh -Command 'Get-Module'",
        "sed 's:\\\\:x:'",
        "printf 'a:\\n'",
        "curl https://x http://y",
        "docker run -v /a:/b x:/y",
        "mkdir -p /a/{b,c}",
        "echo Get-Started",
        "./Test-All.sh",
    ],
)
def test_look_alikes_of_templates_and_windows_text_are_understood(text: str) -> None:
    assert not shell(text).gaps
    assert shell(text).understood


def test_hostile_lengths_are_refused_not_parsed() -> None:
    assert "characters" in shell("a;" * 100_000).why_not
    assert "operators" in shell("a | " * 1_500).why_not


# gaps


def test_commands_before_a_lost_quote_are_kept() -> None:
    script = shell('apt-get update && curl x && echo "unclosed && rm y')
    assert [plain(command) for command in script.commands] == ["apt-get update", "curl x"]
    assert [gap.text for gap in script.gaps] == ['"unclosed && rm y']


def test_commands_around_a_gap_are_kept() -> None:
    script = shell("ls a; ;; ls b")
    assert [plain(command) for command in script.commands] == ["ls a", "ls b"]
    assert [gap.text for gap in script.gaps] == [";;"]


def test_missing_end_of_a_compound_is_a_gap() -> None:
    script = shell("if true; then ls")
    assert script.gaps
    assert script.understood


@pytest.mark.parametrize("text", ["ls a; then ls b; fi", "x && }; ls b", "ls; done; ls c", "a | do b"])
def test_a_keyword_in_the_place_of_a_program_is_a_gap_to_the_end(text: str) -> None:
    script = shell(text)
    assert script.gaps
    assert not {"then", "}", "done", "do", "fi"}.intersection(command.program for command in script.commands)
    assert "b" not in [argument.raw for command in script.commands for argument in command.arguments]


# idioms that the grammar has no rule for


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("apt-get install `# tools` curl `# more` git", ["apt-get install curl git"]),
        ("`# first` ls", ["ls"]),
        ("ls && `# only a note` && cat", ["ls", " ", "cat"]),
        ("exec 3<>/dev/tcp/x/1; ls", ["exec", "ls"]),
        ("cat > f <<< 'x y' && ls", ["cat", "ls"]),
        ("cat > f a b", ["cat a b"]),
        ("> f cat a", ["cat a"]),
        ("echo '`# x`' '<<<' '<>'", ["echo `# x` <<< <>"]),
        ("! { a | b; }; c", ["a", "b", "c"]),
        ("a && ! { b; } || c", ["a", "b", "c"]),
        ("if ! { a; }; then ! while b; do c; done; fi", ["a", "b", "c"]),
        ("(! if a; then b; fi)", ["a", "b"]),
        ("echo ! { a; test ! if", ["echo ! { a", "test ! if"]),
        ("X=a/$(b)/$C-$D && e", ["b", " ", "e"]),
        ("export X=$(b)/c/$D-$E f", ["b", "export X=$(b)/c/$D-$E f"]),
        ("X=a/$(b)/$C-$D.t e $X", ["b", "e $X"]),
    ],
)
def test_idioms(text: str, expected: list[str]) -> None:
    script = shell(text)
    assert [each.strip() for each in plains(script)] == [each.strip() for each in expected]
    assert_spans(script)


# position


def positions(text: str) -> list[tuple[str, str, int, bool]]:
    """Program, operator, depth and whether it is conditional, of each command."""
    commands = shell(text).commands
    return [(each.program, each.operator, each.depth, each.conditional) for each in commands]


def test_operators() -> None:
    assert [(program, operator) for program, operator, _, _ in positions("a && b || c; d & e | f\ng")] == [
        ("a", ""), ("b", "&&"), ("c", "||"), ("d", ";"), ("e", "&"), ("f", "|"), ("g", ";")
    ]  # fmt: skip


def test_conditional_commands() -> None:
    assert positions("a && b || c && d; e") == [
        ("a", "", 0, False), ("b", "&&", 0, False), ("c", "||", 0, True), ("d", "&&", 0, False), ("e", ";", 0, False)
    ]  # fmt: skip
    assert positions("[ -f x ] && a && b; ! test -d y && c; command -v z && d")[1:3] == [
        ("a", "&&", 0, True), ("b", "&&", 0, True)
    ]  # fmt: skip
    assert [each[3] for each in positions("! test -d y && c; command -v z && d; grep -q a b && e")] == [False, True] * 3


def test_compounds() -> None:
    assert positions("if a; then b; elif c; then d; else e; fi && f") == [
        ("a", "", 1, False), ("b", ";", 1, True), ("c", ";", 1, True), ("d", ";", 1, True), ("e", ";", 1, True),
        ("f", "&&", 0, False),
    ]  # fmt: skip
    assert positions("while a; do b; done; until c; do d; done") == [
        ("a", "", 1, False), ("b", ";", 1, True), ("c", ";", 1, False), ("d", ";", 1, True)
    ]  # fmt: skip
    assert positions('for x in $(a); do b "$x"; done') == [("a", "", 2, False), ("b", ";", 1, True)]
    assert positions("case $x in a) b ;; *) c; d ;; esac") == [
        ("b", ";", 1, True), ("c", ";", 1, True), ("d", ";", 1, True)
    ]  # fmt: skip
    assert positions("{ a; b; } && (c; d)") == [
        ("a", "", 0, False), ("b", ";", 0, False), ("c", "&&", 1, False), ("d", ";", 1, False)
    ]  # fmt: skip


def test_functions() -> None:
    commands = shell("f() { rm x; }; function g { ls; }; f").commands
    assert [(each.program, each.function, each.conditional) for each in commands] == [
        ("ls", "g", True), ("f", None, False), ("rm", "f", False)
    ]  # fmt: skip


def test_pipelines_and_subshells() -> None:
    script = shell("a | b | c && (cd x && d) | e; f")
    numbers = {each.program: each.pipeline for each in script.commands}
    assert numbers["a"] == numbers["b"] == numbers["c"] != numbers["e"]
    assert numbers["cd"] == numbers["d"] == numbers["e"] != numbers["f"]
    assert [each.program for each in script.pipeline(script.commands[1])] == ["a", "b", "c"]
    shells = {each.program: each.subshells for each in script.commands}
    assert shells["cd"] == shells["d"] != ()
    assert shells["f"] == ()
    assert len({shells["a"], shells["b"], shells["c"]}) == 3


def test_substitutions_come_before_the_command_they_stand_in() -> None:
    text = 'x="$(a `b`)" c "d$(e "$(f)")" <(g) > $(h)'
    assert [each.program for each in shell(text, "bash").commands] == ["b", "a", "f", "e", "g", "h", "c"]


# redirects


def redirects(text: str) -> list[list[tuple[int | None, str, str | None]]]:
    """The redirects of each command: descriptor, operator, target."""
    return [
        [(each.descriptor, each.operator, each.target.value if each.target else None) for each in command.redirects]
        for command in shell(text).commands
    ]


def test_redirects_belong_to_their_own_command() -> None:
    assert redirects("a && b > f && c | d 2>&1 >> x") == [
        [], [(None, ">", "f")], [], [(2, ">&", "1"), (None, ">>", "x")]
    ]  # fmt: skip
    assert redirects("! a > f; b &> g; c >| h; > i") == [
        [(None, ">", "f")], [(None, "&>", "g")], [(None, ">|", "h")], [(None, ">", "i")]
    ]  # fmt: skip
    assert redirects("a <<< x; b < y 3<> z") == [[(None, "<<<", "x")], [(None, "<", "y"), (3, "<>", "z")]]


def test_redirects_of_compounds_hold_for_the_commands_inside() -> None:
    assert redirects("{ a; b 2> e; } > f; (c) < g; while d; do e; done < h") == [
        [(None, ">", "f")],
        [(2, ">", "e"), (None, ">", "f")],
        [(None, "<", "g")],
        [(None, "<", "h")],
        [(None, "<", "h")],
    ]


# the pieces of a command


def test_statement_takes_in_what_span_leaves_out() -> None:
    command = shell("A=1 B= sudo -E ls x > y").commands[0]
    assert command.span.text == "ls x"
    assert command.statement and command.statement.text == "A=1 B= sudo -E ls x > y"
    assert [(each.name, each.value and each.value.value) for each in command.assignments] == [("A", "1"), ("B", "")]


def test_tests_are_commands() -> None:
    assert plains(shell('[ -f x -a ! "a" = b ] && [[ a == b* && -d c ]]', "bash")) == [
        "[ -f x -a ! a = b",
        "[[ a == b* && -d c",
    ]


def test_declarations_are_commands_with_assignments() -> None:
    command = shell("export A=1 B='x y'").commands[0]
    assert plain(command) == "export A=1 B=x y"
    assert [(each.name, each.value and each.value.value) for each in command.assignments] == [("A", "1"), ("B", "x y")]


def test_program_is_the_last_part_of_its_path() -> None:
    commands = shell("/usr/bin/apt-get update; \"$VENV/bin/pip\" install x; $X y; '/a b/c' d; $(z)/q").commands
    assert [each.program for each in commands if each.program != "z"] == ["apt-get", "pip", "", "c", ""]


def test_options() -> None:
    command = shell("tar -xzf a.tgz --strip-components=1 -C /x --owner root -- -not").commands[0]
    assert command.has("-x", "--nope")
    assert command.has("--strip-components")
    assert not command.has("-n")
    assert command.option_value("-C") == "/x"
    assert command.option_value("--strip-components") == "1"
    assert command.option_value("--owner") == "root"
    assert command.option_value("-f") == "a.tgz"
    assert command.option("--missing") is None
    assert [each.text for each in command.operands] == ["a.tgz", "/x", "root", "-not"]


def test_option_value_has_its_own_span() -> None:
    command = shell("a --x='b c' \"--y=d\" --z=$Q").commands[0]
    values = [command.option(name) for name in ("--x", "--y", "--z")]
    assert [each and (each.raw, each.value) for each in values] == [("'b c'", "b c"), ("d", "d"), ("$Q", None)]
    assert [each and each.span.text for each in values] == ["'b c'", "d", "$Q"]


# exec form


def test_exec_form() -> None:
    run, _ = run_of('FROM a\nRUN ["sudo", "apt-get", "install", "-y", "a $B"]\n')
    script = read_exec_form(run.arguments, run.exec_form or ())
    assert plains(script) == ["apt-get install -y a $B"]
    assert script.commands[0].wrappers == ("sudo",)
    assert_spans(script)


def test_exec_form_of_a_shell() -> None:
    run, _ = run_of('FROM a\nRUN ["/bin/bash", "-c", "set -e; curl \'x y\' | sh"]\n')
    script = read_exec_form(run.arguments, run.exec_form or ())
    assert plains(script) == ["set -e", "curl x y", "sh"]
    assert {command.wrappers for command in script.commands} == {("bash",)}
    assert_spans(script)


def test_empty_exec_form_has_no_commands() -> None:
    assert read_exec_form(Source("Dockerfile", "[]").whole, ()).commands == ()
