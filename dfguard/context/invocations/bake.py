"""The builds of bake files: targets, groups, inherits and variables, as far as they are static.

https://docs.docker.com/build/bake/reference/. What a function or condition would make is not known, and said
by name; a matrix is taken apart where its values are known. Values of the environment of the process do not
count, those of `--env` do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as Values
from collections.abc import Sequence as List

from dfguard.context.invocation import BuildArg, BuildSecret, with_shared
from dfguard.context.invocations.given import Build, Found, Reader
from dfguard.context.invocations.hcl_reader import Block, File, read_hcl
from dfguard.context.invocations.jsonc import read_json
from dfguard.context.invocations.matrix import NotStatic, expanded
from dfguard.context.invocations.nodes import Mapping, Node, Scalar, Sequence, items_of, pairs_of
from dfguard.context.invocations.territory import Territory
from dfguard.regex import regex
from dfguard.source import Source, Span

MAX_CHAIN = 50
_MERGED = ("args", "contexts")
_VARIABLE = regex(r"\$\$?\{([^{}]*)\}")
_NAME = regex(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def read_bake(
    paths: List[str], territory: Territory, environment: Values[str, str], folder: str, *, sure: bool = True
) -> Found:
    """The builds of bake files that are read together; paths in them start at `folder`.

    Raises InputError for a file that can't be read.
    """
    sources = [territory.source(path) for path in paths]
    bake = _Bake([_read(source) for source in sources], environment, folder)
    reader = Reader(territory)
    builds = [bake.build(name, paths[0]).but(sure=sure) for name in bake.built(reader)]
    for build in builds:
        unknown = [argument.name for argument in build.arguments if argument.value is None]
        if unknown:
            said = f"target {build.name.rpartition(':')[2]}: not evaluated, so taken as given with any value"
            reader.note(build.place, f"{said}: {', '.join(unknown)}")
    invocations = with_shared(found for build in builds if (found := reader.read(build)) is not None)
    return Found(invocations, tuple(reader.notes), tuple(sources) if builds else ())


def _read(source: Source) -> File:
    """A file in either form; https://github.com/hashicorp/hcl/blob/main/json/spec.md"""
    if not source.path.endswith(".json"):
        return read_hcl(source)
    root = read_json(source)
    blocks = [
        Block(kind.text or "", name, body)
        for kind, named in root.pairs
        for name, body in pairs_of(named)
        if isinstance(body, Mapping)
    ]
    return File(Mapping((), root.span), tuple(blocks))


