"""Stages: what they are built from, what they take from one another, and which of them ship.

https://docs.docker.com/build/building/multi-stage/; names are resolved as in
https://github.com/moby/buildkit/blob/master/frontend/dockerfile/dockerfile2llb/convert.go
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping

from dfguard.dockerfile.cycles import knots
from dfguard.dockerfile.nodes import Copy, Dockerfile, From, Instruction, Onbuild, Problem, Run
from dfguard.dockerfile.scopes import Scope, after, global_scope, stage_scope
from dfguard.dockerfile.spelling import nearest
from dfguard.errors import UsageError
from dfguard.regex import regex
from dfguard.source import Span
from dfguard.struct import Struct

__all__ = ["Scope", "Stage", "StageGraph", "StageReference", "build_graph"]

_NO_ARGS: Mapping[str, str | None] = {}
_INDEX = regex(r"[+-]?[0-9]+")
_LONGEST_INDEX = 19  # what is longer is no number for Go, so it is a name
SCRATCH = "scratch"


class Stage(Struct):
    """A FROM and what follows it.

    `name` is the alias in lower case. `parent` is the index of the stage that it is FROM, `image` the
    expanded image text otherwise: None when it holds one of `unknown`, variables without a known
    value. `ships`: its layers are in the target image. `reachable`: the target needs it at all. `root`
    is the index of the stage that starts its chain of FROMs. `named` is the named context that is taken
    instead of its image, or instead of all of it (`replaced`: then it has no instructions to run).
    """

    index: int
    from_: From
    name: str | None
    instructions: tuple[Instruction, ...]
    parent: int | None
    image: str | None
    unknown: tuple[str, ...]
    ships: bool
    reachable: bool
    target: bool
    root: int
    named: str | None = None
    replaced: bool = False

    @property
    def span(self) -> Span:
        """The FROM."""
        return self.from_.span


class StageReference(Struct):
    """A place that names a stage or an image: `kind` is `from`, `copy` or `mount`.

    `stage` is the index of the stage meant. `image` is the text when it is an image, expanded for `from`.
    `named` is the named context that is meant, a stage that one replaces included. All are None for what the
    builder refuses, and for an image text with unknown variables. `wrong` says why the builder refuses a name
    of a stage: `itself`, `below` (a later stage), `circular` (a later stage that needs this one), `number`
    (there is no such stage), `case` (FROM with capitals); "" when it does not.
    """

    span: Span
    text: str
    kind: str
    instruction: Instruction
    stage: int | None
    image: str | None
    wrong: str = ""
    named: str | None = None


class StageGraph(Struct):
    """The stages of a Dockerfile, for one target and one set of build arguments.

    `problems` are those that show between stages: --from that names a later stage, and the like.
    """

    dockerfile: Dockerfile
    stages: tuple[Stage, ...]
    references: tuple[StageReference, ...]
    problems: tuple[Problem, ...]
    scopes: tuple[tuple[int, ...], tuple[Scope, ...]]

    def stage_of(self, instruction: Instruction) -> Stage | None:
        """The stage of an instruction, FROM included; None before the first FROM."""
        index = instruction.stage_index
        return self.stages[index] if 0 <= index < len(self.stages) else None

    def root_of(self, stage: Stage) -> Stage:
        """The stage at the start of the chain of FROMs: the one that is FROM an image."""
        return self.stages[stage.root]

    def chain(self, stage: Stage) -> list[Stage]:
        """A stage behind those that it is FROM, the one that is FROM an image first."""
        found = [stage]
        while found[-1].parent is not None:
            found.append(self.stages[found[-1].parent])
        return found[::-1]

    def lineage(self, stage: Stage) -> list[Instruction]:
        """The instructions of a stage, behind those of the stages that it is FROM."""
        return [instruction for one in self.chain(stage) for instruction in one.instructions]

    def scope_at(self, instruction: Instruction) -> Scope:
        """What an instruction sees: the state before it. A FROM sees the ARGs before the first FROM."""
        starts, scopes = self.scopes
        return scopes[bisect_right(starts, instruction.index) - 1]


def _no_contexts(text: str) -> None:
    """The named context of a build that has none."""


def build_graph(
    dockerfile: Dockerfile,
    *,
    target: str | None = None,
    build_args: Mapping[str, str | None] = _NO_ARGS,
    named: Callable[[str], str | None] = _no_contexts,
) -> StageGraph:
    """Resolve the stages of a Dockerfile.

    `target` names the stage to build, case left aside; the last one by default. `build_args` are the
    values given with --build-arg, None where one is given that is not known. `named` gives the name of the
    named context that the name of a stage or an image means. Raises UsageError for a target that does not
    exist.
    """
    froms = [node for node in dockerfile.instructions if isinstance(node, From)]
    aliases = [node.alias.raw.lower() if node.alias else None for node in froms]
    target_index = _target_index(aliases, target)
    walk = _Walk(dockerfile, froms, aliases, build_args, target_index, named)
    walk.run()
    ships, reachable = walk.closure(target_index)
    walk.judge_upward(reachable)
    stages: list[Stage] = []
    for index, from_ in enumerate(froms):
        replaced = walk.replacements[index] is not None
        body, base = () if replaced else tuple(walk.bodies[index]), walk.bases[index]
        place = (index in ships, index in reachable, index == target_index)
        root = index if base[0] is None else stages[base[0]].root
        stages.append(Stage(index, from_, aliases[index], body, *base, *place, root, walk.named_bases[index], replaced))
    scopes = (tuple(walk.scope_starts), tuple(walk.scopes))
    return StageGraph(dockerfile, tuple(stages), tuple(walk.references), tuple(walk.problems), scopes)


def _target_index(aliases: list[str | None], target: str | None) -> int:
    if target is None:
        return len(aliases) - 1
    for index in range(len(aliases) - 1, -1, -1):
        if aliases[index] == target.lower():
            return index
    names = [alias for alias in aliases if alias]
    near = nearest(target, names)
    hint = f"; did you mean {near}?" if near else f" (stages: {', '.join(names[:8])})" if names else ""
    raise UsageError(f"there is no stage {target}{hint or ' (no stage has a name)'}")


class _Walk:
    """One pass over the instructions: stages, references and scopes in the order of the file."""

    def __init__(
        self,
        dockerfile: Dockerfile,
        froms: list[From],
        aliases: list[str | None],
        build_args: Mapping[str, str | None],
        target: int,
        named: Callable[[str], str | None],
    ) -> None:
        self.dockerfile = dockerfile
        self.build_args = build_args
        self.named = named
        self.replacements = [named(alias) if alias else None for alias in aliases]
        self.named_bases: list[str | None] = []
        self.names: dict[str, int] = {}
        self.all_names = {alias: index for index, alias in enumerate(aliases) if alias}
        self.aliases = aliases
        self.outer = global_scope(dockerfile.escape, (aliases[target] or "") if aliases else "", build_args)
        self.scope_starts = [0]
        self.scopes = [self.outer]
        self.ends: list[Scope] = []
        self.bodies: list[list[Instruction]] = [[] for _ in froms]
        self.bases: list[tuple[int | None, str | None, tuple[str, ...]]] = []
        self.triggers: list[list[Instruction]] = []
        self.needs: list[list[int]] = [[] for _ in froms]
        self.references: list[StageReference] = []
        self.upward: list[tuple[int, int, int]] = []  # to later stages: reference, stage meant, problem
        self.problems: list[Problem] = []

    def run(self) -> None:
        """Take the instructions in order."""
        for node in self.dockerfile.instructions:
            if isinstance(node, From):
                self._open(node)
                continue
            if node.stage_index < 0:
                self.outer = after(self.scopes[-1], node, None, self.build_args)
                self._put_scope(node.index + 1, self.outer)
                continue
            self.bodies[node.stage_index].append(node)
            replaced = self.replacements[node.stage_index] is not None
            trigger = node.trigger if isinstance(node, Onbuild) else None
            if trigger and not replaced:
                self.triggers[-1].append(trigger)
            self._refer(trigger or node, in_trigger=trigger is not None)
            self._put_scope(node.index + 1, after(self.scopes[-1], node, self.outer, self.build_args))
            if not replaced:
                self.ends[-1] = self.scopes[-1]

    def _put_scope(self, start: int, scope: Scope) -> None:
        if scope is not self.scopes[-1]:
            self.scope_starts.append(start)
            self.scopes.append(scope)

    # -- FROM

    def _open(self, node: From) -> None:
        self._put_scope(node.index, self.outer)
        index = len(self.bases)
        expanded = self.outer.expand(node.image.raw)
        unknown = expanded.unknown
        text = None if unknown or expanded.error else expanded.value
        named = self.replacements[index]
        if named is not None:  # what it is FROM is not asked
            text, unknown = None, ()
        parent = self._parent(node, text)
        if parent is None and text is not None:
            named = self.named(text)
        image = text if parent is None and named is None else None
        self.bases.append((parent, image, unknown))
        self.named_bases.append(named)
        wrong = "case" if parent is not None and text not in self.names else ""
        reference = StageReference(node.image.span, node.image.raw, "from", node, parent, image, wrong, named)
        self.references.append(reference)
        if parent is not None:
            self.needs[index] += [parent, *self._trigger_needs(parent, index)]
        self._put_scope(node.index + 1, self._first_scope(parent, image))
        self.ends.append(self.scopes[-1])
        self.triggers.append([])
        alias = self.aliases[index]
        if alias:
            self.names[alias] = index

    def _parent(self, node: From, text: str | None) -> int | None:
        """The earlier stage that a FROM names. BuildKit compares with the names in lower case."""
        if text is None or text in self.names:
            return None if text is None else self.names[text]
        parent = self.names.get(text.lower())
        if parent is not None:
            message = f"FROM {text} names no stage: stage names are in lower case, so write {text.lower()}"
            self.problems.append(Problem(node.image.span, "stage-case", message, True))
        return parent

    def _first_scope(self, parent: int | None, image: str | None) -> Scope:
        """The state below a FROM: that of the parent, with its triggers run."""
        if parent is None:
            return stage_scope(self.dockerfile.escape, image != SCRATCH)
        scope = self.ends[parent]
        for trigger in self.triggers[parent]:
            scope = after(scope, trigger, self.outer, self.build_args)
        return scope

    def _trigger_needs(self, parent: int, index: int) -> list[int]:
        """The stages that the triggers of a parent make its child need."""
        places = (place for trigger in self.triggers[parent] for place in _named(trigger))
        found = (self._meant(text, kind) for _, text, kind in places)
        return [stage for stage in found if stage is not None and 0 <= stage < index]

    # -- COPY --from and mounts

    def _refer(self, node: Instruction, in_trigger: bool) -> None:
        for span, text, kind in _named(node):
            stage = self._meant(text, kind)
            known = stage is not None and 0 <= stage < len(self.replacements)
            named = self.named(text) if stage is None else self.replacements[stage] if known else None
            image = text if stage is None and named is None else None
            wrong = "" if stage is None or named else self._wrong(stage, node.stage_index, in_trigger)
            if wrong:
                message = self._why(wrong, text)
                self.problems.append(Problem(span, "bad-stage-reference", message, not in_trigger))
                if wrong == "below":
                    self.upward.append((len(self.references), stage or 0, len(self.problems) - 1))
                stage = None
            self.references.append(StageReference(span, text, kind, node, stage, image, wrong, named))
            if stage is not None and not in_trigger:
                self.needs[node.stage_index].append(stage)

    def _meant(self, text: str, kind: str) -> int | None:
        """The stage that --from or from= means, not yet looked at; None for an image. Only COPY knows numbers.

        The builder looks when all names are known: a stage below counts, the last one of a name wins.
        """
        if kind == "copy" and _INDEX.fullmatch(text) and len(text) < _LONGEST_INDEX:
            return int(text)
        return self.all_names.get(text.lower())

    def _wrong(self, stage: int, own: int, in_trigger: bool) -> str:
        """Why a stage can't be used (as in StageReference), "" when it can."""
        if not 0 <= stage < len(self.bodies):
            return "number"
        if stage < own or in_trigger:
            return ""
        return "itself" if stage == own else "below"

    def _why(self, wrong: str, text: str) -> str:
        if wrong == "number":
            return f"there is no stage {text}: the stages are 0 to {len(self.bodies) - 1}"
        which = "the stage that it stands in" if wrong == "itself" else "a stage below this one"
        return f"{text} is {which}: only stages above can be used"

    def judge_upward(self, reachable: set[int]) -> None:
        """Tell references to later stages apart: some are circular.

        The builder looks for circles of COPY and mounts before it builds anything; what else is wrong
        stops the stage that it stands in.
        """
        if not self.upward:
            return
        taken: list[list[int]] = [[] for _ in self.needs]
        for reference in self.references:
            if reference.kind != "from" and reference.stage is not None and not reference.instruction.onbuild:
                taken[reference.instruction.stage_index].append(reference.stage)
        needed = [list(needs) for needs in self.needs]
        for at, stage, _ in self.upward:
            needed[self.references[at].instruction.stage_index].append(stage)
            taken[self.references[at].instruction.stage_index].append(stage)
        circles, early_circles = knots(needed), knots(taken)
        for at, stage, problem in self.upward:
            here = self.references[at].instruction.stage_index
            if circles[here] == circles[stage]:
                self.references[at] = self.references[at].but(wrong="circular")
            if here not in reachable and early_circles[here] != early_circles[stage]:
                self.problems[problem] = self.problems[problem].but(refused=False)

    # -- what the target needs

    def closure(self, target: int) -> tuple[set[int], set[int]]:
        """The stages that ship, and those that the target needs."""
        ships: set[int] = set()
        at: int | None = target if target >= 0 else None
        while at is not None:
            ships.add(at)
            at = self.bases[at][0]
        reachable: set[int] = set()
        waiting = [target] if target >= 0 else []
        while waiting:
            index = waiting.pop()
            if index not in reachable:
                reachable.add(index)
                waiting += self.needs[index]
        return ships, reachable


def _named(node: Instruction) -> Iterator[tuple[Span, str, str]]:
    """The places of an instruction that name a stage or an image."""
    if isinstance(node, Copy) and node.from_ and node.from_.value and node.from_.value_span:
        yield node.from_.value_span, node.from_.value, "copy"
    if isinstance(node, Run):
        for mount in node.mounts:
            if mount.from_ and mount.flag.value_span:
                yield _inside(mount.flag.value_span, mount.from_), mount.from_, "mount"


def _inside(value: Span, name: str) -> Span:
    """The name behind `from=` in the value of --mount; the whole value when quotes hide it."""
    for match in re.finditer(r"(?:^|,)from=([^,]*)", value.text, re.IGNORECASE):
        if match[1] == name:
            return value.sub(*match.span(1))
    return value
