"""The fix loop: what is applied, what is given up, and when it ends. The rules here are a few lines of their own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import pytest

from dfguard.buffers import ON_DISK, Buffers
from dfguard.edit import Edit, Fix
from dfguard.engine import Outcome
from dfguard.file_report import FileReport
from dfguard.finding import Confidence, Finding, Severity
from dfguard.run import RunError
from dfguard.settle import Reports, Settled, settle
from dfguard.source import Source

Rule = Callable[[Source], list[Finding]]


class Words:
    """A bench with one text, and rules about its words; a text with the word `refused` can't be checked."""

    def __init__(self, path: Path, text: str, *rules: Rule, costly: Rule = lambda source: []) -> None:
        self.path = path
        path.write_text(text)
        self.rules = rules
        self.costly = costly

    def check(self, buffers: Buffers, changed: Collection[str] | None) -> Reports:
        source = buffers.read_source(str(self.path))
        findings = tuple(finding for rule in self.rules for finding in rule(source))
        errors = (RunError(source.path, "refused"),) if "refused" in source.text else ()
        return {source.path: FileReport(Outcome(findings, (), errors))}

    def costly_fixes(self, buffers: Buffers, key: str, finding: Finding) -> Sequence[Fix]:
        made = self.costly(buffers.read_source(str(self.path)))
        return [fix for each in made if each.place == finding.place for fix in each.fixes]

    def shows(self, finding: Finding) -> bool:
        return finding.confidence is not Confidence.LOW

    def settled(self, *, structural: bool = False) -> tuple[str, Settled]:
        settled = settle(self, ON_DISK, lambda finding, fix: fix.kind != "unsafe" or structural, structural=structural)
        return settled.buffers.read_source(str(self.path)).text, settled


def word(code: str, old: str, *new: str, unsafe: bool = False) -> Rule:
    """A rule that finds a word, and offers to put others in its place."""
    make = Fix.unsafe if unsafe else Fix.identical

    def check(source: Source) -> list[Finding]:
        found = []
        at = source.text.find(old)
        while at >= 0:
            span = source.span(at, at + len(old))
            fixes = tuple(make(f"{old} to {text}", Edit.replace(span, text)) for text in new)
            found.append(Finding(code, old, Severity.WARNING, Confidence.HIGH, f"found {old}", span, fixes=fixes))
            at = source.text.find(old, at + 1)
        return found

    return check


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "text"


def test_all_fixes_are_applied(path: Path) -> None:
    text, settled = Words(path, "a b\nc a\n", word("DG1", "a", "x"), word("DG2", "c", "d")).settled()
    assert (text, len(settled.applied), settled.faults) == ("x b\nd x\n", 3, ())


def test_a_fix_that_brings_another_finding_is_given_up(path: Path) -> None:
    text, settled = Words(
        path, "a\nc a\n", word("DG1", "a", "x"), word("DG2", "c", "d"), word("DG3", "d", "e")
    ).settled()
    assert text == "x\nc x\n"
    assert [fault.message for fault in settled.faults] == [
        "line 2: the fix of DG2 (c to d) brings DG3: left as it was; please report it"
    ]


def test_a_second_run_changes_nothing(path: Path) -> None:
    bench = Words(path, "a b a", word("DG1", "a", "x"))
    first, _ = bench.settled()
    path.write_text(first)
    second, settled = bench.settled()
    assert (first, second, settled.applied) == ("x b x", "x b x", ())


def test_of_two_fixes_that_touch_the_same_characters_one_is_applied_at_a_time(path: Path) -> None:
    text, settled = Words(path, "one two", word("DG1", "one two", "two"), word("DG2", "two", "2")).settled()
    assert (text, [change.finding.code for change in settled.applied]) == ("2", ["DG1", "DG2"])


def test_a_fix_that_makes_a_refused_text_is_given_up_and_the_others_are_applied(path: Path) -> None:
    text, settled = Words(path, "a b", word("DG1", "a", "refused"), word("DG2", "b", "y")).settled()
    assert text == "a y"
    assert [fault.message for fault in settled.faults] == [
        "line 1: the fix of DG1 (a to refused) makes a text that can't be checked: refused: left as it was; "
        "please report it"
    ]


def test_the_next_fix_of_a_finding_is_tried_when_the_first_one_is_given_up(path: Path) -> None:
    text, settled = Words(path, "a", word("DG1", "a", "refused", "fine")).settled()
    assert (text, len(settled.faults)) == ("fine", 1)


def test_fixes_that_undo_each_other_end(path: Path) -> None:
    text, settled = Words(path, "a", word("DG1", "a", "b"), word("DG2", "b", "a")).settled()
    assert text == "a"
    assert len(settled.faults) == 1


def test_a_fix_that_changes_nothing_is_a_fault(path: Path) -> None:
    text, settled = Words(path, "a", word("DG1", "a", "a")).settled()
    assert (text, settled.applied) == ("a", ())
    assert "there before" in settled.faults[0].message


def test_a_fix_that_grows_the_text_for_ever_ends(path: Path) -> None:
    _, settled = Words(path, "a", word("DG1", "a", "ab")).settled()
    assert len(settled.applied) == 100


def test_structural_fixes_come_one_at_a_time_when_all_else_is_done(path: Path) -> None:
    costly = word("DG9", "big", "tiny", unsafe=True)
    bench = Words(path, "a big big", word("DG1", "a", "x"), word("DG9", "big"), costly=costly)
    text, settled = bench.settled(structural=True)
    assert not settled.faults
    assert (text, [change.finding.code for change in settled.applied]) == ("x tiny tiny", ["DG1", "DG9", "DG9"])
    assert bench.settled()[0] == "x big big"


def test_low_confidence_is_not_mended(path: Path) -> None:
    def unsure(source: Source) -> list[Finding]:
        return [finding.but(confidence=Confidence.LOW) for finding in word("DG1", "a", "x")(source)]

    assert Words(path, "a", unsure).settled()[0] == "a"
