"""Claims: sentences about the built image that a machine can check, and the verdicts on them.

Instructions are named by (stage index, instruction index in the file), both from 0, so that a claim
survives a trip through JSON. Paths are absolute in the image; `**/` at the start stands for a base
image's unknown working directory.
"""

from __future__ import annotations

from dfguard.struct import Struct


class InstructionId(Struct):
    """An instruction: `stage` from 0 (-1 before the first FROM), `index` from 0 in the file."""

    stage: int
    index: int


class LayerHolds(Struct):
    """The layer that `instruction` made holds a file at `path`, whatever later layers do to it."""

    path: str
    instruction: InstructionId


class ViewHolds(Struct):
    """The final view of the image, all layers applied, holds a file at `path`."""

    path: str


class ConfigHas(Struct):
    """The image config has `value` at `key` (`User`, `Env.NAME`, `Labels.NAME`); no value: any."""

    key: str
    value: str | None = None


class HistoryShows(Struct):
    """The image history shows `text` in the entry of `instruction`."""

    text: str
    instruction: InstructionId


class Wasted(Struct):
    """The layer of `instruction` holds `path`, and a later layer removes or replaces it."""

    path: str
    instruction: InstructionId


class All(Struct):
    """Every one of `claims` holds."""

    claims: tuple[Claim, ...]


class Not(Struct):
    """`claim` does not hold."""

    claim: Claim


Claim = LayerHolds | ViewHolds | ConfigHas | HistoryShows | Wasted | All | Not


def to_json(claim: Claim) -> dict[str, object]:
    """The claim as plain JSON data: the class name under `kind`, then its fields."""
    data: dict[str, object] = {"kind": type(claim).__name__}
    for name in type(claim)._fields:
        value = getattr(claim, name)
        if isinstance(value, InstructionId):
            data[name] = {"stage": value.stage, "index": value.index}
        elif isinstance(value, tuple):
            data[name] = [to_json(part) for part in value]
        elif isinstance(value, Struct):
            data[name] = to_json(value)  # type: ignore[arg-type]
        else:
            data[name] = value
    return data
