"""An IgnoreUnit is one ignore file in one build context; its models are built on first use.

It stands beside `unit.Unit`: rules about lines of ignore files run once per ignore file and context,
whatever number of Dockerfiles is built with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dfguard.context.ignore import IgnoreFile
from dfguard.errors import InputError
from dfguard.subjects import Site

if TYPE_CHECKING:
    from dfguard.context.effects import IgnoreEffects
    from dfguard.context.tree import BuildContext
    from dfguard.flow.takes import BuildTakes, IgnoreUse, Taken


class IgnoreUnit:
    """One ignore file in one context. `load_context` reads the context with this ignore file.

    `takes` are the known builds that use both, `use` tells who reads the ignore file at all.
    """

    def __init__(
        self,
        ignore: IgnoreFile,
        load_context: Callable[[], BuildContext | None],
        takes: tuple[BuildTakes, ...] = (),
        use: IgnoreUse | None = None,
    ) -> None:
        self.ignore = ignore
        self.takes = takes
        self.use = use
        self._load_context = load_context
        self.context_error: InputError | None = None

    @property
    def path(self) -> str:
        """The path of the ignore file."""
        return self.ignore.path or ""

    @property
    def builds(self) -> tuple[str, ...]:
        """The names of the builds, each once."""
        return tuple(dict.fromkeys(build.invocation.name for build in self.takes))

    @property
    def subjects(self) -> Mapping[str, Callable[[Any], Iterable[tuple[Any, Site]]]]:
        """What rules can visit here."""
        return SUBJECTS

    @property
    def needs(self) -> Mapping[str, Callable[[Any, Site], Any]]:
        """What rules can ask for here."""
        return NEEDS

    @cached_property
    def context(self) -> BuildContext | None:
        """The build context, None when it can't be read (`context_error`)."""
        try:
            return self._load_context()
        except InputError as error:
            self.context_error = error
            return None

    @cached_property
    def effects(self) -> IgnoreEffects | None:
        """What each line does to the files of the context."""
        from dfguard.context.effects import IgnoreEffects

        return self.context.derived(IgnoreEffects) if self.context is not None else None

    @cached_property
    def taken(self) -> Taken | None:
        """What the known builds take from the context."""
        from dfguard.flow.takes import Taken

        return Taken(self.takes, self.context) if self.context is not None else None


_NOWHERE = Site()

SUBJECTS: dict[str, Callable[[IgnoreUnit], Iterable[tuple[Any, Site]]]] = {
    "IgnoreFile": lambda unit: [(unit.ignore, _NOWHERE)],
    "IgnorePattern": lambda unit: ((pattern, _NOWHERE) for pattern in unit.ignore.patterns),
}

NEEDS: dict[str, Callable[[IgnoreUnit, Site], Any]] = {
    "IgnoreFile": lambda unit, site: unit.ignore,
    "BuildContext": lambda unit, site: unit.context,
    "IgnoreEffects": lambda unit, site: unit.effects,
    "IgnoreUse": lambda unit, site: unit.use,
    "Taken": lambda unit, site: unit.taken,
}
