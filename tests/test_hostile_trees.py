"""Build contexts that are meant to hurt, through the command line: said, bounded, no traceback."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs the names and links of POSIX")

DOCKERFILE = "FROM scratch\nCOPY . /app\n"


def run(folder: Path, *words: str, megabytes: int = 0) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own, which may take so much memory."""

    def limit() -> None:
        if megabytes:
            resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))

    command = [sys.executable, "-m", "dfguard", *words]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent), "PYTHONUTF8": "1"}
    made = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, timeout=300, check=False, preexec_fn=limit
    )
    out, err = made.stdout.decode("utf-8", "strict"), made.stderr.decode("utf-8", "strict")
    assert "Traceback" not in err
    return subprocess.CompletedProcess(command, made.returncode, out, err)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    return tmp_path


@pytest.mark.parametrize("command", ["check", "context", "layers"])
def test_links_in_circles_are_not_followed(folder: Path, command: str) -> None:
    (folder / "inner").mkdir()
    for place, target in (("loop", "loop"), ("inner/up", ".."), ("a", "b"), ("b", "a"), ("inner/out", "/etc")):
        os.symlink(target, folder / place)
    (folder / "inner" / ".env").write_text("API_TOKEN=" + "glpat-" + "ThisIsNotARealToken00\n")
    made = run(folder, command)
    assert "up/inner" not in made.stdout
    assert "passwd" not in made.stdout
    if command == "check":
        assert "inner/.env" in made.stdout
        assert made.returncode == 1


@pytest.mark.parametrize("command", ["check", "context", "layers"])
def test_names_that_are_no_words(folder: Path, command: str) -> None:
    """A line end, a byte that is no UTF-8, a terminal's escape, a direction mark: shown as such, never raw."""
    names = (b"new\nline", b"caf\xe9", b"red\x1b[31m", "right\u202eleft".encode())
    for name in names:
        inner = os.path.join(os.fsencode(folder), name)
        os.mkdir(inner)
        with open(os.path.join(inner, b".env"), "wb") as file:
            file.write(b"API_TOKEN=" + b"glpat-" + b"ThisIsNotARealToken00\n")
    made = run(folder, command)
    assert "\x1b[31m" not in made.stdout
    assert "new\nline/.env" not in made.stdout
    if command == "check":
        assert re.search(r"DG10[12]", made.stdout)
        assert made.returncode == 1


def test_a_name_that_is_no_utf8_in_json(folder: Path) -> None:
    inner = os.path.join(os.fsencode(folder), b"caf\xe9")
    os.mkdir(inner)
    with open(os.path.join(inner, b".env"), "wb") as file:
        file.write(b"API_TOKEN=" + b"glpat-" + b"ThisIsNotARealToken00\n")
    assert json.loads(run(folder, "check", "--format", "json").stdout)


def test_a_folder_that_nobody_may_read(folder: Path) -> None:
    (folder / "closed").mkdir()
    (folder / "closed" / "file").write_text("x")
    (folder / "closed").chmod(0)
    try:
        if os.access(folder / "closed", os.R_OK):
            pytest.skip("this user may read everything (root): tests/context tells it with os.access replaced")
        made = run(folder, "check")
    finally:
        (folder / "closed").chmod(0o755)
    assert "closed" in made.stdout + made.stderr


def test_an_ignore_file_of_ten_megabytes(folder: Path) -> None:
    write_ignore(folder, 50_000, "x" * 192)
    made = run(folder, "check")
    assert made.returncode in (0, 1), made.stderr
    assert made.stderr == ""


def test_an_ignore_file_of_too_many_lines(folder: Path) -> None:
    write_ignore(folder, 330_000, "x" * 14)
    made = run(folder, "check")
    assert made.returncode == 2
    assert made.stderr == "dfguard: .dockerignore: holds more than 200,000 patterns, which is more than is looked at\n"


def write_ignore(folder: Path, count: int, filling: str) -> None:
    lines = [f"folder{number}/{'**/' * (number % 20 == 0)}*.{filling}{number}" for number in range(count)]
    (folder / ".dockerignore").write_text("\n".join(lines) + "\n")
    assert (folder / ".dockerignore").stat().st_size > 10_000_000
    (folder / "kept.txt").write_text("x")


def test_a_folder_of_very_many_files_takes_bounded_memory(folder: Path) -> None:
    """20,000 files in 400 MB of address space; DFGUARD_FULL=1 makes a million of them in 3 GB."""
    count, megabytes = (1_000_000, 3000) if os.environ.get("DFGUARD_FULL") else (20_000, 400)
    many = os.path.join(folder, "many")
    os.mkdir(many)
    for number in range(count):
        os.close(os.open(f"{many}/file{number}", os.O_CREAT | os.O_WRONLY, 0o644))
    (folder / ".env").write_text("API_TOKEN=" + "glpat-" + "ThisIsNotARealToken00\n")
    made = run(folder, "check", megabytes=megabytes)
    assert ".env" in made.stdout
    assert made.returncode == 1
    if count >= 1_000_000:
        assert "more than 1,000,000 files" in made.stdout + made.stderr
