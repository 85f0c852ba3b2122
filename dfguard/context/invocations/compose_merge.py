"""One part of a compose file laid over another.

As https://github.com/compose-spec/compose-go/blob/main/override/merge.go, for what says how a service is
built.
"""

from __future__ import annotations

from collections.abc import Mapping as Values

from dfguard.context.invocations.gotext import go_text
from dfguard.context.invocations.interpolation import interpolate
from dfguard.context.invocations.nodes import Mapping, Node, Scalar, Sequence, Steps, refusal
from dfguard.context.invocations.yaml_reader import OVERRIDE, RESET

_BY_NAME = ("args", "additional_contexts")
_BUILD_KEYS = ("context", "dockerfile", "dockerfile_inline", "target", *_BY_NAME, "secrets", "platforms")
MOST = 1_000
"""How many services a file may have, and arguments, secrets and the like a build: each costs time in every
service that extends it."""
_DEEPEST = 4


def kept(document: Mapping, values: Values[str, str]) -> Mapping:
    """What a document says of builds, with variables replaced by their `values`.

    Raises InputError for more than `MOST` of anything; an alias that grows is cut off at its depth.
    """
    fill = _Fill(values)
    pairs: list[tuple[Scalar, Node]] = []
    for key, node in document.pairs:
        if key.text == "services":
            pairs.append((key, _services(node, fill)))
        elif key.text in ("include", "secrets"):
            pairs.append((key, fill.node(node, 3)))
    return document.but(pairs=tuple(pairs))


def _services(node: Node, fill: _Fill) -> Node:
    if not isinstance(node, Mapping) or _marker(node):
        return node
    few(node.pairs, node)
    pairs = []
    for key, service in node.pairs:
        if isinstance(service, Mapping) and not _marker(service):
            own = [(k, _build(value, fill)) for k, value in service.pairs if k.text == "build"]
            own += [(k, fill.node(value, 2)) for k, value in service.pairs if k.text == "extends"]
            service = service.but(pairs=tuple(own))
        pairs.append((key, service))
    return node.but(pairs=tuple(pairs))


def _build(node: Node, fill: _Fill) -> Node:
    if isinstance(node, Mapping) and not _marker(node):
        node = node.but(pairs=tuple(pair for pair in node.pairs if pair[0].text in _BUILD_KEYS))
    return fill.node(node, _DEEPEST)


def few(items: tuple[object, ...], node: Node) -> None:
    """Raise InputError for more than `MOST` items."""
    if len(items) > MOST:
        raise refusal(node.span.source, node.span.start, f"has {len(items):,} entries; expected at most {MOST:,}")


class _Fill:
    """Replaces variables in nodes, down to a depth; what lies deeper says nothing of a build."""

    def __init__(self, values: Values[str, str]) -> None:
        self.values = values

    def node(self, node: Node, depth: int) -> Node:
        if isinstance(node, Scalar):
            return self.scalar(node)
        if not depth:
            return Scalar(None, node.span, "null")
        if isinstance(node, Sequence):
            few(node.items, node)
            return node.but(items=tuple(self.node(item, depth - 1) for item in node.items))
        few(node.pairs, node)
        return node.but(pairs=tuple((key, self.node(value, depth - 1)) for key, value in node.pairs))

    def scalar(self, scalar: Scalar) -> Scalar:
        if scalar.kind != "string" or scalar.text is None or "$" not in scalar.text:
            return scalar
        found = interpolate(scalar.text, self.values)
        unknown = (*found.missing, *((found.error,) if found.error else ()))
        return scalar.but(text=found.text, steps=chain(found.steps, scalar.steps), unknown=unknown)


def chain(outer: Steps, inner: Steps) -> Steps:
    """The steps from a text to the file, by way of the text that it was made of."""
    if not inner:
        return ()
    out: list[tuple[int, int]] = []
    for at, (start, middle) in enumerate(outer):
        end = middle + outer[at + 1][0] - start if at + 1 < len(outer) else None
        before = [step for step in inner if step[0] <= middle][-1:]
        out += ((start, file + middle - origin) for origin, file in before)
        within = (step for step in inner if step[0] > middle and (end is None or step[0] < end))
        out += ((start + origin - middle, file) for origin, file in within)
    return tuple(out)


