"""Compose files put together: documents, `extends`, `include`, several files, `.env`.

As https://github.com/compose-spec/compose-go/blob/main/loader/loader.go: each file is interpolated, its
services are extended, what it includes is added, and then it is laid over the files before it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from collections.abc import Mapping as Values
from collections.abc import Sequence as List

from dfguard.context.invocations.compose_merge import based, few, kept, over, plain
from dfguard.context.invocations.dotenv import read_dotenv
from dfguard.context.invocations.nodes import (
    Mapping,
    NoBuildFile,
    Node,
    Scalar,
    Sequence,
    items_of,
    pairs_of,
    text_of,
)
from dfguard.context.invocations.territory import Territory, join
from dfguard.context.invocations.yaml_reader import read_yaml
from dfguard.errors import InputError
from dfguard.source import Source, Span
from dfguard.struct import Struct

MAX_DOTENV = 1_000_000  # characters
MAX_CHAIN = 50  # services that extend one another, files that include one another


class Model(Struct):
    """What the files of a project say together; `notes` are remarks on what was left out.

    `parts` are the places that speak of one service alone, by its name; `inner` the files that others include
    or extend.
    """

    services: Mapping
    secrets: tuple[str, ...]
    folder: str
    environment: dict[str, str]
    notes: tuple[str, ...]
    parts: dict[str, tuple[Span, ...]]
    inner: tuple[str, ...]


def load(paths: List[str], territory: Territory, given: Values[str, str], folder: str | None = None) -> Model:
    """Put the files of a project together, the later ones laid over the earlier ones.

    `folder` is the project's, by default that of the first file; `given` are variables that go before
    those of its `.env`. Raises InputError for a file that can't be read or is no compose file.
    """
    folder = os.path.dirname(paths[0]) if folder is None else folder
    remarks = _Remarks()
    environment = {**_dotenv([join(folder, ".env")], territory, given), **given}
    services, secrets = _Project(territory, remarks, folder, environment, ()).load(paths)
    return Model(
        services, tuple(secrets), folder, environment, tuple(remarks.notes), remarks.parts, tuple(remarks.inner)
    )


def _dotenv(paths: List[str], territory: Territory, given: Values[str, str]) -> dict[str, str]:
    """The variables of env files; a file that is not there is passed over."""
    values: dict[str, str] = {}
    for path in paths:
        if territory.is_file(path):
            source = territory.source(path)
            if len(source.text) > MAX_DOTENV:
                raise InputError(path, f"is larger than {MAX_DOTENV:,} characters; that is no env file")
            values.update(read_dotenv(source, {**values, **given}))
    return values


class _Remarks:
    """Remarks on a project, each once, and where its services stand."""

    def __init__(self) -> None:
        self.notes: dict[str, None] = {}
        self.parts: dict[str, tuple[Span, ...]] = {}
        self.inner: dict[str, None] = {}

    def stand(self, services: Mapping) -> None:
        """Note the parts of a file that speak of one service each; an alias stands elsewhere."""
        for key, service in services.pairs:
            if service.span.path == key.span.path and service.span.start > key.span.start:
                self.parts[key.text or ""] = (*self.parts.get(key.text or "", ()), key.span.to(service.span))

    def add(self, span: Span, message: str) -> None:
        self.notes[f"{span.path}:{span.start_line}: {message}"] = None


class _Project:
    """The files of one project, or of one entry of `include`; `chain` are the files that include it."""

    def __init__(
        self,
        territory: Territory,
        remarks: _Remarks,
        folder: str,
        environment: dict[str, str],
        chain: tuple[str, ...],
    ) -> None:
        self.territory = territory
        self.remarks = remarks
        self.folder = folder
        self.environment = environment
        self.chain = chain

    def load(self, paths: List[str]) -> tuple[Mapping, dict[str, None]]:
        """The services and the names of the secrets."""
        services: Node = Mapping((), Source("", "").whole)
        secrets: dict[str, None] = {}
        for path in paths:
            for document in self.documents(path):
                own = document.get("services")
                if isinstance(own, Mapping):
                    self.remarks.stand(own)
                layers, names = self.included(document, path)
                layers += [self.extended(own, path)] if isinstance(own, Mapping) else []
                for layer in layers:
                    services = over(services, layer, "services") or services
                secrets.update(dict.fromkeys(names))
                secrets.update((key.text or "", None) for key, _ in pairs_of(document.get("secrets")))
        assert isinstance(services, Mapping)
        few(services.pairs, services)
        return services, secrets

    def documents(self, path: str) -> Iterator[Mapping]:
        """The documents of a file, interpolated where it matters."""
        strict = "podman" not in os.path.basename(path)  # podman-compose takes the last of equal keys
        for node in read_yaml(self.territory.source(path), strict=strict):
            if isinstance(node, Mapping):
                yield kept(node, self.environment)
            elif not (isinstance(node, Scalar) and node.kind == "null"):
                raise NoBuildFile(path, "is no compose file: expected a mapping with `services`")

    # -- extends

    def extended(self, services: Mapping, path: str) -> Mapping:
        """The services of one file, each over the one that it extends."""
        done = ((key, self.extend(key, service, services, path, ())) for key, service in services.pairs)
        return services.but(pairs=tuple(done))

    def extend(
        self, key: Scalar, service: Node, services: Mapping, path: str, chain: tuple[tuple[str, str], ...]
    ) -> Node:
        """A service over the one that it extends, and that one over the one that it extends, and so on."""
        extends = service.get("extends") if isinstance(service, Mapping) else None
        if extends is None or not isinstance(service, Mapping):
            return service
        own = service.without("extends")
        link = (os.path.abspath(path), key.text or "")
        if link in chain or len(chain) >= MAX_CHAIN:
            self.remarks.add(key.span, f"service {key.text} extends itself; Compose refuses that")
            return own
        found = self.base(extends, services, path)
        if found is None:
            return own
        base_key, base, others, file = found
        lower = plain(self.extend(base_key, base, others, file, (*chain, link)))
        if lower is not None and file != path:
            lower = based(lower, os.path.dirname(file) or ".")
        merged = over(lower, own, "services.*") if isinstance(lower, Mapping) else own
        return merged or own

    def base(self, extends: Node, services: Mapping, path: str) -> tuple[Scalar, Node, Mapping, str] | None:
        """The service that `extends` names, with those beside it and the file that it is in."""
        named = extends.get("service") if isinstance(extends, Mapping) else extends
        name, file = text_of(named), extends.get("file") if isinstance(extends, Mapping) else None
        if name is None:
            self.remarks.add(extends.span, "`extends` names no service")
            return None
        if file is not None:
            path = join(os.path.dirname(path), text_of(file) or "")
            try:
                documents = [document.get("services") for document in self.documents(path)]
                self.remarks.inner[path] = None
            except InputError as error:
                self.remarks.add(file.span, f"the service that is extended can't be read: {error}")
                return None
            services = next((d for d in documents if isinstance(d, Mapping)), Mapping((), extends.span))
        key, found = services.key(name), services.get(name)
        if key is None or found is None:
            self.remarks.add(extends.span, f"there is no service {name} in {path}; Compose refuses that")
            return None
        return key, found, services, path

    # -- include

    def included(self, document: Mapping, path: str) -> tuple[list[Mapping], list[str]]:
        """The services and secrets that a document includes."""
        layers: list[Mapping] = []
        names: list[str] = []
        include = document.get("include")
        for entry in include.items if isinstance(include, Sequence) else ():
            try:
                services, secrets = self.include(entry, os.path.abspath(path))
            except InputError as error:
                self.remarks.add(entry.span, f"what is included can't be read: {error}")
                continue
            layers.append(services)
            names += secrets
        return layers, names

    def include(self, entry: Node, path: str) -> tuple[Mapping, dict[str, None]]:
        """One entry of `include`."""
        wanted = entry.get("path") if isinstance(entry, Mapping) else entry
        files = [join(self.folder, item.text or "") for item in items_of(wanted) if not item.unknown]
        if not files:
            raise InputError(path, "the path is missing, or hangs on a variable that is not set")
        if os.path.abspath(files[0]) in (*self.chain, path) or len(self.chain) >= MAX_CHAIN:
            raise InputError(files[0], "includes itself; Compose refuses that")
        given = entry if isinstance(entry, Mapping) else Mapping((), entry.span)
        directory = text_of(given.get("project_directory"))
        folder = os.path.dirname(files[0]) if directory is None else join(self.folder, directory)
        named = [join(self.folder, item.text) for item in items_of(given.get("env_file")) if item.text]
        own = _dotenv(named or [join(folder, ".env")], self.territory, self.environment)
        inner = _Project(self.territory, self.remarks, folder, {**own, **self.environment}, (*self.chain, path))
        services, secrets = inner.load(files)
        self.remarks.inner.update(dict.fromkeys(files))
        return services.but(pairs=tuple((key, based(value, folder or ".")) for key, value in services.pairs)), secrets
