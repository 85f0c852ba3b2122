"""The command line end to end: what is said, where, and with which exit code."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from dfguard import __version__, catalog
from dfguard.cli.main import main

SCHEMA = json.loads((Path(__file__).parent.parent / "dfguard" / "report" / "schema.json").read_text(encoding="utf-8"))
CLEAN = 'FROM scratch\nUSER 1000\nCMD ["/app"]\n'
DIRTY = "FROM debian\nUSER 1000\n"  # one finding that fails: DG301
REFUSED = "FROM scratch\nCOPY <<EOF /a\nno end\n"


class Said:
    """What a run gave: exit code, stdout, and stderr as lines."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err.splitlines()

    def __repr__(self) -> str:
        return f"exit code {self.code}\nstdout:\n{self.out}\nstderr: {self.err}"


Run = Callable[..., Said]


@pytest.fixture
def dfguard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in an empty folder of its own."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str, stdin: bytes | None = None) -> Said:
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = main(arguments)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run


def write(path: Path, text: str | bytes = CLEAN) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def report(said: Said) -> dict[str, Any]:
    """The JSON report, checked against the committed schema."""
    data: dict[str, Any] = json.loads(said.out)
    jsonschema.Draft202012Validator(SCHEMA).validate(data)
    return data


def codes(said: Said) -> list[str]:
    return [finding["code"] for finding in report(said)["findings"]]


# --- exit codes -------------------------------------------------------------------------------


def test_clean_gives_0(dfguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "Dockerfile")
    said = dfguard("check", "Dockerfile")
    assert said.code == 0, said
    assert "No findings in 1 file" in said.out
    assert said.err == []


def test_findings_give_1(dfguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "Dockerfile", DIRTY)
    said = dfguard("check", "Dockerfile")
    assert said.code == 1, said
    assert "warning[DG301]" in said.out
    assert "--> Dockerfile:1:6" in said.out


def test_infos_alone_give_0(dfguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "Dockerfile", "FROM debian:12.8-slim\nUSER 1000\n")
    said = dfguard("check", "--format", "json", "Dockerfile")
    assert (said.code, codes(said)) == (0, ["DG302"])


def test_a_folder_without_dockerfiles_gives_3(dfguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "src" / "main.py", "print()\n")
    assert dfguard("check", ".").code == 3


def test_a_named_file_that_is_no_dockerfile_gives_0_and_is_said(dfguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "Dockerfile.md", "# How to write one\n\nFirst think.\n")
    said = dfguard("check", "Dockerfile.md")
    assert said.code == 0, said
    assert "Dockerfile.md: not a Dockerfile" in said.out
    assert report(dfguard("check", "--format", "json", "Dockerfile.md"))["not_run"][0]["code"] == "all"


def test_what_buildkit_refuses_gives_4_with_its_line(dfguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "Dockerfile", REFUSED)
    said = dfguard("check", "Dockerfile")
    assert said.code == 4, said
    assert len(said.err) == 1
    assert said.err[0].startswith("dfguard: Dockerfile: line 2: ")


def test_precedence_is_2_4_1_3_0(dfguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "clean")
    write(tmp_path / "dirty", DIRTY)
    write(tmp_path / "refused", REFUSED)
    (tmp_path / "empty").mkdir()
    assert dfguard("check", "clean", "empty").code == 0
    assert dfguard("check", "dirty", "clean", "empty").code == 1
    assert dfguard("check", "dirty", "refused").code == 4
    assert dfguard("check", "dirty", "refused", "missing").code == 2


def test_exit_zero_forgives_findings_and_nothing_else(dfguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "dirty", DIRTY)
    write(tmp_path / "refused", REFUSED)
    said = dfguard("check", "--exit-zero", "dirty")
    assert said.code == 0
    assert "DG301" in said.out
    assert dfguard("check", "--exit-zero", "refused").code == 4
    assert dfguard("check", "--exit-zero", "missing").code == 2


def test_fail_on_and_min_confidence_move_the_line(dfguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "Dockerfile", "FROM debian:12.8-slim\nUSER 1000\n")
    assert dfguard("check", "--fail-on", "info", "Dockerfile").code == 1
    write(tmp_path / "Dockerfile", DIRTY)
    assert dfguard("check", "--fail-on", "error", "Dockerfile").code == 0


# --- bad input: one line each, and the other files are still checked ------------------------------


