"""What commands keep of their arguments, and in which file."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from dfguard.shell.commands import Command
from dfguard.shell.script import read_script
from dfguard.shell.settings import setting_of
from dfguard.source import Source


def command_of(text: str) -> Command:
    source = Source("Dockerfile", text)
    return read_script(source.whole).commands[-1]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("git config --global user.name x", "~/.gitconfig"),
        ("git config user.name x", ".git/config"),
        ("git -C /r config user.name x", "/r/.git/config"),
        ("git config --file f user.name x", "f"),
        ("git config --global --get user.name", None),
        ("git config --list", None),
        ("git clone --depth 1 -b v1 https://h/a/b.git", "b/.git/config"),
        ("git clone https://h/a/b /src/", "/src/.git/config"),
        ("git clone --bare https://h/a/b.git", "b.git/config"),
        ("git -C /w clone git@h:a/b.git", "/w/b/.git/config"),
        ("git clone --help", None),
        ("git -c http.extraheader=x fetch", None),
        ("git remote add o https://h/x", ".git/config"),
        ("git remote -v", None),
        ("npm config set k v", "~/.npmrc"),
        ("npm config set --location=project k v", ".npmrc"),
        ("npm config get k", None),
        ("npm install", None),
        ("pip config set global.index-url https://h", "~/.config/pip/pip.conf"),
        ("pip config --global set global.index-url https://h", "/etc/pip.conf"),
        ("pip install x", None),
        ("aws configure set aws_secret_access_key x", "~/.aws/credentials"),
        ("aws configure set region x", "~/.aws/config"),
        ("docker login -u a -p b", "~/.docker/config.json"),
        ("docker --config /c build .", None),
        ("helm repo add n https://h --username u --password p", "~/.config/helm/repositories.yaml"),
        ("echo x", None),
    ],
)
def test_the_file_of_a_setting(text: str, path: str | None) -> None:
    setting = setting_of(command_of(text))
    assert (setting.path if setting else None) == path


@pytest.mark.parametrize(
    "text",
    [
        "git config --global --unset user.name",
        "git config --remove-section url.x",
        "npm config delete //r/:_authToken",
        "pip config unset global.index-url",
        "docker logout",
        "helm registry logout h",
        "yarn config delete k",
    ],
)
def test_settings_that_are_taken_back(text: str) -> None:
    setting = setting_of(command_of(text))
    assert setting is not None
    assert setting.undone


TRIED = [
    'git config --global url."https://MARK@h/".insteadOf https://h/',
    "cd repo && git config a.b MARK",
    "git -C repo remote add o https://u:MARK@h/x",
    "git -C repo config --file=x a.b MARK",
    "git clone -q MARK.git",
    "git clone -q MARK.git there",
    "git clone -q --bare MARK.git bare",
    "npm config set //r/:_authToken MARK",
    "cd repo && npm config set --location=project //r/:_authToken=MARK",
    "pip config --user set global.index-url https://u:MARK@h/simple",
]


@pytest.mark.parametrize("text", TRIED)
def test_programs_write_where_the_table_says(text: str, tmp_path: Path) -> None:
    program = command_of(text).program
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not here")
    setting = setting_of(command_of(text))
    assert setting is not None
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    (work / "repo").mkdir(parents=True)
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1"}
    prepare = "git init -q repo; git init -q --bare MARK.git; echo '{}' > repo/package.json"
    subprocess.run(f"{prepare}; {text}", shell=True, cwd=work, env=environment, check=True, capture_output=True)
    folder = work / "repo" if text.startswith("cd repo") else work
    path = home / setting.path[2:] if setting.path.startswith("~/") else folder / setting.path
    assert "MARK" in path.read_text()
