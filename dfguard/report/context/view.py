"""Every file of a build context, and what becomes of it in one build.

Four notions that are easily mixed up: a file is *in the context* when the ignore file keeps it; it is
*sent* when some line of a needed stage asks for it; it *reaches* the stages that hold it in the end or
held it on the way; it *ships* when a layer of the image has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dfguard.context.invocation import Invocation
from dfguard.context.named import NamedFolder
from dfguard.context.tree import BuildContext, ContextFile
from dfguard.dockerfile.stages import Stage, StageGraph
from dfguard.flow.events import ARCHIVE, CONTEXT, NAMED, Added
from dfguard.flow.play import Flow
from dfguard.flow.secret_files import SecretFinder
from dfguard.flow.takings import Taking, sent, takings
from dfguard.secrets.names import NamedSecret
from dfguard.struct import Struct
from dfguard.unit import Unit

# How far a file gets, from nowhere to the file system of the image.
UNSENT, SENT, STAGE, HIDDEN, SHIPS = "unsent", "sent", "stage", "hidden", "ships"


class Fate(Struct):
    """What becomes of one kept file.

    `takers` are indices in `ContextView.takings`, `stages` the indices of the stages that it lies in or
    lay in. `reach` is how far it gets: `unsent`, `sent` (a mount, or a stage that is not needed in the
    end holds it), `stage` (a stage that does not ship), `hidden` (a layer of the image has it, a later
    one hides it) or `ships`.
    """

    takers: tuple[int, ...] = ()
    stages: tuple[int, ...] = ()
    reach: str = UNSENT


class Weight(Struct):
    """A number of files (folders are none) and their bytes."""

    files: int
    size: int


class ContextView(Struct):
    """One build as seen from its context, or from a named one (`folder`).

    `fates` has an entry for every kept file that some line takes; `secrets` those kept files that are
    secrets.
    """

    invocation: Invocation
    graph: StageGraph
    flow: Flow
    context: BuildContext
    takings: tuple[Taking, ...]
    fates: dict[str, Fate]
    secrets: dict[str, NamedSecret]
    folder: NamedFolder | None = None

    def fate(self, file: ContextFile) -> Fate:
        """What becomes of a kept file."""
        return self.fates.get(file.path, _NO_FATE)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages, in order."""
        return self.graph.stages

    def files(self, *reaches: str) -> list[ContextFile]:
        """The kept files, folders left out, that get as far as one of `reaches`; all without any."""
        kept = (file for file in self.context.files if file.kind != "dir")
        return [file for file in kept if not reaches or self.fate(file).reach in reaches]


_NO_FATE = Fate()


def weigh(files: Iterable[ContextFile]) -> Weight:
    """How many and how large."""
    sizes = [file.size for file in files if file.kind != "dir"]
    return Weight(len(sizes), sum(sizes))


def view(unit: Unit) -> ContextView | None:
    """Look at a build from its context; None when that is not known or can't be read (`unit.context_error`)."""
    context = unit.context
    if context is None:
        return None
    found = takings(unit.graph, context)
    fates = _fates(unit.graph, unit.flow, found, None)
    secrets = _secrets(context, unit.secret_finder)
    return ContextView(unit.invocation, unit.graph, unit.flow, context, found, fates, secrets)


def named_views(unit: Unit) -> Iterator[ContextView]:
    """The same for each named context of a build that is a folder and can be read."""
    for folder in unit.named_folders.values():
        context = folder.context
        found = takings(unit.graph, context, folder.name)
        fates = _fates(unit.graph, unit.flow, found, folder)
        secrets = _secrets(context, unit.secret_finder.beside(context))
        yield ContextView(unit.invocation, unit.graph, unit.flow, context, found, fates, secrets, folder)


def _secrets(context: BuildContext, finder: SecretFinder) -> dict[str, NamedSecret]:
    looked = ((file.path, finder.of_file(file)) for file in context.files if file.kind == "file")
    return {path: secret for path, secret in looked if secret is not None}


def _fates(graph: StageGraph, flow: Flow, found: tuple[Taking, ...], folder: NamedFolder | None) -> dict[str, Fate]:
    unpacked = _unpacked(flow, found)
    holding = _holding(graph, flow, unpacked, folder)
    asked = sent(found)
    left = {origin_path(added, folder) for added in flow.target.view.values()} if flow.target else set()
    shared: dict[tuple[object, ...], Fate] = {}
    fates = {}
    for path, by in _takers(found).items():
        held = tuple(index for index, paths in holding.items() if path in paths)
        reach = UNSENT if path not in asked else STAGE if held else SENT
        if any(graph.stages[index].ships for index in held):
            reach = SHIPS if path in left or any(path in paths for paths in unpacked.values()) else HIDDEN
        key = (by, held, reach)
        fates[path] = shared.get(key) or shared.setdefault(key, Fate(by, held, reach))
    return fates


def _holding(
    graph: StageGraph, flow: Flow, unpacked: dict[int, set[str]], folder: NamedFolder | None
) -> dict[int, set[str | None]]:
    """The files of the context that each stage held at some time, those of the stages it is FROM included."""
    holding: dict[int, set[str | None]] = {}
    for stage, played in zip(graph.stages, flow.stages, strict=True):
        own = {origin_path(event, folder) for event in played.events if isinstance(event, Added)}
        above = holding[stage.parent] if stage.parent is not None else set()
        holding[stage.index] = own | above | unpacked.get(stage.index, set())
    return holding


def _unpacked(flow: Flow, found: tuple[Taking, ...]) -> dict[int, set[str]]:
    """The archives that ADD unpacks, by stage: their content arrives, not they themselves."""
    out: dict[int, set[str]] = {}
    for taking in found:
        if taking.kind == "add":
            events = flow.stages[taking.stage.index].events
            arrived = {origin_path(e) for e in events if isinstance(e, Added) and e.instruction is taking.instruction}
            named = {s.entry.path for s in taking.selected if s.entry is not None and s.entry.kind == "file"}
            out.setdefault(taking.stage.index, set()).update(named - arrived)
    return out


def _takers(found: tuple[Taking, ...]) -> dict[str, tuple[int, ...]]:
    takers: dict[str, tuple[int, ...]] = {}
    for index, taking in enumerate(found):
        for path in dict.fromkeys(entry.path for entry in taking.files):
            takers[path] = (*takers.get(path, ()), index)
    return takers


def origin_path(added: Added, folder: NamedFolder | None = None) -> str | None:
    """The path in the context, or in a named one, of what came from there, for a member of an archive that of it."""
    origin = added.origin
    if (origin.named.name if origin.named else None) != (folder.name if folder else None):
        return None
    if origin.kind in (CONTEXT, NAMED):
        return origin.path
    return origin.file.path if origin.kind == ARCHIVE and origin.file is not None else None
