"""What BuildKit refuses when it comes to an instruction, with the values that its variables have there.

https://github.com/moby/buildkit/blob/master/frontend/dockerfile/dockerfile2llb/convert.go. FROM lines, and
the ARGs before them, are looked at in every stage; all else only in those that the target needs. Where a
value hangs on a build argument or on the base image, nothing is said.
"""

from __future__ import annotations

import posixpath
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator
from typing import Any

from dfguard.dockerfile import nodes
from dfguard.dockerfile.directives import frontend, is_foreign
from dfguard.dockerfile.nodes import Flag, Instruction, Problem
from dfguard.dockerfile.scopes import Scope
from dfguard.dockerfile.stages import SCRATCH, Stage, StageGraph
from dfguard.dockerfile.uses import HEREDOC_ESCAPE, ExpandedText, expanded_texts, place_of, variable_uses
from dfguard.dockerfile.words import Expanded, Known, expand, variables
from dfguard.source import Span
from dfguard.struct import Struct

Workdir = Callable[[Stage], "str | None"]


class Site(Struct):
    """Where an instruction is dispatched: what it sees, and whether that happens in this build.

    `workdir` is its working directory, None when it is not known.
    """

    scope: Scope
    escape: str
    refused: bool
    workdir: str | None = None

    def expand(self, raw: str, *, quotes: bool = True) -> Expanded:
        """Expand a word as the builder would here."""
        escape = self.escape if quotes else HEREDOC_ESCAPE
        return expand(raw, self.scope.get, escape, quotes=quotes, given=self.scope.is_given)

    def known(self, raw: str) -> Known | None:
        """What a word is here as far as the file tells, None when the builder or the base image may say more."""
        if "$" not in raw and "'" not in raw and '"' not in raw and self.escape not in raw:
            return Known(raw)
        expanded = self.expand(raw)
        if expanded.error or any(self.scope.is_given(name) for name in expanded.unknown):
            return None
        names = (use.name for use in variables(raw, self.escape))
        return Known(expanded.value, next((name for name in names if self.scope.is_left_open(name)), ""))

    def value(self, raw: str) -> str | None:
        """What a word is here, None when something outside of the file may have a say in it."""
        known = self.known(raw)
        return None if known is None or known.needs else known.value

    def judged(self, span: Span, kind: str, fault: str, known: Known) -> Problem:
        """The problem of a value, or that of the build argument which it lacks."""
        if known.needs:
            return _unset(span, known.needs, True)
        return Problem(span, kind, fault, self.refused)


def build_problems(
    graph: StageGraph,
    workdir: Workdir = lambda stage: None,
    *,
    build_args: Collection[str] = (),
    contexts: Collection[str] = (),
) -> tuple[Problem, ...]:
    """Everything that is wrong with a build: what the parser says, the stages, and their instructions, by place.

    `workdir` gives the working directory that a stage's base image starts with, None when it is not
    known. `build_args` are the names given with --build-arg, `contexts` those of --build-context.
    """
    dockerfile = graph.dockerfile
    if is_foreign(frontend(dockerfile.source)):
        return dockerfile.problems
    dispatch = _Dispatch(graph, workdir, build_args, contexts)
    found = [problem.but(refused=True) if dispatch.runs(problem) else problem for problem in dockerfile.problems]
    found += (problem for problem in graph.problems if problem.span.text not in contexts)
    found += (problem for node in dockerfile.instructions for problem in dispatch.problems_of(node))
    found += _foreign_images(graph, contexts)
    return tuple(sorted(found, key=lambda problem: (problem.span.start, problem.span.end)))


