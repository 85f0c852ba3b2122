"""Where a configuration is found, what it may say, and where its mistakes are."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dfguard.config import Config, RuleOptions, find_config, load_config
from dfguard.config_keys import resolve_selector
from dfguard.errors import ConfigError
from dfguard.finding import Confidence, Severity

KNOWN = {
    "DG101": "secret-removed-in-later-layer",
    "DG102": "secret-in-shipped-stage",
    "DG205": "context-copied-whole",
    "DG302": "unpinned-base",
    "DG410": "recommended-packages-installed",
}

FULL = """\
preset = "strict"
select = ["DG1", "DG302", "context-copied-whole"]
extend-select = ["recommended-packages-installed"]
ignore = ["DG102"]
severity = { DG3 = "info", unpinned-base = "error" }
fail-on = "error"
min-confidence = "high"
pedantic = true
exclude = ["vendor", "docs/**/*.Dockerfile"]

[rules.DG205]
min-files = 3
[rules.unpinned-base]
allow = ["alpine"]
"""


def write(folder: Path, name: str, text: str) -> str:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return str(file)


def load(folder: Path, text: str, name: str = "dfguard.toml") -> Config:
    return load_config(write(folder, name, text), known_codes=KNOWN)


def test_every_key_is_read(tmp_path: Path) -> None:
    assert load(tmp_path, FULL) == Config(
        path=str(tmp_path / "dfguard.toml"),
        root=str(tmp_path),
        preset="strict",
        select=("DG1", "DG302", "DG205"),
        extend_select=("DG410",),
        ignore=("DG102",),
        severities=(("DG3", Severity.INFO), ("DG302", Severity.ERROR)),
        fail_on=Severity.ERROR,
        min_confidence=Confidence.HIGH,
        pedantic=True,
        exclude=("vendor", "docs/**/*.Dockerfile"),
        rules=(
            RuleOptions("DG205", "DG205", (("min-files", 3),)),
            RuleOptions("DG302", "unpinned-base", (("allow", ["alpine"]),)),
        ),
    )


def test_pyproject_holds_the_same_under_tool_dfguard(tmp_path: Path) -> None:
    text = '[project]\nname = "x"\n[tool.dfguard]\npedantic = true\n[tool.dfguard.rules.DG205]\nmin-files = 3\n'
    config = load(tmp_path, text, "pyproject.toml")
    assert config.pedantic
    assert config.options_of("DG205") == {"min-files": 3}
    assert config.options_of("DG302") == {}


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, "\ufeff# nothing\n").but(path=None, root="") == Config.default()


@pytest.mark.parametrize(
    ("select", "extend", "ignore", "default_on", "expected"),
    [
        (None, (), (), True, True),
        (None, (), (), False, False),
        (None, ("DG1",), (), False, True),
        (None, ("DG2",), (), True, True),
        (None, (), ("DG1",), True, False),
        (None, ("DG101",), ("DG1",), True, True),
        (None, ("DG1",), ("DG101",), False, False),
        (None, ("DG101",), ("DG101",), True, False),
        ((), (), (), True, False),
        (("DG2",), (), (), True, False),
        (("DG101",), (), ("DG",), False, True),
        (("DG2",), ("DG1",), (), False, True),
    ],
)
def test_the_longest_selector_wins_and_ignore_wins_a_tie(
    select: tuple[str, ...] | None, extend: tuple[str, ...], ignore: tuple[str, ...], default_on: bool, expected: bool
) -> None:
    config = Config(select=select, extend_select=extend, ignore=ignore)
    assert config.is_selected("DG101", default_on=default_on) is expected


def test_the_longest_entry_decides_the_severity(tmp_path: Path) -> None:
    config = load(tmp_path, FULL)
    assert config.severity_of("DG302", Severity.WARNING) is Severity.ERROR
    assert config.severity_of("DG305", Severity.WARNING) is Severity.INFO
    assert config.severity_of("DG101", Severity.WARNING) is Severity.WARNING


MISTAKES = {
    'pedantic = true\n\nselct = ["DG1"]\n': (3, "unknown key `selct`; did you mean `select`?"),
    "# c\n[color]\nx = 1\n": (2, "unknown key `color`; expected one of `required-version`, "),
    '[[overrides]]\nignore = ["DG101"]\n': (1, "an entry of `overrides` has no `files`"),
    '[[overrides]]\nfiles = ["x"]\n\n[[overrides]]\nfiles = ["y"]\nexclude = []\n': (
        6,
        "unknown key `exclude` in [[overrides]]",
    ),
    '[[overrides]]\nfiles = ["x"]\n[[overrides]]\nfiles = ["y"]\nselect = [\n"DG9"]\n': (6, "no rule is called `DG9`"),
    "overrides = 1\n": (1, "`overrides` is a number; expected tables such as [[overrides]]"),
    "overrides = [1]\n": (1, "an entry of `overrides` is a number; expected a table with `files`"),
    'ignore = ["DL3015"]\n': (1, "no rule is called `DL3015`; that is hadolint's DL3015: here DG410"),
    'ignore = ["DL3026"]\n': (1, "no rule is called `DL3026`; that is hadolint's DL3026: no rule here"),
    'ignore = ["hadolint/DL3015"]\n': (1, "no rule is called `hadolint/DL3015`; that is "),
    'required-version = "1.x"\n': (1, '`required-version` is `1.x`; expected conditions such as ">=1.2, <2"'),
    'required-version = "~=1"\n': (1, "`required-version` is `~=1`; expected conditions"),
    "required-version = 1\n": (1, "`required-version` is a number; expected a string"),
    '# x\nrequired-version = ">=999.0"\n': (2, "`required-version` is `>=999.0`; this is dfguard "),
    'preview = "on"\n': (1, "`preview` is a string; expected true or false"),
    '[rules.DG205]\nseverity = "eror"\n': (2, "`severity` is `eror`; expected one of `error`"),
    'packs = ["./evil"]\n': (1, "unknown key `packs`"),
    'output-file = "/etc/passwd"\n': (1, "unknown key `output-file`"),
    "extends = 1\n": (1, "`extends` is a number; expected a path, or a list of them"),
    'extends = ["strict",\n"x.toml"]\n': (2, "`x.toml` is not there; expected a file, or one of the presets `recomm"),
    'extends = "."\n': (1, "`.` "),
    'ignore = [\n  "DG101", # "DG998"\n  "DG999",\n]\n': (3, "no rule is called `DG999`"),
    'select = ["dg1", ""]\n': (1, "no rule is called ``"),
    'ignore = ["secret-removed-in-later-layers"]\n': (
        1,
        "no rule is called `secret-removed-in-later-layers`; did you mean `secret-removed-in-later-layer`?",
    ),
    '[severity]\nDG101 = "error"\n"DG410" = "eror"\n': (
        3,
        "`DG410` is `eror`; expected one of `error`, `warning`, `info`, `hint`",
    ),
    'severity.DG101 = "error"\nseverity.DG777 = "info"\n': (2, "no rule is called `DG777`"),
    'severity = "error"\n': (1, '`severity` is a string; expected a table such as { DG302 = "error" }'),
    '\npedantic = "yes"\n': (2, "`pedantic` is a string; expected true or false"),
    "fail-on = 1\n": (1, "`fail-on` is a number; expected one of `error`, "),
    'min-confidence = "sure"\n': (1, "`min-confidence` is `sure`; expected one of `high`, `medium`, `low`"),
    'preset = "most"\n': (1, "`preset` is `most`; expected one of `recommended`, `strict`, `security`, `kubernetes`"),
    'select = "DG1"\n': (1, "`select` is a string; expected a list of strings"),
    'exclude = [\n"a",\n2020-01-01]\n': (3, "an entry of `exclude` is a date or time; expected a string"),
    "[rules]\nDG205 = true\n": (2, "`rules.DG205` is a boolean; expected a table of options"),
    "[rules.DG2]\n": (1, "no rule is called `DG2`"),
    "[rules.DG205]\n[rules.context-copied-whole]\n": (2, "`context-copied-whole` and `DG205` are the same rule"),
    "rules = []\n": (1, "`rules` is a list; expected tables such as [rules.DG205]"),
    "a = 1\nb = \n": (2, "is no TOML: column 5: Invalid value"),
    "a = 1\na = 2\n": (2, "is no TOML: column 6: Cannot overwrite a value"),
    "x = '''": (0, "is no TOML: "),
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_told_at_its_line(tmp_path: Path, text: str) -> None:
    line, message = MISTAKES[text]
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    place = f"{tmp_path / 'dfguard.toml'}:{line}: " if line else f"{tmp_path / 'dfguard.toml'}: "
    assert str(caught.value).startswith(place + message)
    assert (caught.value.path, caught.value.line) == (str(tmp_path / "dfguard.toml"), line)
    assert "\n" not in str(caught.value)


def test_a_mistake_in_pyproject_is_told_at_its_line(tmp_path: Path) -> None:
    text = "[project]\nselect = 1\n[tool.dfguard]\npedantic = true\n[tool.dfguard.rules]\nDG999 = {}\n"
    with pytest.raises(ConfigError, match=r"pyproject\.toml:6: no rule is called `DG999`"):
        load(tmp_path, text, "pyproject.toml")


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        (b"a = 1\nb = '\xff'\n", 2, "is not UTF-8 text"),
        (b"a = " + b"[" * 100_000, 0, "is nested too deeply"),
        (b"#" * 1_048_577, 0, "is larger than 1,048,576 bytes"),
    ],
)
def test_bytes_that_are_no_configuration(tmp_path: Path, data: bytes, line: int, message: str) -> None:
    (tmp_path / "dfguard.toml").write_bytes(data)
    with pytest.raises(ConfigError, match=message) as caught:
        load_config(str(tmp_path / "dfguard.toml"), known_codes=KNOWN)
    assert caught.value.line == line


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.toml: can't be read: No such file"):
        load_config(str(tmp_path / "absent.toml"), known_codes=KNOWN)
    with pytest.raises(ConfigError, match=r"can't be read|is a folder"):
        load_config(str(tmp_path), known_codes=KNOWN)


def test_tool_dfguard_must_be_a_table(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"`tool\.dfguard` is no table"):
        load(tmp_path, "[tool]\ndfguard = 1\n", "pyproject.toml")


def test_an_option_error_has_the_line_of_the_option(tmp_path: Path) -> None:
    config = load(tmp_path, FULL)
    error = config.option_error("DG302", "allow", "is a list; expected a string")
    assert str(error) == f"{tmp_path / 'dfguard.toml'}:14: is a list; expected a string"


def test_selectors_of_the_command_line_are_resolved_alike() -> None:
    assert resolve_selector("dg4", KNOWN) == "DG4"
    assert resolve_selector("unpinned-base", KNOWN) == "DG302"
    with pytest.raises(ValueError, match="no rule is called `unpined-base`; did you mean `unpinned-base`"):
        resolve_selector("unpined-base", KNOWN)


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("vendor", "a/vendor/b/Dockerfile", True),
        ("vendor", "a/vendored/Dockerfile", False),
        ("vendor/", "vendor/Dockerfile", True),
        ("*.tpl", "a/Dockerfile.tpl", True),
        ("/vendor", "vendor/Dockerfile", True),
        ("/vendor", "a/vendor/Dockerfile", False),
        ("./a/b", "a/b/Dockerfile", True),
        ("a/*/Dockerfile", "a/b/Dockerfile", True),
        ("a/*/Dockerfile", "a/b/c/Dockerfile", False),
        ("a/**/Dockerfile", "a/Dockerfile", True),
        ("a/**/Dockerfile", "a/b/c/Dockerfile", True),
        ("**/b", "a/b/c", True),
        ("**/c/**/x", "a/c/b/c/y", False),
        ("a/**", "a/Dockerfile", True),
        ("a/**", "a", False),
        ("[ab]/Dockerfile", "b/Dockerfile", True),
        ("", "Dockerfile", False),
        ("/", "Dockerfile", False),
        ("vendor", "../vendor/Dockerfile", False),
    ],
)
def test_exclude_globs(tmp_path: Path, pattern: str, path: str, expected: bool) -> None:
    config = Config(root=str(tmp_path), exclude=(pattern,))
    assert config.excludes(str(tmp_path / path)) is expected
    assert config.excludes(str(tmp_path / "x" / ".." / path)) is expected


def test_exclude_globs_take_no_exponential_time() -> None:
    config = Config(exclude=("a/" + "**/x/" * 30 + "y", "*a" * 30 + "b"))
    assert not config.excludes("a/" + "x/" * 300 + "z")
    assert not config.excludes("a" * 3000)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """repo/.git and repo/service/deep/, in a folder with a configuration of its own."""
    write(tmp_path, "dfguard.toml", "")
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    (tmp_path / "repo" / "service" / "deep").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "repo")
    return tmp_path / "repo"


DEEP = os.path.join("service", "deep")


def test_the_search_ends_at_the_repository(tree: Path) -> None:
    assert find_config(DEEP) is None
    assert find_config("..") == str(tree.parent / "dfguard.toml")


def test_a_git_file_is_a_repository_too(tree: Path) -> None:
    write(tree, "dfguard.toml", "")
    write(tree / "service", ".git", "gitdir: elsewhere\n")
    assert find_config(DEEP) is None
    assert find_config("") == "dfguard.toml"


def test_the_nearest_file_wins_and_in_one_folder_the_plainest_name(tree: Path) -> None:
    write(tree, "dfguard.toml", "")
    assert find_config(DEEP) == "dfguard.toml"
    write(tree, "service/pyproject.toml", "[tool.dfguard]\n")
    assert find_config(str(tree / DEEP)) == os.path.join("service", "pyproject.toml")
    write(tree, "service/.dfguard.toml", "")
    assert find_config(DEEP) == os.path.join("service", ".dfguard.toml")
    write(tree, "service/dfguard.toml", "")
    assert find_config(DEEP) == os.path.join("service", "dfguard.toml")


def test_answers_are_remembered_by_folder(tree: Path) -> None:
    write(tree, "dfguard.toml", "")
    seen: dict[str, str | None] = {}
    assert find_config(DEEP, seen=seen) == "dfguard.toml"
    assert seen == dict.fromkeys((str(tree / DEEP), str(tree / "service"), str(tree)), "dfguard.toml")
    (tree / "dfguard.toml").unlink()
    assert find_config(os.path.join("service", "other"), seen=seen) == "dfguard.toml"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[tool.dfguard]\n", True),
        ("[tool.dfguard.rules.DG205]\n", True),
        ("[ tool . dfguard ]\n", True),
        ("[tool]\ndfguard.pedantic = true\n", True),
        ("tool.dfguard.pedantic = true\n", True),
        ('[tool."dfguard"]\n', True),
        ('[project]\ndependencies = ["dfguard"]\n', False),
        ('[project]\ndependencies = ["dfguard"]\n[tool.ruff]\nx = 1\n', False),
        ("[tool.dfguard\n", True),
        ("[tool.dfguardian]\n", False),
        ("[tool.dfguard-more]\n", False),
        ("[tool.ruff]\n", False),
        ("[tool]\n# dfguard\nbroken =\n", False),
    ],
)
def test_only_a_pyproject_that_speaks_to_us_counts(tree: Path, text: str, found: bool) -> None:
    write(tree, "pyproject.toml", text)
    assert find_config(DEEP) == ("pyproject.toml" if found else None)


def test_a_folder_or_pipe_of_that_name_is_passed_over(tree: Path) -> None:
    (tree / "dfguard.toml").mkdir()
    (tree / "service" / "pyproject.toml").mkdir()
    (tree / "service" / "dfguard.toml").symlink_to(tree / "absent")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tree / "service" / ".dfguard.toml")
    assert find_config(DEEP) is None


def test_a_link_may_not_leave_the_repository(tree: Path) -> None:
    write(tree, "shared/ours.toml", "")
    (tree / "service" / "dfguard.toml").symlink_to(Path("..", "shared", "ours.toml"))
    assert find_config(DEEP) == os.path.join("service", "dfguard.toml")
    (tree / DEEP / "dfguard.toml").symlink_to(tree.parent / "dfguard.toml")
    with pytest.raises(ConfigError, match="symbolic link that leads out of the repository"):
        find_config(DEEP)


def test_a_search_that_finds_nothing_imports_no_toml(tree: Path) -> None:
    write(tree, "pyproject.toml", '[project]\nname = "x"\n')
    script = (
        "import sys; before = set(sys.modules);"
        "from dfguard.config import find_config; assert find_config('.') is None;"
        "bad = {'tomli', 'difflib', 'pathlib', 'json', 'fnmatch', 'dataclasses'} & (set(sys.modules) - before);"
        "assert not bad, bad"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", script], check=True, cwd=tree, env=environment)
