"""The hooks by the real pre-commit, in scratch git repositories that hold every name a Dockerfile goes by."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from image_archives import config_json, layer_tar, tar_of
from installed_hooks import Installed, hooks  # noqa: F401  a fixture
from scratch import ROOT, commit_all, environment, git, hook_repository, pre_commit, without_network
from test_hooks_manifest import LEFT, TAKEN

pytestmark = pytest.mark.hooks

BAD = "FROM debian:12.8-slim\nRUN cd /opt\nUSER 1000\n"
FIXABLE = "FROM debian:12.8-slim\nRUN apt-get update && apt-get install -y curl\nMAINTAINER me\nUSER 1000\n"


def project(folder: Path, installed: Installed, *hook_ids: str, files: dict[str, str]) -> Path:
    """A user's repository with files and hooks, committed."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / ".pre-commit-config.yaml").write_text(installed.config(*hook_ids))
    commit_all(folder, installed.env)
    return folder


def report(output: str) -> dict[str, Any]:
    """The JSON report in what `pre-commit run --verbose` prints."""
    found: dict[str, Any] = json.loads(output[output.index("\n{") : output.rindex("\n}") + 2])
    return found


def test_every_name_is_checked_offline(hooks: Installed, tmp_path: Path) -> None:  # noqa: F811
    names = [name for name in TAKEN if re.search("dockerfile|containerfile", name, re.I) and "ignore" not in name]
    files = dict.fromkeys(names, BAD) | {".dockerignore": "*.log\n", "web/app.Dockerfile.dockerignore": "*\n"}
    files |= {name: BAD for name in LEFT if not name.startswith("Dockerfile/")}
    hook = "dfguard, verbose: true, args: [--isolated, --format, json, --exit-zero]"
    folder = project(tmp_path / "user", hooks, hook, files=files)
    said = pre_commit(folder, "run", "--all-files", env=hooks.env, before=without_network())
    assert said.returncode == 0, said.stdout + said.stderr
    data = report(said.stdout)
    assert {path for path in data["files"] if not path.endswith("ignore")} == set(names)
    assert {".dockerignore", "web/app.Dockerfile.dockerignore"} <= set(data["files"])
    assert {f["path"] for f in data["findings"] if f["code"] == "DG603"} == set(names)


def test_findings_fail_the_commit_and_clean_files_pass(hooks: Installed, tmp_path: Path) -> None:  # noqa: F811
    folder = project(tmp_path / "user", hooks, "dfguard", files={"Dockerfile": BAD, "notes.md": "RUN cd\n"})
    said = pre_commit(folder, "run", "--all-files", env=hooks.env)
    assert said.returncode == 1
    assert "warning[DG603]" in said.stdout
    (folder / "Dockerfile").write_text("FROM debian:12.8-slim\nUSER 1000\n")
    git(folder, "add", "-A", env=hooks.env)
    assert pre_commit(folder, "run", env=hooks.env).returncode == 0
    git(folder, "commit", "-q", "-m", "mended", env=hooks.env)
    (folder / "notes.md").write_text("RUN cd /x\n")
    git(folder, "add", "-A", env=hooks.env)
    assert "(no files to check)Skipped" in pre_commit(folder, "run", env=hooks.env).stdout


def test_the_fix_hook_mends_once_and_then_passes(hooks: Installed, tmp_path: Path) -> None:  # noqa: F811
    folder = project(tmp_path / "user", hooks, "dfguard-fix", files={"Dockerfile": FIXABLE, "b.dockerfile": FIXABLE})
    said = pre_commit(folder, "run", "--all-files", env=hooks.env)
    assert said.returncode == 1, said.stdout
    assert "files were modified by this hook" in said.stdout
    assert all("rm -rf /var/lib/apt/lists" in (folder / name).read_text() for name in ("Dockerfile", "b.dockerfile"))
    git(folder, "add", "-A", env=hooks.env)
    assert pre_commit(folder, "run", "--all-files", env=hooks.env).returncode == 0


def test_a_new_key_triggers_the_context_hook(hooks: Installed, tmp_path: Path) -> None:  # noqa: F811
    files = {"Dockerfile": "FROM debian:12.8-slim\nCOPY . /srv/\nUSER 1000\n", "app.py": "", ".dockerignore": ".git\n"}
    folder = project(tmp_path / "user", hooks, "dfguard", "dfguard-context", files=files)
    before = pre_commit(folder, "run", env=hooks.env)
    assert before.returncode == 0, before.stdout
    key = "-----BEGIN OPENSSH " + "PRIVATE KEY-----\nbm90IGEgcmVhbCBrZXk=\n-----END OPENSSH " + "PRIVATE KEY-----\n"
    (folder / "server.pem").write_text(key)
    git(folder, "add", "-A", env=hooks.env)
    said = pre_commit(folder, "run", env=hooks.env)
    assert said.returncode == 1, said.stdout
    assert "server.pem" in said.stdout
    assert re.search(r"^dfguard\.+\(no files to check\)Skipped$", said.stdout, re.M)
    assert re.search(r"^dfguard context\.+Failed$", said.stdout, re.M)