class _Dispatch:
    """One pass over the instructions of a file."""

    def __init__(
        self, graph: StageGraph, workdir: Workdir, build_args: Collection[str], contexts: Collection[str]
    ) -> None:
        self.graph = graph
        self.escape = graph.dockerfile.escape
        self.workdir = workdir
        self.build_args = build_args
        self.contexts = contexts
        self.workdirs: list[str | None] = []  # by stage, at its end
        self.triggered = {s.parent for s in graph.stages if s.parent is not None and s.reachable}

    def runs(self, problem: Problem) -> bool:
        """Whether a problem of a trigger is met in this build."""
        if not problem.late:
            return False
        starts = [stage.span.start for stage in self.graph.stages]
        return bisect_right(starts, problem.span.start) - 1 in self.triggered

    def problems_of(self, node: Instruction) -> Iterator[Problem]:
        stage = self.graph.stage_of(node)
        scope = self.graph.scope_at(node)
        if isinstance(node, nodes.From) and stage is not None:
            self.workdirs.append(self._first_workdir(stage))
            yield from self._from(node, stage, Site(scope, self.escape, True))
            return
        if stage is None:
            if isinstance(node, nodes.Arg):
                yield from self._words(node, Site(scope, self.escape, True))
            return
        if stage.name is not None and stage.name in self.contexts:
            return
        workdir = self.workdirs[-1]
        if isinstance(node, nodes.Onbuild):
            runs = stage.index in self.triggered
            if node.trigger is not None:  # one that does not run is judged by what no value can mend
                scope = scope if runs else scope.but(inherits=True)
                yield from self._instruction(node.trigger, Site(scope, self.escape, runs, workdir if runs else None))
            return
        if type(node) not in _CHECKS and not isinstance(node, nodes.Workdir) and not _has_marks(node):
            return
        site = Site(scope, self.escape, stage.reachable, workdir)
        yield from self._instruction(node, site)
        if isinstance(node, nodes.Workdir) and node.path is not None:
            self.workdirs[-1] = _moved(workdir, site.value(node.path.raw))

    def _first_workdir(self, stage: Stage) -> str | None:
        if stage.parent is None:
            return "/" if stage.image == SCRATCH else self.workdir(stage)
        moved = any(
            isinstance(node, nodes.Onbuild) and isinstance(node.trigger, nodes.Workdir)
            for node in self.graph.stages[stage.parent].instructions
        )
        return None if moved else self.workdirs[stage.parent]

    # -- FROM

    def _from(self, node: nodes.From, stage: Stage, site: Site) -> Iterator[Problem]:
        platform = node.flag("platform")
        if platform is not None and platform.value:
            yield from self._platform(platform, platform.value, site)
        yield from self._words(node, site)
        raw, known = node.image.raw, site.known(node.image.raw)
        elsewhere = stage.parent is not None or stage.named is not None
        if known is None or elsewhere or not raw or known.value in (SCRATCH, *self.contexts):
            return
        fault = _image_fault(known.value)
        if not fault:
            return
        unset = known.needs or next((name for name in site.expand(raw).unknown), "")
        if unset:
            use = next((use for use in variable_uses(node, site.escape) if use.name == unset), None)
            yield _unset(use.span if use else node.image.span, unset, bool(known.needs))
            return
        shown = raw if raw == known.value else f"{raw}, here {known.value},"
        yield Problem(node.image.span, "bad-image", f"{shown} {fault}", True, _in_lower_case(raw))

    def _platform(self, flag: Flag, raw: str, site: Site) -> Iterator[Problem]:
        from dfguard.dockerfile.values import platform_fault

        text = ExpandedText(flag.value_span or flag.span, raw, "flag")
        expanded = site.expand(raw)
        if expanded.error:
            yield from _unreadable(text, expanded, site)
            return
        known = site.known(raw)
        if known is not None and (fault := platform_fault(known.value)):
            yield site.judged(text.span, "bad-value", f"--platform={known.value} {fault}", known)

    # -- below FROM

    def _instruction(self, node: Instruction, site: Site) -> Iterator[Problem]:
        yield from self._words(node, site)
        check = _CHECKS.get(type(node))
        if check:
            yield from check(node, site)

    def _words(self, node: Instruction, site: Site) -> Iterator[Problem]:
        """The words that can't be expanded."""
        if not _has_marks(node):
            return
        for text in expanded_texts(node):
            body = text.form == "heredoc"
            marks = ("$",) if body else ("$", "'", '"')
            if not any(mark in text.raw for mark in marks):
                continue
            expanded = site.expand(text.raw, quotes=not body)
            overruled = isinstance(node, nodes.Arg) and text.pair is not None and text.pair.name in self.build_args
            if expanded.error and not overruled:
                yield from _unreadable(text, expanded, site)


def _has_marks(node: Instruction) -> bool:
    """Whether an instruction holds what expanding would change."""
    text = node.span.text
    return "$" in text or "'" in text or '"' in text


def _moved(workdir: str | None, path: str | None) -> str | None:
    """Where a WORKDIR leads to, as far as is known."""
    if path is None or (workdir is None and not path.startswith("/")):
        return None
    return posixpath.normpath(posixpath.join(workdir or "/", path))


def _image_fault(text: str) -> str:
    from dfguard import reference

    if not text:
        return "is empty: FROM needs the name of an image"
    if reference.parse(text) is not None:
        return ""
    if reference.parse(text.lower()) is not None:
        return f"is no name of an image: these are in lower case, so write {text.lower()}"
    return "is no name of an image: expected [registry/]name[:tag][@digest]"


