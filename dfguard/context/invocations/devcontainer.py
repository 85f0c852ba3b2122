"""The build of a devcontainer.

https://containers.dev/implementors/json_reference/. Paths start at the folder of the file; what hangs on
`${localEnv:...}` and the like is not known.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from collections.abc import Mapping as Values

from dfguard.context.invocation import BuildArg
from dfguard.context.invocations.compose import read_compose
from dfguard.context.invocations.given import Build, Found, Reader
from dfguard.context.invocations.jsonc import read_json
from dfguard.context.invocations.nodes import Mapping, Node, Scalar, items_of, pairs_of, text_of
from dfguard.context.invocations.territory import Territory, join


def read_devcontainer(path: str, territory: Territory, environment: Values[str, str]) -> Found:
    """The build of a devcontainer, by itself or by a service of compose files; nothing for one with an image.

    Raises InputError for a file that can't be read.
    """
    source = territory.source(path)
    root = read_json(source)
    folder = os.path.dirname(path)
    files = [join(folder, item.text) for item in items_of(root.get("dockerComposeFile")) if item.text]
    service = text_of(root.get("service"))
    if files and service:
        found = read_compose(files, territory, environment, path)
        own = tuple(one for one in found.invocations if one.name == f"{path}:{service}")
        return Found(own, found.notes, (*found.sources, source) if own else ())
    given = root.get("build")
    build = given if isinstance(given, Mapping) else Mapping((), root.span)
    dockerfile = _known(build.get("dockerfile")) or _known(root.get("dockerFile"))
    key = root.key("build") or root.key("dockerFile")
    if dockerfile is None or key is None:
        return Found()
    reader = Reader(territory)
    invocation = reader.read(
        Build(
            name=f"{path}:devcontainer",
            source=f"devcontainer of {path}",
            place=key.span,
            folder=folder,
            context=_known(build.get("context")) or _known(root.get("context")),
            dockerfile=dockerfile.but(text=os.path.abspath(join(folder, dockerfile.text or ""))),
            target=_known(build.get("target")),
            arguments=tuple(_arguments(build.get("args"))),
            own=(root.span,),
        )
    )
    return Found((invocation,) if invocation else (), tuple(reader.notes), (source,))


def _arguments(node: Node | None) -> Iterator[BuildArg]:
    for key, value in pairs_of(node):
        scalar = _known(value)
        if scalar is not None:
            yield BuildArg(key.text or "", None if scalar.unknown else scalar.text, key.span)


def _known(node: Node | None) -> Scalar | None:
    """A text; one with a variable in it is not known."""
    if not isinstance(node, Scalar) or node.text is None:
        return None
    return node.but(unknown=(node.text,)) if "${" in node.text else node
