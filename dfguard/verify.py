"""Findings of a Dockerfile, held against the image that was built from it.

First how both fit: which lines, arguments or target differ. Then a verdict on every finding: its claim is confirmed,
refuted or not verifiable, with the layer, path or key that shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dfguard.claim import CONFIRMED, NOT_VERIFIABLE, Verdict
from dfguard.dockerfile.nodes import Arg, Env, Instruction, Label
from dfguard.dockerfile.stages import StageGraph, build_graph
from dfguard.engine import Outcome, Selected, run
from dfguard.finding import Finding, Related
from dfguard.image.claims import Judge
from dfguard.image.created_by import read_history
from dfguard.image.history import Mapping, map_layers
from dfguard.image.model import Image
from dfguard.image.steps import Step
from dfguard.image.view import View, stack
from dfguard.image_unit import ImageUnit
from dfguard.python_sources.again import holds_credential
from dfguard.run import Difference, Verification
from dfguard.secrets.redact import redact
from dfguard.source import ImagePlace, LayerPlace, Place, Span
from dfguard.struct import Struct
from dfguard.unit import Unit

_MOST_TEXT = 120
_PLATFORM = ("TARGET", "BUILD")  # which the builder gives itself


class Verified(Struct):
    """What an image says of a build's findings; `view` and `mapping` are what it was read off.

    `base` is the image that the target's chain of stages starts from, None for `scratch`.
    """

    findings: tuple[Finding, ...]
    verification: Verification
    view: View
    mapping: Mapping
    base: Span | None


def verify(unit: Unit, findings: Iterable[Finding], image: Image) -> Verified:
    """Give every finding of a build its verdict by an image."""
    view = stack([layer.content for layer in image.layers])
    mapping = map_layers(image, unit.graph)
    judge = Judge(image, view, mapping, holds_credential)
    verified = tuple(finding.but(verdict=_verdict(judge, finding)) for finding in findings)
    return Verified(verified, _verification(unit, image, mapping), view, mapping, _base(unit.graph))


def _base(graph: StageGraph) -> Span | None:
    root = next((graph.stages[stage.root] for stage in graph.stages if stage.target), None)
    return root.span if root is not None and root.image != "scratch" else None


def unforeseen(verified: Verified, image: Image, selection: Sequence[Selected]) -> Outcome:
    """What the rules about images say of it and no finding foresaw, blamed on its line or on the base image."""
    outcome = run(ImageUnit(image, verified.view, verified.mapping.base_layers), selection)
    shown = {
        (piece.layer, piece.path) if piece.layer else (piece.key, "")
        for finding in verified.findings
        if finding.verdict is not None and finding.verdict.kind == CONFIRMED
        for piece in finding.verdict.evidence
    }
    fresh = [finding for finding in outcome.findings if not _places(finding) <= shown]
    return outcome.but(findings=tuple(_blamed(finding, image, verified.mapping, verified.base) for finding in fresh))


def _places(finding: Finding) -> set[tuple[str, str]]:
    """Where a finding about an image stands, and the places that it speaks of, too."""
    return {_shown_at(place) for place in (finding.place, *(each.place for each in finding.related))}


def _shown_at(place: Place) -> tuple[str, str]:
    if isinstance(place, LayerPlace):
        return place.layer, place.path
    return (place.key.removeprefix("config."), "") if isinstance(place, ImagePlace) else ("", "")


def _blamed(finding: Finding, image: Image, mapping: Mapping, base: Span | None) -> Finding:
    """The finding with the line that it comes from, and its verdict: the image itself shows it."""
    place = finding.place
    verdict = Verdict(CONFIRMED, "the image shows it")
    if not mapping.belongs:
        return finding.but(verdict=verdict)
    if isinstance(place, LayerPlace):
        layer = next(layer for layer in image.layers if layer.digest == place.layer)
        if layer.index < mapping.base_layers:
            told = (Related(base, "the base image brought it in"),) if base is not None else ()
            return finding.but(verdict=verdict.but(reason="the base image has it"), related=(*told, *finding.related))
        step = mapping.step_of_layer(layer.index)
    else:
        step = _step_of_key(mapping, place.key) if isinstance(place, ImagePlace) else None
    if step is None:
        return finding.but(verdict=verdict)
    blame = Related(step.instruction.span, "this instruction brought it in")
    return finding.but(verdict=verdict, related=(blame, *finding.related))


def _step_of_key(mapping: Mapping, key: str) -> Step | None:
    """The instruction that an entry of the history, or a key of the configuration, comes from."""
    section, _, name = key.removeprefix("config.").partition(".")
    if section == "history":
        return next((link.step for link in mapping.links if link.entry is not None and str(link.entry) == name), None)
    keyword = {"Labels": "LABEL"}.get(section, section.upper())
    steps = [link.step for link in reversed(mapping.links) if link.step.instruction.name == keyword]
    return next((step for step in steps if not name or name in _names(step.instruction)), None)


def _names(node: Instruction) -> tuple[str, ...]:
    return tuple(pair.name for pair in node.pairs) if isinstance(node, (Env, Label)) else ()


def _verdict(judge: Judge, finding: Finding) -> Verdict:
    if finding.claim is None:
        return Verdict(NOT_VERIFIABLE, "this finding says nothing of the image")
    return judge.judge(finding.claim)


def _verification(unit: Unit, image: Image, mapping: Mapping) -> Verification:
    target = None if mapping.belongs else _other_target(unit, image)
    unknown = tuple(_shown(image.history[index].created_by) for index in mapping.unmatched)
    differences = (*_changed_lines(mapping), *_other_arguments(image, mapping))
    return Verification(
        image.name,
        image.digest or image.config_digest,
        mapping.belongs,
        mapping.builder,
        mapping.by,
        len(image.layers),
        mapping.base_layers if mapping.belongs else 0,
        mapping.squashed,
        target,
        differences if target is None else (),  # of another stage every line differs
        unknown if target is None else (),
        image.problems,
    )


def _changed_lines(mapping: Mapping) -> Iterator[Difference]:
    for difference in mapping.differences:
        yield Difference(difference.step.instruction.span, f"the image was built with: {_shown(difference.told)}")
    for step in mapping.missing if mapping.belongs else ():
        yield Difference(step.instruction.span, f"the image was built without this {step.instruction.name}")


def _other_arguments(image: Image, mapping: Mapping) -> Iterator[Difference]:
    """The ARGs of which a RUN of the image saw other values than file and command line give. No value is told."""
    told = read_history(image.history)
    declared = {
        pair.name: pair
        for link in mapping.links
        if isinstance(link.step.instruction, Arg)
        for pair in link.step.instruction.pairs
    }
    for link in mapping.links:
        expected = link.step.scope.args
        for name, value in told[link.entry].args if link.entry is not None else ():
            if name not in declared:
                continue
            known = expected.get(name)
            if known is not None and known != value and " " not in known:
                yield Difference(declared.pop(name).span, f"the image was built with another value of {name}")
            elif known is None and value and declared[name].value is None and not name.startswith(_PLATFORM):
                yield Difference(
                    declared.pop(name).span, f"the image was built with a value of {name}, here it has none"
                )


def _other_target(unit: Unit, image: Image) -> str | None:
    """The stage that fits an image which does not fit the target that was asked for; "" for the last one."""
    stages = unit.graph.stages
    names = ["" for stage in stages[-1:] if not stage.target]
    names += [stage.name for stage in stages if stage.name is not None and not stage.target]
    return next((name for name in names if map_layers(image, _graph(unit, name or None)).belongs), None)


def _graph(unit: Unit, target: str | None) -> StageGraph:
    return build_graph(unit.dockerfile, target=target, build_args=unit.invocation.build_args)


def _shown(text: str) -> str:
    """A step of the history in one short line, secrets masked."""
    line = redact(" ".join(text.split()))
    return line if len(line) <= _MOST_TEXT else line[: _MOST_TEXT - 3] + "..."
