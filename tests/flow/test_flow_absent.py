"""Sources that are not there: what kind of absence, and how sure."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from dfguard.builds import units_of
from dfguard.context.invocation import Invocation
from dfguard.context.invocations.flags import Flags
from dfguard.context.tree import read_context
from dfguard.dockerfile.parse import parse
from dfguard.source import Source
from dfguard.testing import lay_out
from dfguard.unit import Unit


def said(root: Path, dockerfile: str, name: str = "Dockerfile") -> list[tuple[str, str, str]]:
    """Kind, path and confidence of each absence in a build whose context is given."""
    invocation = Invocation("default", str(root / name), str(root))
    unit = Unit(parse(Source("Dockerfile", dockerfile)), invocation, lambda _: read_context(str(root)))
    return [(absent.kind, absent.path, absent.confidence.value) for absent in unit.absent]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("gone.txt", [("missing", "gone.txt", "medium")]),
        ("Data.csv", [("other-case", "Data.csv", "high")]),
        ("data.csw", [("missing", "data.csw", "high")]),
        ("target/app.jar", [("missing", "target/app.jar", "low")]),
        ("no/*.txt", [("missing", "no", "medium")]),
        ("*.txt", [("no-match", "*.txt", "medium")]),
        ("loop", [("link", "loop", "medium")]),
        ("data.csv", []),
        (".", []),
    ],
)
def test_kinds(source: str, expected: list[tuple[str, str, str]], tmp_path: Path) -> None:
    lay_out("data.csv = 1\nloop -> loop\n", tmp_path)
    assert said(tmp_path, f"FROM scratch\nCOPY {source} /x/\n") == expected


def test_what_git_tracks_is_only_not_checked_out(tmp_path: Path) -> None:
    lay_out("data/a.csv = 1\n", tmp_path)
    for command in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "data" / "a.csv").unlink()
    (tmp_path / "data").rmdir()
    assert said(tmp_path, "FROM scratch\nCOPY data /x/\n") == [("missing", "data", "low")]


def test_an_inferred_context_may_be_another_one(tmp_path: Path) -> None:
    lay_out("a = 1\n", tmp_path)
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY a gone.txt /x/\n")
    (unit,) = units_of([str(tmp_path / "Dockerfile")], Flags())
    assert [absent.confidence.value for absent in unit.absent] == ["low"]
    (given,) = units_of([str(tmp_path / "Dockerfile")], Flags(context=str(tmp_path)))
    assert [absent.confidence.value for absent in given.absent] == ["medium"]


@pytest.mark.parametrize(
    ("name", "confidence"),
    [
        ("vendor/github.com/a/b/Dockerfile", "low"),
        ("web/node_modules/a/Dockerfile", "low"),
        ("vendors/Dockerfile", "medium"),
    ],
)
def test_dockerfiles_of_others_are_not_built_here(name: str, confidence: str, tmp_path: Path) -> None:
    lay_out("a = 1\n", tmp_path)
    assert said(tmp_path, "FROM scratch\nCOPY gone.txt /\n", name) == [("missing", "gone.txt", confidence)]
