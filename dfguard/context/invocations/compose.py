"""The builds of a compose project.

https://github.com/compose-spec/compose-spec/blob/main/build.md
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Values
from collections.abc import Sequence as List

from dfguard.context.invocation import BuildArg, BuildSecret, InvocationProblem, with_shared
from dfguard.context.invocations.compose_files import Model, load
from dfguard.context.invocations.compose_merge import build_mapping, plain, value_of
from dfguard.context.invocations.given import NUMBER_CHANGED, Build, Found, Reader
from dfguard.context.invocations.nodes import Mapping, Node, Scalar, Sequence, items_of, pairs_of
from dfguard.context.invocations.territory import Territory


def read_compose(
    paths: List[str],
    territory: Territory,
    environment: Values[str, str],
    name: str | None = None,
    folder: str | None = None,
    *,
    sure: bool = True,
) -> Found:
    """The builds of the services of a project; `paths` are laid over one another.

    `name` is the file that the builds are called by, the first one by default; `folder` the project's, by
    default that of the first file; unless `sure`, it is a guess. Raises InputError for a file that can't be
    read or is no compose file.
    """
    model = load(paths, territory, environment, folder)
    reader = Reader(territory)
    builds = tuple(build.but(sure=sure) for build in builds_of(model, paths, name or paths[0]))
    invocations = with_shared(found for build in builds if (found := reader.read(build)) is not None)
    sources = tuple(dict.fromkeys(build.place.source for build in builds))
    return Found(invocations, (*model.notes, *reader.notes), sources, model.inner)


def builds_of(model: Model, paths: List[str], name: str) -> Iterator[Build]:
    """What the files say of each service that is built."""
    for key, service in model.services.pairs:
        node = plain(service)
        build = node.get("build") if isinstance(node, Mapping) else None
        build = build_mapping(build) if build is not None else None
        if isinstance(build, Mapping):
            yield _build(key, build, model, f"{name}:{key.text}", f"service {key.text} of {' + '.join(paths)}")


def _build(key: Scalar, build: Mapping, model: Model, name: str, source: str) -> Build:
    def scalar(word: str) -> Scalar | None:
        node = build.get(word)
        return node if isinstance(node, Scalar) and node.kind != "null" else None

    inline = scalar("dockerfile_inline")
    return Build(
        name=name,
        source=source,
        place=key.span,
        own=model.parts.get(key.text or "", ()),
        folder=model.folder,
        context=scalar("context"),
        dockerfile=scalar("dockerfile"),
        inline=inline if inline is not None and inline.text else None,
        target=scalar("target"),
        arguments=tuple(_arguments(build.get("args"), model.environment)),
        named=tuple(_named(build.get("additional_contexts"))),
        secrets=tuple(_secrets(build.get("secrets"))),
        problems=tuple(_changed(build.get("args"))),
        platforms=tuple(item.text for item in items_of(build.get("platforms")) if item.text),
    )


def _arguments(node: Node | None, environment: Values[str, str]) -> Iterator[BuildArg]:
    """The build arguments; one without a value takes it from the environment, if that has one."""
    for name, value in pairs_of(node):
        if not isinstance(value, Scalar):
            continue
        key = name.text or ""
        if value.kind == "null":
            yield BuildArg(key, environment.get(key), name.span, key in environment)
        else:
            yield BuildArg(key, value_of(value), name.span)


def _changed(node: Node | None) -> Iterator[InvocationProblem]:
    """The values that reach the build otherwise than they are written."""
    for _, value in pairs_of(node):
        if isinstance(value, Scalar) and value.text is not None and value.kind != "bool":
            given = value_of(value)
            if given is not None and given != value.text:
                message = f"{value.text} is a number or a date, so the build gets {given!r}: quote it"
                yield InvocationProblem(NUMBER_CHANGED, value.span, message)


def _named(node: Node | None) -> Iterator[tuple[Scalar, Scalar]]:
    for name, value in pairs_of(node):
        if isinstance(value, Scalar) and value.kind != "null":
            yield name, value


def _secrets(node: Node | None) -> Iterator[BuildSecret]:
    """The ids by which mounts ask for the secrets: `target` in the long form, else the name."""
    for item in node.items if isinstance(node, Sequence) else ():
        scalar: Node | None = item
        if isinstance(item, Mapping):
            target = item.get("target")
            scalar = target if isinstance(target, Scalar) and target.text else item.get("source")
        if isinstance(scalar, Scalar) and scalar.text and not scalar.unknown:
            yield BuildSecret(scalar.text, scalar.span)
