"""Which rules run on what, what a crash does, and how the findings of several builds become one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from dfguard import catalog, engine
from dfguard.api import (
    Add,
    Base,
    BuildContext,
    Command,
    Copy,
    Dockerfile,
    Edit,
    Fix,
    Found,
    Install,
    Options,
    Run,
    Stage,
    StageFlow,
    rule,
)
from dfguard.catalog import Entry
from dfguard.context.invocation import Invocation
from dfguard.context.tree import BuildContext as Context
from dfguard.context.tree import read_context
from dfguard.dockerfile.parse import parse
from dfguard.engine import Outcome, Selected, merge
from dfguard.errors import EXIT_USAGE, InputError, UsageError
from dfguard.finding import Confidence, Finding, Severity
from dfguard.rule import Rule
from dfguard.run import NotRun, RunError
from dfguard.source import Source, Span
from dfguard.unit import Unit

SOURCE = "FROM debian:12\nCOPY a /a\nRUN apt-get install -y x\nONBUILD COPY b /b\n"


def unit(text: str = SOURCE, context: Context | None = None, name: str = "default", target: str | None = None) -> Unit:
    return Unit(parse(Source("Dockerfile", text)), Invocation(name, "Dockerfile", None, target), lambda _: context)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Runner:
    return Runner(monkeypatch)


class Runner:
    """Runs rules that are in no pack."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rules: dict[str, Rule] = {}
        self.loaded: list[str] = []
        monkeypatch.setattr(catalog, "load", self.load)

    def load(self, entry: Entry) -> Rule:
        self.loaded.append(entry.code)
        return self.rules[entry.code]

    def __call__(self, made: Unit, *rules: Rule, severity: Severity | None = None, **options: object) -> Outcome:
        self.rules |= {rule.code: rule for rule in rules}
        return engine.run(made, [Selected(entry(r), severity or r.severity, options) for r in rules])


def entry(r: Rule) -> Entry:
    needs = tuple((need.type, need.optional) for need in r.needs)
    return Entry(
        r.code, r.name, "module", r.severity, r.subjects, needs, r.programs, r.presets, r.peers, r.onbuild, "Title."
    )  # fmt: skip


def messages(outcome: Outcome) -> list[str]:
    return [finding.message for finding in outcome.findings]


# -- subscription


@rule("DG001", "copies", peers=("X1",))
def copies(copy: Copy | Add) -> Iterator[Found]:
    yield Found(copy.keyword, f"line {copy.start_line}")


@rule("DG002", "all-copies", onbuild=True)
def all_copies(copy: Copy | Add) -> Iterator[Found]:
    yield from copies.check(copy)


def test_a_rule_is_called_for_each_of_its_subjects(run: Runner) -> None:
    (finding,) = run(unit(), copies).findings
    assert isinstance(finding.place, Span) and finding.place.text == "COPY"
    assert (finding.code, finding.name, finding.severity) == ("DG001", "copies", Severity.WARNING)
    assert (finding.confidence, finding.peers, finding.builds) == (Confidence.HIGH, ("X1",), ("default",))


def test_triggers_are_for_rules_that_say_so(run: Runner) -> None:
    assert messages(run(unit(), copies)) == ["line 2"]
    assert messages(run(unit(), all_copies)) == ["line 2", "line 4"]


@rule("DG003", "installs", programs=("apt-get",))
def installs(install: Install) -> Iterator[Found]:
    yield Found(install, install.manager)


@rule("DG004", "commands", programs=("apt-get",))
def commands(command: Command | Copy, run: Run | None) -> Iterator[Found]:
    yield Found(command, f"{command.span.text} in {run.name if run else 'no run'}")


@pytest.mark.parametrize(
    ("text", "loaded"),
    [
        ("FROM a\nRUN apt-get install x\n", ["DG003", "DG004"]),
        ("FROM a\nRUN apk add x\n", []),
        ("FROM a\nUSER x\n", []),
        ("FROM a\nCOPY a /b\n", ["DG001", "DG004"]),
        ("FROM a\nADD a /b\n", ["DG001"]),
        ("FROM a\nONBUILD COPY a /b\n", []),
    ],
)
def test_only_rules_that_can_fire_are_loaded(text: str, loaded: list[str], run: Runner) -> None:
    run(unit(text), copies, installs, commands)
    assert run.loaded == loaded


def test_programs_narrow_commands_and_nothing_else(run: Runner) -> None:
    text = "FROM a\nCOPY x /y\nRUN curl x && apt-get update\nRUN apk add y\n"
    assert messages(run(unit(text), commands)) == ["apt-get update in RUN", "COPY x /y in no run"]


# -- needs