class _Bake:
    """Targets, groups and variables of all files; the later ones go before the earlier ones."""

    def __init__(self, files: List[File], environment: Values[str, str], folder: str) -> None:
        self.folder = folder
        self.variables: dict[str, Node] = {}
        self.targets: dict[str, Mapping] = {}
        self.places: dict[str, Span] = {}
        self.parts: dict[str, tuple[Span, ...]] = {}
        self.groups: dict[str, list[str]] = {}
        self.group_places: dict[str, Span] = {}
        self.environment = environment
        for file in files:
            self.variables.update((key.text or "", value) for key, value in file.attributes.pairs)
            for key, block in _named(file, "variable"):
                default = block.body.get("default")
                self.variables[key.text or ""] = default if default is not None else Scalar("", key.span)
        for file in files:
            self._take_targets(file)
        self.matrices: dict[str, str] = {}  # those that are not evaluated, and why
        for name, target in list(self.targets.items()):
            if target.get("matrix") is not None:
                self._take_apart(name, target)

    def _take_targets(self, file: File) -> None:
        """Take the groups and targets of one more file; the variables of all files are known."""
        for key, block in _named(file, "group"):
            name = key.text or ""
            self.groups[name] = [item.text for item in items_of(block.body.get("targets")) if item.text]
            self.group_places[name] = key.span
        for key, block in _named(file, "target"):
            name = key.text or ""
            self.targets[name] = _laid_over(self.targets.get(name), self._without_nulls(block.body))
            self.places[name] = key.span
            self.parts[name] = (*self.parts.get(name, ()), key.span.to(block.body.span))

    def _without_nulls(self, target: Mapping) -> Mapping:
        """A target without what is null: it leaves in force what others say (buildx 0.13.1)."""
        pairs = []
        for key, value in target.pairs:
            if isinstance(value, Mapping) and key.text in _MERGED:
                value = self._without_nulls(value)
            if not (isinstance(value, Scalar) and self.is_null(value)):
                pairs.append((key, value))
        return target.but(pairs=tuple(pairs))

    def _take_apart(self, name: str, target: Mapping) -> None:
        """Put the targets that a matrix makes in place of their pattern, which is the group of them."""
        try:
            made = expanded(self._with_lists(target), self.scalar)
        except NotStatic as error:
            self.matrices[name] = str(error)
            return
        del self.targets[name]
        self.targets |= made
        self.groups[name] = list(made)
        for one in made:
            self.places[one], self.parts[one] = self.places[name], self.parts[name]

    def _with_lists(self, target: Mapping) -> Mapping:
        """A target with the lists of variables in the place of their names in its matrix."""
        matrix = target.get("matrix")
        if not isinstance(matrix, Mapping):
            return target
        pairs = tuple((key, self._list(values)) for key, values in matrix.pairs)
        return target.but(
            pairs=tuple((k, matrix.but(pairs=pairs) if k.text == "matrix" else v) for k, v in target.pairs)
        )

    def _list(self, values: Node) -> Node:
        name = values.text if isinstance(values, Scalar) and values.kind == "name" else None
        return values if name is None or name in self.environment else self.variables.get(name, values)

    def built(self, reader: Reader) -> Iterator[str]:
        """The targets that are builds: not those that others only inherit, nor those that a matrix makes."""
        for group, place in self.group_places.items():
            lost = [name for name in self.groups[group] if name not in self.targets and name not in self.groups]
            if lost and not self.matrices:
                reader.note(place, f"group {group} names {', '.join(lost)}, which no target is called")
        parents = {item.text for target in self.targets.values() for item in items_of(target.get("inherits"))}
        wanted = {name for names in self.groups.values() for name in names} | {"default"}
        for name in self.targets:
            if name in self.matrices:
                reader.note(self.places[name], f"target {name}: a matrix is not evaluated, as {self.matrices[name]}")
            elif name not in parents or name in wanted:
                yield name

    def whole(self, name: str, chain: tuple[str, ...] = ()) -> Mapping:
        """A target over those that it inherits."""
        own = self.targets[name]
        merged: Mapping | None = None
        for item in items_of(own.get("inherits")):
            if item.text in self.targets and item.text not in (*chain, name) and len(chain) < MAX_CHAIN:
                merged = _laid_over(merged, self.whole(item.text, (*chain, name)))
        return _laid_over(merged, own)

    def build(self, name: str, path: str) -> Build:
        """What the files say of a target."""
        target = self.whole(name)
        return Build(
            name=f"{path}:{name}",
            source=f"target {name} of {path}",
            place=self.places[name],
            folder=self.folder,
            context=self.scalar(target.get("context")),
            dockerfile=self.scalar(target.get("dockerfile")),
            inline=self.scalar(target.get("dockerfile-inline")),
            target=self.scalar(target.get("target")),
            arguments=tuple(self.arguments(target.get("args"))),
            named=tuple((key, value) for key, node in pairs_of(target.get("contexts")) if (value := self.scalar(node))),
            secrets=tuple(self.secrets(target.get("secret"))),
            platforms=tuple(self.texts(target.get("platforms"))),
            own=self.parts[name],
        )

    def texts(self, node: Node | None) -> Iterator[str]:
        """The known texts of a list."""
        for scalar in map(self.scalar, _items(node)):
            if scalar is not None and scalar.text and not scalar.unknown:
                yield scalar.text

    def arguments(self, node: Node | None) -> Iterator[BuildArg]:
        """The build arguments; one that is null is not given."""
        for key, value in pairs_of(node):
            scalar = self.scalar(value)
            if scalar is not None:
                yield BuildArg(key.text or "", None if scalar.unknown else scalar.text, key.span)

    def secrets(self, node: Node | None) -> Iterator[BuildSecret]:
        """The ids of the secrets, in both forms."""
        for item in _items(node):
            text = self.scalar(item.get("id") if isinstance(item, Mapping) else item)
            fields = (text.text or "").split(",") if text is not None and not text.unknown else []
            plain = isinstance(item, Mapping)
            ids = fields if plain else [field[3:] for field in fields if field.startswith("id=")]
            yield from (BuildSecret(found, item.span) for found in ids[-1:] if found)

    def scalar(self, node: Node | None, depth: int = 0) -> Scalar | None:
        """A value with its variables replaced; None for null and what is no text."""
        if not isinstance(node, Scalar) or self.is_null(node):
            return None
        if node.kind == "name":
            value = self.value(node.text or "", depth)
            unknown = (node.text or "",) if value is None else ()
            return node.but(kind="string", steps=(), text=value or "", unknown=unknown)
        if node.kind != "string" or node.text is None or "${" not in node.text:
            return node
        missing: list[str] = []

        def fill(match: re.Match[str]) -> str:
            if match[0].startswith("$$"):
                return match[0][1:]
            name = match[1].strip()
            value = self.value(name, depth) if _NAME.match(name) else None
            if value is None:
                missing.append(name)
            return value or ""

        return node.but(text=_VARIABLE.sub(fill, node.text), steps=(), unknown=(*node.unknown, *missing))

    def is_null(self, node: Scalar) -> bool:
        """Whether a value is `null`, or a variable that is."""
        for _ in range(MAX_CHAIN):
            name = node.text if node.kind == "name" else _whole_reference(node)
            following = self.variables.get(name) if name is not None and name not in self.environment else None
            if not isinstance(following, Scalar):
                break
            node = following
        return node.kind == "null"

    def value(self, name: str, depth: int) -> str | None:
        """The value of a variable, None when it is not known."""
        if name in self.environment:
            return self.environment[name]
        if name not in self.variables or depth > MAX_CHAIN:
            return None
        scalar = self.scalar(self.variables[name], depth + 1)
        node = self.variables[name]
        if scalar is None:
            return "" if isinstance(node, Scalar) and node.kind == "null" else None
        return None if scalar.unknown else scalar.text


