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
