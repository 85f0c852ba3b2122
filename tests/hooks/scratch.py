"""Scratch git repositories for the real pre-commit, and all that a hook needs to be installed without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import tomli

ROOT = Path(__file__).resolve().parent.parent.parent
SHIPPED = ("dfguard", "rules", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")
PRE_COMMIT = (sys.executable, "-m", "pre_commit")


def environment(folder: Path, wheels: Path | None = None) -> dict[str, str]:
    """The variables of a user with a home of his own in `folder`; with `wheels` pip takes these and asks no index."""
    kept = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "PIP_INDEX_URL", "PIP_CACHE_DIR", "SSL_CERT_FILE")
    found = {name: os.environ[name] for name in kept if name in os.environ}
    home = folder / "home"
    home.mkdir(exist_ok=True)
    found |= {"HOME": str(home), "PRE_COMMIT_HOME": str(folder / "store"), "GIT_CONFIG_NOSYSTEM": "1"}
    found |= {f"GIT_{who}_{what}": "a@b.test" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    found |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "VIRTUALENV_NO_PERIODIC_UPDATE": "1"}
    if wheels is not None:
        found |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "PIP_CONFIG_FILE": os.devnull}
    elif "PIP_CACHE_DIR" not in found:
        cache = Path.home() / ".cache" / "pip"
        found |= {"PIP_CACHE_DIR": str(cache)} if cache.is_dir() else {}
    return found


def git(folder: Path, *arguments: str, env: Mapping[str, str]) -> str:
    """Run git in a folder."""
    run = subprocess.run(["git", *arguments], cwd=folder, env=env, check=True, capture_output=True, text=True)
    return run.stdout.strip()


def commit_all(folder: Path, env: Mapping[str, str]) -> str:
    """Make a folder a repository with all its files in one commit, whose id is the result."""
    git(folder, "init", "-q", env=env)
    git(folder, "add", "-A", "-f", env=env)
    git(folder, "commit", "-q", "--no-verify", "-m", "all", env=env)
    return git(folder, "rev-parse", "HEAD", env=env)


def hook_repository(folder: Path, env: Mapping[str, str]) -> str:
    """Lay out what hooks are installed from, committed; the result is the commit's id."""
    folder.mkdir()
    for name in SHIPPED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        else:
            shutil.copyfile(ROOT / name, folder / name)
    return commit_all(folder, env)


def download_wheels(folder: Path) -> str:
    """Fetch all that the installation needs, build backend included; the result says why not, "" when it is there."""
    project = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    command = [sys.executable, "-m", "pip", "download", "-q", "--only-binary=:all:", "-d", str(folder), *wanted]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    return run.stderr.strip().splitlines()[-1] if run.returncode else ""


def config(repository: str, revision: str, hooks: Sequence[str]) -> str:
    """A `.pre-commit-config.yaml` with one repository; each hook is the text of its further keys behind its id."""
    rows = "".join(f"  - {{id: {hook}}}\n" for hook in hooks)
    return f"repos:\n- repo: {repository}\n  rev: {revision}\n  hooks:\n{rows}"


def pre_commit(
    folder: Path, *arguments: str, env: Mapping[str, str], before: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run the real pre-commit in a folder; `before` are words of a command that runs it (`unshare -n`)."""
    command = [*before, *PRE_COMMIT, *arguments, "--color=never"]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=300, check=False)


def without_network() -> tuple[str, ...]:
    """The words that run a command without a network, none where that can't be."""
    tried = ("unshare", "-n")
    if shutil.which("unshare") is None:
        return ()
    run = subprocess.run([*tried, "true"], capture_output=True, check=False)
    return tried if run.returncode == 0 else ()
