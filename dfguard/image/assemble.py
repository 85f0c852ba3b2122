"""From the blobs of a source to images: indexes, manifests, configurations, by the OCI image spec.

An archive may hold several images (tags, platforms); `candidates` lists them without reading a layer and
`assemble` reads the one that was chosen. Docker's own `manifest.json` is read where there is no index.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

from dfguard.errors import InputError, UsageError
from dfguard.image.allowance import MAX_ENTRIES
from dfguard.image.blobs import Blobs, digest_of, list_of, object_of, parse_json, read_json, split_digest, text_of
from dfguard.image.config import read_config
from dfguard.image.layer import LayerContent
from dfguard.image.model import Attestation, Image, ImageConfig, Layer
from dfguard.struct import Struct

MAX_DEPTH = 4  # of indexes in indexes
MAX_MANIFESTS = 10_000
MAX_DOCUMENTS = 64 << 20  # bytes of all manifests together
MAX_LAYERS = 1_000  # engines take 127

_INDEXES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
_NAMES = ("io.containerd.image.name", "org.opencontainers.image.ref.name")
_REFERS = "vnd.docker.reference.digest"
_IN_TOTO = "application/vnd.in-toto+json"


class LayerBlob(Struct):
    """A layer as a manifest names it: `name` in the source, `digest` and `size` promised, "" and 0 when not."""

    name: str
    digest: str = ""
    media_type: str = ""
    size: int = 0


class Candidate(Struct):
    """An image of a source that was not read yet. `platform` is "" where only its configuration knows."""

    digest: str
    tags: tuple[str, ...]
    platform: str
    config: str
    config_digest: str
    layers: tuple[LayerBlob, ...]
    attestations: tuple[LayerBlob, ...] = ()
    problems: tuple[str, ...] = ()


# -- what is there


def candidates(blobs: Blobs) -> tuple[Candidate, ...]:
    """The images of a source. Raises InputError for one that is no image at all."""
    index = read_json(blobs, "index.json")
    listed = read_json(blobs, "manifest.json")
    if index is not None:
        tags = _tags_by_config(listed, blobs) if listed is not None else {}
        return tuple(_with_tags(found, tags) for found in _from_index(index, blobs))
    if isinstance(listed, list):
        return tuple(_from_docker(entry, blobs) for entry in listed)
    if listed is not None:  # skopeo's dir: the manifest itself
        return tuple(_from_root(listed, blobs))
    raise InputError(blobs.where, "is no image: it holds neither index.json nor manifest.json")


def _from_root(root: Any, blobs: Blobs) -> Iterator[Candidate]:
    root = object_of(root, f"{blobs.where}: manifest.json")
    if "manifests" in root:
        yield from _from_index(root, blobs)
    else:
        yield _from_manifest(root, "", {}, blobs)


def _from_index(index: Any, blobs: Blobs) -> list[Candidate]:
    found: list[Candidate] = []
    attestations: dict[str, list[LayerBlob]] = {}
    for descriptor, manifest, problems in _manifests(index, blobs):
        annotations = _strings(descriptor.get("annotations"))
        digest = text_of(descriptor.get("digest"))
        if _REFERS in annotations:
            attestations.setdefault(annotations[_REFERS], []).extend(_statements(manifest, blobs))
        elif _platform(descriptor) != "unknown/unknown":
            found.append(_from_manifest(manifest, digest, descriptor, blobs).but(problems=problems))
    return [each.but(attestations=tuple(attestations.get(each.digest, ()))) for each in found]


def _manifests(index: Any, blobs: Blobs) -> Iterator[tuple[dict[str, Any], dict[str, Any], tuple[str, ...]]]:
    """The descriptors of the manifests of an index and of those in it, these, and what is wrong with them;
    each digest once."""
    pending: list[tuple[Any, dict[str, Any], int]] = [(index, {}, 0)]
    seen: set[str] = set()
    size = 0
    while pending:
        current, outer, depth = pending.pop()
        where = f"{blobs.where}: index"
        for entry in list_of(object_of(current, where).get("manifests"), where):
            descriptor = _inherit(object_of(entry, where), outer)
            digest = text_of(descriptor.get("digest"))
            key = digest + _strings(descriptor.get("annotations")).get(_REFERS, "")
            if key in seen:
                continue
            seen.add(key)
            if len(seen) > MAX_MANIFESTS:
                raise InputError(blobs.where, f"names more than {MAX_MANIFESTS:,} manifests")
            data = blobs.data(blobs.name_of(digest))
            if data is None:
                continue  # `docker save --platform` and skopeo leave out what was not asked for
            size += len(data)
            if size > MAX_DOCUMENTS:
                raise InputError(blobs.where, f"names manifests of more than {MAX_DOCUMENTS:,} bytes in all")
            document = object_of(parse_json(data, f"{blobs.where}: {digest}"), f"{blobs.where}: {digest}")
            if "manifests" in document or descriptor.get("mediaType") in _INDEXES:
                if depth + 1 >= MAX_DEPTH:
                    raise InputError(blobs.where, f"holds indexes in indexes, more than {MAX_DEPTH} deep")
                pending.append((document, descriptor, depth + 1))
            else:
                yield descriptor, document, tuple(_wrong_digest("the manifest", digest, data))


def _inherit(descriptor: dict[str, Any], outer: dict[str, Any]) -> dict[str, Any]:
    """A descriptor with the names that its index carries."""
    names = {k: v for k, v in _strings(outer.get("annotations")).items() if k in _NAMES}
    return {**descriptor, "annotations": {**names, **_strings(descriptor.get("annotations"))}}


def _from_manifest(manifest: dict[str, Any], digest: str, descriptor: dict[str, Any], blobs: Blobs) -> Candidate:
    where = f"{blobs.where}: {digest or 'manifest'}"
    if "config" not in manifest:
        what = "a manifest of schema 1" if "fsLayers" in manifest else "no image manifest: it names no config"
        raise InputError(where, f"is {what}; expected one of Docker's schema 2 or OCI")
    config = object_of(manifest["config"], where)
    layers = tuple(_layer(object_of(entry, where), blobs) for entry in _few(manifest.get("layers"), where))
    annotations = _strings(descriptor.get("annotations"))
    tag = next((annotations[name] for name in _NAMES if annotations.get(name)), "")
    config_digest = text_of(config.get("digest"))
    return Candidate(
        digest, (tag,) if tag else (), _platform(descriptor), blobs.name_of(config_digest), config_digest, layers
    )


def _few(layers: Any, where: str) -> list[Any]:
    """The layers that a manifest lists: many times the same one would take as much memory as many."""
    found = list_of(layers, where)
    if len(found) > MAX_LAYERS:
        raise InputError(where, f"lists {len(found):,} layers; expected at most {MAX_LAYERS:,}")
    return found


def _layer(descriptor: dict[str, Any], blobs: Blobs) -> LayerBlob:
    digest = text_of(descriptor.get("digest"))
    size = descriptor.get("size")
    size = size if isinstance(size, int) and abs(size) < 1 << 63 else 0
    return LayerBlob(blobs.name_of(digest), digest, text_of(descriptor.get("mediaType")), size)


def _statements(manifest: dict[str, Any], blobs: Blobs) -> Iterator[LayerBlob]:
    where = f"{blobs.where}: attestation"
    for entry in list_of(manifest.get("layers"), where):
        descriptor = object_of(entry, where)
        if descriptor.get("mediaType") == _IN_TOTO:
            yield _layer(descriptor, blobs)


def _platform(descriptor: dict[str, Any]) -> str:
    platform = descriptor.get("platform")
    if not isinstance(platform, dict):
        return ""
    parts = (text_of(platform.get(key)) for key in ("os", "architecture", "variant"))
    return "/".join(part for part in parts if part)


def _strings(value: Any) -> dict[str, str]:
    items = value.items() if isinstance(value, dict) else ()
    return {key: text for key, text in items if isinstance(text, str)}


# -- Docker's manifest.json


def _from_docker(entry: Any, blobs: Blobs) -> Candidate:
    where = f"{blobs.where}: manifest.json"
    entry = object_of(entry, where)
    config = text_of(entry.get("Config"))
    if not config:
        raise InputError(where, "names no Config")
    names = [text_of(name) for name in _few(entry.get("Layers"), where)]
    tags = tuple(text_of(tag) for tag in list_of(entry.get("RepoTags"), where))
    return Candidate("", tags, "", config, _digest_in(config), tuple(LayerBlob(name) for name in names))


def _digest_in(name: str) -> str:
    """The digest that a file name promises: `<hex>.json` and `blobs/sha256/<hex>` are Docker's image id."""
    stem = posixpath.basename(name).removesuffix(".json")
    return f"sha256:{stem}" if len(stem) == 64 and not set(stem) - set("0123456789abcdef") else ""


