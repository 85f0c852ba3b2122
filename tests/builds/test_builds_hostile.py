"""Files that describe builds, made to hurt: one message with file and line, the others go on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dfguard.cli.main import main

BOMB = "a: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"b{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40)
)
MERGES = (
    "m0: &m0 {"
    + ", ".join(f"k{n}: x" for n in range(900))
    + "}\n"
    + "".join(f"m{n}: &m{n} {{<<: [{', '.join([f'*m{n - 1}'] * 9)}]}}\n" for n in range(1, 40))
)
CASES: dict[str, tuple[str, bytes, str]] = {
    "an alias bomb in the arguments": (
        "compose.yaml",
        f"{BOMB}services:\n  web: {{build: {{context: ., args: *a39}}}}\n".encode(),
        "",
    ),
    "a bomb of merge keys": ("compose.yaml", MERGES.encode(), "`<<` brings in more than"),
    "10 MB": ("compose.yaml", b"services:\n" + b"  # x\n" * 1_700_000, "characters large; expected at most"),
    "deep nesting": ("compose.yaml", b"a: " + b"[" * 5_000, "bad/compose.yaml: line 1: is n"),
    "an alias of itself": ("compose.yaml", b"services: &a\n  web: *a\n", "line 2: the alias *a stands inside"),
    "bad UTF-8": ("compose.yaml", b"services:\n  web: {build: \xff}\n", "line 2: is not UTF-8 text"),
    "a circle of extends": (
        "compose.yaml",
        b"services:\n  a: {extends: b}\n  b: {extends: a, build: .}\n",
        "extends itself; Compose refuses that",
    ),
    "a circle of includes": ("compose.yaml", b"include: [compose.yaml]\nservices: {}\n", "includes itself"),
    "a circle of inherits": (
        "docker-bake.hcl",
        b'target "a" { inherits = ["b"] }\ntarget "b" { inherits = ["a"] }\ngroup "default" { targets = ["a"] }\n',
        "",
    ),
    "a circle of variables": (
        "docker-bake.hcl",
        b'variable "A" { default = "${B}" }\nvariable "B" { default = "${A}" }\ntarget "x" { args = { A = A } }\n',
        "",
    ),
    "deep HCL": ("docker-bake.hcl", b"a = " + b"[" * 5_000, "line 1: is nested deeper than 50 levels"),
}


@pytest.mark.parametrize("name", CASES)
def test_it_ends_with_a_message_and_the_others_are_checked(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    file, data, message = CASES[name]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / file).write_bytes(data)
    (tmp_path / "Dockerfile").write_text("FROM alpine:3.20.3\nUSER 1\n")
    code = main(["check", "."])
    said = capsys.readouterr()
    assert code in (0, 1, 2)
    assert "Traceback" not in said.err
    assert message in said.err
    assert not message or f"bad/{file}" in said.err
    assert "Dockerfile" in said.out or "file" in said.out
