"""How a Dockerfile is built: with which context, target and build arguments, and who says so."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator

from dfguard import reference
from dfguard.source import Source, Span
from dfguard.struct import Struct

FOLDER, IMAGE, TARGET, REMOTE, OUTSIDE, UNKNOWN = "folder", "image", "target", "remote", "outside", "unknown"
"""What a named context is: a folder that may be read, an image, another build, something behind an address,
a folder outside of what may be read, or something that hangs on a value that is not known."""
_NEVER_NAMED = ("scratch", "context")


class BuildArg(Struct):
    """A build argument; `value` is None when it hangs on what is not known.

    `given` is false for one that the caller's environment would have to give: it is named, but the default
    of the ARG counts.
    """

    name: str
    value: str | None
    span: Span | None = None
    given: bool = True


class NamedContext(Struct):
    """A named context: `kind` is one of FOLDER, IMAGE, TARGET, REMOTE, OUTSIDE and UNKNOWN.

    `value` is the folder as it is read, else the text as given.
    """

    name: str
    kind: str
    value: str
    span: Span | None = None


class BuildSecret(Struct):
    """A secret that the build is given, by the id that a mount asks for."""

    id: str
    span: Span | None = None


class InvocationProblem(Struct):
    """What is wrong with an invocation where it is written; `kind` says which rule tells it.

    `sure` is false where it may be right after a step that comes before the build.
    """

    kind: str
    span: Span
    message: str
    sure: bool = True


class Inline(Struct):
    """A Dockerfile written inside of another file.

    `source` is its text as the builder gets it, under the path of the outer file. `outer` is where it
    stands there. `steps` are (offset inside, offset outside) pairs, sorted: between two of them both
    run side by side. Without `steps` no place inside is known.
    """

    source: Source
    outer: Span
    steps: tuple[tuple[int, int], ...] = ()

    def outside(self, span: Span) -> Span:
        """The place in the outer file of a place in the text; the whole of it where that is not known."""
        if span.source is not self.source:
            return span
        if not self.steps:
            return self.outer
        start = self._outside(span.start)
        last = self._outside(span.end - 1) + 1 if span.end > span.start else start
        return self.outer.source.span(start, max(start, last))

    def _outside(self, offset: int) -> int:
        inner, outer = self.steps[max(bisect_right(self.steps, (offset, len(self.outer.source.text))) - 1, 0)]
        return outer + offset - inner


class Invocation(Struct):
    """One way to build a Dockerfile.

    `dockerfile` is its path, or the path of the file that holds it (`inline`). `context` is the folder
    that is sent to the builder, None when it is not known or may not be read. `target` is the stage to
    build, None for the last one. `secrets` is None when nobody says which ones are given. `source` says
    in a few words where all this comes from; `places` are the spans of `dockerfile`, `context`, `target`
    and of the build as a whole (`build`) where a file or a flag gives them. `own` are the parts of files that speak of
    this build; an anchor, `extends` or `inherits` bring in values from elsewhere. `shared` are the places of
    values that other builds have from there too. `named` is set where the context is meant to be that named
    one (`of_named`), which only an ignore file in its own root speaks of.
    """

    name: str
    dockerfile: str
    context: str | None
    target: str | None = None
    arguments: tuple[BuildArg, ...] = ()
    named_contexts: tuple[NamedContext, ...] = ()
    secrets: tuple[BuildSecret, ...] | None = None
    platforms: tuple[str, ...] = ()
    source: str = "command line"
    inline: Inline | None = None
    places: tuple[tuple[str, Span], ...] = ()
    problems: tuple[InvocationProblem, ...] = ()
    builder: str = "buildkit"
    own: tuple[Span, ...] = ()
    shared: tuple[Span, ...] = ()
    named: str = ""

    def owns(self, span: Span | None) -> bool:
        """Whether a file gives a value at this place, for this build alone."""
        if span is None or span in self.shared:
            return False
        return any(part.contains(span) for part in self.own)

    def place(self, what: str) -> Span | None:
        """Where a value is written, or else the build that it belongs to; None if no text gives it."""
        places = dict(self.places)
        return places.get(what) or places.get("build")

    @property
    def ignored_beside(self) -> str:
        """The Dockerfile that an ignore file may lie beside; "" where only one in the context's root counts."""
        return "" if self.inline is not None or self.named else self.dockerfile

    @property
    def build_args(self) -> dict[str, str | None]:
        """The values of the build arguments that are given, by name; the last one counts."""
        return {arg.name: arg.value for arg in self.arguments if arg.given}

    @property
    def contexts(self) -> tuple[str, ...]:
        """The names of the named contexts."""
        return tuple(named.name for named in self.named_contexts)

    def named_context(self, text: str) -> NamedContext | None:
        """The named context that FROM or --from means by `text`, None when it means an image or a stage.

        The builder looks for the image's name as people write it, without `:latest`.
        https://github.com/moby/buildkit/blob/master/frontend/dockerui/namedcontext.go
        """
        if not self.named_contexts or text.lower() in _NEVER_NAMED:
            return None
        names = {familiar(named.name): named for named in self.named_contexts}
        return names.get(familiar(text))

    def name_of(self, text: str) -> str | None:
        """The name of `named_context(text)`, None where there is none."""
        named = self.named_context(text)
        return named.name if named is not None else None

    @property
    def folders(self) -> tuple[NamedContext, ...]:
        """The named contexts that are folders."""
        return tuple(named for named in self.named_contexts if named.kind == FOLDER)

    def image_of(self, name: str) -> str | None:
        """The image that the named context `name` is, None where it is something else."""
        text = next((named.value for named in self.named_contexts if named.name == name), "")
        return text.removeprefix("docker-image://") if text.startswith("docker-image://") else None

    def of_named(self, named: NamedContext) -> Invocation:
        """This build with a named folder in the place of its context."""
        return self.but(context=named.value, named=named.name)


def with_shared(invocations: Iterable[Invocation]) -> tuple[Invocation, ...]:
    """The invocations of the same files, each with the places that it shares with others."""
    given = [(one, tuple(_spans(one))) for one in invocations]
    counted = Counter(span for _, spans in given for span in set(spans))
    return tuple(one.but(shared=tuple(span for span in spans if counted[span] > 1)) for one, spans in given)


def _spans(invocation: Invocation) -> Iterator[Span]:
    spans = [argument.span for argument in invocation.arguments]
    spans += [named.span for named in invocation.named_contexts]
    spans += [secret.span for secret in invocation.secrets or ()]
    yield from (span for span in spans if span is not None)


def familiar(text: str) -> str:
    """An image reference as people write it, without the tag that is meant anyway; else the text itself."""
    parsed = reference.parse(text)
    if parsed is None:
        return text
    tag = f":{parsed.tag}" if parsed.tag and (parsed.tag != "latest" or parsed.digest) else ""
    return parsed.familiar + tag + (f"@{parsed.digest}" if parsed.digest else "")
