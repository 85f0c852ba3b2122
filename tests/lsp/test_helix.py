"""helix in a terminal, set up as its page says: it sees a finding, hovers, mends it, saves, and sees it gone."""

from __future__ import annotations

import os
import re
import shutil
import signal
import struct
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("needs a terminal of Unix", allow_module_level=True)
import fcntl
import pty
import select
import termios

pytestmark = pytest.mark.editor
PAGE = Path(__file__).parent.parent.parent / "docs" / "editors" / "helix.md"
PROGRAM = os.environ.get("DFGUARD_HELIX") or shutil.which("hx") or shutil.which("helix")
PATIENCE = 40.0
ASKED, ANSWER = b"\x1b[c", b"\x1b[?62c"
TOLD = "the package lists of apt-get update stay"
DOCKERFILE = """\
FROM debian:12.8-slim
WORKDIR /srv
COPY app.py ./
RUN echo "😀 漢字" && apt-get update && apt-get install -y --no-install-recommends python3
USER 1000
CMD ["python3", "/srv/app.py"]
"""


class Terminal:
    """A program in a terminal of its own."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self.pid, self.end = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execve(command[0], command, environment)
        fcntl.ioctl(self.end, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 160, 0, 0))

    def read(self, seconds: float) -> str:
        """What was drawn within a time, without how."""
        drawn, deadline = b"", time.monotonic() + seconds
        while time.monotonic() < deadline and select.select([self.end], [], [], min(seconds, 0.6))[0]:
            try:
                new = os.read(self.end, 1 << 16)
            except OSError:
                break
            drawn += new
            if ASKED in new:
                os.write(self.end, ANSWER)
        bare = re.sub(rb"\x1b\[[0-9;?:$<>=]*[A-Za-z]|\x1b[()][A-Z]|\x1b\][^\x07\x1b]*", b" ", drawn)
        return " ".join(bare.decode("utf-8", "replace").split())

    def until(self, *wanted: str, keys: str = "", without: str = "") -> str:
        """Leave what is open and press keys, again until what is drawn then holds some texts, and another one not."""
        deadline, drawn = time.monotonic() + PATIENCE, ""
        while time.monotonic() < deadline:
            self.press("\x1b")  # apart from what follows, else it would stand for the Alt key
            self.read(0.3)
            self.press(keys)
            drawn = self.read(2.0)
            if all(word in drawn for word in wanted) and not (without and without in drawn):
                return drawn
        raise AssertionError(f"never drawn: {wanted}, last: {drawn}")

    def press(self, keys: str) -> None:
        """Press keys."""
        os.write(self.end, keys.encode())

    def close(self) -> None:
        """End the program."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.end)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    if PROGRAM is None:
        pytest.skip("there is no helix (hx)")
    home, folder = tmp_path / "home", tmp_path / "project"
    (home / ".config" / "helix").mkdir(parents=True)
    (folder / ".git").mkdir(parents=True)
    (folder / "app.py").write_text("print('hello')\n")
    (folder / "run.log").write_text("")
    (folder / ".dockerignore").write_text("*.log\n")
    (folder / "Dockerfile").write_text(DOCKERFILE)
    blocks = re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (home / ".config" / "helix" / "languages.toml").write_text("\n".join(blocks))
    environment = {"HOME": str(home), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    environment["PATH"] = os.pathsep.join((os.path.dirname(sys.executable), "/usr/bin", "/bin"))
    found = Terminal([PROGRAM, "-vv", "--log", str(tmp_path / "log"), "Dockerfile"], folder, environment)
    yield found
    found.close()


def test_helix(terminal: Terminal, tmp_path: Path) -> None:
    terminal.until(TOLD, keys=":4\r:redraw\r")
    assert '"initializationOptions":{"preset":"strict"}' in (tmp_path / "log").read_text()
    terminal.until("1 file", keys=":3\r k")
    terminal.until("DG411: remove", keys=":4\r]d a")
    terminal.press("\r")
    terminal.until("rm -rf /var/lib/apt/lists/*", keys=":4\r:redraw\r", without=TOLD)
    terminal.until("written", keys=":w\r")
    saved = (tmp_path / "project" / "Dockerfile").read_text()
    assert saved == DOCKERFILE.replace("python3\n", "python3 && rm -rf /var/lib/apt/lists/*\n", 1)
    terminal.until("drops 1 of the build context", keys=":o .dockerignore\r:1\r k")
