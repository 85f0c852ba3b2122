"""Which layer of an image comes from which instruction of a Dockerfile.

BuildKit's provenance (mode=max) tells it outright. Else the history is laid beside the instructions of the target's
chain of stages: both are in order, so the best alignment of the two is looked for, and a link is given only where
every best alignment agrees. Builders lose a part: a squashed image has one layer for all, buildah without
`--layers` hangs the one layer on the last instruction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dfguard.dockerfile.nodes import Add, Copy, Healthcheck, Instruction, Maintainer, Onbuild
from dfguard.dockerfile.stages import StageGraph
from dfguard.image.created_by import OTHER, Told, read_history
from dfguard.image.model import Image
from dfguard.image.steps import CHANGED, Step, fits, steps_of
from dfguard.struct import Struct

MAX_CELLS = 4_000_000  # of the alignment: 2,000 instructions beside 2,000 entries

_GAP = -6
_SKIPPED_TRIGGER = 0  # BuildKit has no entry for ONBUILD itself
_UNTOLD = (Onbuild, Healthcheck, Maintainer)  # BuildKit tells of no ONBUILD, OCI images have no HEALTHCHECK
_BUILDKIT_METADATA = "https://mobyproject.org/buildkit@v1#metadata"


class Link(Struct):
    """An instruction's place in the image.

    `entry` and `layer` are indices, None for none. `shared` is true when the layer holds the work of other
    instructions too. `why` tells why there is no layer where there should be one.
    """

    step: Step
    entry: int | None
    layer: int | None
    shared: bool = False
    why: str = ""


class Difference(Struct):
    """A line of the Dockerfile that the image was not built with: `told` is what the history has instead."""

    step: Step
    told: str


class Mapping(Struct):
    """Layers and instructions, side by side.

    `links` are in the order of the steps. `base_layers` counts the layers that were there before the first
    instruction. `builder` is the dialect of the history. `by` is `provenance` or `history`. `unmatched` are the
    indices of own history entries that no instruction explains. `squashed`: a layer holds the work of several.
    `missing` are the steps that no entry tells of, where builders leave out none of their kind.
    """

    links: tuple[Link, ...]
    base_layers: int
    builder: str
    by: str
    differences: tuple[Difference, ...]
    unmatched: tuple[int, ...]
    squashed: bool
    missing: tuple[Step, ...] = ()

    def link(self, instruction: Instruction) -> Link | None:
        """The link of an instruction, None when the target's chain does not hold it. The last one of a trigger."""
        found = [link for link in self.links if link.step.instruction is instruction]
        return found[-1] if found else None

    def step_of_layer(self, layer: int) -> Step | None:
        """The instruction that a layer comes from; None for the base's, for shared ones and where it is not known."""
        found = [link for link in self.links if link.layer == layer]
        return found[0].step if len(found) == 1 and not found[0].shared else None

    @property
    def belongs(self) -> bool:
        """Whether image and Dockerfile belong together: most of the instructions stand in the history."""
        steps = [link for link in self.links if not isinstance(link.step.instruction, Onbuild)]
        different = {id(difference.step) for difference in self.differences}
        found = sum(1 for link in steps if link.entry is not None and id(link.step) not in different)
        return not steps or self.squashed or 2 * found >= len(steps)


def map_layers(image: Image, graph: StageGraph) -> Mapping:
    """Lay the layers of an image beside the instructions of a Dockerfile."""
    steps = steps_of(graph)
    told = read_history(image.history)
    first, entries, absent = _aligned(steps, told)
    layer_of = {layer.history: layer.index for layer in image.layers if layer.history is not None}
    collectors = _collectors(image, steps, entries, layer_of)
    links = [_link(step, entries[at], layer_of, collectors) for at, step in enumerate(steps)]
    exact = _by_provenance(image, steps)
    for at, layer in exact.items():
        links[at] = links[at].but(layer=layer, shared=False, why="")
    differences = tuple(
        Difference(step, image.history[entry].created_by)
        for step, entry in zip(steps, entries, strict=True)
        if entry is not None and fits(step, told[entry]) == CHANGED
    )
    own = range(first, len(told))
    matched = {entry for entry in entries if entry is not None}
    unmatched = tuple(entry for entry in own if entry not in matched and told[entry].keyword)
    known = [each.builder for each in told[first:] if each.builder != OTHER]
    builder = max(known, key=known.count) if known else OTHER
    base_layers = sum(1 for entry in layer_of if entry < first)
    squashed = any(link.shared for link in links)
    by = "provenance" if exact else "history"
    whole = not squashed and builder != OTHER
    missing = tuple(steps[at] for at in absent if whole and not isinstance(steps[at].instruction, _UNTOLD))
    return Mapping(tuple(links), base_layers, builder, by, differences, unmatched, squashed, missing)


def _link(step: Step, entry: int | None, layer_of: dict[int, int], collectors: list[int]) -> Link:
    layer = layer_of.get(entry) if entry is not None else None
    shared = step.makes_layer and entry in collectors
    if not step.makes_layer:
        return Link(step, entry, None)
    if layer is None:
        collector = next((each for each in collectors if entry is None or each >= entry), None)
        if collector is not None:
            layer, shared = layer_of[collector], True
    if shared:
        return Link(step, entry, layer, True, "the image is squashed: one layer holds what several instructions did")
    if entry is None:
        return Link(step, None, None, False, "the history does not tell which entry is this instruction's")
    why = "" if layer is not None else "the builder made no layer for it"
    return Link(step, entry, layer, False, why)


