"""The secrets of an image: in the files of every layer, live or not, in its configuration and in its history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from dfguard.finding import Confidence
from dfguard.image.created_by import read_created_by
from dfguard.image.libraries import Library, counted, library_of
from dfguard.image.model import Image
from dfguard.image.view import LIVE, Version, View
from dfguard.regex import regex
from dfguard.secrets.contents import scan
from dfguard.secrets.scanner import FileSecrets
from dfguard.secrets.values import assess, credential_name
from dfguard.source import ImagePlace, LayerPlace
from dfguard.struct import Struct

LAYER, CONFIG, HISTORY = "layer", "config", "history"

_PAIR = regex(r"""([\w.-]+)[= ]["']?([^\s"']+)""")  # ENV and LABEL of the history, with quotes by buildah only


class ImageSecret(Struct):
    """A secret of an image; its value is nowhere in here.

    `where` is LAYER, CONFIG or HISTORY. `kind` is what it is ("private key"), `name` the path, variable or
    argument. `line` is that of a file, 0 where there is none; `inside` the member of an archive. For one in a layer
    `layer` is its index, `fate` what became of it (`live`, `deleted`, `overwritten`), `by` the layer that did that.
    Doubtful ones in a `tree` of other people's files are one, with the `others` of the same layer and fate.
    """

    where: str
    place: LayerPlace | ImagePlace
    kind: str
    name: str
    confidence: Confidence
    layer: int | None = None
    fate: str = LIVE
    by: int | None = None
    line: int = 0
    inside: str = ""
    tree: str = ""
    others: tuple[ImageSecret, ...] = ()

    @property
    def packages(self) -> str:
        """The packages of the tree that they lie in, those with the most first, each with their number."""
        libraries = (library_of(each.name) for each in (self, *self.others))
        return counted(library.package for library in libraries if library is not None)


def image_secrets(image: Image, view: View) -> Iterator[ImageSecret]:
    """All of them: layers first, in order."""
    for layer in image.layers:
        versions = {version.path: version for version in view.layers[layer.index].versions}
        yield from _by_tree(
            secret
            for found in layer.content.secrets
            for secret in _in_layer(image, view, layer.index, found, versions.get(found.path))
        )
    yield from _in_config(image)
    yield from _in_history(image)


def _by_tree(secrets: Iterable[ImageSecret]) -> Iterator[ImageSecret]:
    """Those of one layer: what is sure enough by itself, the doubtful ones in a library's tree behind their first."""
    trees: dict[tuple[str, str, int | None], list[ImageSecret]] = {}
    for secret in secrets:
        library = library_of(secret.name) if secret.confidence is Confidence.LOW else None
        if library is None:
            yield secret
        else:
            trees.setdefault((library.tree, secret.fate, secret.by), []).append(secret)
    for (tree, _, _), found in trees.items():
        first, *others = _spread(found)
        yield first.but(tree=tree, others=tuple(others)) if others else first


def _spread(secrets: list[ImageSecret]) -> list[ImageSecret]:
    """One of each package first, then the second ones: a report shows the first few."""
    seen: Counter[Library | None] = Counter()
    turns = []
    for secret in secrets:
        library = library_of(secret.name)
        turns.append(seen[library])
        seen[library] += 1
    return [secret for _, secret in sorted(zip(turns, secrets, strict=True), key=lambda pair: pair[0])]


def _in_layer(
    image: Image, view: View, layer: int, found: FileSecrets, version: Version | None
) -> Iterator[ImageSecret]:
    fate, by = view.fate(version) if version is not None else ("overwritten", layer)
    place = LayerPlace(image.name, image.layers[layer].digest, found.path)
    secret = found.secret
    if secret is not None:
        yield ImageSecret(
            LAYER, place, secret.kind, found.path, secret.confidence, layer, fate, by, secret.line, secret.inside
        )
        return
    surest = min(found.places, key=lambda each: each.hit.confidence.rank)
    hit = surest.hit
    yield ImageSecret(LAYER, place, hit.title, found.path, hit.confidence, layer, fate, by, surest.line, surest.inside)


def _in_config(image: Image) -> Iterator[ImageSecret]:
    for section, pairs in (("Env", image.config.env), ("Labels", image.config.labels)):
        for name, value in pairs:
            judged = _judged(name, value)
            if judged is not None:
                kind, confidence = judged
                yield ImageSecret(CONFIG, ImagePlace(image.name, f"config.{section}.{name}"), kind, name, confidence)
    for section, words in (
        ("Entrypoint", image.config.entrypoint),
        ("Cmd", image.config.cmd),
        ("Healthcheck", image.config.healthcheck),
    ):
        for hit in scan(" ".join(words or ()).encode("utf-8", "surrogateescape"))[:1]:
            yield ImageSecret(CONFIG, ImagePlace(image.name, f"config.{section}"), hit.title, section, hit.confidence)


def _in_history(image: Image) -> Iterator[ImageSecret]:
    """Build arguments and texts of commands; of ENV and LABEL what is not in the configuration any more."""
    seen: set[tuple[str, str]] = set()
    kept = sorted({value for _, value in (*image.config.env, *image.config.labels) if value}, key=len, reverse=True)
    for index, entry in enumerate(image.history):
        told = read_created_by(entry)
        place = ImagePlace(image.name, f"history.{index}")
        for name, value in told.args:
            judged = _judged(name, value)
            if judged is not None and (name, value) not in seen:
                seen.add((name, value))
                yield ImageSecret(HISTORY, place, judged[0], name, judged[1])
        text = told.text
        if told.keyword in ("ENV", "LABEL"):
            for value in kept:
                text = text.replace(value, "")
            for name, value in _PAIR.findall(text):
                judged = _judged(name, value)
                if judged is not None:
                    yield ImageSecret(HISTORY, place, judged[0], name, judged[1])
            continue
        for hit in scan(text.encode("utf-8", "surrogateescape"))[:1]:
            yield ImageSecret(HISTORY, place, hit.title, hit.key or told.keyword, hit.confidence)


def _judged(name: str, value: str) -> tuple[str, Confidence] | None:
    """What the value of a variable is, and how surely; None for nothing to tell of."""
    hits = scan(value.encode("utf-8", "surrogateescape"))
    if hits:
        named = scan(f"{name}={value}".encode("utf-8", "surrogateescape"))  # a name may say that it is public
        sure = (hit.confidence for hit in named if hit.detector == hits[0].detector)
        return hits[0].title, next(sure, hits[0].confidence)
    confidence = assess(value) if credential_name(name) else None
    return ("credential", confidence) if confidence is not None else None