@rule("DG005", "needs-context")
def needs_context(copy: Copy, context: BuildContext) -> Iterator[Found]:
    yield Found(copy, f"{len(context.files)} files")


@rule("DG006", "uses-context")
def uses_context(copy: Copy, context: BuildContext | None) -> Iterator[Found]:
    yield Found(copy, f"context: {context is not None}")


def test_what_is_required_and_missing_is_said(run: Runner) -> None:
    outcome = run(unit(), needs_context, uses_context)
    assert outcome.not_run == (NotRun("DG005", "Dockerfile", "no build context"),)
    assert messages(outcome) == ["context: False"]


def test_a_rule_that_could_not_fire_is_not_missed(run: Runner) -> None:
    assert run(unit("FROM a\n"), needs_context).not_run == ()


def test_a_context_is_given(run: Runner, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    made = unit(context=read_context(str(tmp_path)))
    assert messages(run(made, needs_context, uses_context)) == ["1 files", "context: True"]


def test_a_context_that_can_not_be_read_is_one_error_and_no_end(run: Runner) -> None:
    def fail(_: Invocation) -> Context | None:
        raise InputError("x/.dockerignore", "is UTF-16")

    made = Unit(parse(Source("Dockerfile", SOURCE)), Invocation("default", "Dockerfile", None), fail)
    outcome = run(made, needs_context, uses_context, copies)
    assert outcome.errors == (RunError("x/.dockerignore", "is UTF-16", EXIT_USAGE),)
    assert [item.code for item in outcome.not_run] == ["DG005"]
    assert messages(outcome) == ["context: False", "line 2"]


@rule("DG007", "whole-file")
def whole_file(dockerfile: Dockerfile, stage: Stage) -> Iterator[Found]:
    yield Found(dockerfile, stage.span.text)


def test_a_subject_without_what_is_needed_there_is_passed_over(run: Runner) -> None:
    outcome = run(unit(), whole_file)
    assert (outcome.findings, outcome.not_run, outcome.errors) == ((), (), ())


@rule("DG008", "by-base")
def by_base(stage: Stage, base: Base) -> Iterator[Found]:
    yield Found(stage, str(base.family))


@rule("DG009", "by-base-if-known")
def by_base_if_known(stage: Stage, base: Base | None) -> Iterator[Found]:
    yield Found(stage, "said", confidence=Confidence.MEDIUM)


def test_an_unknown_base_makes_low_confidence_for_rules_that_need_it(run: Runner) -> None:
    text = "FROM debian:12 AS known\nFROM known\nFROM example.com/x AS unknown\nFROM unknown\n"
    high, low = Confidence.HIGH, Confidence.LOW
    assert [f.confidence for f in run(unit(text), by_base).findings] == [high, high, low, low]
    assert {f.confidence for f in run(unit(text), by_base_if_known).findings} == {Confidence.MEDIUM}


class Limits(Options):
    """A word and a number."""

    most_lines: int = 3
    word: str = "x"


@rule("DG010", "with-options")
def with_options(stage: Stage, limits: Limits) -> Iterator[Found]:
    yield Found(stage, f"{limits.most_lines} {limits.word}")


def test_options(run: Runner) -> None:
    assert messages(run(unit(), with_options)) == ["3 x"]
    assert messages(run(unit(), with_options, most_lines=9)) == ["9 x"]


# -- severity


@rule("DG011", "of-two-severities", severity="info")
def of_two_severities(stage: Stage) -> Iterator[Found]:
    yield Found(stage, "own")
    yield Found(stage, "found", severity=Severity.ERROR)


def test_the_configuration_wins_over_the_finding_and_that_over_the_rule(run: Runner) -> None:
    assert [f.severity for f in run(unit(), of_two_severities).findings] == [Severity.INFO, Severity.ERROR]
    set_ = run(unit(), of_two_severities, severity=Severity.HINT)
    assert [f.severity for f in set_.findings] == [Severity.HINT, Severity.HINT]


# -- crashes


@rule("DG012", "crashes")
def crashes(copy: Copy) -> Iterator[Found]:
    yield Found(copy, "before")
    raise ValueError("went\nwrong " + "x" * 300)


@rule("DG013", "returns-nothing")
def returns_nothing(copy: Copy) -> Iterator[Found]:
    return None  # type: ignore[return-value]


@rule("DG014", "overflows")
def overflows(copy: Copy) -> Iterator[Found]:
    yield from overflows.check(copy)


def test_a_crash_is_one_line_and_the_others_go_on(run: Runner) -> None:
    outcome = run(unit(), crashes, returns_nothing, overflows, copies)
    assert messages(outcome)[-1] == "line 2"
    assert [error.path for error in outcome.errors] == ["Dockerfile"] * 3
    first, second, third = (error.message for error in outcome.errors)
    assert first.startswith("rule DG012 crashed at test_engine:")
    assert "(ValueError: went wrong xxx" in first and first.endswith("x); please report it")
    assert len(first) < 250 and "\n" not in first
    assert second.startswith("rule DG013 crashed at dfguard.engine:") and "TypeError" in second
    assert third.startswith("rule DG014 crashed") and "RecursionError" in third
    assert {error.exit_code for error in outcome.errors} == {EXIT_USAGE}


def test_a_rule_that_can_not_be_loaded_is_a_crash_too(run: Runner) -> None:
    gone = copies.but(code="DG404")
    outcome = engine.run(unit(), [Selected(entry(gone), gone.severity, {})])
    assert "rule DG404 crashed" in outcome.errors[0].message


def test_ending_the_program_is_no_crash(run: Runner) -> None:
    @rule("DG015", "stops")
    def stops(copy: Copy) -> Iterator[Found]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(unit(), stops)


def test_a_target_that_does_not_exist_is_the_users_matter(run: Runner) -> None:
    with pytest.raises(UsageError, match="there is no stage nope"):
        run(unit(target="nope"), copies)

    @rule("DG016", "asks-late")
    def asks_late(dockerfile: Dockerfile, flow: StageFlow | None) -> Iterator[Found]:
        raise UsageError("no such thing")
        yield

    with pytest.raises(UsageError, match="no such thing"):
        run(unit(), asks_late)


# -- several builds of a file


def outcome_of(
    build: str, *findings: Finding, not_run: Sequence[NotRun] = (), errors: Sequence[RunError] = ()
) -> Outcome:
    return Outcome(tuple(f.but(builds=(build,)) for f in findings), tuple(not_run), tuple(errors))


TEXT = Source("Dockerfile", SOURCE)
A, B = (Edit.replace(TEXT.span(0, 4), text) for text in "ab")
FIX_A, FIX_B = Fix.unsafe("a", A), Fix.unsafe("b", B)
FINDING = Finding("DG001", "n", Severity.INFO, Confidence.MEDIUM, "said", TEXT.span(0, 4), fixes=(FIX_A, FIX_B))


def test_equal_findings_become_one_that_lists_its_builds() -> None:
    merged = merge([outcome_of("one", FINDING), outcome_of("two", FINDING), outcome_of("one", FINDING)])
    assert merged.findings == (FINDING.but(builds=("one", "two")),)


def test_findings_of_other_places_codes_or_words_stay_apart() -> None:
    others = (FINDING, FINDING.but(place=TEXT.span(0, 5)), FINDING.but(code="DG002"), FINDING.but(message="other"))
    merged = merge([outcome_of("one", *others), outcome_of("two", others[1])])
    assert [f.builds for f in merged.findings] == [("one",), ("one", "two"), ("one",), ("one",)]


def test_only_fixes_that_every_build_offers_stay() -> None:
    (merged,) = merge([outcome_of("one", FINDING), outcome_of("two", FINDING.but(fixes=(FIX_B,)))]).findings
    assert merged.fixes == (FIX_B,)
    (merged,) = merge([outcome_of("one", FINDING), outcome_of("two", FINDING.but(fixes=()))]).findings
    assert merged.fixes == ()


def test_the_worst_severity_and_the_surest_confidence_count() -> None:
    other = FINDING.but(severity=Severity.ERROR, confidence=Confidence.LOW)
    for pair in ((FINDING, other), (other, FINDING)):
        (merged,) = merge([outcome_of("one", pair[0]), outcome_of("two", pair[1])]).findings
        assert (merged.severity, merged.confidence) == (Severity.ERROR, Confidence.MEDIUM)


def test_what_did_not_run_and_errors_are_said_once() -> None:
    missing, error = NotRun("DG001", "Dockerfile", "why"), RunError("Dockerfile", "what")
    one = outcome_of("one", not_run=[missing], errors=[error])
    assert merge([one, one]) == Outcome((), (missing,), (error,))
    assert merge([]) == Outcome((), (), ())


def test_the_same_rule_over_two_builds(run: Runner) -> None:
    text = "FROM debian:12 AS a\nCOPY x /x\nFROM a AS b\nCOPY y /y\n"

    @rule("DG017", "shipped")
    def shipped(copy: Copy, stage: Stage) -> Iterator[Found]:
        if stage.ships:
            yield Found(copy, "ships")

    source = parse(Source("Dockerfile", text))
    units = [Unit(source, Invocation(name, "Dockerfile", None, name), lambda _: None) for name in ("a", "b")]
    merged = merge([run(made, shipped) for made in units])
    assert [(f.place.start_line, f.builds) for f in merged.findings if isinstance(f.place, Span)] == [
        (2, ("a", "b")),
        (4, ("b",)),
    ]
