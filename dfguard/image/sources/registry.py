"""Images in a registry: blobs by digest, layers streamed as they come."""

from __future__ import annotations

import json
from collections.abc import Sequence

from dfguard.errors import InputError
from dfguard.image.allowance import Allowance
from dfguard.image.blobs import MAX_JSON, parse_json, split_digest, text_of
from dfguard.image.layer import LayerContent, Wanted
from dfguard.image.sources.reading import read_fresh
from dfguard.reference import Reference
from dfguard.registry.client import Manifest, Registry


class RegistryBlobs:
    """The blobs of one repository; `index.json` is made up, and names the manifest that the reference stands for."""

    def __init__(self, reference: Reference, wanted: Wanted, registry: Registry | None = None) -> None:
        self.where = f"registry:{reference.raw}"
        self._reference = reference
        self._wanted = wanted
        self._registry = registry or Registry(reference.registry)
        self._small: dict[str, bytes] = {}
        self._manifests: set[str] = set()
        self._allowance = Allowance()
        self._layers: dict[str, LayerContent] = {}
        self._read_root()

    def _read_root(self) -> None:
        asked = self._reference.digest or self._reference.tag or "latest"
        manifest = self._registry.manifest(self._reference.repository, asked)
        if manifest is None:
            raise InputError(self.where, f"does not exist: the registry knows no {self._reference.repository} {asked}")
        name = {"io.containerd.image.name": self._reference.raw} if not self._reference.digest else {}
        root = {"digest": manifest.digest, "mediaType": manifest.media_type, "annotations": name}
        self._small["index.json"] = json.dumps({"manifests": [root]}).encode()
        self._keep_manifest(manifest)

    def _keep_manifest(self, manifest: Manifest) -> None:
        """Keep a manifest, and remember which blobs an index calls manifests: they have an address of their own."""
        self._small[manifest.digest] = manifest.data
        document = parse_json(manifest.data, f"{self.where}: {manifest.digest}")
        inner = document.get("manifests") if isinstance(document, dict) else None
        entries = inner if isinstance(inner, list) else []
        self._manifests |= {text_of(entry.get("digest")) for entry in entries if isinstance(entry, dict)}

    def name_of(self, digest: str) -> str:
        """A blob is named by its digest."""
        split_digest(digest, self.where)
        return digest

    def data(self, name: str) -> bytes | None:
        """A small blob or manifest."""
        if name not in self._small:
            if name == "manifest.json":
                return None
            repository = self._reference.repository
            if name not in self._manifests:
                self._small[name] = self._registry.blob(repository, name).whole(MAX_JSON)
            elif (manifest := self._registry.manifest(repository, name)) is not None:
                self._keep_manifest(manifest)
        return self._small.get(name)

    def ready(self, names: Sequence[str]) -> None:
        """Nothing: layers come one after the other."""

    def layer(self, name: str) -> LayerContent:
        """A layer, streamed once; one that was read before by its digest is not fetched at all."""
        cache = self._wanted.cache
        known = cache.find(name) if cache is not None and name not in self._layers else None
        if known is not None and known.charge(self._allowance, f"{self.where}: {name}"):
            self._layers[name] = known.content
        if name not in self._layers:
            response = self._registry.blob(self._reference.repository, name)
            try:
                blob = self._allowance.counted(response)
                reading = read_fresh(blob, f"{self.where}: {name}", self._wanted, self._allowance)
                self._layers[name] = reading.content
            finally:
                response.close()
        return self._layers[name]
