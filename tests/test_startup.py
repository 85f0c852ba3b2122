"""What a plain check must not import: start-up is most of what a check of one file costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

MUST_NOT = (
    "libcst", "pygls", "rich", "logging", "inspect", "pathspec", "dataclasses", "tomli", "subprocess",
    "dockerfile_parse", "difflib", "tempfile", "dfguard.context.pathspec_view", "dfguard.dockerfile.second",
)  # fmt: skip
SCRIPT = """
import sys
before = set(sys.modules)
from dfguard.cli.main import main
code = main(sys.argv[1:])
sys.stdout.flush()
print(code, *sorted(set(sys.modules) - before), file=sys.stderr)
"""
DOCKERFILE = """\
FROM debian:12.8-slim
WORKDIR /srv
COPY . .
RUN apt-get update && apt-get install -y curl
RUN rm -f id_rsa && ./configure && make install
"""
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nbm90IGEgcmVhbCBrZXk=\n-----END OPENSSH PRIVATE KEY-----\n"


def test_a_plain_check_imports_nothing_slow(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / ".dockerignore").write_text("**/*.log\n!keep.log\n")
    (tmp_path / "id_rsa").write_text(
        "-----BEGIN OPENSSH PRIVATE KEY-----\nbm90IGEgcmVhbCBrZXk=\n-----END OPENSSH PRIVATE KEY-----\n"
    )
    (tmp_path / "app.py").write_text("print('hello')\n")
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, "check", "Dockerfile"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    code, *loaded = run.stderr.splitlines()[-1].split()
    assert code == "1", run.stderr
    assert "DG101" in run.stdout
    assert "tree_sitter._binding" in loaded, "the RUNs were not read, so this test shows nothing"
    assert sorted(set(loaded) & set(MUST_NOT)) == []


def test_only_the_rules_that_can_fire_are_imported(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text('FROM scratch\nUSER 1000\nCMD ["/app"]\n')
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, "check", "Dockerfile"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    loaded = run.stderr.splitlines()[-1].split()
    assert loaded[0] == "0", run.stderr
    assert [name for name in loaded if name.startswith("dfguard.rules.packages.")] == []
    assert [name for name in loaded if "tree_sitter" in name] == []
