"""Ignore files in a run: which are looked at, for which builds, and what comments in them silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from dfguard.check import Settings, check_files
from dfguard.config import Config
from dfguard.context.ignore import parse_ignore
from dfguard.discovery import discover
from dfguard.run import Result
from dfguard.source import Source
from dfguard.suppress import read_ignore_suppressions
from dfguard.suppression import Suppression

BROKEN = "[z-a]\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(files: dict[str, str]) -> None:
    for path, text in files.items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text, encoding="utf-8")


def check(*paths: str, config: Config | None = None) -> Result:
    """What the command does with these paths."""
    found = discover(paths or (".",))
    chosen = config or Config.default().but(select=("DG217",))
    configs = dict.fromkeys((*found.dockerfiles, *found.ignore_files), chosen)
    return check_files(found.dockerfiles, configs, Settings(), None, found.ignore_files)


def places(result: Result) -> list[tuple[str, int]]:
    return [(f.place.path, f.place.start_line) for f in result.findings if not isinstance(f.place, str)]  # type: ignore[union-attr]


def test_one_finding_for_all_dockerfiles_that_share_the_file() -> None:
    write({".dockerignore": BROKEN, "Dockerfile": "FROM a\nCOPY x /\n", "b.Dockerfile": "FROM a\nCOPY x /\n", "x": ""})
    result = check()
    assert places(result) == [(".dockerignore", 1)]
    assert result.files == ("Dockerfile", "b.Dockerfile", ".dockerignore")


def test_an_ignore_file_is_checked_with_the_dockerfile_that_uses_it() -> None:
    write({"a/.dockerignore": BROKEN, "a/Dockerfile": "FROM a\nCOPY x /\n", "a/x": "", "b/.dockerignore": BROKEN})
    assert places(check("a/Dockerfile")) == [("a/.dockerignore", 1)]


def test_a_named_file_needs_no_dockerfile() -> None:
    write({"a/.dockerignore": BROKEN, "a/x": ""})
    assert places(check("a/.dockerignore")) == places(check("a")) == [("a/.dockerignore", 1)]


def test_a_file_of_one_dockerfile_beside_the_one_of_the_context() -> None:
    write({".dockerignore": BROKEN, "Dockerfile": "FROM a\n", "Dockerfile.dockerignore": BROKEN})
    assert places(check()) == [(".dockerignore", 1), ("Dockerfile.dockerignore", 1)]


def test_a_configuration_excludes_ignore_files_too() -> None:
    write({".dockerignore": BROKEN, "Dockerfile": "FROM a\nCOPY x /\n", "x": ""})
    result = check("Dockerfile", config=Config.default().but(select=("DG217",), exclude=(".dockerignore",)))
    assert result.findings == ()
    assert result.files == ("Dockerfile",)


def test_a_comment_silences_the_line_below_it() -> None:
    write({".dockerignore": "# dfguard: ignore[DG217] -- never met\n\n[z-a]\n[z-b]\n"})
    result = check(".dockerignore")
    assert places(result) == [(".dockerignore", 4)]
    assert result.suppressed == 1


def test_what_is_too_large_is_said() -> None:
    Path(".dockerignore").write_bytes(b"a\n" * (9 * 1024 * 1024))
    (error,) = check(".dockerignore").errors
    assert error.path == ".dockerignore"
    assert "expected at most" in error.message


# -- comments


def read(text: str) -> tuple[Suppression, ...]:
    return read_ignore_suppressions(parse_ignore(Source(".dockerignore", text)))


def test_comments_speak_for_the_next_pattern() -> None:
    text = "\ufeff# dfguard: ignore[DG210, some-name] -- why\r\n# more\r\nx\r\n# dfguard: ignore-file[DG211]\ny\n"
    one, whole = read(text)
    assert (one.codes, one.reason, one.kind, one.scope.text) == (("DG210", "some-name"), "why", "pattern", "x")
    assert (whole.kind, whole.scope.text) == ("file", text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x # dfguard: ignore[DG210]\n", "is part of a pattern"),
        (" # dfguard: ignore[DG210]\nx\n", "is part of a pattern"),
        ("x\n# dfguard: ignore[DG210]\n", "stands above no pattern"),
        ("# dfguard: ignore\nx\n", "names no rule"),
        ("# dfguard: silence[DG210]\nx\n", "is no form"),
    ],
)
def test_comments_that_silence_nothing(text: str, message: str) -> None:
    (found,) = read(text)
    assert found.problem is not None
    assert message in found.problem.message


def test_other_comments() -> None:
    assert read("# we use dfguard here\ndfguard.toml\n# dfguard notes\n") == ()


@pytest.mark.parametrize("target", ["../secret.txt", "nowhere", "/etc/hostname"])
def test_a_link_that_leads_out_of_its_folder_is_not_read(target: str) -> None:
    """The builder takes it as absent, and whatever it leads to is not ours to read."""
    write({"secret.txt": "[z-a]\n", "a/Dockerfile": "FROM a\nCOPY . /\n", "a/x": ""})
    Path("a/.dockerignore").symlink_to(target)
    result = check("a", config=Config.default().but(select=("DG217", "DG218")))
    assert [finding.code for finding in result.findings] == ["DG218"]
    assert "is a link that leads to no file inside of its folder" in result.findings[0].message


def test_a_link_to_a_file_beside_it_is_read() -> None:
    write({"a/shared.ignore": BROKEN, "a/Dockerfile": "FROM a\nCOPY . /\n", "a/x": ""})
    Path("a/.dockerignore").symlink_to("shared.ignore")
    result = check("a", config=Config.default().but(select=("DG217", "DG218")))
    assert [finding.code for finding in result.findings] == ["DG217"]
