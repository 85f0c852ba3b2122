"""Real editors, headless: they open a file, see a finding, hover, mend it, save, and see it gone."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.editor
HERE = Path(__file__).parent
DIGEST = "0123456789abcdef" * 4
DOCKERFILE = f"""\
FROM debian:12.8-slim@sha256:{DIGEST}
WORKDIR /srv
COPY app.py ./
RUN apt-get update && apt-get install -y --no-install-recommends python3
USER 1000
CMD ["python3", "/srv/app.py"]
"""
NEOVIMS = {
    "debian": "/usr/bin/nvim",
    "wheel": os.environ.get("DFGUARD_NEOVIM") or os.path.join(os.path.dirname(sys.executable), "nvim"),
    "newest": os.environ.get("DFGUARD_NEWEST_NEOVIM", "neovim of newest.sh"),
}
PAGES = HERE.parent.parent / "docs" / "editors"
SHOW = """
local start = vim.loop.hrtime()
vim.wait(40000, function() return #vim.diagnostic.get(0) > 0 end, 20)
for _, each in ipairs(vim.diagnostic.get(0)) do
  io.stdout:write(vim.fn.json_encode({ step = 'seen', value = each.code }) .. '\\n')
end
vim.cmd('qa!')
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / "app.py").write_text("print('hello')\n")
    return tmp_path


def played(command: list[str], folder: Path) -> dict[str, str]:
    """What each step of a driver tells."""
    programs = os.pathsep.join((os.path.dirname(sys.executable), os.environ["PATH"]))
    environment = {
        **os.environ,
        "PATH": programs,
        "DFGUARD_FILE": "Dockerfile",
        "DFGUARD_PYTHON": sys.executable,
        "HOME": str(folder),
    }
    run = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL
    )
    steps = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    assert steps, run.stderr
    return {step["step"]: step["value"] or "" for step in steps}


def check_steps(steps: dict[str, str], folder: Path) -> None:
    assert "1 file" in steps["hover"]
    assert steps["action"].startswith("DG411")
    assert steps["left"] == ""
    assert (folder / "Dockerfile").read_text() == DOCKERFILE.replace(
        "python3\n", "python3 && rm -rf /var/lib/apt/lists/*\n"
    )


@pytest.mark.parametrize("version", NEOVIMS)
def test_neovim(version: str, project: Path) -> None:
    program = NEOVIMS[version]
    if not os.access(program, os.X_OK):
        pytest.skip(f"there is no {program}")
    steps = played([program, "--headless", "--clean", "-u", "NONE", "-c", f"luafile {HERE / 'drive.lua'}"], project)
    assert steps["seen"] == "DG411"
    check_steps(steps, project)


@pytest.mark.parametrize("version", ["wheel", "newest"])
def test_neovim_with_what_its_page_says(version: str, project: Path) -> None:
    program = NEOVIMS[version]
    if not os.access(program, os.X_OK):
        pytest.skip(f"there is no {program}")
    block = re.findall(r"```lua\n(.*?)```", (PAGES / "neovim.md").read_text(), re.DOTALL)[0]
    (project / "init.lua").write_text(block)
    (project / "show.lua").write_text(SHOW)
    command = [program, "--headless", "--clean", "-u", "init.lua", "Dockerfile", "-c", "luafile show.lua"]
    assert played(command, project) == {"seen": "DG411"}


def test_emacs_with_what_its_page_says(project: Path) -> None:
    program = shutil.which("emacs")
    if program is None:
        pytest.skip("there is no emacs")
    block = re.findall(r"```elisp\n(.*?)```", (PAGES / "emacs.md").read_text(), re.DOTALL)[0]
    mode = '(define-derived-mode dockerfile-mode prog-mode "Dockerfile")'
    (project / "show.el").write_text(
        f"""(package-initialize) {mode} {block}
        (find-file "Dockerfile") (dockerfile-mode) (run-hooks 'post-command-hook)
        (let ((end (+ (float-time) 40)))
          (while (and (not (flymake-diagnostics)) (< (float-time) end))
            (accept-process-output nil 0.05) (when (bound-and-true-p flymake-mode) (flymake-start))))
        (princ (json-encode `((step . "seen") (value . ,(flymake-diagnostic-text (car (flymake-diagnostics)))))))
        """
    )
    assert "apt-get update" in played([program, "--batch", "-l", "show.el"], project)["seen"]


def test_emacs(project: Path) -> None:
    program = shutil.which("emacs")
    if program is None:
        pytest.skip("there is no emacs")
    command = [program, "--batch", "--eval", "(package-initialize)", "-l", str(HERE / "drive.el")]
    steps = played(command, project)
    assert "apt-get update" in steps["seen"]
    check_steps(steps, project)
