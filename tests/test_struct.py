"""Frozen records: what a frozen dataclass with slots would do."""

from __future__ import annotations

import copy
import pickle
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfguard.struct import MANY, Struct


class Point(Struct):
    """A place."""

    x: int
    y: int = 0

    origin: ClassVar[str] = "here"

    @property
    def sum(self) -> int:
        return self.x + self.y


class Named(Point):
    name: str = "p"


class Other(Struct):
    x: int
    y: int = 0


class Empty(Struct):
    pass


class WrittenOut(Struct):
    """A class may write its `__init__` out, to be made faster."""

    a: int
    b: tuple[int, ...] = ()

    def __init__(self, a: int, b: tuple[int, ...] = ()) -> None:
        put = object.__setattr__
        put(self, "a", a)
        put(self, "b", b)


def test_a_class_of_which_many_are_made_stays_the_same() -> None:
    class Base(Struct):
        a: int
        b: tuple[int, ...] = ()

    class Before(Base):
        c: str = "c"

    every = [Base(number, b=(number,)) for number in range(2 * MANY)]
    assert every == [Base(b=(number,), a=number) for number in range(2 * MANY)]
    assert Base(1) == Base(1, ()) != Base(2)
    assert repr(Base(1)) == "Base(a=1, b=())"

    class Behind(Base):
        c: str = "c"

    for heir in (Before, Behind):
        assert [heir(number, c="d").c for number in range(2 * MANY)] == ["d"] * 2 * MANY
        assert (heir(1).a, heir(1).b, heir(1).c, heir(1, (2,), "e").c) == (1, (), "c", "e")
    made: Any = Base
    for values, named in (((), {}), ((1, (), 2), {}), ((1,), {"z": 2})):
        with pytest.raises(TypeError):
            made(*values, **named)
    with pytest.raises(AttributeError):
        every[0].a = 1  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(Point(1, 2))) == Point(1, 2)


def test_fields_by_order_and_by_name() -> None:
    assert (Point(1, 2).x, Point(1, 2).y, Point(x=1).y, Point(1, y=5).sum) == (1, 2, 0, 6)
    assert (Named(1, 2, "n").name, Named(1).name, Named(1, name="q").y) == ("n", "p", 0)
    assert Point.origin == Point(1).origin == "here"


@pytest.mark.parametrize(
    ("args", "kwargs", "message"),
    [
        ((), {}, "Point lacks the field 'x'"),
        ((1, 2, 3), {}, "Point takes 2 fields, got 3"),
        ((1,), {"z": 2}, "Point has no field 'z'"),
        ((1, 2), {"y": 2}, "Point has no field 'y'"),
        ((1,), {"x": 2}, "Point has no field 'x'"),
    ],
)
def test_wrong_arguments(args: tuple[int, ...], kwargs: dict[str, int], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        Point(*args, **kwargs)


def test_nothing_can_be_changed() -> None:
    point: Any = Named(1)
    with pytest.raises(AttributeError, match="Named is frozen"):
        point.x = 2
    with pytest.raises(AttributeError, match="Named is frozen"):
        point.new = 2
    with pytest.raises(AttributeError, match="Named is frozen"):
        del point.x
    with pytest.raises(AttributeError):
        point.__dict__  # noqa: B018  slots leave no dictionary
    assert point == Named(1)


def test_equality_and_hash_go_by_type_and_value() -> None:
    assert Point(1, 2) == Point(1, 2) != Point(2, 1)
    assert Point(1) != Other(1)
    assert Point(1) != Named(1)
    assert Point(1) != (1, 0)
    assert hash(Point(1)) == hash(Point(1, 0)) != hash(Other(1))
    assert len({Point(1), Point(1, 0), Other(1), Empty(), Empty()}) == 3


def test_repr() -> None:
    assert repr(Named(1, 2, "n")) == "Named(x=1, y=2, name='n')"
    assert repr(Empty()) == "Empty()"


def test_but_changes_a_copy() -> None:
    point = Named(1, 2)
    assert (point.but(y=3, name="q"), point) == (Named(1, 3, "q"), Named(1, 2))
    assert point.but() == point
    with pytest.raises(TypeError, match="Named has no field 'z'"):
        point.but(z=1)


def test_match_patterns() -> None:
    match Named(1, 2, "n"):
        case Point(1, 3):
            found = "wrong"
        case Point(x, y=2):
            found = f"x is {x}"
        case _:
            found = "none"
    assert found == "x is 1"
    assert Named.__match_args__ == ("x", "y", "name")


def test_a_written_out_init() -> None:
    assert WrittenOut(1) == WrittenOut(a=1, b=())
    assert WrittenOut(1).but(b=(2,)) == WrittenOut(1, (2,))


@given(st.integers(), st.integers(), st.text())
def test_copies_and_pickles_are_equal(x: int, y: int, name: str) -> None:
    value = Named(x, y, name)
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(value, protocol)) == value
    assert copy.copy(value) == copy.deepcopy(value) == value
    assert eval(repr(value)) == value
