"""A CycloneDX 1.6 bill of materials as JSON, by cyclonedx-python-lib."""

from __future__ import annotations

from collections.abc import Iterator

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from dfguard import __version__
from dfguard.image.packages.inventory import Installed
from dfguard.image.view import LIVE
from dfguard.report.image.summary import Summary
from dfguard.report.json_report import sayable
from dfguard.report.sbom import parts


def render(summary: Summary) -> str:
    """The document as JSON text with a newline at its end."""
    subject = _image(summary)
    metadata = BomMetaData(timestamp=parts.created(), component=subject)
    metadata.tools.components.add(Component(type=ComponentType.APPLICATION, name="dfguard", version=__version__))
    licenses = LicenseFactory()
    components = [
        _component(index, installed, summary, licenses) for index, installed in enumerate(summary.inventory.packages)
    ]
    components += _system(summary)
    bom = Bom(
        serial_number=parts.document_id(summary, parts.CYCLONEDX),
        metadata=metadata,
        components=components,
        properties=[Property(name="dfguard:problem", value=problem) for problem in summary.inventory.problems],
    )
    bom.register_dependency(subject, components)
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _image(summary: Summary) -> Component:
    url = parts.image_purl(summary)
    image = summary.image
    return Component(
        type=ComponentType.CONTAINER,
        name=_clean(parts.image_name(summary)),
        version=image.digest or image.config_digest,
        bom_ref=image.config_digest,
        purl=PackageURL.from_string(url) if url else None,
        properties=[Property(name="dfguard:config_digest", value=image.config_digest)],
    )


def _system(summary: Summary) -> Iterator[Component]:
    """The distribution, which scanners ask for before they look up a package of it."""
    family, release = summary.inventory.distribution
    if family:
        yield Component(
            type=ComponentType.OPERATING_SYSTEM, name=_clean(family), version=_clean(release) or None, bom_ref="system"
        )


def _component(index: int, installed: Installed, summary: Summary, factory: LicenseFactory) -> Component:
    package = installed.package
    return Component(
        type=ComponentType.LIBRARY,
        name=_clean(package.name),
        version=_clean(package.version) or None,
        bom_ref=_clean(parts.reference_of(index, installed)),
        purl=PackageURL.from_string(installed.purl),
        scope=None if installed.fate == LIVE else ComponentScope.EXCLUDED,
        licenses=_licenses(package.licenses, factory),
        properties=[
            Property(name=f"dfguard:{name}", value=_clean(value)) for name, value in parts.facts(installed, summary)
        ],
    )


def _licenses(names: tuple[str, ...], factory: LicenseFactory) -> list[DisjunctiveLicense | LicenseExpression]:
    """One expression, or names each of its own: the schema takes no mixture."""
    if len(names) == 1:
        return [factory.make_from_string(_clean(names[0]))]
    made = (factory.make_from_string(_clean(name)) for name in names)
    return [each if isinstance(each, DisjunctiveLicense) else DisjunctiveLicense(name=each.value) for each in made]


def _clean(text: str) -> str:
    return str(sayable(text))
