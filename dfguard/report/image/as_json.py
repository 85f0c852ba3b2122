"""`dfguard image --format json`: version 1 of a contract that image_schema.json beside this file states."""

from __future__ import annotations

from typing import Any

from dfguard.image.leftovers import Leftover
from dfguard.image.model import ImageConfig
from dfguard.image.packages.inventory import Installed, Inventory
from dfguard.report.image.gates import Breach
from dfguard.report.image.summary import LayerRow, Summary, age
from dfguard.report.json_report import finding_data, sayable
from dfguard.run import Result
from dfguard.secrets.redact import redact

VERSION = 1

Data = dict[str, Any]


def render(summary: Summary, breaches: tuple[Breach, ...], result: Result, *, packages: bool = False) -> str:
    """The report as JSON text with a newline at its end; `packages`: with the list of them."""
    import json

    image, score = summary.image, summary.dive
    data = {
        "version": VERSION,
        "name": image.name,
        "tags": list(image.tags),
        "digest": image.digest,
        "config_digest": image.config_digest,
        "size": image.size,
        "hidden": summary.hidden,
        "config": _config(image.config),
        "age_days": age(image.config.created),
        "base": {name: getattr(summary.base, name) for name in type(summary.base)._fields},
        "leftovers": [_leftover(left) for left in summary.leftovers],
        "layers": [_layer(row, summary.inventory) for row in summary.rows],
        "distribution": dict(zip(("id", "version"), summary.inventory.distribution, strict=True)),
        "packages": [_package(each) for each in summary.inventory.packages] if packages else None,
        "waste": [{name: getattr(waste, name) for name in type(waste)._fields} for waste in summary.waste],
        "dive": {
            "efficiency": score.efficiency,
            "wasted": score.wasted,
            "user_bytes": score.user_bytes,
            "wasted_user_percent": score.wasted_user_percent,
        },
        "attestations": [attestation.predicate_type for attestation in image.attestations],
        "problems": [*image.problems, *summary.inventory.problems],
        "findings": [finding_data(finding) for finding in result.findings],
        "failed": [{"gate": breach.name, "found": breach.found, "limit": breach.limit} for breach in breaches],
    }
    return json.dumps(sayable(data), indent=2) + "\n"


def _config(config: ImageConfig) -> Data:
    """The configuration; values of variables and labels are secrets too often to be told."""
    return {
        "platform": config.platform,
        "created": config.created,
        "user": config.user,
        "workdir": config.workdir,
        "entrypoint": _words(config.entrypoint),
        "cmd": _words(config.cmd),
        "env": [name for name, _ in config.env],
        "labels": [name for name, _ in config.labels],
        "exposed": list(config.exposed),
        "volumes": list(config.volumes),
    }


def _words(words: tuple[str, ...] | None) -> list[str] | None:
    return None if words is None else [redact(word) for word in words]


def _package(installed: Installed) -> Data:
    package = installed.package
    return {
        "kind": package.kind,
        "name": package.name,
        "version": package.version,
        "arch": package.arch,
        "licenses": list(package.licenses),
        "purl": installed.purl,
        "path": installed.path,
        "layer": installed.layer,
        "fate": installed.fate,
        "by": installed.by,
    }


def _leftover(left: Leftover) -> Data:
    return {
        "kind": left.kind,
        "names": list(left.names),
        "path": left.place.path,
        "layer": left.layer,
        "base": left.base,
        "size": left.size,
    }


def _layer(row: LayerRow, inventory: Inventory) -> Data:
    content = row.layer.content
    return {
        "index": row.layer.index,
        "digest": row.layer.digest,
        "diff_id": content.diff_id,
        "compression": content.compression,
        "blob": row.blob,
        "size": row.size,
        "hidden": row.hidden,
        "added": row.added,
        "changed": row.changed,
        "rewritten": row.rewritten,
        "removed": row.removed,
        "instruction": row.instruction,
        "packages_brought": dict(sorted(inventory.brought(row.layer.index).items())),
        "packages_removed": dict(sorted(inventory.removed(row.layer.index).items())),
    }
