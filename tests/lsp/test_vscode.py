"""The extension for VS Code can be compiled and packed."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from dfguard.lsp.settings import names
from dfguard.presets import PRESETS

EXTENSION = Path(__file__).parent.parent.parent / "editors" / "vscode"


def test_each_setting_of_the_extension_is_one_of_the_server() -> None:
    manifest = json.loads((EXTENSION / "package.json").read_text())
    offered = {key.removeprefix("dfguard.") for key in manifest["contributes"]["configuration"]["properties"]}
    assert offered - {"path"} <= set(names())
    presets = manifest["contributes"]["configuration"]["properties"]["dfguard.preset"]["enum"]
    assert presets == [*PRESETS, None]
    restricted = manifest["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"]
    assert "dfguard.path" in restricted, "else a workspace could choose what is executed"


@pytest.mark.editor
def test_the_extension_is_packed(tmp_path: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("there is no npm")
    left_out = shutil.ignore_patterns("node_modules", "out", "*.vsix")
    shutil.copytree(EXTENSION, tmp_path / "vscode", ignore=left_out)
    install = [npm, "install", "--no-audit", "--no-fund", "--loglevel=error"]
    installed = subprocess.run(install, cwd=tmp_path / "vscode", capture_output=True, text=True, timeout=300)
    if installed.returncode:
        pytest.skip(f"npm install: {installed.stderr.strip()[-200:]}")
    packed = subprocess.run(
        [npm, "run", "package"], cwd=tmp_path / "vscode", capture_output=True, text=True, timeout=300
    )
    assert packed.returncode == 0, packed.stdout + packed.stderr
    with zipfile.ZipFile(tmp_path / "vscode" / "dfguard.vsix") as archive:
        held = archive.namelist()
    assert "extension/out/extension.js" in held
    assert any(name.startswith("extension/node_modules/vscode-languageclient/") for name in held)
