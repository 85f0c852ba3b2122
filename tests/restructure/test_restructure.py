"""Structural fixes: what each makes of a Dockerfile, what is said with it, and where none is offered.

Each file of this folder is data: `[[offered]]` is a text with what the fix of `rule` makes of it, `[[refused]]` one
that the rule speaks of, but that is left alone, with words of the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tomli

from dfguard import catalog
from dfguard.dockerfile.parse import parse
from dfguard.edit import Fix, Refusal, apply
from dfguard.source import Source, Span
from dfguard.testing import findings, lay_out, requested

HERE = Path(__file__).parent


def cases(kind: str) -> list[Any]:
    return list(_cases(kind))


def _cases(kind: str) -> Iterator[Any]:
    for path in sorted(HERE.glob("*.toml")):
        for number, case in enumerate(tomli.loads(path.read_text(encoding="utf-8")).get(kind, ())):
            yield pytest.param(case, id=f"{path.stem}-{number}-{case['rule']}")


def asked(case: dict[str, Any], folder: Path) -> tuple[Span, list[Fix], list[Refusal]]:
    """The place of the first finding, its fixes and refusals."""
    lay_out(case.get("context", ""), folder)
    (entry,) = catalog.find(case["rule"])
    found = findings(entry, case["before"], folder)
    assert found, "the rule says nothing"
    place = found[0].place
    assert isinstance(place, Span)
    made = requested(entry, case["before"], folder, found[0])
    return place, [one for one in made if isinstance(one, Fix)], [one for one in made if isinstance(one, Refusal)]


@pytest.mark.parametrize("case", cases("offered"))
def test_the_fix_makes_the_text_and_says_what_to_know(case: dict[str, Any], tmp_path: Path) -> None:
    place, fixes, refusals = asked(case, tmp_path)
    assert fixes, refusals
    after = apply(place.source, fixes[0].edits)
    assert after == case["after"]
    assert fixes[0].kind == "unsafe"
    assert list(fixes[0].build_options) == case.get("build_options", [])
    for words in case.get("assumes", ()):
        assert any(words in each for each in fixes[0].assumptions), fixes[0].assumptions
    assert not [problem for problem in parse(Source("Dockerfile", after)).problems if problem.refused]


@pytest.mark.parametrize("case", cases("refused"))
def test_what_is_not_sure_is_left_alone(case: dict[str, Any], tmp_path: Path) -> None:
    _, fixes, refusals = asked(case, tmp_path)
    assert not fixes, fixes[0].title
    assert any(case["why"] in each.reason for each in refusals), refusals
