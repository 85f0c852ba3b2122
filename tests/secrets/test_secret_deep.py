"""kingfisher as a further engine: only what it finds beyond our own, redacted, without a network."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from secret_fakes import checksummed, draw

from dfguard.cli.main import main
from dfguard.finding import Confidence
from dfguard.secrets.deep import added
from dfguard.secrets.detectors import SecretHit
from dfguard.secrets.scanner import SecretScanner


def hit(detector: str, start: int, end: int, confidence: Confidence = Confidence.HIGH) -> SecretHit:
    return SecretHit(detector, detector, start, end, confidence)


def test_without_the_package_one_message_says_how_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM alpine:3.20.3\n")
    code = "import sys; sys.modules['kingfisher_sdk'] = None; from dfguard.cli.main import console; console()"
    for command in (("check",), ("context",), ("why", "Dockerfile")):
        done = subprocess.run(
            [sys.executable, "-c", code, *command, "--deep-secrets"],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 2
        assert done.stderr.splitlines() == [
            "dfguard: --deep-secrets needs kingfisher, which is not installed: pip install 'dockerfile-guard[deep]'"
        ]


def test_our_own_findings_come_first() -> None:
    own = (hit("own", 10, 20),)
    deeper = (hit("same", 12, 18), hit("other", 30, 40), hit("weaker", 35, 45, Confidence.LOW), hit("before", 0, 5))
    assert [each.detector for each in added(own, deeper)] == ["before", "own", "other"]


def kingfisher() -> SecretScanner:
    pytest.importorskip("kingfisher_sdk", reason="needs pip install 'dockerfile-guard[deep]'")
    from dfguard.secrets.deep import load

    return SecretScanner(deep=load())


def test_the_real_engine_adds_what_we_miss_and_nothing_twice() -> None:
    scanner, plain = kingfisher(), SecretScanner()
    token = f"x = '{checksummed('gh' + 'p_')}'\n".encode()
    assert [place.hit.detector for place in scanner.scan("a.py", (token,)).places] == ["github-token"]
    shown = "const meraki_key = " + draw(40, "abcdef0123456789") + "\n"
    assert plain.scan("a.txt", (shown.encode(),)).places == ()
    found = scanner.scan("a.txt", (shown.encode(),)).places
    assert [place.line for place in found] == [1]
    assert found[0].hit.detector.startswith("kingfisher:")


def test_the_real_engine_is_silent_on_placeholders_and_code() -> None:
    scanner = kingfisher()
    for text in (
        "API_KEY=your-api-key-here\n",
        "token = os.environ['TOKEN']\n",
        "print('hello')\n",
        "password: ${PASS}\n",
    ):
        assert scanner.scan("a.txt", (text.encode(),)).places == ()


def test_a_check_with_it_prints_no_value(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kingfisher()
    value = draw(40, "abcdef0123456789")
    (tmp_path / "notes.txt").write_text(f"const meraki_key = {value}\n")
    (tmp_path / "Dockerfile").write_text("FROM alpine:3.20.3\nCOPY notes.txt /\n")
    main(("check", "--isolated", "--pedantic", "--exit-zero", "--deep-secrets", str(tmp_path)))
    said = capsys.readouterr()
    assert "(kingfisher)" in said.out
    assert value not in said.out + said.err
