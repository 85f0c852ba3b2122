"""A rule's signature is its subscription."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dfguard.api import Base, BuildContext, Copy, Found, Options, Run, Stage, rule
from dfguard.finding import Severity
from dfguard.rule import Need, Rule, signature


class Limits(Options):
    """How many."""

    most: int = 3


@rule(
    "DG999", "bad-thing", severity="error", programs=("apt",), peers=("X1",), presets={"strict": "info"}, onbuild=True
)
def full(place: Copy | Run, context: BuildContext, base: Base | None, options: Limits) -> Iterator[Found]:
    """Look."""
    yield Found(place, f"{context} {base} {options}")


@rule("DG998", "other-thing")
def plain(stage: Stage) -> Iterator[Found]:
    """Look."""
    yield Found(stage, "here")


def test_the_decorator_makes_a_rule() -> None:
    assert isinstance(full, Rule)
    assert (full.code, full.name, full.group, full.severity) == ("DG999", "bad-thing", "DG9", Severity.ERROR)
    assert full.subjects == ("Copy", "Run")
    assert full.needs == (Need("BuildContext", False), Need("Base", True), Need("Limits", False))
    assert (full.programs, full.peers, full.onbuild) == (("apt",), ("X1",), True)
    assert full.presets == (("strict", Severity.INFO),)
    assert full.options_type is Limits


def test_defaults() -> None:
    assert (plain.subjects, plain.needs, plain.severity) == (("Stage",), (), Severity.WARNING)
    assert (plain.programs, plain.peers, plain.presets, plain.onbuild) == ((), (), (), False)
    assert plain.options_type is None


def test_a_wrong_severity_is_refused() -> None:
    with pytest.raises(ValueError, match="fatal"):
        rule("DG1", "x", severity="fatal")(plain.check)


def not_annotated(a):  # type: ignore[no-untyped-def]
    pass


def half_annotated(a: Copy, b):  # type: ignore[no-untyped-def]
    pass


def without_parameters() -> None:
    pass


@pytest.mark.parametrize("function", [not_annotated, half_annotated, without_parameters])
def test_every_parameter_needs_an_annotation(function: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match=rf"{function.__name__}: every parameter needs an annotation"):
        signature(function)


def test_annotations_that_are_no_strings_are_refused() -> None:
    def real(a: int) -> None:
        pass

    real.__annotations__["a"] = int
    with pytest.raises(TypeError, match="from __future__ import annotations"):
        signature(real)


def test_locals_are_no_parameters() -> None:
    def check(a: Copy, b: Base | None) -> None:
        local: int = 1
        del local

    assert signature(check) == (("Copy",), (Need("Base", True),))
