"""The instructions that an image's own layers come from, in order, and how well each fits a history entry."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from dfguard.dockerfile.nodes import (
    Add,
    Arg,
    Copy,
    Env,
    Expose,
    From,
    Healthcheck,
    Instruction,
    Label,
    Onbuild,
    Run,
    Workdir,
)
from dfguard.dockerfile.stages import Scope, Stage, StageGraph
from dfguard.image.created_by import BUILDAH, BUILDKIT, Told
from dfguard.regex import regex
from dfguard.struct import Struct

# How sure it is that an entry tells of an instruction: all of its text fits; what the builder kept of it fits;
# only the keyword does. 0: it tells of something else.
EXACT, LIKE, CHANGED, OTHER = 12, 8, 1, 0

_HASHED = regex(r"(?:--\S+ ?)*(?:file|dir|multi):[0-9a-f]{64} in ")
_NOISE = regex(r"[^\w./:@%+$-]+")


class Step(Struct):
    """An instruction as one stage of the chain runs it; `trigger` is the ONBUILD that it stands in.

    `stage` is the index of the stage whose image gets its layer: for a trigger not the one it is written in.
    """

    instruction: Instruction
    stage: int
    scope: Scope
    trigger: Onbuild | None = None

    @property
    def makes_layer(self) -> bool:
        """Whether builders make a layer for it."""
        return isinstance(self.instruction, (Run, Copy, Add, Workdir))


def steps_of(graph: StageGraph) -> tuple[Step, ...]:
    """All that the target image was made by, from the first stage of its chain of FROMs on."""
    chain: list[Stage] = []
    stage = next((stage for stage in graph.stages if stage.target), None)
    while stage is not None:
        chain.append(stage)
        stage = graph.stages[stage.parent] if stage.parent is not None else None
    return tuple(step for stage in reversed(chain) for step in _of_stage(stage, graph))


def _of_stage(stage: Stage, graph: StageGraph) -> Iterator[Step]:
    if stage.parent is not None:
        for node in graph.stages[stage.parent].instructions:
            if isinstance(node, Onbuild) and node.trigger is not None:
                yield Step(node.trigger, stage.index, graph.scope_at(node), node)
    for node in stage.instructions:
        if not isinstance(node, From):
            yield Step(node, stage.index, graph.scope_at(node))


def fits(step: Step, told: Told) -> int:
    """EXACT, LIKE, CHANGED or OTHER."""
    node = step.instruction
    if told.keyword != node.name:
        return OTHER
    if isinstance(node, Run):
        return _fits_run(step, node, told)
    if isinstance(node, (Copy, Add)):
        return _fits_copy(step, node, told)
    if isinstance(node, Workdir):
        return _fits_workdir(step, node, told)
    if isinstance(node, (Env, Label, Arg)):
        return _fits_pairs(step, node, told)
    if isinstance(node, Expose):  # BuildKit's `map[80/tcp:{}]` has no order, the classic builder's list neither
        wanted = re.findall(r"[0-9]+", _expanded(node.arguments.text, step.scope))
        return EXACT if set(wanted) <= set(re.findall(r"[0-9]+", told.text)) else CHANGED
    text = (node.test.text if node.test else "NONE") if isinstance(node, Healthcheck) else node.arguments.text
    return EXACT if _words(_expanded(text, step.scope)) <= _words(told.text) else CHANGED


# -- RUN


def _fits_run(step: Step, node: Run, told: Told) -> int:
    text = _flat(told.text)
    if node.exec_form is not None:
        words = " ".join(word.value for word in node.exec_form)
        return EXACT if text.endswith((_flat(words), _flat(node.arguments.text))) else CHANGED
    if node.heredocs:
        bodies = _flat("\n".join(heredoc.body.text for heredoc in node.heredocs))
        if bodies and bodies in text:
            return EXACT
        return LIKE if told.builder != BUILDKIT and "<<" in told.text else CHANGED
    return EXACT if text.endswith(_flat(joined(node.arguments.text, step.scope.escape))) else CHANGED


def joined(text: str, escape: str) -> str:
    """The text of an instruction as one line: continuations joined, the comments and empty lines in it left out."""
    out = []
    for number, line in enumerate(text.splitlines()):
        bare = line.strip()
        if number and (not bare or bare.startswith("#")):
            continue
        out.append(bare[:-1] if bare.endswith(escape) and not bare.endswith(escape * 2) else line)
    return " ".join(out)


def _flat(text: str) -> str:
    return " ".join(text.split())


# -- COPY and ADD


def _fits_copy(step: Step, node: Copy | Add, told: Told) -> int:
    destination = _word(node.exec_form[-1].value if node.exec_form else _raw(node), step.scope)
    hashed = _HASHED.match(told.text)
    if hashed:  # only the destination is told, resolved by the classic builder and as written by buildah
        return _fits_destination(told.text[hashed.end() :], destination, _raw(node))
    text = re.sub(r"^(?:--\S+ )*", "", told.text)
    if node.exec_form:
        sources = [_word(word.value, step.scope) for word in node.exec_form[:-1]]
    else:
        sources = [
            (source.heredoc.opener.text if source.heredoc else source.raw, False)
            if source.heredoc
            else _word(source.raw, step.scope)
            for source in node.sources
        ]
    words = [*sources, destination]
    pattern = " ".join(".*" if unknown else re.escape(value) for value, unknown in words)
    if re.fullmatch(pattern, text):
        return EXACT if not any(unknown for _, unknown in words) else LIKE
    if any(source.heredoc for source in node.sources):
        return _fits_destination(text.rpartition(" ")[2], destination, "")
    return CHANGED


def _raw(node: Copy | Add) -> str:
    return node.destination.raw if node.destination else ""


def _fits_destination(told: str, destination: tuple[str, bool], raw: str) -> int:
    value, unknown = destination
    if unknown or told == raw:
        return LIKE
    plain, here = told.strip().rstrip("/"), posixpath.normpath(value).rstrip("/") if value else ""
    same = plain == here or plain.endswith("/" + here.removeprefix("./")) or here in (".", "")
    return LIKE if same else CHANGED


def _word(raw: str, scope: Scope) -> tuple[str, bool]:
    expanded = scope.expand(raw)
    return expanded.value, bool(expanded.unknown or expanded.error)


# -- the others


def _fits_workdir(step: Step, node: Workdir, told: Told) -> int:
    if node.path is None:
        return CHANGED
    value, unknown = _word(node.path.raw, step.scope)
    if unknown or told.text == node.path.raw:
        return LIKE if unknown else EXACT
    wanted = posixpath.normpath(value)
    found = posixpath.normpath(told.text)
    return EXACT if found == wanted or found.endswith("/" + wanted.removeprefix("./").lstrip("/")) else CHANGED


def _fits_pairs(step: Step, node: Env | Label | Arg, told: Told) -> int:
    names = [_word(pair.key.raw, step.scope)[0] for pair in node.pairs]
    if isinstance(node, Arg):  # buildah tells the names alone, all that were declared so far
        told_names = set(re.findall(r"(?:^|\s)([\w.-]+)", told.text))
        return (LIKE if told.builder == BUILDAH else EXACT) if set(names) <= told_names else CHANGED
    if not all(name in told.text for name in names):
        return CHANGED
    if told.builder == BUILDAH:
        return EXACT if _bare(told.text) == _bare(joined(node.arguments.text, step.scope.escape)) else CHANGED
    values = [_word(pair.value.raw, step.scope) if pair.value else ("", False) for pair in node.pairs]
    if any(unknown for _, unknown in values):
        return LIKE
    wanted = " ".join(f"{name}={value}" for name, (value, _) in zip(names, values, strict=True))
    return EXACT if _flat(wanted) == _flat(told.text) else CHANGED


def _bare(text: str) -> str:
    return _flat(re.sub(r"""["'\\]""", "", text))


def _expanded(text: str, scope: Scope) -> str:
    expanded = scope.expand(text)
    return text if expanded.error or expanded.unknown else expanded.value


def _words(text: str) -> set[str]:
    return {word for word in _NOISE.split(text) if word}