def _marker(node: Node) -> str:
    """`!reset` or `!override` for a node that is tagged so, else ""."""
    first = node.pairs[0][0].text if isinstance(node, Mapping) and len(node.pairs) == 1 else ""
    return first if first in (RESET, OVERRIDE) else ""


def over(lower: Node, upper: Node, path: str) -> Node | None:
    """`upper` laid over `lower`; None where it resets it. `path` is that of both, such as `services.*`."""
    tag = _marker(upper)
    if tag and isinstance(upper, Mapping):
        return None if tag == RESET else plain(upper.pairs[0][1])
    if isinstance(upper, Scalar) and upper.kind == "null":
        return lower
    if path == "services.*.build":
        lower, upper = build_mapping(lower), build_mapping(upper)
    if isinstance(lower, Mapping) and isinstance(upper, Mapping):
        return _mapping_over(lower, upper, path)
    if isinstance(lower, Sequence) and isinstance(upper, Sequence):
        return upper.but(items=(*lower.items, *upper.items))
    return plain(upper)


def _mapping_over(lower: Mapping, upper: Mapping, path: str) -> Mapping:
    below = "services.*" if path == "services" else f"{path}.{{}}"
    pairs = {key.text: (key, value) for key, value in lower.pairs}
    for key, value in upper.pairs:
        old = pairs.get(key.text)
        new = plain(value) if old is None else over(old[1], value, below.format(key.text))
        if new is None:
            pairs.pop(key.text, None)
        else:
            pairs[key.text] = (key, new)
    return lower.but(pairs=tuple(pairs.values()))


def plain(node: Node) -> Node | None:
    """A node without the tags `!reset` and `!override`; None for what is reset."""
    tag = _marker(node)
    if tag == RESET:
        return None
    if tag and isinstance(node, Mapping):
        return plain(node.pairs[0][1])
    if isinstance(node, Mapping):
        made = ((key, plain(value)) for key, value in node.pairs)
        return node.but(pairs=tuple((key, value) for key, value in made if value is not None))
    if isinstance(node, Sequence):
        return node.but(items=tuple(item for item in map(plain, node.items) if item is not None))
    return node


def build_mapping(node: Node) -> Node:
    """`build` in its long form, `args` and `additional_contexts` as mappings."""
    if isinstance(node, Scalar) and node.kind != "null":
        return Mapping(((Scalar("context", node.span), node),), node.span)
    if not isinstance(node, Mapping):
        return node
    return node.but(pairs=tuple((key, _by_name(value) if key.text in _BY_NAME else value) for key, value in node.pairs))


def _by_name(node: Node) -> Node:
    """A list of `NAME=value` as a mapping; a name without `=` has no value."""
    if not isinstance(node, Sequence):
        return node
    made: dict[str, tuple[Scalar, Node]] = {}
    for item in node.items:
        if isinstance(item, Scalar) and item.text is not None:
            name, equals, value = item.text.partition("=")
            key = Scalar(name, item.part(0, len(name)))
            start = len(name) + 1
            steps = chain(((0, start),), item.steps)
            span = item.part(start, len(item.text)) if equals else item.span
            text = item.but(text=value, span=span, steps=steps) if equals else Scalar(None, item.span, "null")
            made[name] = (key, text)
    return Mapping(tuple(made.values()), node.span)


def based(service: Node, folder: str) -> Node:
    """A service from another file: its paths start at `folder`, unless they have a folder of their own."""
    build = service.get("build") if isinstance(service, Mapping) else None
    if build is None or not isinstance(service, Mapping) or _marker(build):
        return service
    build = build_mapping(build)
    assert isinstance(build, Mapping)
    for name in ("context", "additional_contexts"):
        key, node = build.key(name), build.get(name)
        if key is not None and node is not None:
            build = build.put(key, _based(node, folder))
    key = service.key("build")
    assert key is not None
    return service.put(key, build)


def _based(node: Node, folder: str) -> Node:
    if isinstance(node, Mapping):
        return node.but(pairs=tuple((key, _based(value, folder)) for key, value in node.pairs))
    return node.but(base=folder) if isinstance(node, Scalar) and node.base is None else node


def value_of(scalar: Scalar) -> str | None:
    """The text that Compose hands over, None where it is not known or null."""
    return None if scalar.unknown else go_text(scalar)
