"""For all tests: seeded examples, and a guard against what does not end (it is not linear, then)."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from types import FrameType

import pytest
from hypothesis import settings

# The same examples at every run, so that a red run can be looked at; DFGUARD_FULL=1 draws new ones.
settings.register_profile("seeded", derandomize=True, deadline=None)
settings.register_profile("drawn", deadline=None)
settings.load_profile("drawn" if os.environ.get("DFGUARD_FULL") else "seeded")

PATIENCE = 300  # seconds: far above what any test takes, far below what is quadratic in its input


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Neither use nor fill the cache of the user who runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DFGUARD_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


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