def _tags_by_config(listed: Any, blobs: Blobs) -> dict[str, tuple[str, ...]]:
    if not isinstance(listed, list):
        return {}
    return {found.config_digest: found.tags for found in (_from_docker(entry, blobs) for entry in listed)}


def _with_tags(found: Candidate, tags: dict[str, tuple[str, ...]]) -> Candidate:
    """What manifest.json says of tags is whole names; annotations often hold only the tag."""
    return found.but(tags=tags.get(found.config_digest) or found.tags)


# -- choosing


def choose(found: tuple[Candidate, ...], where: str, *, tag: str = "", platform: str = "") -> Candidate:
    """The one image that is asked for. Raises UsageError when none or several fit, naming what there is."""
    fitting = [c for c in found if (not tag or _has_tag(c, tag)) and (not platform or _runs_on(c, platform))]
    if len(fitting) == 1:
        return fitting[0]
    if not found:
        raise InputError(where, "holds no image")
    names = "; ".join(_described(c) for c in (fitting or found)[:12])
    if not fitting:
        asked = " ".join(
            part for part in (f"--tag {tag}" * bool(tag), f"--platform {platform}" * bool(platform)) if part
        )
        raise UsageError(f"{where}: no image fits {asked}; it holds {names}")
    differ = "--platform" if len({c.platform for c in fitting}) > 1 else "--tag"
    raise UsageError(f"{where}: holds {len(fitting)} images, choose one by {differ}: {names}")


