"""From a Dockerfile to its values and their sinks: every stage in order, each RUN by its script.

The history is BuildKit's (frontend/dockerfile/dockerfile2llb/convert.go, runCommandString and commitToHistory):
the entry of a RUN begins with `|2 A=a B=b`, the build arguments in force, and those of other instructions show
their words with variables replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

from dfguard.base.table import Base
from dfguard.dockerfile.nodes import Add, Arg, Copy, Env, Instruction, KeyValue, Onbuild, Run, User, Workdir
from dfguard.dockerfile.stages import Stage, StageGraph
from dfguard.dockerfile.words import expand, variables
from dfguard.finding import Confidence
from dfguard.flow.copied import Copied, Events
from dfguard.flow.events import Added
from dfguard.flow.paths import UNKNOWN, join, name_of
from dfguard.flow.play import Flow
from dfguard.flow.secret_files import SecretFinder
from dfguard.flow.value_files import Fate, FileFates, moved_by_copy
from dfguard.flow.value_scripts import CLEAN, SETTING, ScriptTaint, Taint, Written, joined, unsure
from dfguard.flow.value_words import CONFIG_KEYS, is_added_to, shown_words
from dfguard.flow.values import (
    ARG,
    CONFIG,
    ENV,
    FILE,
    HISTORY,
    LAYER,
    LOG,
    MOUNT,
    PROVENANCE,
    Sink,
    Value,
    ValueFlow,
    way_of,
)
from dfguard.regex import regex
from dfguard.secrets.values import assess, credential_name
from dfguard.shell.script import Script
from dfguard.source import Span

_SSH_KEY = regex(r"\.ssh/id_")
# `https://user:$NAME@host`; `docker://image:$TAG@sha256:...` is none
_PASSWORD = regex(r"://[^\s/@:\"'<>]{0,100}:\$(?:(\w{1,100})|\{(\w{1,100})\})@(?!sha\d{3}:)")
_SUBCOMMANDS = ("clone", "remote", "submodule", "login")
_Kept = tuple[Taint, Span, Instruction]


class Sources:
    """What the walk asks of other models; the build is played when that is first needed."""

    def __init__(
        self,
        script: Callable[[Run], Script],
        base: Callable[[Stage], Base],
        finder: SecretFinder,
        flow: Callable[[], Flow],
    ) -> None:
        self.script = script
        self.base = base
        self.finder = finder
        self._flow = flow

    @cached_property
    def fates(self) -> FileFates:
        """The files of the played build."""
        return FileFates(self._flow())


def value_flows(graph: StageGraph, sources: Sources) -> tuple[ValueFlow, ...]:
    """The values of a Dockerfile in the order in which they are handed over, each with its sinks."""
    walk = _Walk(graph, sources)
    for stage in graph.stages:
        if stage.reachable:
            walk.stage(stage)
    walk.configure()
    found: list[list[Sink]] = [[] for _ in walk.values]
    for number, sink in walk.sinks:
        found[number].append(sink)
    return tuple(ValueFlow(value, _once(sinks)) for value, sinks in zip(walk.values, found, strict=True))


def _once(sinks: list[Sink]) -> tuple[Sink, ...]:
    """Each sink once: a file that a command copies is found by the command and by the file, of which one is surer."""
    sure = {(sink.kind, sink.key, id(sink.instruction)) for sink in sinks if sink.certain}
    return tuple(sink for sink in sinks if sink.certain or (sink.kind, sink.key, id(sink.instruction)) not in sure)


class _State:
    """What a stage knows at one of its instructions; a stage that is FROM it starts with a copy.

    There a RUN still sees the build arguments, but the history no longer tells them.
    """

    def __init__(self, workdir: str, user: str) -> None:
        self.workdir = workdir
        self.user = user
        self.latest: dict[str, Taint] = {}  # ARG and ENV as a RUN sees them
        self.args: dict[str, None] = {}
        self.env: dict[str, _Kept] = {}
        self.config: dict[str, _Kept] = {}
        self.files: dict[str, Taint] = {}
        self.loose: dict[str, tuple[Taint, Span, str]] = {}  # files that the flow does not follow: place and way

    def copy(self) -> _State:
        """A state of its own with the same content."""
        new = _State(self.workdir, self.user)
        new.latest, new.files, new.loose = dict(self.latest), dict(self.files), dict(self.loose)
        new.env, new.config = dict(self.env), dict(self.config)
        return new


class _Walk:
    """All stages in order; `sinks` pairs each with the number of its value."""

    def __init__(self, graph: StageGraph, sources: Sources) -> None:
        self.graph = graph
        self.sources = sources
        self.values: list[Value] = []
        self.sinks: list[tuple[int, Sink]] = []
        self.ends: dict[int, _State] = {}
        self.carried: dict[int, Taint] = {}  # by id(origin): what a file holds wherever it is copied
        self.below = {id(ref.instruction): ref.stage for ref in graph.references if ref.kind == "copy"}
        self.keys = _SSH_KEY.search(graph.dockerfile.source.text) is not None
        # a build argument has one value wherever its name is declared, so one address tells for all stages
        self.passwords = {match[1] or match[2] for match in _PASSWORD.finditer(graph.dockerfile.source.text)}
        self.at: Stage
        self.state: _State

    def stage(self, stage: Stage) -> None:
        """Walk one stage, the triggers of its parent first."""
        self.at = stage
        if stage.parent is None:
            base = self.sources.base(stage)
            root = "/" if base.family == "scratch" else UNKNOWN
            self.state = _State(base.workdir or root, base.user or "root")
        else:
            self.state = self.ends[stage.parent].copy()
            for node in self.graph.stages[stage.parent].instructions:
                if isinstance(node, Onbuild) and node.trigger is not None:
                    self.take(node.trigger)
        for node in stage.instructions:
            self.take(node)
        self.ends[stage.index] = self.state

    def configure(self) -> None:
        """The sinks in the configuration of the image: what the target stage ends with."""
        target = next((stage for stage in self.graph.stages if stage.target), None)
        if target is None:
            return
        state = self.ends[target.index]
        kept = {**{f"Env.{name}": entry for name, entry in state.env.items()}, **state.config}
        for key, (taint, place, node) in kept.items():
            self.put(taint, Sink(CONFIG, key, place, node, node.stage_index, True, True))

    def take(self, node: Instruction) -> None:
        """One instruction."""
        if isinstance(node, Arg):
            for pair in node.pairs:
                self.declare(node, pair)
        elif isinstance(node, Env):
            self.set(node)
        elif isinstance(node, Run):
            self.run(node)
        elif not isinstance(node, Onbuild):
            self.other(node)

    # -- variables

    def declare(self, node: Arg, pair: KeyValue) -> None:
        """An ARG: a value if its name or an address that it is the password of says so, else what its default holds."""
        state, taint = self.state, CLEAN
        if pair.value is not None:
            taint = self.expanded(pair.value.raw)
            self.show(node, pair.value.span, taint, pair.name)
        named = credential_name(pair.name) or pair.name in self.passwords
        if named or (self.keys and pair.value is None):
            value = Value(ARG, pair.name, pair.span, node, self.at.index, _trust(pair), not named)
            taint = {**taint, self.add(value): True}
            self.put(taint, Sink(PROVENANCE, pair.name, pair.span, node, self.at.index, False, True))
        state.args[pair.name] = None
        if pair.value is not None or taint:
            state.latest[pair.name] = taint

    def set(self, node: Env) -> None:
        """An ENV: its pairs see the variables before it."""
        new: dict[str, _Kept] = {}
        for pair in node.pairs:
            raw, place = (pair.value.raw, pair.value.span) if pair.value else ("", pair.span)
            taint = self.expanded(raw)
            sure = assess(raw.strip("\"'")) if "$" not in raw and credential_name(pair.name) else None
            if sure is not None:
                taint = {self.new(ENV, pair.name, pair.span, node, sure): True}
            self.show(node, place, taint, pair.name)
            new[pair.name] = taint, place, node
        self.state.env |= new
        self.state.latest |= {name: kept[0] for name, kept in new.items()}

    def expanded(self, raw: str, *, quotes: bool = True) -> Taint:
        """What a word holds once the builder has replaced its variables."""
        if "$" not in raw:
            return CLEAN
        escape = self.graph.dockerfile.escape if quotes else "\\"
        found, inside = [], 0  # `inside`: where the widest `${...}` so far ends
        for use in variables(raw, escape, quotes=quotes):
            sign = use.modifier.lstrip(":")[:1]
            taint = CLEAN if sign == "+" else self.state.latest.get(use.name, CLEAN)
            whole = sign in ("", "-", "?") and use.modifier != ":" and use.start >= inside
            found.append(taint if whole else unsure(taint))
            inside = max(inside, use.end)
        return joined(*found)

    # -- commands

    def run(self, node: Run) -> None:
        """A RUN: the history shows the arguments in force, and its script may write or print values."""
        state = self.state
        keyword = node.span.sub(0, len(node.name))
        for name in state.args:
            self.show(node, keyword, state.latest.get(name, CLEAN), name)
        variables = {name: taint for name, taint in state.latest.items() if taint}
        files = dict(state.files)
        for name, path, taint in self.mounted(node):
            if name:
                variables[name] = taint
            if path:
                files[path] = taint
        if not variables and not files:
            return
        script = ScriptTaint(self.sources.script(node), variables, files, state.workdir, self.home(node))
        covered = tuple(_targets(node, state.workdir))
        for written in script.written:
            for fate in self.sources.fates.of_write(node, self.at.index, written, covered):
                self.lay(fate, written.place, written.taint, _way(written, fate.path))
                if fate.added is not None:
                    self.carried[id(fate.added.origin)] = unsure(written.taint)
                elif fate.removed is None:
                    state.loose[fate.path] = unsure(written.taint), written.place, _way(written, fate.path)
        for shown in script.shown:
            way = "traced" if shown.traced else "printed"
            taint = unsure(shown.taint) if shown.command.conditional else shown.taint
            self.put(taint, Sink(LOG, "", shown.place, node, self.at.index, False, True, way))
        state.files |= {path: unsure(taint) for path, taint in script.made.items()}

    def mounted(self, node: Run) -> Iterator[tuple[str, str, Taint]]:
        """The variable and the path by which a command sees each secret mount, "" for none."""
        for mount in node.mounts:
            if mount.type == "secret":
                name, variable = mount.option("id") or name_of(mount.source or ""), mount.option("env") or ""
                target = mount.target or ("" if variable else f"/run/secrets/{name}")
                path = self.path(node, target) if target else ""
                yield variable, path, {self.new(MOUNT, name, mount.flag.value_span or mount.span, node): True}

    def home(self, node: Run) -> str:
        """The home folder of the user in force, "" when it is not known."""
        given = self.graph.scope_at(node).get("HOME")
        return given or ("/root" if self.state.user.partition(":")[0] in ("root", "0") else "")

    def path(self, node: Instruction, raw: str) -> str:
        """A path of an instruction, below the working directory."""
        found = expand(raw, self.graph.scope_at(node).get, self.graph.dockerfile.escape)
        return UNKNOWN if found.unknown or found.error else join(self.state.workdir, found.value)

    # -- other instructions

    def other(self, node: Instruction) -> None:
        """The history shows the words of labels, paths, users ... expanded; the configuration keeps some."""
        key = CONFIG_KEYS.get(type(node).__name__)
        for raw, span, name in shown_words(node):
            taint = self.expanded(raw)
            if key is not None:
                where = f"{key}.{name}" if name else key
                before = self.state.config.get(where)
                if before is not None and is_added_to(node, raw):
                    taint = joined(before[0], taint)
                self.state.config[where] = taint, span, node
            self.show(node, span, taint if isinstance(node, Workdir) else self.expanded(raw), name)
        if isinstance(node, Workdir) and node.path is not None:
            self.state.workdir = self.path(node, node.path.raw)
        elif isinstance(node, User) and node.user is not None:
            user = expand(node.user.raw, self.graph.scope_at(node).get, self.graph.dockerfile.escape)
            self.state.user = "" if user.unknown or user.error else user.value
        elif isinstance(node, (Copy, Add)):
            self.copied(node)

    def copied(self, node: Copy | Add) -> None:
        """A heredoc with variables, and the secret files that come in: what later commands may read."""
        for added in self.brought(node):
            heredoc = added.origin.heredoc
            taint = self.carried.get(id(added.origin), CLEAN)
            if taint or added.hops:
                pass
            elif heredoc is not None:
                taint = self.expanded(heredoc.body.text, quotes=False) if heredoc.expand else CLEAN
                self.keep(added, taint)
            elif (secret := self.sources.finder.of(added)) is not None:
                taint = {self.new(FILE, added.origin.shown, added.place, node, secret.confidence): True}
                self.keep(added, taint)
            if taint:
                self.state.files[added.path] = taint
        below = self.below.get(id(node))
        if isinstance(node, Copy) and node.destination and below in self.ends:
            for path, (taint, place, way) in self.ends[below].loose.items():
                for source in node.sources:
                    to = moved_by_copy(path, self.path(node, source.raw), self.destination(node))
                    if to is not None:
                        self.lay(self.sources.fates.carried(to, node, self.at.index), place, taint, way, source.span)
                        self.state.loose[to] = taint, place, way

    def brought(self, node: Copy | Add) -> Iterator[Added]:
        """The files of a COPY or ADD that may hold a value: of a folder of a context only secret ones can."""
        every, notable = self.sources.fates.added_by(node, self.at.index), self.sources.finder.notable
        for part in every.parts:
            if isinstance(part, Copied) or not self.carried:
                yield from notable(Events((part,)))
            else:
                yield from Events((part,))

    def destination(self, node: Copy) -> str:
        """Where a COPY puts its files, with the final slash of a folder."""
        raw = node.destination.raw if node.destination else ""
        folder = raw.endswith(("/", ".")) or len(node.sources) > 1
        return self.path(node, raw).rstrip("/") + ("/" if folder else "")

    def keep(self, added: Added, taint: Taint) -> None:
        """A file that an instruction brings with a value in it."""
        if taint:
            self.carried[id(added.origin)] = taint
            for fate in self.sources.fates.of_file(added):
                self.lay(fate, added.place, taint, way_of("", "", fate.path))

    # -- sinks

    def add(self, value: Value) -> int:
        """The number of a new value."""
        self.values.append(value)
        return len(self.values) - 1

    def new(
        self, kind: str, name: str, place: Span, node: Instruction, confidence: Confidence = Confidence.HIGH
    ) -> int:
        """The number of a new value of this stage."""
        return self.add(Value(kind, name, place, node, self.at.index, confidence))

    def put(self, taint: Taint, sink: Sink) -> None:
        """A sink of every value of a taint."""
        self.sinks += ((number, sink if sure else sink.but(certain=False)) for number, sure in taint.items())

    def show(self, node: Instruction, place: Span, taint: Taint, key: str = "") -> None:
        """The history shows values in the entry of an instruction."""
        if taint:
            self.put(taint, Sink(HISTORY, key, place, node, self.at.index, self.at.ships, True))

    def lay(self, fate: Fate, place: Span, taint: Taint, way: str, hop: Span | None = None) -> None:
        """A layer holds values in a file."""
        hop = fate.added.hops[-1] if fate.added and fate.added.hops else hop
        self.put(
            taint,
            Sink(
                LAYER, fate.path, place, fate.instruction, fate.stage, fate.ships, fate.certain, way,
                fate.added, fate.removed, fate.left, hop,
            ),
        )  # fmt: skip


def _trust(pair: KeyValue) -> Confidence:
    """How sure an ARG of a telling name is a credential: a default says more than the name."""
    default = pair.value.raw.strip("\"'") if pair.value else ""
    return (assess(default) or Confidence.LOW) if default and "$" not in default else Confidence.MEDIUM


def _way(written: Written, path: str) -> str:
    kept = written.way == SETTING
    words = [operand.text for operand in written.command.operands if kept and operand.text in _SUBCOMMANDS]
    return way_of(written.command.program if kept else "", words[0] if words else "", path)


def _targets(node: Run, workdir: str) -> Iterator[str]:
    """What mounts lay over the layer, as prefixes with a final slash."""
    for mount in node.mounts:
        if mount.target:
            yield join(workdir, mount.target).rstrip("/") + "/"
