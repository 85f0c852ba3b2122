"""The main job over files on disk: one bad file never stops the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dfguard import catalog
from dfguard.api import Found, Options, Stage, rule
from dfguard.builds import ContextCache
from dfguard.catalog import Entry
from dfguard.check import Settings, check_files, select
from dfguard.config import Config, load_config
from dfguard.context.invocation import Invocation
from dfguard.context.invocations.flags import Flags
from dfguard.errors import EXIT_SYNTAX, EXIT_USAGE, ConfigError
from dfguard.finding import Confidence, Severity
from dfguard.rule import Rule
from dfguard.run import Result
from dfguard.source import MAX_BYTES, Source, Span


class Limits(Options):
    """Of every kind."""

    most_lines: int = 3
    word: str = "x"
    loud: bool = False


@rule("DG901", "sure-thing", presets={"strict": "error"})
def sure(stage: Stage, limits: Limits) -> Iterator[Found]:
    yield Found(stage.from_.image, f"{limits.most_lines} {limits.word} {limits.loud}")


@rule("DG902", "doubtful-thing", severity="error")
def doubtful(stage: Stage) -> Iterator[Found]:
    yield Found(stage.from_.image, "perhaps", confidence=Confidence.LOW)


RULES: dict[str, Rule] = {"DG901": sure, "DG902": doubtful}


def entries() -> tuple[Entry, ...]:
    """What the index says of the rules, as they are now."""
    return tuple(
        Entry(
            r.code, r.name, "", r.severity, r.subjects, tuple((n.type, n.optional) for n in r.needs), r.programs,
            r.presets, r.peers, r.onbuild, "Title.",
        )
        for r in RULES.values()
    )  # fmt: skip


@pytest.fixture(autouse=True)
def two_rules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(catalog, "entries", entries)
    monkeypatch.setattr(catalog, "load", lambda entry: RULES[entry.code])
    monkeypatch.chdir(tmp_path)


def check(*paths: str, config: Config | None = None, stdin: Source | None = None, pedantic: bool = False) -> Result:
    configs = dict.fromkeys(paths, config or Config.default())
    return check_files(paths, configs, Settings(pedantic=pedantic), stdin)


def config(text: str) -> Config:
    Path("dfguard.toml").write_text(text)
    return load_config("dfguard.toml", known_codes={code: r.name for code, r in RULES.items()})


def said(result: Result) -> list[tuple[str, str, str]]:
    return [(f.place.path, f.code, f.message) for f in result.findings if isinstance(f.place, Span)]


def test_bad_files_between_good_ones() -> None:
    Path("a.Dockerfile").write_text("FROM a\n")
    Path("b.Dockerfile").write_bytes("FROM b\n".encode("utf-16"))
    Path("c.Dockerfile").mkdir()
    Path("d.Dockerfile").symlink_to("nowhere")
    Path("e.Dockerfile").write_text("just words\n")
    Path("f.Dockerfile").write_text("FROM f\nFORM x\n")
    Path("z.Dockerfile").write_text("FROM z\n")
    paths = [f"{name}.Dockerfile" for name in "abcdefz"] + ["missing"]
    result = check(*paths)
    assert [path for path, *_ in said(result)] == ["a.Dockerfile", "f.Dockerfile", "z.Dockerfile"]
    assert result.files == ("a.Dockerfile", "f.Dockerfile", "z.Dockerfile")
    assert {error.path for error in result.errors} == {f"{n}.Dockerfile" for n in "bcdf"} | {"missing"}
    assert all("\n" not in error.message for error in result.errors)
    assert [item.path for item in result.not_run] == ["e.Dockerfile"]


def test_a_file_that_buildkit_refuses_is_checked_all_the_same() -> None:
    Path("Dockerfile").write_text("FROM a\nFORM x\nCOPY\n")
    result = check("Dockerfile")
    assert said(result) == [("Dockerfile", "DG901", "3 x False")]
    (error,) = result.errors
    assert error.exit_code == EXIT_SYNTAX
    assert error.message.startswith("line 2: ") and error.message.endswith("(and 1 more)")


def test_low_confidence_is_counted_and_shown_when_asked_for() -> None:
    Path("Dockerfile").write_text("FROM a\n")
    assert (len(check("Dockerfile").findings), check("Dockerfile").hidden) == (1, 1)
    assert (len(check("Dockerfile", pedantic=True).findings), check("Dockerfile", pedantic=True).hidden) == (2, 0)
    assert len(check("Dockerfile", config=Config(pedantic=True)).findings) == 2


def test_an_unknown_target_is_an_error_of_its_file() -> None:
    Path("Dockerfile").write_text("FROM a AS build\n")
    Path("other.Dockerfile").write_text("FROM a AS other\n")
    paths = ("Dockerfile", "other.Dockerfile")
    result = check_files(paths, dict.fromkeys(paths, Config.default()), Settings(Flags(target="other")))
    assert [path for path, *_ in said(result)] == ["other.Dockerfile"]
    assert [(e.path, e.exit_code) for e in result.errors] == [("Dockerfile", EXIT_USAGE)]
    assert "there is no stage other" in result.errors[0].message


def test_standard_input_stands_for_its_path() -> None:
    Path("Dockerfile").write_text("FROM on-disk\nFROM on-disk\n")
    result = check("Dockerfile", stdin=Source("Dockerfile", "FROM typed\n"))
    assert [f.place.text for f in result.findings if isinstance(f.place, Span)] == ["typed"]


# -- configuration of rules


def test_options_reach_the_rule() -> None:
    Path("Dockerfile").write_text("FROM a\n")
    made = config('[rules.DG901]\nmost-lines = 7\nword = "y"\nloud = true\n')
    assert said(check("Dockerfile", config=made)) == [("Dockerfile", "DG901", "7 y True")]


@pytest.mark.parametrize(
    ("table", "line", "message"),
    [
        ("[rules.DG901]\n\nmost = 1\n", 3, "unknown option `most` of DG901: expected one of loud, most-lines, word"),
        ('[rules.DG901]\nmost-lines = "7"\n', 2, "`most-lines` is '7'; expected a value of type int"),
        ("[rules.DG901]\nword = 'y'\nmost-lines = true\n", 3, "`most-lines` is True; expected a value of type int"),
        ("[rules.DG901]\nloud = 1\n", 2, "`loud` is 1; expected a value of type bool"),
        ("[rules.DG902]\nx = 1\n", 2, "unknown option `x` of DG902: the rule has no options"),
    ],
)
def test_wrong_options_are_told_at_their_line(table: str, line: int, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        select(config(table))
    assert (caught.value.path, caught.value.line) == ("dfguard.toml", line)
    assert str(caught.value) == f"dfguard.toml:{line}: {message}"


def test_selection_and_severities() -> None:
    assert [(s.entry.code, s.severity) for s in select(Config.default())] == [
        ("DG901", Severity.WARNING),
        ("DG902", Severity.ERROR),
    ]
    assert [s.entry.code for s in select(Config(ignore=("DG902",)))] == ["DG901"]
    assert select(Config(preset="strict"))[0].severity is Severity.ERROR
    assert select(Config(preset="strict", severities=(("DG9", Severity.HINT),)))[0].severity is Severity.HINT


# -- contexts


def test_a_context_is_read_once_for_each_ignore_file() -> None:
    Path("one.Dockerfile").write_text("FROM a\n")
    Path("one.Dockerfile.dockerignore").write_text("*.txt\n")
    Path(".dockerignore").write_text("*.md\n")
    Path("a.txt").write_text("")
    contexts = ContextCache()
    own = contexts.load(Invocation("default", "one.Dockerfile", "."))
    shared = contexts.load(Invocation("default", "Dockerfile", "."))
    assert own is not None and shared is not None
    assert (own.get("a.txt") or own).kept is False  # type: ignore[union-attr]
    assert "a.txt" in [file.path for file in shared.files]
    assert contexts.load(Invocation("other", "sub/Dockerfile", ".")) is shared
    assert contexts.load(Invocation("default", "Dockerfile", None)) is None


def test_a_broken_ignore_file_is_told_by_its_own_name() -> None:
    Path("Dockerfile").write_text("FROM a\nCOPY . .\n")
    Path(".dockerignore").write_bytes(b"#" * (MAX_BYTES + 1))
    from dfguard.api import BuildContext

    @rule("DG901", "sure-thing")
    def asks(stage: Stage, context: BuildContext | None) -> Iterator[Found]:
        yield Found(stage.from_.image, f"context: {context is not None}")

    RULES["DG901"] = asks
    try:
        result = check("Dockerfile")
    finally:
        RULES["DG901"] = sure
    assert said(result) == [("Dockerfile", "DG901", "context: False")]
    (error,) = result.errors
    assert error.path.endswith(".dockerignore") and error.message.startswith("is 16,777,217 bytes large")
