"""`--watch`: a real process that checks again after a change, and ends cleanly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dfguard.cli.main import main
from dfguard.cli.watch import signature

ROOT = Path(__file__).parent.parent


class Watching:
    """A process that watches a folder, and all that it says."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-u", "-m", "dfguard", "check", "--isolated", "--watch"]
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.lines: list[str] = []
        self.more = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self.more:
                self.lines.append(line)
                self.more.notify_all()

    def wait_for(self, text: str, seen: int = 0) -> int:
        """Wait until a line behind the first `seen` ones holds a text; how many lines there are then."""
        with self.more:
            found = self.more.wait_for(lambda: any(text in line for line in self.lines[seen:]), timeout=60)
            assert found, "".join(self.lines)
            return len(self.lines)


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Watching]:
    (tmp_path / ".git").mkdir()
    (tmp_path / "Dockerfile").write_text("FROM debian:12.8-slim\nRUN cd /x\nUSER 1000\n")
    process = Watching(tmp_path)
    yield process
    process.process.kill()
    process.process.wait()


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT is sent")
def test_a_change_is_checked_and_ctrl_c_ends_it(watching: Watching, tmp_path: Path) -> None:
    watching.wait_for("DG603")
    seen = watching.wait_for("watching 1 files")
    (tmp_path / "Dockerfile").write_text("FROM debian:12.8-slim\nRUN cd /opt && make\nUSER 1000\n")
    seen = watching.wait_for("watching", seen)
    assert "DG603" not in "".join(watching.lines[seen - 3 :])
    (tmp_path / "web.dockerfile").write_text("FROM debian:12.8-slim\nRUN cd /x\nUSER 1000\n")
    watching.wait_for("web.dockerfile:2", seen)
    watching.wait_for("watching 2 files", seen)
    watching.process.send_signal(signal.SIGINT)
    assert watching.process.wait(timeout=60) == 0
    assert "Traceback" not in "".join(watching.lines)


@pytest.mark.parametrize("other", ["--fix", "--add-ignores", "-"])
def test_it_writes_nothing(other: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--watch", other]) == 2
    assert "--watch" in capsys.readouterr().err


def test_a_signature_tells_changes_and_leaves_out_what_nobody_enters(tmp_path: Path) -> None:
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "x.js").write_text("")
    (tmp_path / "a").write_text("1")
    (tmp_path / "loop").symlink_to(".")
    before = signature([str(tmp_path)])
    assert {Path(path).name for path in before} == {"a", "loop"}
    (tmp_path / "a").write_text("12")
    assert signature([str(tmp_path)]) != before
    assert signature([str(tmp_path / "gone")]) == {}