def _collectors(
    image: Image, steps: Sequence[Step], entries: Sequence[int | None], layer_of: dict[int, int]
) -> list[int]:
    """The history entries whose layer holds the work of several instructions.

    `docker build --squash` and `docker import` append an entry of their own, `buildah --squash` keeps a single one.
    buildah without --layers hangs the layer of a stage on its last instruction, whatever that is.
    """
    last = len(image.history) - 1
    if not layer_of:
        return []
    makers = [at for at, step in enumerate(steps) if step.makes_layer]
    merged = image.history[last].comment.lower().startswith(("create new from", "imported from"))
    if last in layer_of and (merged or (last == 0 and len(makers) > 1)):
        return [last]
    step_of = {entry: step for step, entry in zip(steps, entries, strict=True) if entry is not None}
    found = [entry for entry in sorted(layer_of) if entry in step_of and not step_of[entry].makes_layer]
    without = [entries[at] for at in makers if isinstance(steps[at].instruction, (Add, Copy))]
    for entry in without:  # a COPY always has a layer, unless the one behind it holds that too
        if entry is not None and entry not in layer_of:
            found += [later for later in sorted(layer_of) if later > entry][:1]
    return sorted(set(found))


# -- alignment


def _aligned(steps: Sequence[Step], told: Sequence[Told]) -> tuple[int, list[int | None], list[int]]:
    """The first own entry, and the entry of each step: None where it has none or where it is not sure which.

    Last the indices of those that surely have none.
    """
    if not steps or not told or len(steps) * len(told) > MAX_CELLS:
        return len(told), [None] * len(steps), []
    scores = [[fits(step, t) for t in told] for step in steps]
    best = _best(steps, scores, len(told))
    latest = _walk(best, steps, scores, len(told), late=True)
    earliest = _walk(best, steps, scores, len(told), late=False)
    sure = [late if late == early else None for late, early in zip(latest, earliest, strict=True)]
    first = min((entry for entry in latest if entry is not None), default=len(told))
    pairs = enumerate(zip(latest, earliest, strict=True))
    return first, sure, [at for at, (late, early) in pairs if late is None and early is None]


def _best(steps: Sequence[Step], scores: list[list[int]], width: int) -> list[list[int]]:
    """best[i][j]: the best score of the steps from i on beside the entries from j on; entries before are the base's."""
    height = len(steps)
    best = [[0] * (width + 1) for _ in range(height + 1)]
    for j in range(width - 1, -1, -1):
        best[height][j] = best[height][j + 1] + _GAP
    for i in range(height - 1, -1, -1):
        skip, row, below, score = _skip(steps[i]), best[i], best[i + 1], scores[i]
        row[width] = below[width] + skip
        for j in range(width - 1, -1, -1):
            value = below[j] + skip
            gap = row[j + 1] + (_GAP if i else 0)  # before the first step stands the base
            value = max(value, gap)
            if score[j]:
                value = max(value, below[j + 1] + score[j])
            row[j] = value
    return best


def _skip(step: Step) -> int:
    return _SKIPPED_TRIGGER if isinstance(step.instruction, Onbuild) else _GAP


def _walk(
    best: list[list[int]], steps: Sequence[Step], scores: list[list[int]], width: int, *, late: bool
) -> list[int | None]:
    """One best alignment: of equal ones that with the latest, or the earliest, entries."""
    out: list[int | None] = []
    i = j = 0
    while i < len(steps):
        here = best[i][j]
        match = j < width and scores[i][j] > 0 and here == best[i + 1][j + 1] + scores[i][j]
        gap = j < width and here == best[i][j + 1] + (_GAP if i else 0)
        skip = here == best[i + 1][j] + _skip(steps[i])
        if gap and (late or not match):
            j += 1
        elif match and not (late and skip):
            out.append(j)
            i, j = i + 1, j + 1
        elif skip:
            out.append(None)
            i += 1
        else:
            out.append(j)
            i, j = i + 1, j + 1
    return out


# -- provenance


def _by_provenance(image: Image, steps: Sequence[Step]) -> dict[int, int]:
    """Layer by step, as BuildKit's provenance of mode=max tells both; empty without one."""
    for attestation in image.attestations:
        metadata = _inner(attestation.statement, "predicate", "metadata", _BUILDKIT_METADATA)
        layers, locations = metadata.get("layers"), _inner(metadata, "source", "locations")
        if isinstance(layers, dict) and locations:
            return _exact(image, steps, layers, locations)
    return {}


def _exact(image: Image, steps: Sequence[Step], layers: dict[str, Any], locations: dict[str, Any]) -> dict[int, int]:
    digests = [layer.digest for layer in image.layers]
    lines: dict[int, int] = {}  # first line of an instruction -> layer
    for name, chains in layers.items():
        for chain in chains if isinstance(chains, list) else ():
            own = [blob.get("digest") for blob in chain if isinstance(blob, dict)]
            line = _line(locations.get(name.partition(":")[0]))
            if line and own and own == digests[: len(own)]:
                lines[line] = max(lines.get(line, 0), len(own) - 1)
    return {
        at: lines[step.instruction.start_line]
        for at, step in enumerate(steps)
        if step.trigger is None and step.instruction.start_line in lines and step.makes_layer
    }


def _line(location: Any) -> int:
    """The first line of a step of the build, 0 when it has none."""
    places = location.get("locations") if isinstance(location, dict) else None
    ranges = [r for place in places or () if isinstance(place, dict) for r in place.get("ranges") or ()]
    starts = [_inner(r, "start").get("line") for r in ranges if isinstance(r, dict)]
    return min((line for line in starts if isinstance(line, int)), default=0)


def _inner(value: Any, *keys: str) -> dict[str, Any]:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}
