"""An SPDX 2.3 bill of materials as JSON, by spdx-tools."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from license_expression import ExpressionError, get_spdx_licensing  # type: ignore[import-untyped]
from spdx_tools.spdx.jsonschema.document_converter import DocumentConverter
from spdx_tools.spdx.model.actor import Actor, ActorType
from spdx_tools.spdx.model.annotation import Annotation, AnnotationType
from spdx_tools.spdx.model.document import CreationInfo, Document
from spdx_tools.spdx.model.package import (
    ExternalPackageRef,
    ExternalPackageRefCategory,
    Package,
    PackagePurpose,
)
from spdx_tools.spdx.model.relationship import Relationship, RelationshipType
from spdx_tools.spdx.model.spdx_no_assertion import SpdxNoAssertion

from dfguard import __version__
from dfguard.image.packages.inventory import Installed
from dfguard.report.image.summary import Summary
from dfguard.report.json_report import sayable
from dfguard.report.sbom import parts

_DOCUMENT, _IMAGE, _SYSTEM = "SPDXRef-DOCUMENT", "SPDXRef-image", "SPDXRef-system"


def render(summary: Summary) -> str:
    """The document as JSON text with a newline at its end."""
    data = DocumentConverter().convert(document(summary))  # type: ignore[no-untyped-call]
    for package in data["packages"]:
        for reference in package.get("externalRefs", ()):  # the library has an underscore where the schema has a hyphen
            reference["referenceCategory"] = reference["referenceCategory"].replace("_", "-")
    return json.dumps(data, indent=2) + "\n"


def document(summary: Summary) -> Document:
    """The document as the library has it."""
    time = parts.created()
    tool = Actor(ActorType.TOOL, f"dfguard-{__version__}")
    listed = [(f"SPDXRef-package-{at}", each) for at, each in enumerate(summary.inventory.packages)]
    name = _clean(parts.image_name(summary))
    info = CreationInfo(
        spdx_version="SPDX-2.3",
        spdx_id=_DOCUMENT,
        name=name,
        document_namespace=f"urn:uuid:{parts.document_id(summary, parts.SPDX)}",
        creators=[tool],
        created=time,
        document_comment="\n".join(map(_clean, summary.inventory.problems)) or None,
    )
    system = list(_system(summary))
    return Document(
        info,
        packages=[_image(summary, name), *system, *(_package(ref, each) for ref, each in listed)],
        annotations=[_annotation(ref, each, summary, tool, time) for ref, each in listed],
        relationships=[
            Relationship(_DOCUMENT, RelationshipType.DESCRIBES, _IMAGE),
            *(Relationship(_IMAGE, RelationshipType.CONTAINS, each.spdx_id) for each in system),
            *(Relationship(_IMAGE, RelationshipType.CONTAINS, ref) for ref, _ in listed),
        ],
    )


def _image(summary: Summary, name: str) -> Package:
    url = parts.image_purl(summary)
    return Package(
        _IMAGE,
        name,
        SpdxNoAssertion(),
        version=summary.image.digest or summary.image.config_digest,
        files_analyzed=False,
        primary_package_purpose=PackagePurpose.CONTAINER,
        external_references=[_purl(url)] if url else [],
    )


def _system(summary: Summary) -> Iterator[Package]:
    family, release = summary.inventory.distribution
    if family:
        yield Package(
            _SYSTEM, _clean(family), SpdxNoAssertion(), version=_clean(release) or None, files_analyzed=False,
            primary_package_purpose=PackagePurpose.OPERATING_SYSTEM,
        )  # fmt: skip


def _package(reference: str, installed: Installed) -> Package:
    package = installed.package
    declared = _declared(package.licenses)
    return Package(
        reference,
        _clean(package.name),
        SpdxNoAssertion(),
        version=_clean(package.version) or None,
        files_analyzed=False,
        license_declared=SpdxNoAssertion() if declared is None else declared,
        license_comment=_clean("as the package names it: " + ", ".join(package.licenses))
        if package.licenses and declared is None
        else None,
        external_references=[_purl(installed.purl)],
        source_info=_clean(f"told by {installed.path}"),
    )


_LICENSING = get_spdx_licensing()


def _declared(names: tuple[str, ...]) -> object | None:
    """The expression of a package that names one by SPDX's list; None for names that only it knows."""
    if len(names) != 1:
        return None
    try:
        found = _LICENSING.parse(names[0], validate=True, strict=True)
    except (ExpressionError, ValueError, TypeError, AttributeError):
        return None
    return None if "LicenseRef-" in str(found) else found


def _purl(url: str) -> ExternalPackageRef:
    return ExternalPackageRef(ExternalPackageRefCategory.PACKAGE_MANAGER, "purl", url)


def _annotation(reference: str, installed: Installed, summary: Summary, tool: Actor, time: datetime) -> Annotation:
    """Which layer holds it, as JSON text."""
    told = json.dumps({f"dfguard:{name}": _clean(value) for name, value in parts.facts(installed, summary)})
    return Annotation(reference, AnnotationType.OTHER, tool, time, told)


def _clean(text: str) -> str:
    return str(sayable(text))
