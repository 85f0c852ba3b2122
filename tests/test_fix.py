"""`dfguard fix` on real files: what is written, what is not, and what is said."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dfguard.cli.main import main

MENDABLE = 'FROM scratch\nCMD ["a"]\nCMD ["b"]\n'
MENDED = 'FROM scratch\nCMD ["b"]\n'
UNSAFE = "FROM debian:12.8-slim\nRUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\nUSER 1\n"
SAID = "fixed Dockerfile:2: DG708 instruction-overridden: delete this CMD"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def dfguard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, stdin: str | None = None) -> tuple[int, str, str]:
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        code = main(arguments)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "Dockerfile"
    path.write_text(MENDABLE)
    return path


@pytest.mark.parametrize("command", [("fix",), ("check", "--fix")])
def test_safe_fixes_are_written_and_told(command: tuple[str, ...], dfguard: Run, file: Path) -> None:
    code, out, _ = dfguard(*command, "--select", "DG708", "Dockerfile")
    assert (code, file.read_text()) == (0, MENDED)
    assert SAID in out
    assert "No findings in 1 file; fixed 1." in out


def test_line_ends_bom_comments_and_bytes_that_are_no_text_survive(dfguard: Run, file: Path) -> None:
    file.write_bytes(b'\xef\xbb\xbfFROM scratch\r\n# \xff kept\r\n\r\nCMD ["a"]\r\nLABEL a="\xff"\r\nCMD ["b"]')
    dfguard("fix", "Dockerfile")
    assert file.read_bytes() == b'\xef\xbb\xbfFROM scratch\r\n# \xff kept\r\n\r\nLABEL a="\xff"\r\nCMD ["b"]'


def test_unsafe_fixes_are_held_back_counted_and_applied_on_request(dfguard: Run, file: Path) -> None:
    file.write_text(UNSAFE)
    _, out, _ = dfguard("fix", "Dockerfile")
    assert file.read_text() == UNSAFE
    assert "1 fixable by dfguard fix --unsafe-fixes" in out
    dfguard("fix", "--unsafe-fixes", "Dockerfile")
    assert "--no-install-recommends" in file.read_text()


@pytest.mark.parametrize("options", [("--unfixable", "DG708"), ("--fixable", "DG4"), ("--ignore", "DG708")])
def test_rules_whose_fixes_are_not_wanted(options: tuple[str, ...], dfguard: Run, file: Path) -> None:
    dfguard("fix", *options, "Dockerfile")
    assert file.read_text() == MENDABLE


def test_a_diff_writes_nothing_and_fails_while_there_is_something_to_fix(dfguard: Run, file: Path) -> None:
    code, out, err = dfguard("fix", "--diff", "Dockerfile")
    assert (code, file.read_text()) == (1, MENDABLE)
    assert out == '--- a/Dockerfile\n+++ b/Dockerfile\n@@ -1,3 +1,2 @@\n FROM scratch\n-CMD ["a"]\n CMD ["b"]\n'
    assert "would fix 1 in 1 file" in err
    subprocess.run(["patch", "-s", "-p1"], input=out.encode(), cwd=file.parent, check=True)
    assert file.read_text() == MENDED
    assert dfguard("fix", "--diff", "Dockerfile")[0] == 0


def test_secrets_in_a_diff_are_masked_and_that_is_said(dfguard: Run, file: Path) -> None:
    token = "ghp_" + "x7Qm2" * 7 + "z"
    file.write_text(f"FROM scratch\nCMD a\nENV TOKEN={token}\nCMD b\n")
    _, out, err = dfguard("fix", "--diff", "Dockerfile")
    assert "-CMD a\n ENV TOKEN=****" in out
    assert token not in out + err
    assert "secrets are masked" in err


def test_standard_input_comes_out_mended(dfguard: Run, tmp_path: Path) -> None:
    code, out, err = dfguard("fix", "--select", "DG708", "-", stdin=MENDABLE)
    assert (code, out, "fixed 1; 0 left" in err) == (0, MENDED, True)
    assert dfguard("fix", "-", stdin="FROM scratch\n")[1] == "FROM scratch\n"
    assert not list(tmp_path.iterdir())


def test_standard_input_that_is_refused_comes_out_as_it_was(dfguard: Run) -> None:
    code, out, _ = dfguard("fix", "-", stdin="FROM scratch\nCOPY <<EOF /a\n")
    assert (code, out) == (4, "FROM scratch\nCOPY <<EOF /a\n")


def test_the_json_report_tells_what_was_mended(dfguard: Run, file: Path) -> None:
    report = json.loads(dfguard("fix", "--format", "json", "--select", "DG708", "Dockerfile")[1])
    assert report["findings"] == []
    assert report["fixed"] == [
        {"path": "Dockerfile", "line": 2, "code": "DG708", "name": "instruction-overridden",
         "title": "delete this CMD", "class": "identical"}
    ]  # fmt: skip


def test_one_file_that_can_not_be_mended_does_not_stop_the_others(dfguard: Run, file: Path) -> None:
    (file.parent / "a.Dockerfile").write_bytes(b"FROM scratch\0")
    code, _, err = dfguard("fix", "a.Dockerfile", "Dockerfile")
    assert (code, file.read_text()) == (4, MENDED)
    assert "a.Dockerfile" in err


def test_ignore_files_are_mended_too(dfguard: Run, file: Path) -> None:
    (file.parent / "a").touch()
    (file.parent / ".dockerignore").write_text("a\nb\na\n")
    file.write_text("FROM scratch\nCOPY . /\n")
    _, out, _ = dfguard("fix", "--select", "ignore-line-repeated", ".")
    assert (file.parent / ".dockerignore").read_text() in ("a\nb\n", "b\na\n")
    assert "fixed .dockerignore:" in out


def test_a_link_to_a_dockerfile_stays_one(dfguard: Run, file: Path) -> None:
    real = file.rename(file.parent / "real")
    file.symlink_to("real")
    dfguard("fix", "Dockerfile")
    assert (file.is_symlink(), real.read_text()) == (True, MENDED)


def test_mode_and_owner_stay(dfguard: Run, file: Path) -> None:
    file.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(file, 12, 34)
    before = file.stat()
    dfguard("fix", "Dockerfile")
    after = file.stat()
    assert file.read_text() == MENDED
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)


def unprivileged(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run as a user whom modes of files bind; the tests may run as root."""
    bound = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    command = [*bound, sys.executable, "-m", "dfguard", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_may_not_be_written_is_said_and_left(what: str, tmp_path: Path, file: Path) -> None:
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("needs setpriv (util-linux) to give up the rights of root")
    (file if what == "file" else tmp_path).chmod(0o444 if what == "file" else 0o555)
    try:
        run = unprivileged(tmp_path, "fix", "--select", "DG708", "Dockerfile")
    finally:
        tmp_path.chmod(0o755)
    assert run.returncode == 2
    assert [line for line in run.stderr.splitlines() if "can't be written" in line] == run.stderr.splitlines()
    assert (file.read_text(), sorted(os.listdir(tmp_path))) == (MENDABLE, ["Dockerfile"])
    assert "fixed" not in run.stdout


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("needs the right to mount a small disk")
    try:
        file = disk / "Dockerfile"
        text = "# " + "x" * 30_000 + "\n" + MENDABLE
        file.write_text(text)
        with (disk / "rest").open("wb") as rest, pytest.raises(OSError, match="No space"):
            rest.write(b"x" * 64 * 1024)
        command = [sys.executable, "-m", "dfguard", "fix", str(file)]
        run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert run.returncode == 2
        assert "can't be written: No space left on device" in run.stderr
        assert (file.read_text(), sorted(os.listdir(disk))) == (text, ["Dockerfile", "rest"])
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_file_that_another_run_holds_is_left(dfguard: Run, file: Path) -> None:
    with file.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        code, _, err = dfguard("fix", "Dockerfile")
    assert (code, file.read_text()) == (2, MENDABLE)
    assert "Dockerfile: can't be written: is being written by another run" in err


def test_a_file_that_changes_meanwhile_is_left(dfguard: Run, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dfguard import atomic, fixing

    write = atomic.replace_all

    def late(*arguments: object) -> None:
        file.write_text("FROM alpine\n")
        write(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(fixing, "replace_all", late)
    code, _, err = dfguard("fix", "Dockerfile")
    assert (code, file.read_text()) == (2, "FROM alpine\n")
    assert "was changed meanwhile" in err


def test_two_runs_at_once_leave_one_of_both_texts(file: Path) -> None:
    command = [sys.executable, "-m", "dfguard", "fix", "Dockerfile"]
    runs = [
        subprocess.Popen(command, cwd=file.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)
    ]
    for run in runs:
        run.communicate()
    assert (file.read_text(), os.listdir(file.parent)) == (MENDED, ["Dockerfile"])


def test_an_interrupt_leaves_old_or_new_text_and_no_scraps(file: Path) -> None:
    for delay in (0.05, 0.15, 0.25, 0.35, 0.5):
        file.write_text(MENDABLE * 300)
        command = [sys.executable, "-m", "dfguard", "fix", "Dockerfile"]
        run = subprocess.Popen(command, cwd=file.parent, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        time.sleep(delay)
        run.send_signal(signal.SIGINT)
        _, err = run.communicate()
        text = file.read_text()
        assert text == MENDABLE * 300 or text.count('CMD ["a"]') == 0
        assert os.listdir(file.parent) == ["Dockerfile"]
        assert run.returncode != 130 or err.decode().strip() == "dfguard: interrupted"


def test_asked_about_each_fix(file: Path) -> None:
    file.write_text('FROM scratch\nCMD ["a"]\nCMD ["b"]\nENTRYPOINT ["a"]\nENTRYPOINT ["b"]\n')
    parent, child = pty.openpty()
    command = [sys.executable, "-m", "dfguard", "fix", "--interactive", "--select", "DG708", "Dockerfile"]
    run = subprocess.Popen(command, cwd=file.parent, stdin=child, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    os.write(parent, b"what\nn\ny\n")
    _, err = run.communicate(timeout=60)
    os.close(parent)
    os.close(child)
    assert file.read_text() == 'FROM scratch\nCMD ["a"]\nCMD ["b"]\nENTRYPOINT ["b"]\n'
    assert '- CMD ["a"]' in err.decode()
    assert err.decode().count("apply this fix?") == 3


def test_asking_needs_a_terminal(dfguard: Run, file: Path) -> None:
    code, _, err = dfguard("fix", "--interactive", "-", stdin=MENDABLE)
    assert (code, "--interactive asks on the terminal" in err) == (2, True)