def _has_tag(found: Candidate, tag: str) -> bool:
    return any(tag in (known, known.rpartition("/")[2], known.rpartition(":")[2]) for known in found.tags)


def _runs_on(found: Candidate, platform: str) -> bool:
    return found.platform == platform or found.platform.startswith(platform + "/") or not found.platform


def _described(found: Candidate) -> str:
    return " ".join([*(found.tags or (found.digest[:19] or found.config_digest[:19],)), found.platform]).strip()


# -- reading


def assemble(found: Candidate, blobs: Blobs, name: str) -> Image:
    """Read configuration, attestations and layers of an image; what does not fit together is a problem of it.

    Raises InputError for a part that is absent or can't be read.
    """
    data = blobs.data(found.config)
    if data is None:
        raise InputError(blobs.where, f"lacks the image configuration {found.config}")
    config, history, wrong = read_config(data, f"{blobs.where}: {found.config}")
    problems = [*found.problems, *wrong, *_wrong_digest("the configuration", found.config_digest, data)]
    contents = list(_contents(found, blobs))
    steps = [index for index, entry in enumerate(history) if not entry.empty_layer]
    if history and len(steps) != len(contents):
        problems.append(f"the history tells of {len(steps)} layers, the image has {len(contents)}")
        steps = []
    layers = tuple(
        Layer(index, blob.digest or content.digest, blob.media_type, steps[index] if steps else None, content)
        for index, (blob, content) in enumerate(zip(found.layers, contents, strict=True))
    )
    problems += _layer_problems(found.layers, layers, config)
    attestations = tuple(_read_statements(found.attestations, blobs, problems))
    digest = found.config_digest or digest_of(data)
    return Image(name, found.tags, found.digest, digest, config, history, layers, attestations, tuple(problems))


def _contents(found: Candidate, blobs: Blobs) -> Iterator[LayerContent]:
    """The layers, read; one that is listed several times is stacked as often."""
    entries = 0
    blobs.ready([layer.name for layer in found.layers])
    for layer in found.layers:
        content = blobs.layer(layer.name)
        entries += len(content.entries) + len(content.whiteouts)
        if entries > 2 * MAX_ENTRIES:
            raise InputError(blobs.where, f"has layers of more than {2 * MAX_ENTRIES:,} entries in all")
        yield content


def _layer_problems(blobs: tuple[LayerBlob, ...], layers: tuple[Layer, ...], config: ImageConfig) -> Iterator[str]:
    if len(config.diff_ids) != len(layers):
        yield f"the configuration names {len(config.diff_ids)} layers, the manifest {len(layers)}"
    for blob, layer in zip(blobs, layers, strict=True):
        content = layer.content
        here = f"layer {layer.index}"
        if blob.digest and blob.digest.startswith("sha256:") and blob.digest != content.digest:
            yield f"{here} has the digest {content.digest}, its manifest says {blob.digest}"
        if blob.size and blob.size != content.size:
            yield f"{here} has {content.size:,} bytes, its manifest says {blob.size:,}"
        expected = config.diff_ids[layer.index] if layer.index < len(config.diff_ids) else ""
        if expected and expected.startswith("sha256:") and expected != content.diff_id:
            yield f"{here} has the diff id {content.diff_id}, the configuration says {expected}"
        yield from _wrong_media_type(here, layer.media_type, content)
        yield from (f"{here} {problem}" for problem in content.problems)


def _wrong_media_type(here: str, media_type: str, content: LayerContent) -> Iterator[str]:
    """Names that lie about the compression; engines go by the bytes."""
    if not media_type or media_type.endswith("in-toto+json"):
        return
    said = next((kind for kind in ("gzip", "zstd") if media_type.endswith(kind)), "none")
    if said != content.compression:
        yield f"{here} is {_packed(content.compression)}, its media type says {_packed(said)}"


def _packed(kind: str) -> str:
    return "not compressed" if kind == "none" else f"compressed by {kind}"


def _wrong_digest(what: str, expected: str, data: bytes) -> Iterator[str]:
    if expected and (found := digest_of(data, expected)) != expected:
        yield f"{what} has the digest {found}, expected {expected}"


def _read_statements(blobs_of: tuple[LayerBlob, ...], blobs: Blobs, problems: list[str]) -> Iterator[Attestation]:
    for blob in blobs_of:
        data = blobs.data(blob.name)
        if data is None:
            problems.append(f"the attestation {blob.digest} is absent")
            continue
        problems += _wrong_digest("an attestation", blob.digest, data)
        try:
            statement = object_of(read_json(blobs, blob.name), f"{blobs.where}: {blob.name}")
        except InputError as error:
            problems.append(str(error))
            continue
        yield Attestation(text_of(statement.get("predicateType")), statement)


def blob_path(digest: str, where: str) -> str:
    """Where an OCI layout keeps a blob (image-layout.md)."""
    algorithm, value = split_digest(digest, where)
    return f"blobs/{algorithm}/{value}"
