"""Which program reads a shell form: SHELL, the base image, a shebang; what starts a container is read too."""

from __future__ import annotations

import pytest

from dfguard.context.invocation import Invocation
from dfguard.dockerfile.parse import parse
from dfguard.shell.script import Interpreter, Script, StartScript, read_shell
from dfguard.source import Source
from dfguard.unit import Unit


def unit(text: str) -> Unit:
    """The unit of a Dockerfile, without a build context."""
    return Unit(parse(Source("Dockerfile", text)), Invocation("test", "Dockerfile", None), lambda _: None)


def plains(script: Script) -> list[str]:
    """All commands with the values of their arguments, `?` for an unknown one."""
    return [
        " ".join([each.program, *("?" if argument.value is None else argument.value for argument in each.arguments)])
        for each in script.commands
    ]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ('["/bin/bash", "-euo", "pipefail", "-c"]', ("bash", "-euo", "pipefail", "-c")),
        ('["/bin/sh", "-lc"]', ("sh", "-lc")),
        ('["/usr/bin/env", "bash", "-c"]', ("bash", "-c")),
        ('["conda", "run", "--no-capture-output", "-n", "env", "/bin/bash", "-e", "-c"]', ("bash", "-e", "-c")),
        ('["/tini", "--", "/bin/ash", "-c"]', ("ash", "-c")),
        ('["/bin/busybox", "sh", "-c"]', ("sh", "-c")),
        ('["powershell", "-Command", "$x = 1;"]', ("powershell", "-Command", "$x = 1;")),
        ('["C:\\\\\\\\Program Files\\\\\\\\PowerShell\\\\\\\\7\\\\\\\\PWSH.EXE", "-c"]', ("pwsh.exe", "-c")),
        ('["cmd", "/S", "/C"]', ("cmd", "/S", "/C")),
        ('["/bin/bash"]', ("bash",)),
        ('["python3", "-c"]', ("python3", "-c")),
    ],
)
def test_shell_instruction(words: str, expected: tuple[str, ...]) -> None:
    (_, shell) = parse(Source("Dockerfile", f"FROM a\nSHELL {words}\n".replace("\\\\", "\\"))).instructions
    found = read_shell(shell.exec_form or ())
    assert (found.name.removesuffix(".exe"), *found.options) == (expected[0].removesuffix(".exe"), *expected[1:])


def test_an_empty_shell_instruction_names_nothing() -> None:
    assert read_shell(()) == Interpreter("")


@pytest.mark.parametrize(
    ("dockerfile", "interpreter", "why_not"),
    [
        ("FROM debian:12\nRUN ls", "dash", ""),
        ("FROM alpine:3.20\nRUN ls", "ash", ""),
        ("FROM nobody/knows\nRUN ls", "sh", ""),
        ("FROM debian:12 AS a\nSHELL [\"/bin/bash\", \"-c\"]\nFROM a\nRUN ls", "bash", ""),
        ("FROM debian:12\nSHELL [\"/bin/bash\", \"-c\"]\nFROM debian:12\nRUN ls", "dash", ""),
        ("FROM debian:12\nRUN ls\nSHELL [\"powershell\"]", "dash", ""),
        ("FROM debian:12\nRUN <<EOF\n#!/usr/bin/env bash\nls\nEOF", "bash", ""),
        ("FROM debian:12\nRUN <<EOF python3\nimport os\nEOF", "dash", ""),
        ("FROM debian:12\nRUN [\"ls\"]", "", ""),
        # not understood
        ("FROM debian:12\nSHELL [\"powershell\", \"-Command\"]\nRUN ls", "powershell", "powershell"),
        ("FROM debian:12\nSHELL [\"pwsh\", \"-c\"]\nRUN ls", "pwsh", "pwsh"),
        ("FROM debian:12\nSHELL [\"cmd\", \"/S\", \"/C\"]\nRUN ls", "cmd", "cmd"),
        ("FROM debian:12\nSHELL [\"python3\", \"-c\"]\nRUN ls", "python3", "python3"),
        ("FROM debian:12\nSHELL [\"/bin/fish\", \"-c\"]\nRUN ls", "fish", "fish"),
        ("FROM debian:12\nSHELL [\"/my/own\"]\nRUN ls", "own", "own"),
        ("FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN ls", "cmd", "cmd"),
        ("FROM mcr.microsoft.com/windows/nanoserver:1809\nRUN ls", "cmd", "cmd"),
        ("FROM --platform=windows/amd64 nobody/knows\nRUN ls", "cmd", "cmd"),
        ("# escape=`\nFROM nobody/knows\nRUN ls `\n  x", "cmd", "cmd"),
        ("# escape=`\nFROM $BASE\nRUN ls", "cmd", "cmd"),
        ("# escape=`\nFROM debian:12\nRUN ls", "dash", ""),
        ("FROM debian:12\nRUN <<EOF\n#!/usr/bin/python3\nimport os\nEOF", "python3", "python3"),
        ("FROM debian:12\nRUN <<EOF\n#!/usr/bin/env -S node --no-warnings\nlet x\nEOF", "node", "node"),
        ("FROM debian:12\nRUN <<EOF\n#!/usr/bin/pwsh\n$x\nEOF", "pwsh", "pwsh"),
        ("FROM $BASE\nRUN Invoke-WebRequest https://x", "sh", "Windows"),
    ],
)  # fmt: skip
def test_who_reads_a_run(dockerfile: str, interpreter: str, why_not: str) -> None:
    ((script, _),) = unit(dockerfile).scripts
    assert script.interpreter == interpreter
    assert script.understood is (why_not == "")
    assert why_not in script.why_not
    assert bool(script.commands) is script.understood


