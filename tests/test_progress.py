"""The line that says how far a long run is, on a real pseudo-terminal."""

from __future__ import annotations

import os
import pty
import sys
from pathlib import Path

import pytest

from dfguard.cli import progress
from dfguard.cli.main import main


def lay_out(folder: Path) -> None:
    for number in range(50):
        (folder / f"d{number}").mkdir()
        (folder / f"d{number}" / "key.pem").write_text("nothing secret")
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY . /\nUSER 1\n")


def said_on_terminal(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """What a command writes to a terminal that is its standard error."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w", buffering=1) as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        main(arguments)
    parts = []
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # all is read, the other end is closed
            break
        if not part:
            break
        parts.append(part)
    os.close(ours)
    return b"".join(parts).decode()


@pytest.mark.parametrize("command", ["check", "context"])
def test_a_long_run_says_how_far_it_is_and_wipes_that_away(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    monkeypatch.setattr(progress, "PACE", 0.0)
    said = said_on_terminal([command], monkeypatch)
    assert "dfguard: 101 files listed" in said
    assert "MB read" in said
    assert "\r\x1b[K" in said.rpartition("files listed")[2]


def test_a_short_run_is_silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(progress, "PATIENCE", 1000.0)
    assert said_on_terminal(["context"], monkeypatch) == ""


def test_no_terminal_no_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lay_out(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    main(["context"])
    assert capsys.readouterr().err == ""


def test_several_dockerfiles_have_a_bar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b", "c", "d"):
        (tmp_path / f"{name}.Dockerfile").write_text("FROM scratch\nCOPY . /\nUSER 1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    monkeypatch.setattr(progress, "PACE", 0.0)
    said = said_on_terminal(["check"], monkeypatch)
    assert "[#####...............] 1 of 4 Dockerfiles, " in said
    assert said.endswith("\r\x1b[K") or "\r\x1b[K" in said.rpartition("Dockerfiles, ")[2]