def _named(file: File, sort: str) -> Iterator[tuple[Scalar, Block]]:
    """The blocks of a sort that have a name, with it."""
    yield from (
        (block.name, block)
        for block in file.blocks
        if block.type == sort and block.name is not None and block.name.text
    )


def _whole_reference(node: Scalar) -> str | None:
    """The variable that a text is nothing else than, as `"${NAME}"`: HCL hands its value on as it is."""
    match = _VARIABLE.fullmatch(node.text or "") if node.kind == "string" else None
    name = match[1].strip() if match is not None and not match[0].startswith("$$") else ""
    return name if _NAME.match(name) else None


def _items(node: Node | None) -> tuple[Node, ...]:
    return node.items if isinstance(node, Sequence) else ()


def _laid_over(lower: Mapping | None, upper: Mapping) -> Mapping:
    """A target over another: arguments and contexts by name, all else as a whole."""
    if lower is None:
        return upper
    pairs = {key.text: (key, value) for key, value in lower.pairs}
    for key, value in upper.pairs:
        old = pairs.get(key.text)
        if old is not None and key.text in _MERGED and isinstance(value, Mapping) and isinstance(old[1], Mapping):
            value = _laid_over(old[1], value)
        pairs[key.text] = (key, value)
    return upper.but(pairs=tuple(pairs.values()))
