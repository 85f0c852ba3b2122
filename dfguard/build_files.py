"""Files that say how images are built: their names, which of them belong together, and what they say.

https://docs.docker.com/compose/how-tos/multiple-compose-files/merge/,
https://docs.docker.com/build/bake/reference/#file-lookup and https://containers.dev/implementors/spec/
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from dfguard.context.invocations.territory import Territory
from dfguard.errors import InputError
from dfguard.source import Source
from dfguard.struct import Struct

if TYPE_CHECKING:
    from dfguard.context.invocation import Invocation
    from dfguard.context.invocations.given import Found

COMPOSE, BAKE, DEVCONTAINER = "compose", "bake", "devcontainer"
COMPOSE_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
COMPOSE_OVERRIDES = tuple(f"{name}.override.{end}" for name in ("compose", "docker-compose") for end in ("yml", "yaml"))
BAKE_NAMES = ("docker-bake.json", "docker-bake.hcl", "docker-bake.override.json", "docker-bake.override.hcl")
USUAL_NAMES = (*COMPOSE_NAMES, *COMPOSE_OVERRIDES, *BAKE_NAMES)
"""What programs look for by themselves; looked for above a Dockerfile too."""
MAX_ABOVE = 20
_VENDORED = frozenset(("vendor", "third_party", "node_modules"))


class Project(Struct):
    """Files that are read together, the later ones laid over the earlier ones.

    `path` is the file that this is about. `only_own`: it adds to a project that is read as a whole anyway, so
    only what it speaks of counts.
    """

    kind: str
    path: str
    paths: tuple[str, ...]
    only_own: bool = False


def project_of(path: str, territory: Territory) -> Project:
    """The project that a build file belongs to: a compose file with those that `docker compose` takes along.

    Raises InputError for a file that can't be read.
    """
    folder, name = os.path.split(path)
    if name.endswith("devcontainer.json"):
        return Project(DEVCONTAINER, path, (path,))
    if name.endswith((".hcl", ".json")):
        bake = tuple(found for one in BAKE_NAMES if (found := _first(folder, (one,), territory)) is not None)
        return Project(BAKE, bake[0], bake) if path in bake else Project(BAKE, path, (path,))
    main = _first(folder, COMPOSE_NAMES, territory)
    override = _first(folder, COMPOSE_OVERRIDES, territory)
    whole = tuple(filter(None, (main, override)))
    if main is not None and path in whole:
        return Project(COMPOSE, main, whole)
    if (
        main is not None
        and name not in COMPOSE_NAMES
        and _needs_another(territory.source(path), territory.source(main))
    ):
        return Project(COMPOSE, path, (main, path), only_own=True)
    return Project(COMPOSE, path, (path,))


def _first(folder: str, names: Iterable[str], territory: Territory) -> str | None:
    paths = (os.path.join(folder, name) for name in names)
    return next((path for path in paths if territory.is_file(path)), None)


def _needs_another(source: Source, other: Source) -> bool:
    """Whether a compose file only adds to another: a service of both lacks an image, or what it is built of."""
    from dfguard.context.invocations.nodes import Mapping, pairs_of
    from dfguard.context.invocations.yaml_reader import read_yaml

    try:
        documents, others = read_yaml(source), read_yaml(other)
    except InputError:  # told when the project is read
        return False
    names = {key.text for node in others if isinstance(node, Mapping) for key, _ in pairs_of(node.get("services"))}
    services = (pair for node in documents if isinstance(node, Mapping) for pair in pairs_of(node.get("services")))
    for key, service in services:
        if key.text not in names or not isinstance(service, Mapping):
            continue
        build = service.get("build")
        if build is None and all(service.get(word) is None for word in ("image", "extends", "provider")):
            return True
        if isinstance(build, Mapping) and all(build.get(word) is None for word in ("context", "dockerfile_inline")):
            return True
    return False


def read_project(project: Project, territory: Territory, environment: Mapping[str, str]) -> Found:
    """The builds of a project. Raises InputError for files that can't be read or understood.

    A compose file with a name of its own is run with `-f`, often beside another one whose folder counts then:
    that is the first one, from its own folder upwards, in which all that it names is there.
    """
    if project.kind == DEVCONTAINER:
        from dfguard.context.invocations.devcontainer import read_devcontainer

        return read_devcontainer(project.path, territory, environment)
    if project.kind == BAKE:
        return _read_bake(project, territory, environment)
    from dfguard.context.invocations.compose import read_compose

    paths, name = project.paths, project.path
    if os.path.basename(paths[0]) in USUAL_NAMES:
        found = read_compose(paths, territory, environment, name)
        return found.but(invocations=_own(found, name)) if project.only_own else found
    first = None
    for folder in (os.path.dirname(name), *_above(name, territory)):
        found = read_compose(paths, territory, environment, name, folder, sure=False)
        if found.complete:
            return found
        first = first or found
    assert first is not None
    return first


def _read_bake(project: Project, territory: Territory, environment: Mapping[str, str]) -> Found:
    """The builds of bake files; paths start where bake is run: the first folder, upwards, where all is there.

    The files of vendored code are those of another project, which starts in their own folder.
    """
    from dfguard.context.invocations.bake import read_bake

    first = None
    vendored = not _VENDORED.isdisjoint(os.path.abspath(project.path).split(os.sep))
    for folder in (os.path.dirname(project.path), *(() if vendored else _above(project.path, territory))):
        found = read_bake(project.paths, territory, environment, folder, sure=False)
        if found.complete:
            return found
        first = first or found
    assert first is not None
    return first


def _own(found: Found, path: str) -> tuple[Invocation, ...]:
    """The builds that a file has something to say about."""
    return tuple(one for one in found.invocations if any(place.path == path for _, place in one.places))


def _above(path: str, territory: Territory) -> Iterator[str]:
    """The folders above that of a file, as far as the territory goes, relative if the path is."""
    folder = os.path.dirname(path)
    for _ in range(MAX_ABOVE):
        folder = os.path.normpath(os.path.join(folder, os.pardir))
        if not territory.holds(folder):
            return
        yield "" if folder == "." else folder