def test_the_verify_hook_runs_by_hand_only(hooks: Installed, tmp_path: Path) -> None:  # noqa: F811
    hook = "dfguard-verify, args: [--image, missing.tar, Dockerfile]"
    folder = project(tmp_path / "user", hooks, hook, files={"Dockerfile": BAD})
    assert "dfguard verify" not in pre_commit(folder, "run", "--all-files", env=hooks.env).stdout
    said = pre_commit(folder, "run", "--hook-stage", "manual", "dfguard-verify", env=hooks.env)
    assert said.returncode == 1
    assert "missing.tar" in said.stdout


STORY = """\
FROM scratch
COPY . /app/
RUN rm /app/.env
USER app
"""


def image(folder: Path, secret: str) -> None:
    """An image of the story, as `docker save` writes it, whose .env held a text."""
    layers = [layer_tar({"app/.env": secret.encode(), "app/main.py": b""}), layer_tar({"app/.wh..env": b""})]
    steps = (("COPY . /app/ # buildkit", False), ("RUN /bin/sh -c rm /app/.env # buildkit", False), ("USER app", True))
    history = [{"created_by": text, "comment": "buildkit.dockerfile.v0", "empty_layer": empty} for text, empty in steps]
    names = [f"{index}.tar" for index in range(len(layers))]
    manifest = json.dumps([{"Config": "c.json", "RepoTags": ["app:1"], "Layers": names}])
    members = {"manifest.json": manifest.encode(), "c.json": config_json(layers, history=history)}
    (folder / "app.tar").write_bytes(tar_of({**members, **dict(zip(names, layers, strict=True))}))


def test_the_verify_hook_holds_findings_against_the_image(hooks: Installed, tmp_path: Path) -> None:  # noqa: F811
    secret = "DB_PASSWORD=s3cr3t-Pa55w0rd-of-nobody\n"
    hook = "dfguard-verify, verbose: true, args: [--image, app.tar, Dockerfile]"
    files = {"Dockerfile": STORY, ".env": secret, "main.py": "", ".dockerignore": ".git\napp.tar\n.pre-commit*\n"}
    folder = project(tmp_path / "user", hooks, hook, files=files)
    run = ("run", "--hook-stage", "manual", "dfguard-verify")

    image(folder, secret)
    said = pre_commit(folder, *run, env=hooks.env, before=without_network())
    assert said.returncode == 1, said.stdout
    assert re.search(r"^dfguard verify\.+Failed$", said.stdout, re.M)
    assert "error[DG101]" in said.stdout and "confirmed: " in said.stdout
    assert "Pa55w0rd" not in said.stdout

    image(folder, "PORT=80\n")  # built when the file held none: the finding is refuted, and fails nothing
    said = pre_commit(folder, *run, env=hooks.env)
    assert said.returncode == 0, said.stdout
    assert "refuted: " in said.stdout

    (folder / ".dockerignore").write_text(".git\napp.tar\n.pre-commit*\n.env\n")
    (folder / "Dockerfile").write_text(STORY.replace("RUN rm /app/.env\n", ""))
    git(folder, "add", "-A", env=hooks.env)  # pre-commit lays aside what is not
    said = pre_commit(folder, *run, env=hooks.env)
    assert said.returncode == 0, said.stdout
    assert re.search(r"^dfguard verify\.+Passed$", said.stdout, re.M)
    assert "DG101" not in said.stdout


def test_try_repo_online(hooks: Installed, tmp_path: Path) -> None:  # noqa: F811
    """As README tells to try it: pre-commit clones, pip asks an index."""
    env = environment(tmp_path)
    hook_repository(tmp_path / "dfguard", env)
    shutil.copytree(ROOT / "examples" / "leaked-env", tmp_path / "user")
    commit_all(tmp_path / "user", env)
    said = pre_commit(tmp_path / "user", "try-repo", str(tmp_path / "dfguard"), "dfguard", "--all-files", env=env)
    assert said.returncode == 1, said.stdout + said.stderr
    assert "error[DG101]" in said.stdout
