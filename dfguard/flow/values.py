"""Where the credentials that a build is handed end up: ARG and ENV values, secret mounts, files of the context.

Value: what is handed over, at the place that declares it. Sink: a place where it can be read afterwards:
the image's configuration, its history, a file of a layer, the log of the build. What a program does with a
value that it is given is not known, and not guessed.
"""

from __future__ import annotations

from dfguard.claim import All, Claim, ConfigHas, HistoryShows, InstructionId, LayerHolds, Not, ViewHolds
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
    context. `place` declares it, `confidence` is how sure it is a credential at all.
    """

    kind: str
    name: str
    place: Span
    instruction: Instruction
    stage: int
    confidence: Confidence = Confidence.HIGH

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

    @property
    def span(self) -> Span:
        """The place."""
        return self.place

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
        held = LayerHolds(self.key, at)
        if self.left:
            return All((held, ViewHolds(self.key)))
        hidden = self.removed is not None and self.removed.certain
        return All((held, Not(ViewHolds(self.key)))) if hidden else held


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


def way_of(program: str, subcommand: str, path: str) -> str:
    """How a file comes to hold a value, by the program that keeps it ("" for none) and its path."""
    folder, _, name = path.rpartition("/")
    if program == "git" and subcommand in ("clone", "remote", "submodule"):
        return REMOTE
    if program and subcommand == "login":
        return LOGIN
    if program:
        return SETTINGS
    return SSH_KEY if folder.endswith("/.ssh") and not name.startswith(_NO_KEYS) else PLAIN