def test_a_here_document_for_another_program_is_its_input() -> None:
    ((script, _),) = unit("FROM debian:12\nRUN <<EOF python3 -u\nimport os; rm x\nEOF\n").scripts
    assert plains(script) == ["python3 -u"]
    assert script.commands[0].redirects[0].body is not None


def test_options_of_the_shell_instruction_reach_the_commands() -> None:
    text = 'FROM debian:12\nSHELL ["/bin/bash", "-eo", "pipefail", "-c"]\nRUN a | b\nRUN ["bash", "-c", "a"]\n'
    (shell, _), (form, _) = unit(text).scripts
    assert [(each.state.errexit, each.state.pipefail) for each in shell.commands] == [(True, True)] * 2
    assert [(each.state.errexit, each.state.pipefail) for each in form.commands] == [(False, False)]


# what starts a container


START = """\
FROM debian:12
ENV APP=server.js
CMD exec node $APP \\
  --port 80
ENTRYPOINT ["tini", "--", "bash", "-ec", "exec ./run"]
HEALTHCHECK --interval=5s CMD curl -f http://localhost/ || exit 1
HEALTHCHECK CMD ["wget", "-q", "x"]
HEALTHCHECK NONE
ONBUILD CMD foo && bar
CMD []
"""


def test_start_scripts() -> None:
    found = unit(START).start_scripts
    assert all(type(script) is StartScript for script, _ in found)
    assert [(site.instruction and site.instruction.name, plains(script)) for script, site in found] == [
        ("CMD", ["node ? --port 80"]),
        ("ENTRYPOINT", ["run"]),
        ("HEALTHCHECK", ["curl -f http://localhost/", "exit 1"]),
        ("HEALTHCHECK", ["wget -q x"]),
        ("CMD", ["foo", "bar"]),
        ("CMD", []),
    ]
    node, run = found[0][0].commands[0], found[1][0].commands[0]
    assert (node.wrappers, node.span.text) == (("exec",), "node $APP \\\n  --port 80")
    assert (run.wrappers, run.state.errexit) == (("tini", "bash", "exec"), True)
    assert [site.instruction.onbuild for _, site in found if site.instruction] == [False] * 4 + [True, False]


def test_runs_are_no_start_scripts_and_the_other_way_round() -> None:
    given = unit("FROM debian:12\nRUN a\nCMD b\n")
    assert [plains(script) for script, _ in given.scripts] == [["a"]]
    assert [plains(script) for script, _ in given.start_scripts] == [["b"]]
    assert [command.program for command, _ in given.commands] == ["a"]


def test_a_health_check_is_run_by_the_last_shell_a_command_by_the_one_before() -> None:
    text = 'FROM debian:12\nCMD a\nHEALTHCHECK CMD b\nSHELL ["/bin/bash", "-c"]\nSHELL ["cmd", "/C"]\n'
    (command, _), (probe, _) = unit(text).start_scripts
    assert (command.interpreter, probe.interpreter) == ("dash", "cmd")
    assert not probe.understood


def test_a_start_on_windows_is_not_understood_in_shell_form() -> None:
    text = (
        'FROM mcr.microsoft.com/windows/servercore:ltsc2022\nCMD powershell x\nENTRYPOINT ["C:\\\\\\\\x.exe", "-a"]\n'
    )
    (command, _), (entry, _) = unit(text.replace("\\\\", "\\")).start_scripts
    assert "cmd" in command.why_not
    assert plains(entry) == ["C:\\x.exe -a"]


# triggers


def test_triggers_are_read_as_in_the_build_that_runs_them() -> None:
    text = """\
FROM debian:12
ARG A=1
ENV B=2
ONBUILD RUN apt-get install $A $B \\
  curl
ONBUILD RUN <<EOF
set -e
ls
EOF
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
"""
    (install, site), (here, _) = unit(text).scripts
    assert plains(install) == ["apt-get install ? 2 curl"]
    assert site.instruction is not None and site.instruction.onbuild
    assert plains(here) == ["set -e", "ls"]
    assert [(script.interpreter, script.commands[-1].state.pipefail) for script in (install, here)] == [
        ("bash", True)
    ] * 2
    assert here.commands[-1].state.errexit
