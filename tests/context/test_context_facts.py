"""Every known fact about ignore files, with where it comes from: dockerignore_facts.json."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from context_trees import from_patterns, ignore, kept, lay_out, walk

from dfguard.context.ignore import clean, find_ignore_file, parse_ignore, read_lines
from dfguard.context.tree import read_context
from dfguard.discovery import is_dockerfile_name
from dfguard.source import Source

FACTS: dict[str, list[Any]] = json.loads((Path(__file__).parent / "dockerignore_facts.json").read_text("utf-8"))


def test_no_fact_is_lost() -> None:
    assert {kind: len(rows) for kind, rows in FACTS.items()} == {
        "match": 192,
        "parse": 22,
        "refused": 1,
        "select": 2,
        "copy": 5,
        "fact": 3,
        "tree": 2,
    }


@pytest.mark.parametrize("fact", FACTS["match"], ids=lambda fact: f"{fact['patterns']}-{fact['path']}")
def test_match(fact: Any) -> None:
    """The matcher's answer for one path, parents included, the last matching line deciding."""
    file = from_patterns(fact["patterns"])
    path = clean(fact["path"])
    if file.error or file.faults:
        verdict = "refused"
    else:
        verdict = "dropped" if path != "." and file.as_pathspec().match_file(path) else "kept"
    assert verdict == fact["verdict"]


@pytest.mark.parametrize("fact", FACTS["parse"], ids=lambda fact: repr(fact["text"]))
def test_parse(fact: Any) -> None:
    assert [line.text for line in read_lines(Source(".dockerignore", fact["text"]))] == fact["patterns"]


@pytest.mark.parametrize("fact", FACTS["refused"], ids=lambda fact: repr(fact["text"]))
def test_refused(fact: Any) -> None:
    assert ignore(fact["text"]).error is not None


@pytest.mark.parametrize("fact", FACTS["select"], ids=lambda fact: fact["dockerfile"])
def test_which_ignore_file(fact: Any, tmp_path: Path) -> None:
    root = lay_out(tmp_path, fact["tree"])
    for name, text in fact["ignore_files"].items():
        (tmp_path / name).write_text(text, "utf-8")
    found = find_ignore_file(str(tmp_path / fact["dockerfile"]), root)
    assert found is not None
    context = read_context(root, parse_ignore(Source(found, Path(found).read_text("utf-8"))))
    assert set(fact["kept"]) <= set(kept(context))
    assert {entry.path for entry in context.dropped} == set(fact["dropped"])


@pytest.mark.parametrize("fact", FACTS["copy"], ids=lambda fact: f"{fact['ignore']!r}-{fact['source']}")
def test_copy_of_ignored_files(fact: Any, tmp_path: Path) -> None:
    context = walk(tmp_path, ["Dockerfile", ".dockerignore"], fact["ignore"])
    assert (context.select(fact["source"]) == ()) == fact["takes_nothing"]


@pytest.mark.parametrize("fact", FACTS["tree"], ids=lambda fact: repr(fact["patterns"]))
def test_tree(fact: Any, tmp_path: Path) -> None:
    context = walk(tmp_path, fact["tree"], "\n".join(fact["patterns"]))
    folders = any(path.endswith("/") for path in fact["kept"])
    found = [entry.path + "/" * (entry.kind == "dir") for entry in context.files if folders or entry.kind == "file"]
    assert sorted(found) == sorted(fact["kept"])


def _beside_wins(root: Path) -> None:
    lay_out(root, [".dockerignore", "docker/Dockerfile", "docker/Dockerfile.dockerignore", "docker/Other"])
    assert find_ignore_file(f"{root}/docker/Dockerfile", str(root)) == f"{root}/docker/Dockerfile.dockerignore"
    assert find_ignore_file(f"{root}/docker/Other", str(root)) == f"{root}/.dockerignore"


def _named_context(root: Path) -> None:
    lay_out(root, [".dockerignore", "named/.dockerignore", "bare/x"])
    assert find_ignore_file("", f"{root}/named") == f"{root}/named/.dockerignore"
    assert find_ignore_file("", f"{root}/bare") is None


def _lower_case(root: Path) -> None:
    assert is_dockerfile_name("dockerfile")


@pytest.mark.parametrize(
    ("fact", "holds"),
    list(zip(FACTS["fact"], (_beside_wins, _named_context, _lower_case), strict=True)),
    ids=("beside wins", "named context", "lower case"),
)
def test_fact(fact: Any, holds: Callable[[Path], None], tmp_path: Path) -> None:
    """`fact` is the sentence, `holds` what this project makes of it."""
    assert fact["origin"].startswith("moby/buildkit")
    holds(tmp_path)
