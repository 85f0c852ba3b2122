"""Where the credentials that a build is handed end up: ARG and ENV values, secret mounts, files of the context.

Value: what is handed over, at the place that declares it. Sink: a place where it can be read afterwards:
the image's configuration, its history, a file of a layer, the log of the build. What a program does with a
value that it is given is not known, and not guessed.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.claim import Claim, ConfigHas, HistoryShows, InstructionId, LayerHolds
from dfguard.dockerfile.nodes import Instruction
from dfguard.finding import Confidence
from dfguard.flow.events import Added, Removed
from dfguard.source import Span
from dfguard.struct import Struct

ARG, ENV, MOUNT, FILE = "arg", "env", "mount", "file"
CONFIG, HISTORY, LAYER, LOG, PROVENANCE = "config", "history", "layer", "log", "provenance"
PLAIN, SSH_KEY, REMOTE, LOGIN, SETTINGS = "file", "ssh key", "git remote", "login", "settings"

_NO_KEYS = ("known_hosts", "config", "authorized_keys", "environment")


class Value(Struct):
    """A credential that a build is handed.

    `kind` is ARG (given with --build-arg), ENV (written in the file), MOUNT (a secret mount) or FILE (a
    secret file of the context); `name` is that of the variable, the id of the secret, or the path in the
    context. `place` declares it, `confidence` is how sure it is a credential at all. `by_place`: its name
    does not say so, only a place that it is written to (`~/.ssh/id_rsa`) may.
    """

    kind: str
    name: str
    place: Span
    instruction: Instruction
    stage: int
    confidence: Confidence = Confidence.HIGH
    by_place: bool = False

    @property
    def span(self) -> Span:
        """The place."""
        return self.place


class Sink(Struct):
    """A place where a value can be read once the image is built.

    `kind` is CONFIG (`key` is `Env.NAME`, `Labels.NAME`, `User` ...), HISTORY (the entry of `instruction`;
    `key` is the name in front of `=` and the value, "" for none), LAYER (`key` is the path), LOG (what the
    build prints) or PROVENANCE (`--provenance=mode=max`).
    `place` is the word that puts it there. `ships`: whoever has the image can read it. `certain`: it is
    there for sure if a value is given, and as it is.
    `way` says how: for a LAYER one of PLAIN, SSH_KEY (a file of `.ssh`), REMOTE (the address that git
    keeps), LOGIN (`docker login`) and SETTINGS (other programs that keep what they are told); for a LOG
    "printed" or "traced". `added` is the file as the flow follows it, None where it does not; `removed` is
    what hides it from the view of the image, and `left` is true where nothing does. `hop` is the word of
    the COPY --from that carried it here last.
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
    hop: Span | None = None

    @property
    def span(self) -> Span:
        """The place."""
        return self.place

    @property
    def path(self) -> str:
        """The path of a LAYER for a reader."""
        return self.key.removeprefix("**/")

    @property
    def outcome(self) -> str:
        """What becomes of the file, behind "and": it stays in the image, or only in its layer."""
        if self.left:
            return "stays in the image"
        return "stays in this layer" + (" although a later one removes it" if self.removed else "")

    @property
    def claim(self) -> Claim | None:
        """What must be true of the image, without the value; None for what is not in the image."""
        if not self.ships:
            return None
        at = InstructionId(self.stage, self.instruction.index)
        if self.kind == CONFIG:
            return ConfigHas(self.key)
        if self.kind == HISTORY:
            return HistoryShows(f"{self.key}=" if self.key else self.instruction.name, at)
        if self.kind != LAYER:
            return None
        return LayerHolds(self.key, at)


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

    def files(self, *ways: str, carried: bool = False) -> Iterator[Sink]:
        """The files of shipped layers that hold the value by one of these ways, one for each word that put it there.

        `carried`: those that COPY --from took from an earlier stage, and the word there. Of several files
        that one write led to, one that is left in the image comes first.
        """
        found: dict[int, Sink] = {}
        for sink in self.sinks:
            told = sink.way == SSH_KEY or not self.value.by_place
            if sink.kind == LAYER and sink.ships and sink.way in ways and told and (sink.hop is not None) == carried:
                place = sink.hop or sink.place
                known = found.get(place.start)
                if known is None or (sink.left and not known.left):
                    found[place.start] = sink
        yield from found.values()

    def confidence(self, sink: Sink) -> Confidence:
        """How sure it is that a credential can be read there."""
        return max(self.value.confidence, Confidence.HIGH if sink.certain else Confidence.MEDIUM, key=_rank)


def _rank(confidence: Confidence) -> int:
    return confidence.rank


def way_of(program: str, subcommand: str, path: str) -> str:
    """How a file comes to hold a value, by the program that keeps it ("" for none) and its path."""
    folder, _, name = path.rpartition("/")
    if program == "git" and subcommand in ("clone", "remote", "submodule"):
        return REMOTE
    if program and subcommand == "login":
        return LOGIN
    if program:
        return SETTINGS
    key = folder.endswith("/.ssh") and not name.startswith(_NO_KEYS) and not name.endswith(".pub")
    return SSH_KEY if key else PLAIN
