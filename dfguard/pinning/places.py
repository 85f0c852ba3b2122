"""The places of a Dockerfile that name images, and the text that a digest belongs behind.

That text is the name itself, or the default of the ARG that the name ends with. Where a digest would outlive what a
build argument says, or reach something that is no image, there is none, and the place says why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dfguard import reference as references
from dfguard.context.invocation import Invocation
from dfguard.dockerfile.lexer import VariableUse
from dfguard.dockerfile.nodes import Arg, Dockerfile, From, Instruction, KeyValue, Onbuild
from dfguard.dockerfile.stages import SCRATCH, StageGraph, StageReference, build_graph
from dfguard.dockerfile.uses import VariableUse as Use
from dfguard.dockerfile.uses import variable_uses
from dfguard.dockerfile.words import variables
from dfguard.reference import Reference
from dfguard.regex import regex
from dfguard.source import Span
from dfguard.struct import Struct

STAGE = "a stage"
_WINDOWS = regex(r"nanoserver|windowsservercore|(?:^|-)windows(?:-|$)", re.IGNORECASE)


class Place(Struct):
    """A place that names an image.

    `image` is what it expands to, None for what is none (`left` says why). `holder` is the text that the digest goes
    to the end of, or stands in; None where there is none, and `left` says why the image is left alone.
    """

    reference: StageReference
    image: Reference | None = None
    holder: Span | None = None
    left: str = ""

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.reference.span


def places(dockerfile: Dockerfile, builds: Sequence[Invocation]) -> tuple[Place, ...]:
    """All places that name a stage or an image, in order; `builds` are the builds that are known of the file."""
    return tuple(_Reading(dockerfile, builds).places())


class _Reading:
    """One Dockerfile with its builds."""

    def __init__(self, dockerfile: Dockerfile, builds: Sequence[Invocation]) -> None:
        self.dockerfile = dockerfile
        self.builds = builds
        self.graph: StageGraph = build_graph(dockerfile)
        self.froms = {each.instruction.index: each for each in self.graph.references if each.kind == "from"}
        self.arguments: dict[str, list[KeyValue]] = {}
        self.redeclared: dict[str, int] = {}
        self.uses: dict[str, list[tuple[Instruction, Use]]] = {}
        self.defaults: dict[str, Span | str] = {}
        self.collect()

    def places(self) -> Iterator[Place]:
        for reference in self.graph.references:
            image, why = self.image(reference)
            if image is None or why:
                yield Place(reference, image, None, why)
                continue
            holder = self.holder(reference)
            yield Place(reference, image, *((None, holder) if isinstance(holder, str) else (holder, "")))

    def image(self, reference: StageReference) -> tuple[Reference | None, str]:
        """The image that a place names, and why it is left alone ("" for no reason)."""
        if reference.stage is not None:
            return None, STAGE
        if reference.wrong:
            return None, "names no stage that can be used"
        named = self.named(reference)
        if named:
            return None, named
        if reference.image is None:
            unknown = self.graph.scope_at(reference.instruction).expand(reference.text).unknown
            what = ", ".join(dict.fromkeys(unknown))
            return None, f"hangs on {what}, which has no value here" if what else "is no name of an image"
        if reference.image == SCRATCH:
            return None, SCRATCH
        image = references.parse(reference.image)
        if image is None:
            return None, "is no name of an image"
        if image.registry == "localhost":
            return image, "is a local name: no registry has it"
        return image, self.windows(reference, image)

    def named(self, reference: StageReference) -> str:
        """The named context that stands in for an image, or for the stage that is FROM it."""
        node = reference.instruction
        alias = node.alias.raw if isinstance(node, From) and node.alias else None
        for build in self.builds:
            for text in (reference.image, alias):
                name = build.name_of(text) if text else None
                if name:
                    return f"the named context {name} stands for it ({build.source})"
        return ""

    def windows(self, reference: StageReference, image: Reference) -> str:
        """Whether an image is one of Windows, in words."""
        platform = next((flag.value or "" for flag in reference.instruction.flags if flag.name == "platform"), "")
        folder = image.registry == "mcr.microsoft.com" and image.repository.startswith("windows")
        if folder or _WINDOWS.search(image.tag or "") or platform.lower().startswith("windows"):
            return "is a Windows image, whose version has to be that of its hosts: choose the digest by hand"
        return ""

    # -- where the digest goes

    def holder(self, reference: StageReference) -> Span | str:
        """The text that a digest goes to the end of, or why there is none."""
        inner = self.unquoted(reference.span, reference.text)
        if isinstance(inner, str) or reference.kind != "from":
            return inner
        last = self.last_use(inner.text)
        if last is None:
            return inner
        behind = inner.text[last.end :]
        if not behind:
            if last.modifier:
                return f"${{{last.name}{last.modifier}...}} decides which image it is"
            if last.name not in self.defaults:
                self.defaults[last.name] = self.default(last.name)
            return self.defaults[last.name]
        if any(mark in behind for mark in "/:@"):  # only where it is from can be given: a digest is the same everywhere
            return inner
        return f"its tag goes on behind {last.name}, so that a digest would stay when another {last.name} is given"

    def unquoted(self, span: Span, raw: str) -> Span | str:
        """A word without the quotes around it."""
        if span.text != raw:
            return "is written in a way that hides its end: write it in one piece, without quotes"
        if len(raw) > 1 and raw[0] in "\"'" and raw[-1] == raw[0]:
            span = span.sub(1, len(raw) - 1)
        if any(character in span.text for character in ("'", '"', self.dockerfile.escape)):
            return "holds quotes or escapes: write it without them"
        return span

    def last_use(self, text: str) -> VariableUse | None:
        return max(variables(text, self.dockerfile.escape), key=lambda use: use.end, default=None)

    def default(self, name: str) -> Span | str:
        """The default of an ARG if a digest may stand in it, else why it may not."""
        given = next((build for build in self.builds if name in build.build_args), None)
        if given is not None:
            return f"the build {given.name} ({given.source}) gives {name}"
        pairs = self.arguments.get(name, [])
        if len(pairs) != 1 or pairs[0].value is None:
            return f"ARG {name} is declared more than once before the first FROM"
        value = self.unquoted(pairs[0].value.span, pairs[0].value.raw)
        if isinstance(value, str):
            return f"the default of ARG {name} {value}"
        if "$" in value.text:
            return f"the default of ARG {name} hangs on other arguments"
        return self.other_use(name) or value

    def other_use(self, name: str) -> str:
        """What else an ARG is used for than to end the names of one image; "" for nothing."""
        if name in self.redeclared:
            return (
                f"ARG {name} is declared in a stage as well (line {self.redeclared[name]}), which would see the digest"
            )
        images: dict[tuple[str, ...], int] = {}
        for node, use in self.uses.get(name, ()):
            reference = self.froms.get(node.index)
            inner = self.unquoted(reference.span, reference.text) if reference else ""
            ends = isinstance(inner, Span) and use.span.end == inner.end and not use.modifier
            if reference is None or not ends or reference.image is None:
                return f"ARG {name} is used otherwise on line {use.span.start_line}"
            images.setdefault(_identity(reference.image), node.start_line)
        lines = " and ".join(map(str, [*images.values()][:2]))
        return f"ARG {name} is part of different images (lines {lines})" if len(images) > 1 else ""

    def collect(self) -> None:
        """Note where ARGs are declared, and where FROM lines and the ARGs before them use one."""
        for node in _with_triggers(self.dockerfile):
            outer = isinstance(node, Arg) and node.stage_index < 0
            for pair in node.pairs if isinstance(node, Arg) else ():
                if outer:
                    self.arguments.setdefault(pair.name, []).append(pair)
                elif pair.value is None:
                    self.redeclared.setdefault(pair.name, node.start_line)
            for use in variable_uses(node, self.dockerfile.escape) if outer or isinstance(node, From) else ():
                self.uses.setdefault(use.name, []).append((node, use))


def _identity(text: str) -> tuple[str, ...]:
    image = references.parse(text)
    return (image.registry, image.repository, image.tag or "", image.digest or "") if image else (text,)


def _with_triggers(dockerfile: Dockerfile) -> Iterator[Instruction]:
    for node in dockerfile.instructions:
        yield node
        if isinstance(node, Onbuild) and node.trigger is not None:
            yield node.trigger