def beside_a_good_one(dfguard: Run, tmp_path: Path, name: str, code: int, *words: str) -> None:
    """Check the bad file together with a dirty one: one line about it, and the findings of the other."""
    write(tmp_path / "other" / "Dockerfile", DIRTY)
    said = dfguard("check", name, "other/Dockerfile")
    assert said.code == code, said
    noted = [line for line in said.out.splitlines() if line.startswith(("note: no rule", "error: "))]
    about = [line for line in (said.err or noted) if name in line]
    assert len(about) == len(said.err or noted) == 1, said
    assert [word for word in words if word not in about[0]] == []
    assert "DG301" in said.out, "the other file was not checked"


def test_an_empty_file(dfguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "Dockerfile", "")
    beside_a_good_one(dfguard, tmp_path, "Dockerfile", 1, "not a Dockerfile")


def test_utf_16(dfguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "Dockerfile", CLEAN.encode("utf-16"))
    beside_a_good_one(dfguard, tmp_path, "Dockerfile", 4, "UTF-16", "UTF-8")


def test_nul_bytes(dfguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "Dockerfile", b'FROM scratch\nCMD ["/a\0b"]\n')
    beside_a_good_one(dfguard, tmp_path, "Dockerfile", 4, "line 2", "NUL")


def test_a_missing_file(dfguard: Run, tmp_path: Path) -> None:
    beside_a_good_one(dfguard, tmp_path, "nowhere.Dockerfile", 2)


def test_a_broken_symlink(dfguard: Run, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").symlink_to("gone")
    beside_a_good_one(dfguard, tmp_path, "Dockerfile", 2)


def test_a_file_of_50_mb(dfguard: Run, tmp_path: Path) -> None:
    with (tmp_path / "Dockerfile").open("wb") as file:
        file.truncate(50_000_000)
    beside_a_good_one(dfguard, tmp_path, "Dockerfile", 2, "50,000,000")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_a_fifo_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "Dockerfile")
    write(tmp_path / "other" / "Dockerfile", DIRTY)
    command = [sys.executable, "-m", "dfguard", "check", "Dockerfile", "other/Dockerfile"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=20)
    assert run.returncode == 2, run.stderr
    assert len(run.stderr.splitlines()) == 1
    assert "DG301" in run.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no mode bits")
def test_an_unreadable_file(dfguard: Run, tmp_path: Path) -> None:
    """As root everything is readable, so there the check runs as another user."""
    write(tmp_path / "Dockerfile").chmod(0)
    write(tmp_path / "other" / "Dockerfile", DIRTY)
    if os.geteuid() != 0:
        beside_a_good_one(dfguard, tmp_path, "Dockerfile", 2, "ermission")
        return
    script = (
        "import os, sys\nfrom dfguard.cli.main import main\nfrom dfguard.cli import check\n"
        "main(['check', 'other/Dockerfile'])\nprint('first', flush=True)\n"  # loads what it needs
        "os.setgid(65534); os.setuid(65534)\nsys.exit(main(['check', 'Dockerfile', 'other/Dockerfile']))\n"
    )
    folder = tmp_path
    while folder != folder.parent and folder.stat().st_uid == 0 and not folder.stat().st_mode & 1:
        folder.chmod(folder.stat().st_mode | 0o055)
        folder = folder.parent
    run = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert run.returncode == 2, run.stderr
    assert len(run.stderr.splitlines()) == 1
    assert "ermission" in run.stderr
    assert "DG301" in run.stdout.partition("first")[2]


def test_a_folder_called_dockerfile(dfguard: Run, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").mkdir()
    beside_a_good_one(dfguard, tmp_path, "Dockerfile", 2, "folder")


def test_a_folder_called_dockerfile_is_searched_on_the_way(dfguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "Dockerfile" / "Dockerfile.web", DIRTY)
    said = dfguard("check", "--format", "json", ".")
    assert report(said)["files"] == [os.path.join("Dockerfile", "Dockerfile.web")]


def test_latin_1_bytes_are_read_as_buildkit_does(dfguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "Dockerfile", "# pâté\nFROM debian\nLABEL a=café\nUSER 1000\n".encode("latin-1"))
    said = dfguard("check", "--format", "json", "Dockerfile")
    (finding,) = [f for f in report(said)["findings"] if f["code"] == "DG301"]
    assert finding["start"] == {"line": 2, "column": 6}
    assert said.err == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "--pedantc"], ["--pedantc", "--pedantic"]),
        (["check", "--format", "yaml"], ["yaml", "json"]),
        (["check", "--select", "DG99999"], ["DG99999"]),
        (["check", "--context", "nowhere"], ["nowhere", "folder"]),
        (["check", "--stdin-filename", "x"], ["--stdin-filename"]),
        (["chek"], ["chek", "check"]),
        (["rule", "DL9999"], ["DL9999"]),
        (["parse"], ["FILE"]),
    ],
)
def test_a_wrong_command_line_is_one_line_with_a_way_on(
    dfguard: Run, tmp_path: Path, arguments: list[str], words: list[str]
) -> None:
    write(tmp_path / "Dockerfile", DIRTY)
    said = dfguard(*arguments)
    assert said.code == 2, said
    assert said.out == ""
    assert len(said.err) == 1
    assert said.err[0].startswith("dfguard: ")
    assert [word for word in words if word not in said.err[0]] == []


