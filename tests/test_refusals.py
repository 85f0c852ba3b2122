"""What BuildKit refuses is said once: by a finding where a rule knows it, else on standard error; exit code 4."""

from __future__ import annotations

from pathlib import Path

import pytest

from dfguard.cli.main import main


def check(path: Path, text: str, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str, list[str]]:
    """Exit code, report and lines on standard error."""
    (path / "Dockerfile").write_text(text, encoding="utf-8")
    code = main(["check", "--isolated", "--select", "DG7", *options, str(path / "Dockerfile")])
    said = capsys.readouterr()
    return code, said.out, said.err.splitlines()


def test_a_finding_tells_and_the_error_names_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = check(tmp_path, "FROM scratch\nCOYP a /a\n", capsys)
    assert code == 4
    assert "unknown instruction COYP: did you mean COPY?" in out
    assert len(err) == 1
    assert err[0].endswith("line 2: BuildKit refuses this file, see DG701 unknown-instruction-or-flag")


def test_without_the_rule_the_error_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = check(tmp_path, "FROM scratch\nCOYP a /a\n", capsys, "--ignore", "DG701")
    assert code == 4
    assert "COYP" not in out
    assert err[0].endswith("line 2: unknown instruction COYP: did you mean COPY?")


def test_a_comment_takes_the_exit_code_with_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    comment = "# dfguard: ignore[DG701] -- BuildKit 0.99 has it"
    code, out, err = check(tmp_path, f"FROM scratch\n{comment}\nCACHE /a\n", capsys)
    assert (code, err) == (0, [])
    assert "1 finding suppressed" in out


def test_a_comment_forgives_its_own_line_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "FROM scratch\n# dfguard: ignore[DG701] -- new\nCACHE /a\nCOPY a /a\nCACHE /b\n"
    code, _, err = check(tmp_path, text, capsys)
    assert code == 4
    assert "line 5: " in err[0]


def test_all_that_is_refused_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = check(tmp_path, 'FROM scratch\nCMD ["a", 1]\nCOPY a\n', capsys)
    assert code == 4
    assert err[0].endswith("see DG702 broken-json-form (and 1 more)")


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        ("FROM scratch\nENV A=${B^^}\n", 2, "DG716 unreadable-word"),
        ("FROM scratch\nRUN --mount=type=cash,target=/a b\n", 2, "DG717 mount-invalid"),
        ("FROM scratch\nSTOPSIGNAL FOO\n", 2, "DG718 value-invalid"),
        ("FROM scratch\nCOPY a\n", 2, "DG719 wrong-arguments"),
        ("FROM scratch\nRUN <<E\n", 2, "DG720 heredoc-unterminated"),
        ("RUN a\n", 1, "DG721 file-unbuildable"),
        ("FROM Debian\n", 1, "DG722 image-name-invalid"),
        ("FROM ${A:?}\n", 1, "DG724 required-value-missing"),
        ("FROM scratch\nCOPY http://a/b /\n", 2, "DG725 remote-source-in-copy"),
        ("FROM scratch\nEXPOSE x\n", 2, "DG714 port-out-of-range"),
        ("FROM $A\n", 1, "DG705 variable-undefined"),
        ("# check=all\nFROM scratch\n", 1, "DG703 directive-misplaced"),
    ],
)
def test_every_refusal_has_a_rule(
    text: str, line: int, rule: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = check(tmp_path, text, capsys)
    assert (code, len(err)) == (4, 1)
    assert err[0].endswith(f"line {line}: BuildKit refuses this file, see {rule}")
    assert rule.split()[0] in out


@pytest.mark.parametrize("stage", ["other", "1", "next"])
def test_a_stage_that_cannot_be_used_is_a_refusal(
    stage: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"FROM scratch AS other\nCOPY --from={stage} /a /a\nFROM other AS next\n"
    code, _, err = check(tmp_path, text, capsys, "--select", "DG3")
    assert code == 4
    assert "line 2: BuildKit refuses this file, see DG30" in err[0]


def test_what_the_target_does_not_need_is_no_refusal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = 'FROM scratch AS other\nENV A="b\nFROM scratch\nENV A=b\n'
    code, out, err = check(tmp_path, text, capsys)
    assert (code, err) == (1, [])
    assert "warning[DG716]" in out
    code, out, err = check(tmp_path, text, capsys, "--target", "other")
    assert (code, len(err)) == (4, 1)
    assert "error[DG716]" in out


def test_options_of_buildah_in_a_containerfile_are_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "Containerfile"
    path.write_text("FROM scratch\nRUN --mount=type=bind,target=/a,z b\n", encoding="utf-8")
    main(["check", "--isolated", "--select", "DG7", str(path)])
    assert "z is an option of Podman" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "line",
    [
        "FROM {{ base }}",
        "FROM alpine:%%TAG%%",
        "FROM a:<%= tag %>",
        "FROM ${docker.base}",
        "FROM __BASE__:1",
        "FROM REPLACE-ME",
    ],
)
def test_a_template_is_said_to_be_one(line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = check(tmp_path, f"{line}\nRUN a\n", capsys)
    assert code == 0
    assert "a template, not a Dockerfile yet" in out + "".join(err)
