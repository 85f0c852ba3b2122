"""Which rules speak about the image, so that `dfguard verify` can hold their findings against it.

A rule that says what an image holds, shows or does carries claims. Those below speak of something else; a new
rule that is in neither set has to be given a claim, or a reason here.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import tomli

from dfguard import catalog
from dfguard.catalog import Entry
from dfguard.claim import from_json, to_json
from dfguard.finding import Finding
from dfguard.testing import blocks, findings, lay_out

CASES = Path(__file__).parent / "cases"
# By code or by the beginning of codes; the longest counts.
NO_CLAIM = {
    "DG131": "it speaks of the log of the build",
    "DG133": "it speaks of what a RUN reads while it runs",
    "DG2": "it speaks of what is sent to the builder, or of a line of an ignore file",
    "DG3": "it speaks of what a build depends on, or of packages, for which there is no claim",
    "DG4": "it speaks of how packages are installed: whether a build can be repeated, and whether it ends",
    "DG504": "it speaks of the build cache",
    "DG506": "it speaks of whether a build can be repeated",
    "DG507": "it speaks of whether a build can be repeated",
    "DG509": "it speaks of the build cache",
    "DG510": "it speaks of the build cache",
    "DG530": "it speaks of the build cache",
    "DG513": "it speaks of what builders do differently",
    "DG505": "it speaks of whether a build can be repeated",
    "DG6": "it speaks of what a shell does with a text",
    "DG7": "it speaks of what a builder or a container reads in a text",
    "DG802": "it speaks of comments",
    "DG803": "it speaks of comments",
    "DG9": "its finding is about a given image already",
}


@pytest.mark.parametrize("entry", catalog.entries(), ids=lambda entry: entry.code)
def test_rules_that_speak_about_the_image_carry_claims(entry: Entry, tmp_path: Path) -> None:
    said = on_examples(entry, tmp_path)
    claims = [finding.claim for finding in said if finding.claim is not None]
    if not claims:
        assert any(entry.code.startswith(beginning) for beginning in NO_CLAIM), "give it a claim, or a reason here"
    assert entry.code not in NO_CLAIM or not claims, "it has a claim: take its reason out"
    for claim in claims:
        assert from_json(to_json(claim)) == claim
        assert instructions(to_json(claim)) <= {-1, *range(1000)}


def test_reasons_are_given_for_rules_that_exist() -> None:
    codes = [entry.code for entry in catalog.entries()] + ["DG9"]
    assert all(any(code.startswith(beginning) for code in codes) for beginning in NO_CLAIM)


def on_examples(entry: Entry, folder: Path) -> list[Finding]:
    """What a rule says of the bad blocks of its page, and of the cases that it must find."""
    told = [(block.text, block.context, block.path) for block in blocks(catalog.page(entry)) if block.kind == "bad"]
    cases = tomli.loads((CASES / f"{entry.code}.toml").read_text(encoding="utf-8")).get("fires", [])
    told += ((case["dockerfile"], case.get("context", ""), "") for case in cases if "dockerfile" in case)
    found: list[Finding] = []
    for number, (text, context, path) in enumerate(told):
        place = folder / str(number)
        place.mkdir()
        lay_out(context, place)
        found += findings(entry, text, place, file=path)
    return found


def instructions(data: object) -> set[int]:
    """The indices of all instructions that a claim names."""
    if isinstance(data, dict):
        own = {data["index"]} if set(data) == {"stage", "index"} else set()
        return own.union(*(instructions(value) for value in data.values()))
    return set().union(*(instructions(part) for part in data)) if isinstance(data, list) else set()