def test_an_unknown_target_names_the_stages(dfguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "Dockerfile", "FROM scratch AS builder\nFROM scratch AS final\n")
    said = dfguard("check", "--target", "bilder", "Dockerfile")
    assert said.code == 2, said
    assert len(said.err) == 1
    assert "builder" in said.err[0]


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ('select = ["DG1"]\nselekt = []\n', 2, "select"),
        ("\n[rules.DG501]\nminimun = 4\n", 3, "minimum"),
        ('ignore = ["DG77777"]\n', 1, "DG77777"),
        ('fail-on = "worst"\n', 1, "warning"),
        ("preset = \n", 1, "TOML"),
    ],
)
def test_a_wrong_configuration_is_one_line_with_its_place(
    dfguard: Run, tmp_path: Path, text: str, line: int, word: str
) -> None:
    write(tmp_path / "Dockerfile", DIRTY)
    write(tmp_path / "dfguard.toml", text)
    said = dfguard("check", "Dockerfile")
    assert said.code == 2, said
    assert len(said.err) == 1
    assert said.err[0].startswith(f"dfguard: dfguard.toml:{line}: ")
    assert word in said.err[0]


# --- which files, which context -------------------------------------------------------------------


def test_a_walk_finds_every_variant_of_the_name(dfguard: Run, tmp_path: Path) -> None:
    names = [
        "Dockerfile", "lower/dockerfile", "Containerfile", "Dockerfile.dev", "Dockerfile-test", "api.Dockerfile",
        "web.containerfile", ".devcontainer/Dockerfile",
    ]  # fmt: skip
    for name in names:
        write(tmp_path / name)
    ignored = [".dockerignore", "Dockerfile.dockerignore"]
    for name in ignored:
        write(tmp_path / name, "*\n")
    write(tmp_path / "Dockerfile.md", "# Words\n")
    found = [Path(path).as_posix() for path in report(dfguard("check", "--format", "json"))["files"]]
    assert sorted(found) == sorted((*names, *ignored))


def test_standard_input_stands_for_a_path(dfguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "web" / ".env", "API_TOKEN=glpat-ThisIsNotARealToken00\n")
    text = b"FROM alpine:3.20.3\nCOPY .env /srv/\nUSER 1\n"
    said = dfguard("check", "--format", "json", "-", "--stdin-filename", "web/Dockerfile", stdin=text)
    assert said.code == 1
    secret = next(f for f in report(said)["findings"] if f["code"] == "DG102")
    assert secret["path"] == "web/Dockerfile"
    assert report(said)["builds"][0]["context"] == "web"


def test_standard_input_alone_has_no_context_and_says_what_did_not_run(dfguard: Run) -> None:
    said = dfguard("check", "--format", "json", "-", stdin=b"FROM alpine:3.20.3\nCOPY . /srv/\nUSER 1\n")
    assert [entry for entry in report(said)["not_run"] if entry["code"] == "DG201"] == [
        {"code": "DG201", "path": "<stdin>", "why": "no build context"}
    ]


