"""What the command line offers beside reports: overviews, completion, the manual page, ids of other tools."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from dfguard import catalog
from dfguard.cli.completion import SHELLS
from dfguard.cli.main import COMMANDS, main
from dfguard.cli.option_table import commands

DOCKERFILE = "FROM debian\nRUN cd /x\nRUN cd /y\nRUN apt-get update && apt-get install -y curl\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    capsys.readouterr()
    assert main(list(arguments)) == code
    return capsys.readouterr().out


def test_statistics_count_by_rule(capsys: pytest.CaptureFixture[str]) -> None:
    Path("Dockerfile").write_text(DOCKERFILE)
    text = said(capsys, "check", "--statistics", code=1)
    assert re.match(r"2  DG603  state-lost-between-runs", text)
    assert re.search(r"1  DG411  apt-lists-left +1 fixable\n", text)
    rows = json.loads(said(capsys, "check", "--statistics", "--format", "json", code=1))
    assert rows[0] == {"code": "DG603", "name": "state-lost-between-runs", "count": 2, "safe": 0, "fixes": 2}
    assert text.endswith(f"{sum(row['count'] for row in rows)} findings by {len(rows)} rules.\n")


def test_show_files_names_what_is_looked_at_and_opens_no_dockerfile(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("Dockerfile", "web.dockerfile", ".dockerignore", "Dockerfile.md", "compose.yaml", "old.Dockerfile"):
        Path(name).write_text("services: {}\n" if "compose" in name else "\0")
    shown = said(capsys, "check", "--show-files", "--exclude", "old*")
    assert shown.split() == [".dockerignore", "Dockerfile", "compose.yaml", "web.dockerfile"]
    Path("empty").mkdir()
    assert said(capsys, "check", "--show-files", "empty", code=3) == ""


def test_show_settings_tells_what_counts_for_each_file(capsys: pytest.CaptureFixture[str]) -> None:
    Path("sub").mkdir()
    for name in ("Dockerfile", "sub/Dockerfile"):
        Path(name).write_text(DOCKERFILE)
    Path("sub/dfguard.toml").write_text('ignore = ["DG603"]\nfail-on = "error"\n')
    top, sub = said(capsys, "check", "--show-settings").split("\n\n")
    assert top.startswith("Dockerfile\n  configuration: -\n")
    assert "not DG" not in top
    assert "sub/Dockerfile\n  configuration: sub/dfguard.toml\n" in sub
    assert "  fail-on: error\n" in sub
    assert f"  rules: {len(catalog.entries()) - 1} of {len(catalog.entries())}; not DG603" in sub


@pytest.mark.parametrize(
    ("word", "codes"),
    [
        ("DL3015", ["DG410"]),
        ("AVD-DS-0002", ["DG801"]),
        ("CKV_DOCKER_3", ["DG801"]),
        ("buildkit/WorkdirRelativePath", ["DG709"]),
        ("fd54f200-402c-4333-a5a4-36ef6709af2f", ["DG801"]),
    ],
)
def test_a_rule_is_found_by_any_id_of_another_tool(
    word: str, codes: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert re.findall(r"^# (DG\d+) ", said(capsys, "rule", word), re.M) == codes


def test_a_check_that_no_rule_answers_is_told_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "rule", "DF065")
    assert text.startswith("# DF065: registry-not-allowed\n")
    assert "hadolint DL3026" in text
    assert "dfguard has no rule for it." in text


def test_rules_as_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    rows = said(capsys, "rules", "--format", "markdown").splitlines()
    assert len(rows) == len(catalog.entries()) + 2
    assert all(re.sub(r"\\\|", "", row).count("|") == 6 for row in rows)


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["chekc"], "check"),
        (["check", "--formt", "json"], "--format"),
        (["check", "--format", "jsno"], "json"),
        (["check", "--output", "sarrif=x"], "sarif"),
        (["check", "--select", "DG41O"], "DG41"),
        (["check", "--builder", "buildkti"], "buildkit"),
        (["rule", "DL3O15"], "DL3015"),
        (["rules", "--format", "jsn"], "json"),
        (["completion", "bsh"], "bash"),
        (["baseline", "crate"], "create"),
        (["suppressions", "--without-reasons"], "--without-reason"),
        (["context", "--fromat", "json"], "--format"),
    ],
)
def test_did_you_mean(arguments: list[str], meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert re.search(rf"did you mean '{meant}", err), err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["rule", "zzzzzz"], "expected a code (DG101), a rule's name or the id of another tool's check (DL3015)"),
        (["check", "--select", "FOO"], "expected a code (DG101), a rule's name"),
        (["rules", "more"], "'more' is one argument too many (see dfguard rules --help)"),
        (["check", "--ignore", "DL3008"], "no rule answers 'DL3008' (apt-unpinned)"),
    ],
)
def test_a_word_that_fits_nowhere_gets_a_short_answer(
    arguments: list[str], answer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert answer in err
    assert len(err) < 200


def test_an_id_of_shellcheck_is_known_by_its_letters(capsys: pytest.CaptureFixture[str]) -> None:
    assert "hadolint SC*" in said(capsys, "rule", "SC2086")
    assert main(["rule", "SCHEMA"]) == 2


def test_the_table_has_every_command_and_option() -> None:
    table = {command.name: command for command in commands()}
    assert list(table) == list(COMMANDS)
    names = {name for option in table["check"].switches for name in option.names}
    assert {"--format", "--baseline", "--add-ignores", "--statistics", "-f", "--help"} <= names
    assert table["baseline"].words == ("create", "prune")
    assert all(option.help for command in table.values() for option in command.switches)


def complete(script: str, line: str) -> list[str]:
    """What bash would offer at the end of a line."""
    program = (
        f'{script}\nCOMP_LINE={line!r}; read -r -a COMP_WORDS <<< "$COMP_LINE"\n'
        'case "$COMP_LINE" in *" ") COMP_WORDS+=("");; esac\n'
        'COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _dfguard; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    run = subprocess.run(["bash", "--norc", "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert run.stderr == ""
    return run.stdout.split("\n")[:-1]


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_completes(capsys: pytest.CaptureFixture[str]) -> None:
    script = said(capsys, "completion", "bash")
    Path("Docker file").write_text("")
    assert complete(script, "dfguard ch") == ["check"]
    assert "--format" in complete(script, "dfguard check --form")
    assert complete(script, "dfguard check --format sar") == ["sarif"]
    assert complete(script, "dfguard check --severity-of x --fail-on w") == ["warning"]
    assert complete(script, "dfguard check Dock") == ["Docker file"]
    assert complete(script, "dfguard check --config Dock") == ["Docker file"]
    assert complete(script, "dfguard rule DG41") == ["DG410", "DG411"]
    assert complete(script, "dfguard baseline ") == ["create", "prune"]


# zsh in a terminal of its own: it completes the line, and at Ctrl-X writes what then stands there.
ZSH = r"""
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -n -w shell $'source ./setup.zsh\n'
zpty -r shell line '*ready*'
zpty -n -w shell "$1"$'\t\x18'
while zpty -r shell line; do :; done
"""
ZSH_SETUP = r"""
PS1=; autoload -Uz compinit; compinit -u -D; source ./_dfguard
tell() { print -r -- "$BUFFER" > ./line; exit }; zle -N tell; bindkey "^X" tell
print ready
"""


@pytest.mark.skipif(shutil.which("zsh") is None, reason="there is no zsh")
def test_zsh_completes(capsys: pytest.CaptureFixture[str]) -> None:
    Path("_dfguard").write_text(said(capsys, "completion", "zsh"))
    Path("setup.zsh").write_text(ZSH_SETUP)
    Path("Docker file").write_text("")

    def completed(line: str) -> str:
        command = ["zsh", "-f", "-c", ZSH, "zsh", line]
        subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
        return Path("line").read_text().rstrip()

    assert completed("dfguard ch") == "dfguard check"
    assert completed("dfguard check --form") == "dfguard check --format="
    assert completed("dfguard check --format sar") == "dfguard check --format sarif"
    assert completed("dfguard check --fail-on=w") == "dfguard check --fail-on=warning"
    assert completed("dfguard check Dock") == "dfguard check Docker\\ file"
    assert completed("dfguard check --config Dock") == "dfguard check --config Docker\\ file"
    assert completed("dfguard rule DG410") == "dfguard rule DG410"
    assert completed("dfguard baseline cr") == "dfguard baseline create"


@pytest.mark.skipif(shutil.which("fish") is None, reason="there is no fish")
def test_fish_completes(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(Path.cwd()))
    Path("dfguard.fish").write_text(said(capsys, "completion", "fish"))
    Path("Docker file").write_text("")

    def completed(line: str) -> list[str]:
        command = ["fish", "--no-config", "-c", "source ./dfguard.fish; complete -C $argv[1]", line]
        run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        return [row.partition("\t")[0] for row in run.stdout.splitlines()]

    assert completed("dfguard ch") == ["check"]
    assert completed("dfguard check --form") == ["--format"]
    assert completed("dfguard check --format sar") == ["sarif"]
    assert completed("dfguard check --fail-on=w") == ["--fail-on=warning"]
    assert completed("dfguard check Docker") == ["Docker file"]
    assert completed("dfguard check --config Docker") == ["Docker file"]
    assert completed("dfguard rule DG41") == ["DG410", "DG411"]
    assert completed("dfguard baseline ") == ["create", "prune"]


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_takes_its_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    script = said(capsys, "completion", shell)
    assert "suppressions" in script
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}")
    run = subprocess.run([shell, "-n"], input=script, capture_output=True, text=True, timeout=60, check=False)
    assert (run.returncode, run.stderr) == (0, "")


def test_the_manual_page_has_every_command_and_option(capsys: pytest.CaptureFixture[str]) -> None:
    page = said(capsys, "man")
    assert page.startswith(".TH DFGUARD 1")
    plain = page.replace("\\-", "-")
    for command in commands():
        assert f'.SS "dfguard {command.name}"' in plain
        assert [name for option in command.switches for name in option.names if f"\\fB{name}\\fR" not in plain] == []
    if shutil.which("mandoc"):
        run = subprocess.run(["mandoc", "-Tlint", "-Werror"], input=page, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stdout
    if shutil.which("man"):
        Path("dfguard.1").write_text(page)
        shown = subprocess.run(["man", "-l", "--warnings", "./dfguard.1"], capture_output=True, text=True, check=False)
        assert shown.stderr == ""
        assert shown.returncode != 0 or "EXIT STATUS" in re.sub(".\b", "", shown.stdout)
