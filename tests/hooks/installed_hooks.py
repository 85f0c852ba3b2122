"""One store of pre-commit for all tests: the hooks are installed once, from wheels, without a network."""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path

import pytest
from scratch import commit_all, config, download_wheels, environment, hook_repository, pre_commit, without_network

WHY = "set DFGUARD_HOOKS=1 where pip reaches an index: it fetches wheels and installs hooks"


class Installed:
    """Hooks that are installed: where from, and the environment to run them in."""

    def __init__(self, repository: Path, revision: str, env: dict[str, str]) -> None:
        self.repository = repository
        self.revision = revision
        self.env = env

    def config(self, *hooks: str) -> str:
        """A `.pre-commit-config.yaml` with these hooks."""
        return config(str(self.repository), self.revision, hooks)


@cache
def _wheels(base: Path) -> Path:
    folder = base / "wheels"
    folder.mkdir()
    why = download_wheels(folder)
    if why:
        pytest.skip(f"pip download: {why}")
    return folder


@cache  # the fixtures are imported by several modules, and are one each there
def _installed(base: Path) -> Installed:
    folder = base / "hooks"
    (folder / "user").mkdir(parents=True)
    env = environment(folder, _wheels(base))
    installed = Installed(folder / "dfguard", hook_repository(folder / "dfguard", env), env)
    (folder / "user" / ".pre-commit-config.yaml").write_text(installed.config("dfguard"))
    commit_all(folder / "user", env)
    said = pre_commit(folder / "user", "install-hooks", env=env, before=without_network())
    assert said.returncode == 0, said.stdout + said.stderr
    return installed


@pytest.fixture
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The hooks, installed once for all tests."""
    if not os.environ.get("DFGUARD_HOOKS"):
        pytest.skip(WHY)
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    return _installed(tmp_path_factory.getbasetemp())
