"""The table of languages.toml: what a build stage leaves behind, and what goes along."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from dfguard.struct import Struct

# Files that no program reads when it runs, whatever it is written in.
_NOBODY_READS = (
    "README*", "LICENSE*", "LICENCE*", "CHANGELOG*", "CONTRIBUTING*", "NOTICE*", "AUTHORS*", "CODEOWNERS", "*.md",
    "*.rst", "Dockerfile*", "*.Dockerfile", "Containerfile*", "docker-compose*.y*ml", "compose*.y*ml",
    "docker-bake.hcl", "Makefile", "makefile", "GNUmakefile", "Justfile", "justfile", "Taskfile.y*ml",
    "Jenkinsfile", ".*", "*_test.go", "skaffold.yaml", "renovate.json",
)  # fmt: skip
_FOLDERS_NOBODY_READS = (".git", ".github", ".gitlab", ".circleci", ".vscode", ".idea", "docs", "test", "tests")


class Language(Struct):
    """One table of languages.toml; `fields` are its keys as they stand there."""

    name: str
    fields: dict[str, Any]

    def words(self, key: str) -> tuple[str, ...]:
        """A list of words, empty where the table has none."""
        return tuple(self.fields.get(key, ()))

    def text(self, key: str) -> str:
        """A text, "" where the table has none."""
        return str(self.fields.get(key, ""))

    def is_left_behind(self, path: str) -> bool:
        """Whether no program that runs reads a file of this path, relative to the folder of the sources."""
        *folders, name = path.split("/")
        if any(folder in _FOLDERS_NOBODY_READS for folder in folders):
            return True
        return any(fnmatchcase(name, pattern) for pattern in (*self.words("code"), *_NOBODY_READS))


@cache
def language(name: str) -> Language:
    """The table of a language."""
    import tomli

    with open(os.path.join(os.path.dirname(__file__), "languages.toml"), "rb") as file:
        return Language(name, tomli.load(file)[name])
