"""README and docs show what is true; `DFGUARD_WRITE=1` writes what is generated in the README anew."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from dfguard import catalog
from dfguard.cli.main import COMMANDS, main
from dfguard.config_keys import KEYS
from dfguard.config_schema import as_text

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")))


def between(start: str, end: str, new: str) -> str:
    """What stands in the README between two marks; replaced first by `new` when asked to write."""
    text = README.read_text(encoding="utf-8")
    head, found, rest = text.partition(start)
    assert found, f"the README has lost {start!r}"
    old, _, tail = rest.partition(end)
    if os.environ.get("DFGUARD_WRITE"):
        README.write_text(f"{head}{start}{new}{end}{tail}", encoding="utf-8")
        return new
    return old


def test_the_first_output_is_what_the_first_command_prints(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    main(["check", "--color", "never", "examples/leaked-env"])
    said = capsys.readouterr().out
    assert between("<!-- output: examples/leaked-env -->\n```text\n", "```\n", said) == said


@pytest.mark.parametrize(
    ("name", "command"),
    [("context", ["context", "examples/leaked-env"]), ("why", ["why", ".env", "examples/leaked-env"])],
)
def test_the_front_door_shows_what_is_printed(
    name: str, command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    main(command)
    printed = f"$ dfguard {' '.join(command)}\n{capsys.readouterr().out}"
    assert between(f"<!-- output: {name} -->\n```text\n", "```\n", printed) == printed


def test_the_table_of_rules_is_complete() -> None:
    head = "| code | name | severity | what is wrong |\n|---|---|---|---|\n"
    rows = "".join(f"| {e.code} | {e.name} | {e.severity.value} | {e.title} |\n" for e in catalog.entries())
    assert between(f"<!-- rules -->\n{head}", "\nSeverity is", rows) == rows


def test_the_number_of_rules_is_said_rightly() -> None:
    count = str(len(catalog.entries()))
    assert between("| rules | ", " | about", count) == count


def test_every_command_is_in_the_readme() -> None:
    text = README.read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"| `dfguard {name}" not in text] == []


def test_every_key_of_the_configuration_is_explained() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert [key for key in KEYS if not re.search(rf"^\[{{0,2}}{key}\b", text, re.MULTILINE)] == []


def test_the_configuration_shown_is_valid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "dfguard.toml").write_text("")
    (tmp_path / "service").mkdir()
    monkeypatch.chdir(tmp_path / "service")
    Path("Dockerfile").write_text("FROM scratch\nUSER 1\n")
    shown = [
        *re.findall(r"^```toml\n(.*?)^```", (ROOT / "docs/configuration.md").read_text(encoding="utf-8"), re.M | re.S),
        *re.findall(r"^```toml\n(.*?)^```", README.read_text(encoding="utf-8"), re.M | re.S),
    ]
    assert len(shown) == 2
    for text in shown:
        Path("dfguard.toml").write_text(text, encoding="utf-8")
        assert main(["check", "Dockerfile"]) == 0, capsys.readouterr().err


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in link]
    assert [link for link in links if not ((ROOT / page).parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_rules_that_are_named_exist(page: str) -> None:
    text = re.sub(r"DG499|DG99\d*", "", (ROOT / page).read_text(encoding="utf-8"))
    assert set(re.findall(r"\bDG\d{3}\b", text)) <= set(catalog.names())


HOOK = dict(re.findall(r"^  (files|exclude): '(.*)'$", (ROOT / ".pre-commit-hooks.yaml").read_text(), re.MULTILINE))


@pytest.mark.parametrize(
    "name",
    [
        "Dockerfile", "dockerfile", "a/b/Dockerfile", "Dockerfile.dev", "dev.Dockerfile", "Dockerfile-dev",
        "app.dockerfile", "Dockerfile_dev", "Containerfile", "Containerfile.x", "x.containerfile", "Dockerfile.j2",
        ".devcontainer/Dockerfile", "Dockerfile.dockerignore", ".dockerignore", "api.dockerignore", ".containerignore",
    ],
)  # fmt: skip
def test_the_hook_takes_every_name(name: str) -> None:
    assert re.search(HOOK["files"], name)
    assert not re.search(HOOK["exclude"], name)


@pytest.mark.parametrize("name", ["Dockerfile.md", "dockerfile.py", "Dockerfile.go", "notes/dockerfile.txt"])
def test_the_hook_leaves_out_what_is_only_called_alike(name: str) -> None:
    assert re.search(HOOK["exclude"], name)


@pytest.mark.parametrize("name", ["my-dockerfiles/app.py", "undockerfile", "Makefile", "values.yaml"])
def test_the_hook_takes_nothing_else(name: str) -> None:
    assert not re.search(HOOK["files"], name)


def test_the_schema_of_the_configuration_is_fresh() -> None:
    kept = ROOT / "docs" / "dfguard.schema.json"
    if os.environ.get("DFGUARD_WRITE"):
        kept.write_text(as_text(), encoding="utf-8")
    assert kept.read_text(encoding="utf-8") == as_text()
