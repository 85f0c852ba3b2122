"""Where the credentials that a build is handed end up: ARG and ENV values, secret mounts, files of the context.

Value: what is handed over, at the place that declares it. Sink: a place where it can be read afterwards:
the image's configuration, its history, a file of a layer, the log of the build. What a program does with a
value that it is given is not known, and not guessed.
"""

from __future__ import annotations

from dfguard.dockerfile.nodes import Instruction
from dfguard.flow.events import Added, Removed
from dfguard.source import Span
from dfguard.struct import Struct

ARG, ENV, MOUNT, FILE = "arg", "env", "mount", "file"
CONFIG, HISTORY, LAYER, LOG, PROVENANCE = "config", "history", "layer", "log", "provenance"


class Value(Struct):
    """A credential that a build is handed.

    `kind` is ARG (given with --build-arg), ENV (written in the file), MOUNT (a secret mount) or FILE (a
    secret file of the context); `name` is that of the variable, the id of the secret, or the path in the
    context. `place` declares it.
    """

    kind: str
    name: str
    place: Span
    instruction: Instruction
    stage: int

    @property
    def span(self) -> Span:
        """The place."""
        return self.place


class Sink(Struct):
    """A place where a value can be read once the image is built.

    `kind` is CONFIG (`key` is `Env.NAME`, `Labels.NAME`, `User` ...), HISTORY (the entry of `instruction`; `key` is the
    build argument that a RUN shows),
    LAYER (`key` is the path), LOG (what the build prints) or PROVENANCE (`--provenance=mode=max`).
    `place` is the word that puts it there. `ships`: whoever has the image can read it. `certain`: it is
    there for sure if a value is given, and as it is. `way` says how, for a LAYER as in Written, for a LOG
    "printed" or "traced". `added` is the file as the flow follows it; `removed` is what hides it from the
    view of the image, and `left` is true where nothing does.
    """

    kind: str
    key: str
    place: Span
    instruction: Instruction
    stage: int
    ships: bool
    certain: bool
    way: str = ""
    added: Added | None = None
    removed: Removed | None = None
    left: bool = False


class ValueFlow(Struct):
    """A value and all its sinks, in the order of the file."""

    value: Value
    sinks: tuple[Sink, ...]

    @property
    def span(self) -> Span:
        """The place of the value."""
        return self.value.place

    @property
    def instruction(self) -> Instruction:
        """The instruction that hands it over."""
        return self.value.instruction

    def reaches(self, *kinds: str) -> tuple[Sink, ...]:
        """The sinks of these kinds."""
        return tuple(sink for sink in self.sinks if sink.kind in kinds)
