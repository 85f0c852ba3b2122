"""From what a file says of a build to an Invocation: paths looked up, values known or not.

Shared by the formats: each brings the values of one build as scalars with their places.
"""

from __future__ import annotations

import os

from dfguard.context.invocation import (
    FOLDER,
    OUTSIDE,
    REMOTE,
    TARGET,
    UNKNOWN,
    BuildArg,
    BuildSecret,
    Inline,
    Invocation,
    InvocationProblem,
    NamedContext,
)
from dfguard.context.invocations.flags import context_kind
from dfguard.context.invocations.nodes import Scalar
from dfguard.context.invocations.territory import Territory, join, shown
from dfguard.regex import regex
from dfguard.source import Source, Span
from dfguard.struct import Struct

NO_CONTEXT, NO_DOCKERFILE, NO_TARGET = "context-missing", "dockerfile-missing", "target-missing"
NUMBER_CHANGED = "number-changed"
"""Kinds of problems."""
_NAME = regex(r"[A-Za-z_][A-Za-z0-9_]*")


class Found(Struct):
    """The builds that files describe, with remarks on what could not be read; `sources` are those files.

    `inner` are the paths of files that they include or extend.
    """

    invocations: tuple[Invocation, ...] = ()
    notes: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    inner: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether all folders and Dockerfiles that the builds name are there."""
        kinds = {problem.kind for one in self.invocations for problem in one.problems}
        return kinds.isdisjoint((NO_CONTEXT, NO_DOCKERFILE))


class Build(Struct):
    """What a file says of one build: scalars as written; `place` is the build's name there, `own` as in Invocation.

    `context` and `dockerfile` None stand for the defaults. `folder` is where relative paths start.
    `sure` is false where the folder is a guess, so that what is missing there is no mistake.
    """

    name: str
    source: str
    place: Span
    folder: str
    context: Scalar | None = None
    dockerfile: Scalar | None = None
    inline: Scalar | None = None
    target: Scalar | None = None
    arguments: tuple[BuildArg, ...] = ()
    named: tuple[tuple[Scalar, Scalar], ...] = ()
    secrets: tuple[BuildSecret, ...] = ()
    platforms: tuple[str, ...] = ()
    problems: tuple[InvocationProblem, ...] = ()
    own: tuple[Span, ...] = ()
    sure: bool = True
    builder: str = "buildkit"


class Reader:
    """Makes Invocations of Builds, and collects remarks."""

    def __init__(self, territory: Territory) -> None:
        self.territory = territory
        self.notes: dict[str, None] = {}
        self.problems: list[InvocationProblem] = []
        self.sure = True

    def note(self, place: Span, message: str) -> None:
        """Keep a remark on a place."""
        self.notes[f"{place.path}:{place.start_line}: {message}"] = None

    def read(self, build: Build) -> Invocation | None:
        """The Invocation of a build; None when its Dockerfile is not to be had, which is noted."""
        self.problems = list(build.problems)
        self.sure = build.sure
        context = self.context(build)
        dockerfile = build.place.path if build.inline else self.dockerfile(build, context)
        if dockerfile is None:
            return None
        named = tuple(self.named(build, name, value) for name, value in build.named)
        places = {"build": build.place}
        for what, scalar in (("context", build.context), ("dockerfile", build.dockerfile), ("target", build.target)):
            if scalar is not None:
                places[what] = scalar.span
        return Invocation(
            build.name,
            dockerfile,
            context,
            self.target(build),
            build.arguments,
            named,
            build.secrets,
            build.platforms,
            build.source,
            inline_of(build.inline),
            tuple(places.items()),
            tuple(self.problems),
            build.builder,
            build.own,
        )

    def missing(self, kind: str, place: Span, message: str, path: str) -> None:
        """Keep a problem: `path` is not there."""
        sure = self.sure and not self.territory.comes_later(path)
        self.problems.append(InvocationProblem(kind, place, message, sure))

    def target(self, build: Build) -> str | None:
        if build.target is None:
            return None
        if build.target.unknown:
            self.unknown(build.target, "the target", "the last stage is taken")
            return None
        if build.target.text == "":
            return None
        return build.target.text

    def unknown(self, scalar: Scalar, what: str, then: str) -> None:
        names = ", ".join(scalar.unknown)
        if all(map(_NAME.fullmatch, scalar.unknown)):
            self.note(scalar.span, f"{what} hangs on {names}, which is not set: {then} (--env NAME=VALUE sets it)")
        else:
            self.note(scalar.span, f"{what} hangs on {names}, which is not evaluated: {then}")

    def context(self, build: Build) -> str | None:
        """The folder of the context, None when it is not to be had."""
        scalar = build.context
        if scalar is not None and scalar.unknown:
            self.unknown(scalar, "the build context", "not read")
            return None
        text = scalar.text if scalar is not None else None
        place = scalar.span if scalar is not None else build.place
        kind, path = self.folder(text or ".", build.folder if scalar is None else scalar.base or build.folder)
        if kind == FOLDER:
            if os.path.isdir(path):
                return path
            self.missing(NO_CONTEXT, place, f"the build context {path} is not a folder", path)
        elif kind == OUTSIDE:
            self.note(place, f"the build context {text} lies outside of {self.territory.root}: not read")
        else:
            self.note(place, f"the build context {text} is fetched by the builder: not read")
        return None

    def folder(self, text: str, base: str) -> tuple[str, str]:
        """What kind of context a text names, and the folder if it is one."""
        kind = context_kind(text)
        if kind != FOLDER:
            return kind, text
        path = join(base, text)
        return (FOLDER if self.territory.holds(path) else OUTSIDE), path

    def dockerfile(self, build: Build, context: str | None) -> str | None:
        """The path of the Dockerfile, None when it is not to be had."""
        scalar = build.dockerfile
        if context is None and not (scalar is not None and os.path.isabs(scalar.text or "")):
            if not any(problem.kind == NO_CONTEXT for problem in self.problems):
                return None
            kind, folder = self.folder(build.context.text or "." if build.context else ".", build.folder)
            return join(folder, "Dockerfile") if kind == FOLDER else None
        if scalar is not None and scalar.unknown:
            self.unknown(scalar, "the Dockerfile", "not read")
            return None
        text = scalar.text if scalar is not None else None
        place = scalar.span if scalar is not None else build.place
        path = shown(join(context or "", text or "Dockerfile"))
        if not self.territory.holds(path):
            self.note(place, f"the Dockerfile {path} lies outside of {self.territory.root}: not read")
            return None
        if not os.path.isfile(path):
            lower = join(os.path.dirname(path), "dockerfile")
            if os.path.basename(path) == "Dockerfile" and self.territory.is_file(lower):
                return lower
            self.missing(NO_DOCKERFILE, place, f"there is no Dockerfile {path}", path)
        return path

    def named(self, build: Build, name: Scalar, value: Scalar) -> NamedContext:
        """A named context."""
        text = value.text or ""
        if value.unknown:
            self.unknown(value, f"the context {name.text}", "not read")
            return NamedContext(name.text or "", UNKNOWN, text, name.span)
        kind, path = self.folder(text, value.base or build.folder)
        if kind == FOLDER and not os.path.isdir(path):
            self.missing(NO_CONTEXT, value.span, f"the context {name.text}, {path}, is not a folder", path)
            kind = UNKNOWN
        elif kind in (OUTSIDE, REMOTE):
            why = f"lies outside of {self.territory.root}" if kind == OUTSIDE else "is fetched by the builder"
            self.note(value.span, f"the context {name.text}, {text}, {why}: not read")
        elif kind == TARGET:
            by, _, other = text.partition(":")
            self.note(value.span, f"the context {name.text} is what the {by} {other} builds: not followed")
        return NamedContext(name.text or "", kind, path if kind == FOLDER else text, name.span)


def inline_of(scalar: Scalar | None) -> Inline | None:
    """A Dockerfile that stands in another file."""
    if scalar is None or scalar.text is None:
        return None
    return Inline(Source(scalar.span.path, scalar.text), scalar.span, scalar.steps)
