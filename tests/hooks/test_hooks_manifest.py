"""Which files the hooks take: the same ones that a walk would."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from pre_commit.clientlib import load_manifest  # type: ignore[import-untyped]
from scratch import ROOT

from dfguard.discovery import is_build_file_name, is_dockerfile_name, is_ignore_file_name

MANIFEST = ROOT / ".pre-commit-hooks.yaml"
HOOKS: dict[str, dict[str, Any]] = {hook["id"]: hook for hook in yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))}

TAKEN = """
Dockerfile dockerfile DOCKERFILE Dockerfile.dev Dockerfile-dev Dockerfile_dev dev.Dockerfile app.dockerfile
Containerfile Containerfile.web x.containerfile a/b/Dockerfile .devcontainer/Dockerfile
.dockerignore Dockerfile.dockerignore app.Dockerfile.dockerignore .containerignore a/.dockerignore
compose.yaml docker-compose.yml compose.prod.yml docker-bake.hcl docker-bake.json ci/prod.bake.hcl
.devcontainer.json .devcontainer/devcontainer.json
""".split()
LEFT = """
dockerfile.py Dockerfile.md Dockerfile.txt Dockerfile.rs dockerfile.go docs/Dockerfile.html Dockerfile.orig
my_dockerfile Dockerfiles dockerfile2 Dockerfile/notes dockerignore.md dockerfiles/readme
compose.py decompose.yaml bake.py package.json main.hcl
""".split()


def takes(hook: str, path: str) -> bool:
    files, exclude = HOOKS[hook]["files"], HOOKS[hook]["exclude"]
    return re.search(files, path) is not None and re.search(exclude, path) is None


def test_pre_commit_accepts_the_manifest() -> None:
    assert [hook["id"] for hook in load_manifest(str(MANIFEST))] == list(HOOKS)
    assert list(HOOKS) == ["dfguard", "dfguard-fix", "dfguard-context", "dfguard-verify"]
    assert {hook["language"] for hook in HOOKS.values()} == {"python"}, "each installs by itself"


@pytest.mark.parametrize("hook", ["dfguard", "dfguard-fix"])
def test_every_name_is_taken_and_what_only_looks_like_one_is_left(hook: str) -> None:
    assert [path for path in TAKEN if not takes(hook, path)] == []
    assert [path for path in LEFT if takes(hook, path)] == []
    assert HOOKS[hook]["require_serial"] is True


@pytest.mark.parametrize("path", [*TAKEN, *LEFT])
def test_hooks_and_walks_agree_on_names(path: str) -> None:
    name = path.rpartition("/")[2]
    walked = is_dockerfile_name(name) or is_ignore_file_name(name) or is_build_file_name(name)
    assert takes("dfguard", path) == walked


def test_the_other_hooks_run_whatever_changed() -> None:
    for hook in ("dfguard-context", "dfguard-verify"):
        assert HOOKS[hook]["always_run"] is True
        assert HOOKS[hook]["pass_filenames"] is False
    assert HOOKS["dfguard-verify"]["stages"] == ["manual"]
