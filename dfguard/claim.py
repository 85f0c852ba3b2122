"""Claims: sentences about the built image that a machine can check, and the verdicts on them.

Instructions are named by (stage index, instruction index in the file), both from 0, so that a claim
survives a trip through JSON. Paths are absolute in the image; `**/` at the start stands for a base
image's unknown working directory.

No claim holds a secret. What is said of one names its place (a path, a key of the config, `NAME=` in the
history), and whoever verifies the claim looks there for a value, without knowing which.
"""

from __future__ import annotations

from typing import get_args

from dfguard.struct import Struct


class InstructionId(Struct):
    """An instruction: `stage` from 0 (-1 before the first FROM), `index` from 0 in the file."""

    stage: int
    index: int


class LayerHolds(Struct):
    """The layer that `instruction` made holds a file at `path`, whatever later layers do to it."""

    path: str
    instruction: InstructionId


class LayerHoldsSecret(Struct):
    """The layer that `instruction` made holds a file at `path` with a secret in it, whatever later layers do to it.

    `name` is what the file was called where the secret was seen: a name may be what gives one away.
    """

    path: str
    instruction: InstructionId
    name: str


class LayerHoldsPythonSecret(Struct):
    """The layer that `instruction` made holds a Python file at `path` with a credential written out in it.

    `name` is the variable, key or argument that is given it, "" for none.
    """

    path: str
    instruction: InstructionId
    name: str


class ViewHolds(Struct):
    """The final view of the image, all layers applied, holds a file at `path`."""

    path: str


class ConfigHas(Struct):
    """The image config has `value` at `key` (`User`, `Env.NAME`, `Labels.NAME`); no value: any that is not empty."""

    key: str
    value: str | None = None


class HistoryShows(Struct):
    """The image history shows `text` in the entry of `instruction`; behind a text that ends in `=` stands a value."""

    text: str
    instruction: InstructionId


class HistoryShowsSecret(Struct):
    """The image history shows the secret that stands in the text of `instruction`.

    `name` is the variable, argument or label that it is given to, "" for none.
    """

    instruction: InstructionId
    name: str


class Wasted(Struct):
    """The layer of `instruction` holds `path`, and a later layer removes or replaces it."""

    path: str
    instruction: InstructionId


class All(Struct):
    """Every one of `claims` holds."""

    claims: tuple[Claim, ...]


class Some(Struct):
    """At least one of `claims` holds."""

    claims: tuple[Claim, ...]


class Not(Struct):
    """`claim` does not hold."""

    claim: Claim


class Evidence(Struct):
    """What an image shows: `text` in one line, and where: a layer's digest and a path in it, or a key of the config."""

    text: str
    layer: str = ""
    path: str = ""
    key: str = ""


CONFIRMED, REFUTED, NOT_VERIFIABLE = "confirmed", "refuted", "not verifiable"


class Verdict(Struct):
    """What an image says of a claim: `kind` is CONFIRMED, REFUTED or NOT_VERIFIABLE, `reason` one line.

    A refuted claim's evidence is what is there instead.
    """

    kind: str
    reason: str
    evidence: tuple[Evidence, ...] = ()


Claim = (
    LayerHolds
    | LayerHoldsSecret
    | LayerHoldsPythonSecret
    | ViewHolds
    | ConfigHas
    | HistoryShows
    | HistoryShowsSecret
    | Wasted
    | All
    | Some
    | Not
)


MAX_DEPTH = 20
_KINDS: dict[str, type[Struct]] = {kind.__name__: kind for kind in get_args(Claim)}


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


def from_json(data: object) -> Claim:
    """The claim that `to_json` gave; raises ValueError, naming the part, for anything else."""
    return _claim(data, MAX_DEPTH)


def _claim(data: object, depth: int) -> Claim:
    kind = data.get("kind") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(kind, str) or kind not in _KINDS:
        raise ValueError(f"a claim has a kind of {', '.join(_KINDS)}, not {kind!r}")
    if not depth:
        raise ValueError(f"claims are nested {MAX_DEPTH} deep at most")
    fields = _KINDS[kind]._fields
    if set(data) != {"kind", *fields}:
        raise ValueError(f"{kind} has the fields {', '.join(fields)}, not {', '.join(sorted(set(data) - {'kind'}))}")
    values = [_field(kind, name, data[name], depth - 1) for name in fields]
    return _KINDS[kind](*values)  # type: ignore[return-value]


def _field(kind: str, name: str, value: object, depth: int) -> object:
    if name == "instruction":
        return _instruction(kind, value)
    if name == "claim":
        return _claim(value, depth)
    if name == "claims":
        if not isinstance(value, list):
            raise ValueError(f"{kind}.claims is a list, not {value!r}")
        return tuple(_claim(part, depth) for part in value)
    if isinstance(value, str) or (value is None and name == "value"):
        return value
    raise ValueError(f"{kind}.{name} is a text, not {value!r}")


def _instruction(kind: str, value: object) -> InstructionId:
    if isinstance(value, dict) and set(value) == {"stage", "index"}:
        stage, index = value["stage"], value["index"]
        if type(stage) is int and type(index) is int:
            return InstructionId(stage, index)
    raise ValueError(f"{kind}.instruction has the numbers stage and index, not {value!r}")
