"""Rewrites keep all the rest as it is."""

from __future__ import annotations

import pytest

from dfguard.dockerfile.parse import parse
from dfguard.edit import apply
from dfguard.rewrite import drop
from dfguard.source import Source


@pytest.mark.parametrize(
    ("text", "index", "rest"),
    [
        ("FROM a\nCMD a\nCMD b\n", 1, "FROM a\nCMD b\n"),
        ("FROM a\n\n# one\n  # two\nCMD a \\\n # inside\n  b\n\nCMD c\n", 1, "FROM a\n\n\nCMD c\n"),
        ("FROM a\r\n# one\r\nCMD a\r\nCMD b\r\n", 1, "FROM a\r\nCMD b\r\n"),
        ("FROM a\nCMD b", 1, "FROM a\n"),
        ("FROM a\n  CMD b\nCMD c", 1, "FROM a\nCMD c"),
        ("FROM a\n# one\n\nCMD b\n", 1, "FROM a\n# one\n\n"),
        ("FROM a\nRUN <<E\n# x\nE\nCMD b\n", 1, "FROM a\nCMD b\n"),
        ("# syntax=x\n# one\nFROM a\nCMD b\n", 0, "# syntax=x\nCMD b\n"),
        ("FROM a\nCMD b \\\n", 1, "FROM a\n"),
    ],
)
def test_an_instruction_goes_with_its_own_comments(text: str, index: int, rest: str) -> None:
    dockerfile = parse(Source("Dockerfile", text))
    assert apply(dockerfile.source, [drop(dockerfile, dockerfile.instructions[index])]) == rest