def _in_lower_case(text: str) -> str | None:
    """A name of an image that only lacks lower case."""
    lower = text.lower()
    return lower if "$" not in text and lower != text and not _image_fault(lower) else None


def _foreign_images(graph: StageGraph, contexts: Collection[str]) -> Iterator[Problem]:
    """Images that COPY --from and mounts take: their names are looked at in every stage."""
    for reference in graph.references:
        text = reference.image
        if text is None or reference.kind == "from" or reference.instruction.onbuild or text in (SCRATCH, *contexts):
            continue
        told = "$" in text[:-1] or any(mark in text for mark in ("'", '"', graph.dockerfile.escape))
        if not told and (fault := _image_fault(text)):
            yield Problem(reference.span, "bad-image", f"{text} is no stage, and {fault}", True, _in_lower_case(text))


def _unset(span: Span, name: str, declared: bool, refused: bool = True) -> Problem:
    if declared:
        message = f"{name} has no default, so no build can do without --build-arg {name}=..."
        return Problem(span, "unset-argument", message, False)
    return Problem(span, "unset-variable", f"nothing sets {name!r}, which the build can't do without", refused)


def _unreadable(text: ExpandedText, expanded: Expanded, site: Site) -> Iterator[Problem]:
    """Why a word can't be expanded, at the guilty quote or `$`."""
    if expanded.error_at < 0:
        return
    span = place_of(text, expanded.error_at)
    if expanded.demanded:
        yield _unset(span, expanded.demanded, site.scope.is_left_open(expanded.demanded), site.refused)
        return
    from dfguard.dockerfile.unreadable import explain

    message, meant = explain(text, span, expanded.error, site.escape)
    yield Problem(span, "bad-substitution", message, site.refused, meant)


# -- values


def _mounts(node: nodes.Run, site: Site) -> Iterator[Problem]:
    if not node.mounts:
        return
    from dfguard.dockerfile.mountchecks import mount_fault

    for mount in node.mounts:
        fault = mount_fault(mount, site.expand, site.known, site.workdir)
        if fault is None:
            continue
        if fault.error is None and fault.needs:
            yield _unset(fault.span, fault.needs, True)
        elif fault.error is None:
            yield Problem(fault.span, "bad-mount", fault.message, site.refused, fault.suggestion)
        elif fault.error.demanded:
            name = fault.error.demanded
            yield _unset(fault.span, name, site.scope.is_left_open(name), site.refused)
        elif fault.error.error_at >= 0:
            yield Problem(fault.span, "bad-substitution", fault.message, site.refused)


def _copies(node: nodes.Copy | nodes.Add, site: Site) -> Iterator[Problem]:
    from dfguard.dockerfile.copychecks import copy_problems

    return copy_problems(node, site.value, site.escape, site.refused)


def _stopsignal(node: nodes.Stopsignal, site: Site) -> Iterator[Problem]:
    known = site.known(node.signal.raw) if node.signal is not None else None
    if known is None or node.signal is None:
        return
    from dfguard.dockerfile.values import near_signal, signal_fault

    fault = signal_fault(known.value)
    if fault:
        problem = site.judged(node.signal.span, "bad-value", f"{known.value or 'an empty text'} {fault}", known)
        near = None if known.needs else near_signal(known.value)
        yield problem.but(suggestion=near)


def _expose(node: nodes.Expose, site: Site) -> Iterator[Problem]:
    from dfguard.dockerfile.ports import port_fault

    for port in node.ports:
        known = site.known(port.raw)
        for text in known.value.split() if known is not None else ():
            fault = port_fault(text)
            if fault and known is not None:
                shown = repr(text) if text == port.raw else f"{port.raw!r} is {text!r}, which"
                yield site.judged(port.span, "bad-port", f"{shown} {fault}", known)


def _volume(node: nodes.Volume, site: Site) -> Iterator[Problem]:
    for path in node.paths:
        known = site.known(path.raw) if path.raw else None
        if known is not None and not known.value:
            yield site.judged(path.span, "bad-value", f"{path.raw} is empty here: VOLUME needs a path", known)


_CHECKS: dict[type[Instruction], Callable[[Any, Site], Iterator[Problem]]] = {
    nodes.Add: _copies,
    nodes.Copy: _copies,
    nodes.Expose: _expose,
    nodes.Run: _mounts,
    nodes.Stopsignal: _stopsignal,
    nodes.Volume: _volume,
}
