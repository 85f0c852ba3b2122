"""Which Python files and heredocs of a build are looked at, and what is said of them beside other rules."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from values import VALUES

from dfguard import catalog
from dfguard.check import Settings, check_files
from dfguard.cli.main import main
from dfguard.config import Config
from dfguard.context.tree import BuildContext
from dfguard.finding import Finding
from dfguard.source import Span
from dfguard.testing import findings

TOP = "FROM python:3.12.7-slim\n"
TOKEN = VALUES["GITLAB"]


def said(code: str, text: str, folder: Path | None, files: dict[str, str] | None = None) -> tuple[Finding, ...]:
    """What one rule says of a Dockerfile, with files laid out below its folder."""
    for name, content in (files or {}).items():
        assert folder is not None
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    (entry,) = catalog.find(code)
    return findings(entry, text, folder)


def places(found: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(Path(f.place.path).name, f.place.text) for f in found if isinstance(f.place, Span)]


def test_a_token_in_a_file_is_told_once_and_where_it_stands(tmp_path: Path) -> None:
    files = {"app.py": f'run("{TOKEN}")\n'}
    text = f"{TOP}COPY . /srv/\n"
    assert places(said("DG120", text, tmp_path, files)) == [("app.py", TOKEN)]
    assert said("DG102", text, tmp_path) == ()


@pytest.mark.parametrize(
    "source",
    [f"# {TOKEN}\n", f'"""Use {TOKEN}."""\n', f'print "x"\ntoken = "{TOKEN}"\n'],
    ids=["comment", "doc", "py2"],
)
def test_a_token_that_the_tree_does_not_show_is_told_of_the_file(source: str, tmp_path: Path) -> None:
    text = f"{TOP}COPY app.py /srv/\n"
    assert said("DG120", text, tmp_path, {"app.py": source}) == ()
    (finding,) = said("DG103", text, tmp_path)
    assert "GitLab token" in finding.message
    assert "'app.py'" in finding.message


def test_an_assignment_that_the_tree_refutes_is_not_told_of_the_file(tmp_path: Path) -> None:
    """Plain text sees a credential that is given a value; the tree sees a docstring."""
    source = f'"""\nPASSWORD="{VALUES["BASE62"]}"\n"""\n'
    assert said("DG103", f"{TOP}COPY app.py /srv/\n", tmp_path, {"app.py": source}) == ()
    assert said("DG103", f"{TOP}COPY app.txt /srv/\n", tmp_path, {"app.txt": source}) != ()


def test_a_token_in_a_heredoc_of_run_is_told_once() -> None:
    text = f'{TOP}RUN python3 <<EOF\ntoken = "{TOKEN}"\nEOF\n'
    assert places(said("DG110", text, None)) == [("Dockerfile", TOKEN)]
    assert said("DG121", text, None) == ()


def test_a_token_in_a_heredoc_of_copy_is_told_once() -> None:
    text = f'{TOP}COPY <<EOF /srv/app.py\ntoken = "{TOKEN}"\nEOF\n'
    assert places(said("DG121", text, None)) == [("Dockerfile", TOKEN)]
    assert said("DG102", text, None) == ()
    assert said("DG110", text, None) == ()


def test_files_that_are_not_read_are_listed_with_the_reason(tmp_path: Path) -> None:
    source = 'print "x"\npassword = "kT7-wq2.Zb"\n'
    (tmp_path / "old.py").write_text(source)
    (tmp_path / "wide.py").write_bytes(b'# coding: utf-7\npassword = "kT7-wq2.Zb"\n')
    (tmp_path / "Dockerfile").write_text(f"{TOP}COPY . /srv/\n")
    run = subprocess.run(
        [sys.executable, "-m", "dfguard", "check", "--isolated", "--show-skipped", str(tmp_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "old.py" in run.stdout + run.stderr
    assert "wide.py" in run.stdout + run.stderr


def test_more_python_than_can_be_parsed_in_time_is_said_to_be_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = 'DB_PASSWORD = "Tr0ub4dor-and-3"\n'
    files = {f"{name}.py": source for name in "abc"} | {"Dockerfile": f"{TOP}COPY . /srv/\n"}
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    monkeypatch.setattr("dfguard.python_sources.reader.MOST_PARSED", 2 * len(source))
    assert main(["check", "--isolated", "--show-skipped", "--select", "DG120", str(tmp_path)]) == 1
    told = capsys.readouterr()
    assert told.out.count("DG120]") == 2
    assert told.err.count(f"not read as Python: {2 * len(source)} bytes of Python may be read") == 1


def test_no_file_is_read_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        (tmp_path / f"m{number}.py").write_text('password = "kT7-wq2.Zb"\n')
    for name in ("Dockerfile", "b.Dockerfile"):
        (tmp_path / name).write_text(f"{TOP}COPY . /srv/\nCOPY . /again/\n")
    read: list[str] = []
    pieces = BuildContext.pieces

    def counted(self: BuildContext, path: str, size: int) -> object:
        read.append(path)
        return pieces(self, path, size)

    monkeypatch.setattr(BuildContext, "pieces", counted)
    paths = [str(tmp_path / name) for name in ("Dockerfile", "b.Dockerfile")]
    result = check_files(paths, {path: Config.default() for path in paths}, Settings())
    assert len(read) == len(set(read))
    told = [finding.place for finding in result.findings if finding.code == "DG120"]
    assert {place.path for place in told if isinstance(place, Span)} == {str(tmp_path / f"m{n}.py") for n in range(20)}


SCRIPT = """
import sys
from dfguard.cli.main import main
before = set(sys.modules)
main(["check", "--isolated", "."])
print(*sorted(set(sys.modules) - before), file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("source", "parsed"),
    [("print('hello')\n", False), ('password = "kT7-wq2.Zb"\n', True)],
    ids=["harmless", "telling"],
)
def test_ast_is_imported_for_a_file_that_may_hold_a_credential_only(source: str, parsed: bool, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(f"{TOP}COPY . /srv/\n")
    (tmp_path / "app.py").write_text(source)
    run = subprocess.run([sys.executable, "-c", SCRIPT], cwd=tmp_path, capture_output=True, text=True, check=True)
    loaded = run.stderr.splitlines()[-1].split()
    assert ("ast" in loaded) is parsed
    assert ("dfguard.python_sources.find" in loaded) is parsed
    assert not {"libcst", "subprocess", "json", "dfguard.python_sources.rewrite"} & set(loaded)


def test_a_file_that_two_dockerfiles_copy_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text('password = "kT7-wq2.Zb"\n')
    paths = [str(tmp_path / name) for name in ("Dockerfile", "b.Dockerfile")]
    for path in paths:
        Path(path).write_text(f"{TOP}COPY . /srv/\n")
    result = check_files(paths, {path: Config.default() for path in paths}, Settings())
    (finding,) = [finding for finding in result.findings if finding.code == "DG120"]
    assert [related.place.path for related in finding.related if isinstance(related.place, Span)] == paths
