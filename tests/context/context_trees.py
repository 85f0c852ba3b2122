"""Folder trees on disk and ignore files from text, for the tests of this folder."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from dfguard.context.ignore import IgnoreFile, parse_ignore
from dfguard.context.tree import BuildContext, read_context
from dfguard.source import Source


def ignore(text: str) -> IgnoreFile:
    """An ignore file with this text."""
    return parse_ignore(Source(".dockerignore", text))


def from_patterns(patterns: Iterable[str]) -> IgnoreFile:
    """An ignore file with these patterns; the blank in front keeps `#` from starting a comment."""
    return ignore("".join(f" {pattern}\n" for pattern in patterns))


def lay_out(root: Path, paths: Iterable[str]) -> str:
    """Create files of one byte; paths that end in a slash are empty folders."""
    for path in paths:
        full = os.path.join(root, path)
        os.makedirs(full if path.endswith("/") else os.path.dirname(full), exist_ok=True)
        if not path.endswith("/"):
            with open(full, "w", encoding="utf-8") as file:
                file.write("x")
    return str(root)


def kept(context: BuildContext) -> list[str]:
    """The paths of all kept entries."""
    return [entry.path for entry in context.files]


def walk(root: Path, paths: Iterable[str], text: str) -> BuildContext:
    """The context of a fresh tree under an ignore file."""
    return read_context(lay_out(root, paths), ignore(text))
