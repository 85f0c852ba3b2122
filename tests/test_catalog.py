"""All rules by code, name and the ids of like checks; the index says what the rules say."""

from __future__ import annotations

import re
import sys
from types import ModuleType

import pytest

from dfguard import catalog, ignore_unit, image_unit, subjects, suppression_unit
from dfguard.finding import Severity

ENTRIES = catalog.entries()
CODES = [entry.code for entry in ENTRIES]


def test_codes_and_names_are_sorted_and_used_once() -> None:
    assert sorted(set(CODES)) == CODES
    assert len(catalog.names()) == len(set(catalog.names().values())) == len(ENTRIES)


@pytest.mark.parametrize("entry", ENTRIES, ids=CODES)
def test_an_entry_tells_what_its_rule_is(entry: catalog.Entry) -> None:
    rule = catalog.load(entry)
    assert re.fullmatch(r"DG\d\d\d", entry.code)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", entry.name)
    assert (rule.code, rule.name, rule.severity) == (entry.code, entry.name, entry.severity)
    assert (rule.subjects, rule.programs, rule.peers, rule.onbuild) == (
        entry.subjects, entry.programs, entry.peers, entry.onbuild,
    )  # fmt: skip
    assert tuple((need.type, need.optional) for need in rule.needs) == entry.needs
    assert catalog.page(entry).startswith(entry.title)
    assert catalog.page(entry).endswith("\n")


@pytest.mark.parametrize("entry", ENTRIES, ids=CODES)
def test_what_a_rule_asks_for_can_be_given(entry: catalog.Entry) -> None:
    units = (subjects, ignore_unit, image_unit, suppression_unit)
    homes = [home for home in units if set(entry.subjects) <= set(home.SUBJECTS)]
    assert homes, "one kind of unit has all subjects of a rule"
    options = catalog.load(entry).options_type
    own = {options.__name__} if options else set()
    assert {name for name, _ in entry.needs} <= set(getattr(homes[0], "NEEDS", ())) | own
    if options:
        assert options() == options(**options._defaults), "every option has a default"


def test_a_rule_is_found_by_code_name_and_peer() -> None:
    (entry,) = catalog.find("DG101")
    assert catalog.find(" dg101 ") == catalog.find(entry.name) == catalog.find(entry.name.upper()) == (entry,)
    with_peers = next(e for e in ENTRIES if e.peers)
    assert with_peers in catalog.find(with_peers.peers[0].lower())
    assert catalog.find("DG10") == catalog.find("") == catalog.find("nothing") == ()


def test_severities_of_presets() -> None:
    entry = catalog.Entry("DG1", "n", "m", Severity.INFO, (), (), (), (("strict", Severity.ERROR),), (), False, "t")
    assert entry.severity_in("strict") is Severity.ERROR
    assert entry.severity_in("recommended") is entry.severity_in("none such") is Severity.INFO


def test_a_module_without_a_rule_is_no_part_of_a_pack(monkeypatch: pytest.MonkeyPatch) -> None:
    stray = ModuleType("dfguard.rules.secrets.secret_in_shipped_stage", "A page.")
    monkeypatch.setitem(sys.modules, stray.__name__, stray)
    with pytest.raises(TypeError, match=r"secret_in_shipped_stage: expected a docstring and a function `check`"):
        list(catalog.scan_pack())


def test_a_code_used_twice_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    one = ENTRIES[0]
    monkeypatch.setattr(catalog, "scan_pack", lambda: iter((one, one.but(module="other.module"))))
    with pytest.raises(ValueError, match=rf"{one.code} is used by {one.module} and by other.module"):
        catalog.render_index()


def test_a_function_of_a_rule_that_is_only_called_fix_makes_no_costly_fixes() -> None:
    assert catalog.load_fixer(catalog.find("DG603")[0]) is None
    assert catalog.load_fixer(catalog.find("DG120")[0]) is not None
