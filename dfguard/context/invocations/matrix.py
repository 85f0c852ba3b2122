"""A target of a bake file with a matrix: one target for each combination of its values.

https://docs.docker.com/build/bake/matrices/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from collections.abc import Mapping as Values
from itertools import product
from math import prod

from dfguard.context.invocations.nodes import Mapping, Node, Scalar, Sequence, pairs_of
from dfguard.regex import regex

MOST = 500
Texts = Values[str, str]  # "item.version" for the field of a value that is an object
Resolve = Callable[[Node | None], Scalar | None]
_PLACE = regex(r"""(?x)
    (?P<escaped>\$\$\{) | \$\{\s*(?:(?P<name>[A-Za-z_][\w.-]*)
    | replace\(\s*(?P<in>[A-Za-z_][\w.-]*)\s*,\s*"(?P<old>[^"\\/]+)"\s*,\s*"(?P<new>[^"\\]*)"\s*\))\s*\}""")
_NAMES = regex(r"[A-Za-z0-9_-]+")


class NotStatic(Exception):
    """Why a matrix is not evaluated, in words that read behind "a matrix is not evaluated"."""


def expanded(target: Mapping, resolve: Resolve) -> dict[str, Mapping]:
    """The targets that a matrix makes, by name; raises NotStatic.

    `resolve` gives a scalar with its variables replaced.
    """
    axes = [_axis(key.text or "", values, resolve) for key, values in pairs_of(target.get("matrix"))]
    count = prod(map(len, axes))
    if not axes or not count or count > MOST:
        raise NotStatic(f"it makes {count:,} targets" if axes else "it is no object")
    made: dict[str, Mapping] = {}
    body = target.without("matrix")
    for combination in product(*axes):
        texts = {name: text for part in combination for name, text in part.items()}
        one = _filled(body, texts)
        named = resolve(one.get("name")) if isinstance(one, Mapping) else None
        if named is None or named.unknown or not named.text or not _NAMES.fullmatch(named.text):
            raise NotStatic("its names are not known" if named is None or named.unknown else f"{named.text} is no name")
        if named.text in made:
            raise NotStatic(f"it makes {named.text} twice")
        made[named.text] = one.without("name")
    return made


def _axis(name: str, values: Node, resolve: Resolve) -> list[Texts]:
    if not isinstance(values, Sequence):
        raise NotStatic(f"the values of {name} are not known")
    return [dict(_texts(name, value, resolve)) for value in values.items]


def _texts(name: str, value: Node, resolve: Resolve) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, field in value.pairs:
            if isinstance(field, Scalar):  # what is no text is not known where it is used
                yield from _texts(f"{name}.{key.text}", field, resolve)
        return
    scalar = resolve(value)
    if scalar is None or scalar.unknown or scalar.text is None:
        raise NotStatic(f"the values of {name} are not known")
    yield name, scalar.text


def _filled(node: Mapping, texts: Texts) -> Mapping:
    """A mapping with the values of the matrix in place of its names."""
    return node.but(pairs=tuple((key, _put(value, texts)) for key, value in node.pairs))


def _put(node: Node, texts: Texts) -> Node:
    if isinstance(node, Mapping):
        return _filled(node, texts)
    if isinstance(node, Sequence):
        return node.but(items=tuple(_put(item, texts) for item in node.items))
    if node.kind == "name":
        found = texts.get(node.text or "")
        return node if found is None else node.but(kind="string", text=found.replace("${", "$${"), steps=())
    if node.kind != "string" or not node.text or "${" not in node.text:
        return node
    text = _PLACE.sub(lambda match: _value(match, texts), node.text)
    return node if text == node.text else node.but(text=text, steps=())


def _value(match: re.Match[str], texts: Texts) -> str:
    text = texts.get(match["name"] or match["in"] or "")
    if text is None:
        return match[0]
    if match["in"]:
        text = text.replace(match["old"], match["new"])
    return text.replace("${", "$${")
