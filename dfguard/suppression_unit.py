"""A SuppressionUnit is the comments that silence in one file, once it is known which of them silence something."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dfguard.errors import InputError
from dfguard.subjects import Site
from dfguard.suppression import Suppression, UnusedWord

_NOWHERE = Site()


class SuppressionUnit:
    """The suppressions of a file, and their words that silence nothing."""

    def __init__(
        self,
        path: str,
        suppressions: tuple[Suppression, ...],
        unused: tuple[UnusedWord, ...],
        builds: tuple[str, ...] = (),
    ) -> None:
        self.path = path
        self.suppressions = suppressions
        self.unused = unused
        self.builds = builds
        self.context_error: InputError | None = None

    @property
    def subjects(self) -> Mapping[str, Callable[[Any], Iterable[tuple[Any, Site]]]]:
        """What rules can visit here."""
        return SUBJECTS

    @property
    def needs(self) -> Mapping[str, Callable[[Any, Site], Any]]:
        """What rules can ask for here: nothing but their options."""
        return {}


SUBJECTS: dict[str, Callable[[SuppressionUnit], Iterable[tuple[Any, Site]]]] = {
    "Suppression": lambda unit: ((each, _NOWHERE) for each in unit.suppressions),
    "UnusedWord": lambda unit: ((each, _NOWHERE) for each in unit.unused),
}