def test_the_context_is_inferred_from_what_is_copied_and_said(dfguard: Run, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write(tmp_path / "src" / "app.py", "print()\n")
    write(tmp_path / "docker" / "Dockerfile", "FROM alpine:3.20.3\nCOPY src/app.py /srv/\nUSER 1\n")
    said = dfguard("check", "--format", "json", "docker/Dockerfile")
    (build,) = report(said)["builds"]
    assert Path(build["context"]).resolve() == tmp_path.resolve()
    assert build["source"].startswith("inferred")
    assert "inferred" in dfguard("check", "docker/Dockerfile").out


def test_context_target_and_build_args_can_be_given(dfguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "ctx" / ".env", "API_TOKEN=glpat-ThisIsNotARealToken00\n")
    write(tmp_path / "Dockerfile", "ARG TAG\nFROM alpine:$TAG AS one\nCOPY .env /srv/\nUSER 1\nFROM scratch\nUSER 1\n")
    base = ("check", "--format", "json", "Dockerfile", "--context", "ctx")
    assert codes(dfguard(*base)) == []
    given = codes(dfguard(*base, "--target", "one", "--build-arg", "TAG=latest"))
    assert given == ["DG301", "DG102"]


# --- the report ---------------------------------------------------------------------------------


def test_the_plain_report_names_both_places_and_no_secret(dfguard: Run, tmp_path: Path) -> None:
    write(tmp_path / ".env", "API_TOKEN=glpat-ThisIsNotARealToken00\n")
    write(tmp_path / "Dockerfile", "FROM alpine:3.20.3\nCOPY .env /srv/\nRUN rm /srv/.env\nUSER 1\n")
    said = dfguard("check", "Dockerfile")
    assert "error[DG101]" in said.out
    assert "COPY .env /srv/" in said.out
    assert "RUN rm /srv/.env" in said.out
    assert "NotARealToken" not in said.out
    assert "\x1b" not in said.out, "colours on what is no terminal"
    assert "\x1b[" in dfguard("check", "--color", "always", "Dockerfile").out


def test_the_json_report_holds_places_fixes_claims_and_peers(dfguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "Dockerfile", "FROM debian:12.8-slim\nRUN apt-get install -y curl\nUSER 1\n")
    said = dfguard("check", "--format", "json", "--output", "report.json", "Dockerfile")
    assert said.out == ""
    data = json.loads((tmp_path / "report.json").read_text())
    jsonschema.Draft202012Validator(SCHEMA).validate(data)
    finding = next(f for f in data["findings"] if f["code"] == "DG410")
    assert (finding["start"], finding["end"]) == ({"line": 2, "column": 13}, {"line": 2, "column": 20})
    assert "DL3015" in finding["peers"]
    assert finding["fixes"][0]["class"] == "unsafe"
    assert finding["fixes"][0]["edits"][0]["text"] == " --no-install-recommends"
    assert finding["builds"] == [data["builds"][0]["name"]]


def test_low_confidence_is_hidden_counted_and_shown_by_pedantic(dfguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "index.html", "<p>\n")
    write(tmp_path / "Dockerfile", "FROM nginx:1.27.2\nCOPY . /usr/share/nginx/html\nUSER 101\n")
    plain = dfguard("check", "Dockerfile")
    assert "DG201" not in plain.out
    assert "hidden (--pedantic" in plain.out
    assert "DG201" in dfguard("check", "--pedantic", "Dockerfile").out


def test_a_comment_silences_with_a_reason_and_is_counted(dfguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "Dockerfile", "# dfguard: ignore[DG301] -- ours, moves on purpose\nFROM debian\nUSER 1\n")
    said = dfguard("check", "Dockerfile")
    assert said.code == 0, said
    assert "1 finding suppressed" in said.out


def test_a_comment_that_is_not_understood_is_said(dfguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "Dockerfile", "# dfguard: ignore\nFROM debian\nUSER 1\n")
    said = dfguard("check", "Dockerfile")
    assert said.code == 2, said
    assert "line 1" in said.err[0]
    assert "DG301" in said.out


def test_a_closed_pipe_is_no_traceback(tmp_path: Path) -> None:
    write(tmp_path / "Dockerfile", "FROM debian\n" * 4000)
    command = f'"{sys.executable}" -m dfguard check Dockerfile | head -1'
    run = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert run.stdout.count("\n") == 1
    assert run.stderr == ""


# --- configuration --------------------------------------------------------------------------------


def test_the_nearest_configuration_counts(dfguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "Dockerfile", DIRTY)
    write(tmp_path / "sub" / "Dockerfile", DIRTY)
    write(tmp_path / "dfguard.toml", 'ignore = ["DG3"]\n')
    write(tmp_path / "sub" / "dfguard.toml", 'severity = { DG301 = "error" }\n')
    data = report(dfguard("check", "--format", "json", "Dockerfile", "sub/Dockerfile"))
    said = {(Path(f["path"]).as_posix(), f["code"], f["severity"]) for f in data["findings"]}
    assert said == {("sub/Dockerfile", "DG301", "error")}


def test_the_command_line_wins_over_the_configuration(dfguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "Dockerfile", DIRTY)
    write(tmp_path / "dfguard.toml", 'select = ["DG8"]\n')
    assert codes(dfguard("check", "--format", "json", "Dockerfile")) == []
    assert codes(dfguard("check", "--format", "json", "--select", "DG301", "Dockerfile")) == ["DG301"]
    assert codes(dfguard("check", "--format", "json", "--isolated", "Dockerfile")) == ["DG301"]


def test_the_preset_strict_makes_an_error_of_a_missing_digest(dfguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "Dockerfile", "FROM alpine:3.20.3\nUSER 1\n")
    said = dfguard("check", "--preset", "strict", "--format", "json", "Dockerfile")
    assert said.code == 1
    assert [(f["code"], f["severity"]) for f in report(said)["findings"]] == [("DG302", "error")]


def test_options_of_a_rule(dfguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "Dockerfile", "FROM alpine:3.20.3\nRUN mkdir /a\nRUN mkdir /b\nUSER 1\n")
    select = ("check", "--format", "json", "--select", "DG501", "Dockerfile")
    assert codes(dfguard(*select)) == []
    write(tmp_path / "dfguard.toml", "[rules.DG501]\nminimum = 2\n")
    assert codes(dfguard(*select)) == ["DG501"]


def test_excluded_files_are_not_checked_even_when_named(dfguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "old" / "Dockerfile", DIRTY)
    write(tmp_path / "dfguard.toml", 'exclude = ["old/**"]\n')
    assert dfguard("check", "old/Dockerfile").code == 0


# --- the other commands ---------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["DG410", "dg410", "recommended-packages-installed", "DL3015"])
def test_a_rule_is_found_by_code_name_and_peer(dfguard: Run, word: str) -> None:
    said = dfguard("rule", word)
    assert said.code == 0
    assert said.out.startswith("# DG410 recommended-packages-installed\n")
    assert "DL3015" in said.out
    assert "ignore[DG410]" in said.out


def test_all_rules_are_listed(dfguard: Run) -> None:
    assert [line.split()[0] for line in dfguard("rules").out.splitlines()] == list(catalog.names())
    assert [row["code"] for row in json.loads(dfguard("rules", "--format", "json").out)] == list(catalog.names())


def test_parse_describes_files_for_tools(dfguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "a", "# syntax=docker/dockerfile:1\nFROM scratch AS x\nCOPY --chown=1 <<EOF /a\nhi\nEOF\n")
    write(tmp_path / "b", 'FROM scratch\nCMD ["a", "b"]\n')
    said = dfguard("parse", "a", "b", "--format", "json")
    first, second = json.loads(said.out)
    assert first["path"] == "a"
    assert first["directives"][0]["name"] == "syntax"
    copy = first["instructions"][1]
    assert (copy["keyword"], copy["start_line"], copy["end_line"]) == ("COPY", 3, 5)
    assert copy["flags"] == ["--chown=1"]
    assert copy["heredocs"][0]["content"] == "hi\n"
    assert copy["stage"] == {"index": 0, "name": "x"}
    assert second["instructions"][1]["json"] is True
    assert second["instructions"][1]["arguments"] == ["a", "b"]


def test_parse_leaves_out_what_can_not_be_read(dfguard: Run, tmp_path: Path) -> None:
    write(tmp_path / "a")
    said = dfguard("parse", "gone", "a")
    assert said.code == 2
    assert [element["path"] for element in json.loads(said.out)] == ["a"]
    assert len(said.err) == 1


def test_help_and_version(dfguard: Run) -> None:
    assert dfguard("--version").out == f"dfguard {__version__}\n"
    overview = dfguard("--help").out
    assert [name for name in ("check", "parse", "rule", "rules", "exit codes") if name not in overview] == []
    assert dfguard().code == 2


def test_reports_of_several_formats_are_written_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text("FROM debian:12.8-slim\nRUN cd /tmp\n")
    sarif, report = tmp_path / "a=b.sarif", tmp_path / "report.json"
    outputs = ("--output", f"sarif={sarif}", "-o", f"json={report}")
    assert main(["check", "--exit-zero", *outputs, str(dockerfile)]) == 0
    assert "DG" in capsys.readouterr().out
    assert json.loads(sarif.read_text())["version"] == "2.1.0"
    assert json.loads(report.read_text())["version"] == 1


def test_an_unknown_format_of_an_output_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--output", "sarrif=x", "."]) == 2
    said = capsys.readouterr().err
    assert "--output sarrif=x: expected one of plain, json, sarif" in said
    assert said.count("\n") == 1
