"""The predicted image, layer by layer: what each instruction does to files, where they come from, what is wasted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dfguard.context.invocation import Invocation
from dfguard.dockerfile.nodes import Instruction
from dfguard.dockerfile.stages import Stage, StageGraph
from dfguard.flow.events import Added, AddedFolder, Changed, Event, Opaque, Removed
from dfguard.flow.filesystem import StageFlow
from dfguard.flow.play import Flow
from dfguard.flow.secret_files import SecretArrival
from dfguard.secrets.redact import redact
from dfguard.source import Span
from dfguard.struct import Struct
from dfguard.unit import Unit

# What makes a layer in BuildKit; all else only changes the configuration.
LAYERED = ("Run", "Copy", "Add", "Workdir")
_MOST_TEXT = 300


class Hiding(Struct):
    """What a later layer does to a file that stays in its own: `removed`, `replaced`, or `rewritten` for a new mode,
    owner or content; `place` is the word that does it."""

    verb: str
    place: Span


class FileLine(Struct):
    """A file of a layer: `origin` in words, `size` in bytes or None, `hidden` what a later layer does to it."""

    added: Added
    origin: str
    size: int | None
    hidden: Hiding | None


class PredictedLayer(Struct):
    """A layer as it is foreseen.

    `number` counts the layers of the image from 1, 0 for those of stages that do not ship. `size` are the bytes of the
    files whose size is known, of which later layers hide `wasted` in the image; `unsized` counts the others. `changed`
    files of lower layers are in this one too, whole: `copied` are their bytes. `opaque` tells why more may happen.
    """

    number: int
    instruction: Instruction
    text: str
    files: tuple[FileLine, ...]
    folders: int
    removed: tuple[Removed, ...]
    changed: tuple[Changed, ...]
    opaque: tuple[Opaque, ...]
    size: int
    unsized: int
    wasted: int
    copied: int


class StageView(Struct):
    """A stage and its own layers; `base` is the image or the stage that it is FROM, in words."""

    stage: Stage
    name: str
    base: str
    layers: tuple[PredictedLayer, ...]

    @property
    def role(self) -> str:
        """What becomes of the stage, in words."""
        stage = self.stage
        if stage.target:
            return "the image"
        return "ships" if stage.ships else "stays behind" if stage.reachable else "not built"

    @property
    def kind(self) -> str:
        """The same in one word: `ships`, `stays` or `idle`."""
        return "ships" if self.stage.ships else "stays" if self.stage.reachable else "idle"


class SecretPath(Struct):
    """A secret on its way: where it enters, the words that carry it on, where it ends; never its value."""

    arrival: SecretArrival
    kind: str
    source: str
    layer: int | None


class LayersView(Struct):
    """The predicted image of one build."""

    invocation: Invocation
    graph: StageGraph
    stages: tuple[StageView, ...]
    secrets: tuple[SecretPath, ...]

    @property
    def shipped(self) -> tuple[PredictedLayer, ...]:
        """The layers of the image, in order, without those of the base image."""
        return tuple(layer for view in self.stages if view.stage.ships for layer in view.layers)

    @property
    def size(self) -> int:
        """The bytes that are known of in the image's own layers."""
        return sum(layer.size + layer.copied for layer in self.shipped)

    @property
    def wasted(self) -> int:
        """Of these, the bytes that later layers hide."""
        return sum(layer.wasted for layer in self.shipped)


def view(unit: Unit) -> LayersView:
    """Foresee the layers of a build."""
    number = 0
    stages = []
    hidden = _hidings(unit.flow)
    for flow in unit.flow.stages:
        layers = []
        for instruction, events in _by_instruction(flow):
            number += flow.stage.ships
            layers.append(_layer(number if flow.stage.ships else 0, instruction, events, hidden))
        stages.append(StageView(flow.stage, name_of(flow.stage), _base(flow.stage, unit.graph), tuple(layers)))
    return LayersView(unit.invocation, unit.graph, tuple(stages), tuple(_secrets(unit, stages)))


def _hidings(flow: Flow) -> dict[int, Hiding]:
    """What becomes of files in later layers, by id(added)."""
    out: dict[int, Hiding] = {}
    for stage in flow.stages:
        current: dict[str, Added] = {}
        for event in (event for each in _chain(flow, stage) for event in each.events):
            if isinstance(event, Added):
                old = current.get(event.path)
                if old is not None and old.instruction is not event.instruction:
                    out.setdefault(id(old), Hiding("replaced", event.place))
                current[event.path] = event
            elif isinstance(event, Changed) and isinstance(event.before, Added):
                old = event.before
                if old.instruction is not event.instruction:
                    out.setdefault(id(old), Hiding("rewritten", event.place))
        out.update({id(r.added): Hiding("removed", r.removed.place) for r in stage.removals})
    return out


