"""What a configuration extends, its overrides and presets, and what one in the tree must not do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dfguard import catalog, presets
from dfguard.check import is_on
from dfguard.config import Config, fold, load_config
from dfguard.errors import ConfigError
from dfguard.finding import Severity
from dfguard.version_range import version_range

KNOWN = catalog.names()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository as the current folder, with a file beside it that is none of its own."""
    (tmp_path / "outside.toml").write_text('ignore = ["DG801"]\n')
    root = tmp_path / "repository"
    (root / ".git").mkdir(parents=True)
    monkeypatch.chdir(root)
    return root


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path = path.with_name(f"{path.name}.toml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def load(file: str, *, named: bool = False) -> Config:
    return load_config(file, known_codes=KNOWN, named=named)


def runs(config: Config) -> set[str]:
    return {entry.code for entry in catalog.entries() if is_on(config, entry)}


def test_a_file_adds_to_what_it_extends_and_replaces_single_values(repository: Path) -> None:
    write(
        repository,
        base='preset = "strict"\nfail-on = "info"\nignore = ["DG801", "DG302"]\nextend-select = ["DG301"]\n'
        'exclude = ["old/**"]\nunfixable = ["DG402"]\n[rules.DG501]\nminimum = 9\nseverity = "hint"\n',
        service__dfguard='extends = "../base.toml"\nfail-on = "error"\nignore = ["DG710"]\nextend-select = ["DG302"]\n'
        'exclude = ["new/**"]\n[rules.DG501]\nseverity = "error"\n',
    )
    config = load("service/dfguard.toml")
    assert (config.path, config.preset, config.fail_on) == ("service/dfguard.toml", "strict", Severity.ERROR)
    assert config.ignore == ("DG801", "DG710"), "what the file selects, the one below it can't ignore"
    assert config.severity_of("DG501", Severity.INFO) is Severity.ERROR
    assert config.options_of("DG501") == {"minimum": 9}
    assert not config.may_fix("DG402") and config.may_fix("DG301")
    assert config.excludes("service/new/Dockerfile") and config.excludes("old/Dockerfile")
    assert not config.excludes("new/Dockerfile") and not config.excludes("service/old/Dockerfile")


def test_the_last_of_several_extended_files_wins_and_presets_have_names(repository: Path) -> None:
    write(
        repository,
        one='fail-on = "info"\nmin-confidence = "low"\n',
        two='fail-on = "hint"\n',
        dfguard='extends = ["security", "one.toml", "two.toml"]\n',
    )
    config = load("dfguard.toml")
    assert (config.preset, config.fail_on, config.min_confidence.value) == ("security", Severity.HINT, "low")


def test_a_mistake_is_told_in_the_file_that_makes_it(repository: Path) -> None:
    write(repository, base="\n\npedantick = true\n", dfguard='extends = "base.toml"\n')
    with pytest.raises(ConfigError, match=r"^base\.toml:3: unknown key `pedantick`; did you mean `pedantic`"):
        load("dfguard.toml")


def test_a_wrong_option_is_told_in_the_file_that_sets_it(repository: Path) -> None:
    write(
        repository,
        base="[rules.DG501]\n# many\nmaximum = 9\n",
        dfguard='extends = "base.toml"\n[[overrides]]\nfiles = ["x"]\n\n[overrides.rules.DG501]\nlargest = 4\n',
    )
    config = load("dfguard.toml")
    assert str(config.option_error("DG501", "maximum", "wrong")) == "base.toml:3: wrong"
    assert str(config.for_file("x").option_error("DG501", "largest", "wrong")) == "dfguard.toml:6: wrong"


def test_overrides_count_for_their_files_in_order(repository: Path) -> None:
    write(
        repository,
        dfguard='ignore = ["DG302"]\n[[overrides]]\nfiles = ["legacy/**", "*.dev"]\nignore = ["DG3"]\n'
        'fail-on = "error"\n'
        '[[overrides]]\nfiles = ["legacy/api/*"]\nextend-select = ["DG302"]\nfail-on = "info"\n',
    )
    config = load("dfguard.toml")
    assert config.for_file("Dockerfile").ignore == ("DG302",)
    assert config.for_file("x/Dockerfile.dev").ignore == ("DG302", "DG3")
    both = config.for_file("legacy/api/Dockerfile")
    assert both.fail_on is Severity.INFO
    assert "DG302" in runs(both) and "DG301" not in runs(both)


def test_globs_of_overrides_start_at_their_own_file(repository: Path) -> None:
    write(
        repository,
        base='[[overrides]]\nfiles = ["service/*"]\nignore = ["DG301"]\n',
        service__dfguard='extends = "../base.toml"\n',
    )
    config = load("service/dfguard.toml")
    assert config.for_file("service/Dockerfile").ignore == ("DG301",)
    assert config.for_file("service/service/Dockerfile").ignore == ("DG301",), "a folder above it counts"
    assert config.for_file("other/Dockerfile").ignore == ()


@pytest.mark.parametrize("entry", ["../outside.toml", "/etc/hostname", "link.toml", "folder/../../outside.toml"])
def test_a_file_in_the_tree_extends_nothing_outside_of_it(repository: Path, entry: str) -> None:
    (repository / "folder").mkdir()
    (repository / "link.toml").symlink_to(repository.parent / "outside.toml")
    write(repository, dfguard=f'# first\nextends = "{entry}"\n')
    with pytest.raises(ConfigError, match=r"^dfguard\.toml:2: `.*(leads out of the repository|can't be extended)"):
        load("dfguard.toml")


def test_what_a_file_extends_is_bound_by_the_same_limits(repository: Path) -> None:
    write(repository, base='extends = "../outside.toml"\n', dfguard='extends = "base.toml"\n')
    with pytest.raises(ConfigError, match=r"^base\.toml:1: .*leads out of the repository"):
        load("dfguard.toml")


def test_a_file_that_the_command_line_names_may_extend_anything(repository: Path) -> None:
    write(repository, dfguard='extends = "../outside.toml"\n')
    assert load("dfguard.toml", named=True).ignore == ("DG801",)


@pytest.mark.parametrize(
    "text",
    [
        'packs = ["./evil"]', 'output = "/etc/passwd"', 'outputs = { json = "x" }', 'format = "json"',
        'registry = "evil.example"', 'mirror = "evil.example"', 'cache-dir = "/tmp"', 'baseline = "/etc/passwd"',
        'root = "/"', 'extends = "https://evil.example/x.toml"', 'extends = "file:///etc/passwd"',
    ],
)  # fmt: skip
def test_a_file_in_the_tree_names_no_code_output_network_or_folder(repository: Path, text: str) -> None:
    write(repository, dfguard=text + "\n")
    with pytest.raises(ConfigError, match=r"^dfguard\.toml:1: "):
        load("dfguard.toml")


def test_cycles_and_endless_chains_end(repository: Path) -> None:
    write(repository, one='extends = "two.toml"\n', two='# x\nextends = ["./one.toml"]\n', me='extends = "me.toml"\n')
    with pytest.raises(ConfigError, match=r"^two\.toml:2: `\./one\.toml` extends itself"):
        load("one.toml")
    with pytest.raises(ConfigError, match=r"^me\.toml:1: `me\.toml` extends itself"):
        load("me.toml")
    for at in range(40):
        write(repository, **{f"chain{at}": f'extends = "chain{at + 1}.toml"\n'})
    write(repository, chain40="")
    with pytest.raises(ConfigError, match="more than 16 files extend one another"):
        load("chain0.toml")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_waited_for(repository: Path) -> None:
    os.mkfifo(repository / "pipe.toml")
    write(repository, dfguard='extends = "pipe.toml"\n')
    with pytest.raises(ConfigError, match="is no regular file"):
        load("dfguard.toml")


def test_pyproject_can_be_extended_and_extends(repository: Path) -> None:
    (repository / "pyproject.toml").write_text('[tool.dfguard]\nignore = ["DG801"]\n')
    write(repository, service__dfguard='extends = "../pyproject.toml"\n')
    assert load("service/dfguard.toml").ignore == ("DG801",)


def test_presets_hold_what_they_say() -> None:
    every = {entry.code for entry in catalog.entries()}
    stable = {entry.code for entry in catalog.entries() if not entry.preview}
    assert runs(Config()) == runs(Config(preset="strict")) == runs(Config(preset="kubernetes")) == stable
    assert runs(Config(preset="all")) == every and Config(preset="all").shows_all()
    security = runs(Config(preset="security"))
    assert {"DG101", "DG601", "DG801", "DG901"} <= security < stable
    assert not {"DG501", "DG723"} & security
    assert all(any(code.startswith(begin) for code in KNOWN) for begin in presets.security())
    named = {name for entry in catalog.entries() for name, _ in entry.presets}
    assert named <= set(presets.PRESETS)


def test_a_rule_in_preview_runs_where_it_is_asked_for() -> None:
    entry = next(entry for entry in catalog.entries() if entry.code == "DG301").but(preview=True)
    assert not is_on(Config(), entry)
    assert not is_on(Config(select=("DG3",)), entry), "the beginning of a code asks for no preview"
    assert is_on(Config(select=("DG301",)), entry)
    assert is_on(Config(extend_select=("DG301",)), entry)
    assert is_on(Config(preview=True), entry)
    assert not is_on(Config(preview=True, ignore=("DG301",)), entry)
    assert is_on(Config(preset="all"), entry)


def test_no_option_of_a_rule_is_called_severity() -> None:
    for entry in catalog.entries():
        options = catalog.load(entry).options_type
        assert options is None or "severity" not in options._defaults


@pytest.mark.parametrize(
    ("text", "version", "expected"),
    [
        (">=0.1", "0.1.0", True), (">=0.1, <0.2", "0.1.9", True), ("<0.2", "0.2", False), ("==1.0", "1.0.0", True),
        ("1.0", "1", True), ("!=1.0", "1.0.0", False), ("~=1.4", "1.9.2", True), ("~=1.4", "2.0", False),
        ("~=1.4.2", "1.4.1", False), (">1.9", "1.10", True), ("<=1.2", "1.2.1", False),
    ],
)  # fmt: skip
def test_required_versions(text: str, version: str, expected: bool) -> None:
    wanted = version_range(text)
    assert wanted is not None
    assert wanted.but(this=version).has_this() is expected


def test_nothing_folded_is_the_default() -> None:
    assert fold(()) == Config.default()
