"""A guard for all tests: what is not linear in hostile input does not end, and has to fail."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from types import FrameType

import pytest

PATIENCE = 300  # seconds: far above what any test takes, far below what is quadratic in its input


@pytest.fixture(autouse=True)
def ends() -> Iterator[None]:
    """Fail a test that goes on and on; no measure of speed (those are in benchmarks/)."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def give_up(_signal: int, _frame: FrameType | None) -> None:
        pytest.fail(f"still running after {PATIENCE} seconds")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(PATIENCE)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