def _chain(flow: Flow, stage: StageFlow) -> list[StageFlow]:
    """A stage behind those that it is FROM."""
    chain = [stage]
    while (parent := chain[-1].stage.parent) is not None:
        chain.append(flow.stages[parent])
    return chain[::-1]


def name_of(stage: Stage) -> str:
    """A stage's name, or its number."""
    return stage.name or str(stage.index)


def _base(stage: Stage, graph: StageGraph) -> str:
    if stage.parent is not None:
        return f"stage {name_of(graph.stages[stage.parent])}"
    if stage.named is not None:
        return f"named context {stage.named}"
    return stage.image or f"{stage.from_.image.raw} (not known)"


def _by_instruction(flow: StageFlow) -> Iterator[tuple[Instruction, list[Event]]]:
    """The instructions that make a layer, in order, each with its events."""
    order: dict[int, tuple[Instruction, list[Event]]] = {}
    for event in flow.events:  # triggers of ONBUILD stand in the parent stage
        order.setdefault(id(event.instruction), (event.instruction, []))[1].append(event)
    own = flow.stage.instructions
    foreign = [pair for pair in order.values() if not any(pair[0] is node for node in own)]
    yield from (pair for pair in foreign if type(pair[0]).__name__ in LAYERED)
    for node in own:
        if type(node).__name__ in LAYERED:
            yield order.get(id(node), (node, []))


def _layer(number: int, instruction: Instruction, events: list[Event], hidden: dict[int, Hiding]) -> PredictedLayer:
    last: dict[str, Added] = {event.path: event for event in events if isinstance(event, Added)}
    gone = {event.path for event in events if isinstance(event, Removed) and event.path in last}
    files = tuple(_file(added, hidden.get(id(added))) for path, added in last.items() if path not in gone)
    sized = [line.size for line in files if line.size is not None]
    wasted = sum(line.size or 0 for line in files if line.hidden is not None and number)
    changed = {event.path: event for event in events if isinstance(event, Changed)}
    befores = [
        e.before for e in changed.values() if isinstance(e.before, Added) and e.before.instruction is not instruction
    ]
    return PredictedLayer(
        number,
        instruction,
        short(instruction),
        files,
        sum(isinstance(event, AddedFolder) for event in events),
        tuple(event for event in events if isinstance(event, Removed)),
        tuple(changed.values()),
        tuple(event for event in events if isinstance(event, Opaque)),
        sum(sized),
        len(files) - len(sized),
        wasted,
        sum(before.attributes.size or 0 for before in befores),
    )


def short(instruction: Instruction) -> str:
    """An instruction in one line, secrets masked."""
    text = redact(" ".join(instruction.span.text.split()))
    return text if len(text) <= _MOST_TEXT else text[: _MOST_TEXT - 3] + "..."


def _file(added: Added, hidden: Hiding | None) -> FileLine:
    return FileLine(added, origin_of(added), added.attributes.size, hidden)


def origin_of(added: Added) -> str:
    """Where a file came from, in words."""
    origin = added.origin
    words = {
        "context": f"context {origin.path}",
        "named": f"context {origin.named.name if origin.named else ''}, {origin.path}",
        "heredoc": f"heredoc on line {origin.place.start_line}",
        "remote": f"remote {redact(origin.path)}",
        "stage": f"stage, {origin.path}",
        "archive": f"archive {origin.path}",
        "secret": f"secret mount {origin.path}",
        "command": f"command on line {origin.place.start_line}",
    }
    carried = f", carried by line {', '.join(str(hop.start_line) for hop in added.hops)}" if added.hops else ""
    return words.get(origin.kind, origin.kind) + carried


def _secrets(unit: Unit, stages: Iterable[StageView]) -> Iterator[SecretPath]:
    numbers = {
        id(line.added): layer.number
        for view in stages
        if view.stage.ships
        for layer in view.layers
        for line in layer.files
    }
    by_path = {
        (line.added.path, line.added.stage): layer.number
        for view in stages
        if view.stage.ships
        for layer in view.layers
        for line in layer.files
    }
    for copy in unit.secret_copies:
        for arrival in copy.arrivals:
            added = arrival.added
            layer = numbers.get(id(added)) or by_path.get((added.path, added.stage))
            yield SecretPath(arrival, arrival.secret.kind, added.origin.shown, layer)
