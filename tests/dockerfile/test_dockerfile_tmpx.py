"""Our reading beside BuildKit's own parser, in the package `dockerfile` (BuildKit 0.12.5)."""

from __future__ import annotations

from pathlib import Path

import pytest
from buildkit_exceptions import KNOWN, compare, reason
from buildkit_readings import Reading, as_package_has_it, ours, package
from hypothesis import HealthCheck, given, settings
from mutations import ROOT, mutants
from test_dockerfile_properties import FILES

from dfguard.dockerfile.parse import parse
from dfguard.source import Source

CORPUS = sorted((ROOT / "tests" / "corpus").glob("*.Dockerfile"))
COMMITTED = [*CORPUS, *sorted((ROOT / "examples").rglob("Dockerfile*"))]

# The differences in tests/corpus, by the reasons in buildkit_exceptions.
DIFFERENT = {
    "heredoc-blank-before-name": ["blank after <<"],
    "json-text-behind": ["text behind JSON"],
}
UNREADABLE = {"latin-1-bytes": "the package decodes as UTF-8 and fails"}
# BuildKit's parser lets them pass; its instructions package, which the package leaves out, does not.
REFUSED_LATER = {
    *("continuation-of-nothing", "directives-all", "heredoc-as-destination", "instruction-before-from"),
    *("no-from", "odd-blanks", "onbuild-onbuild", "unknown-instruction"),
}


def source_of(path: Path) -> Source:
    return Source.from_bytes(str(path), path.read_bytes())


def name_of(path: Path) -> str:
    return path.stem if path in CORPUS else path.parent.name


def reasons(source: Source, mine: Reading, other: Reading) -> list[str]:
    """Why each difference is there; one that nothing explains stands for itself."""
    return [reason(difference) or str(difference) for difference in compare(source, as_package_has_it(mine), other)]


@pytest.mark.parametrize("path", [path for path in COMMITTED if path.stem not in UNREADABLE], ids=name_of)
def test_reads_as_buildkit_does(path: Path) -> None:
    source, other = source_of(path), package(path)
    mine = ours(source)
    assert reasons(source, mine, other) == DIFFERENT.get(path.stem, [])
    assert bool(mine.refused) == (bool(other.refused) or path.stem in REFUSED_LATER)


def test_reads_mutated_files_as_buildkit_does(tmp_path: Path) -> None:
    """A sample; tests/dockerfile/test_dockerfile_oracle.py takes more."""
    path = tmp_path / "Dockerfile"
    for data in mutants(seed=3, count=300):
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            continue  # the package can't say what it reads
        path.write_bytes(data)
        assert set(reasons(source_of(path), ours(source_of(path)), package(path))) <= set(KNOWN)


@settings(max_examples=8000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FILES)
def test_reads_generated_files_as_buildkit_does(tmp_path: Path, text: str) -> None:
    path = tmp_path / "Dockerfile"
    path.write_bytes(text.encode("utf-8", "replace"))
    assert set(reasons(source_of(path), ours(source_of(path)), package(path))) <= set(KNOWN)


def test_bytes_that_are_no_utf_8() -> None:
    path = ROOT / "tests" / "corpus" / "latin-1-bytes.Dockerfile"
    with pytest.raises(UnicodeDecodeError):
        package(path)
    read = parse(source_of(path))
    assert [(node.start_line, node.end_line) for node in read.instructions] == [(1, 1), (2, 2), (3, 4)]
    assert not read.problems
    assert read.source.data == path.read_bytes()


def test_every_exception_names_a_file() -> None:
    stems = {path.stem for path in CORPUS}
    assert stems >= REFUSED_LATER | set(DIFFERENT) | set(UNREADABLE)
    assert len(stems) > 50
