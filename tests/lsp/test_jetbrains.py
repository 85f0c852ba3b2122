"""The template for JetBrains IDEs names files that the server knows, as what it knows them."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from dfguard.lsp.documents import BUILD, CONFIG, DOCKERFILE, IGNORE, OTHER, Document

FOLDER = Path(__file__).parent.parent.parent / "editors" / "jetbrains"
NAMES = {
    "Dockerfile": DOCKERFILE, "dockerfile": DOCKERFILE, "Dockerfile.dev": DOCKERFILE, "Dockerfile-dev": DOCKERFILE,
    "api.Dockerfile": DOCKERFILE, "api.dockerfile": DOCKERFILE, "Containerfile": DOCKERFILE, "Dockerfile.md": OTHER,
    ".dockerignore": IGNORE, "Dockerfile.dockerignore": IGNORE, ".containerignore": IGNORE,
    "compose.yaml": BUILD, "docker-compose.prod.yml": BUILD, "docker-bake.hcl": BUILD,
    "docker-bake.override.json": BUILD, "dfguard.toml": CONFIG,
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_the_template_gives_each_file_to_the_server(name: str) -> None:
    template = json.loads((FOLDER / "template.json").read_text())
    mappings = template["fileTypeMappings"]
    fitting = [each for each in mappings if any(fnmatchcase(name, one) for one in each["fileType"]["patterns"])]
    assert fitting
    for mapping in fitting:
        assert Document(f"file:///x/{name}", f"/x/{name}", mapping["languageId"], 1, "").kind == NAMES[name]


def test_its_settings_are_a_section_of_the_server() -> None:
    assert json.loads((FOLDER / "settings.json").read_text()) == {"dfguard": {}}
