"""Bills of materials of an image: valid by the official schemas, and each package with the layer that holds it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from image_archives import docker_archive, layer_tar
from packageurl import PackageURL
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

from dfguard.cli.main import main

STATUS = "var/lib/dpkg/status"


def deb(*names: str) -> bytes:
    return "\n".join(
        f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1:2+b1\n" for name in names
    ).encode()


@pytest.fixture
def image(tmp_path: Path) -> str:
    site, node = "usr/lib/python3/dist-packages/x-1.dist-info", "srv/node_modules/@a/b"
    layers: list[dict[str, bytes | str | None]] = [
        {STATUS: deb("libstdc++6"), "etc/os-release": b"ID=debian\nVERSION_ID=12\n"},
        {
            STATUS: deb("libstdc++6", "gcc"),
            f"{site}/METADATA": b"Name: x\nVersion: 1\nLicense: MIT OR Apache-2.0\n",
            f"{node}/package.json": b'{"name": "@a/b", "version": "1.0.0", "license": "SEE LICENSE IN file"}',
            "usr/lib/x.egg-info": b"Name: odd \xff name\nVersion: \x01 1\n",
        },
        {STATUS: deb("libstdc++6"), "usr/share/doc/gcc/copyright": b"Format: x\n\nLicense: GPL-3+\n\nLicense: MIT\n"},
    ]
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive([layer_tar(layer) for layer in layers], tag="registry.example/team/app:1"))
    return str(path)


def bill(image: str, form: str, capsys: pytest.CaptureFixture[str]) -> tuple[str, dict[str, Any]]:
    assert main(["image", image, "--sbom", form]) == 0
    text = capsys.readouterr().out
    return text, json.loads(text)


def test_cyclonedx_is_valid_by_the_official_schema(image: str, capsys: pytest.CaptureFixture[str]) -> None:
    text, data = bill(image, "cyclonedx", capsys)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert data["metadata"]["component"]["name"] == "registry.example/team/app:1"
    assert [(c["name"], c["version"]) for c in data["components"] if c["type"] == "operating-system"] == [
        ("debian", "12")
    ]
    for component in data["components"]:
        if "purl" in component:
            assert PackageURL.from_string(component["purl"]).to_string() == component["purl"]


def test_spdx_is_valid_by_the_library_of_its_makers(
    image: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, data = bill(image, "spdx", capsys)
    categories = {ref["referenceCategory"] for p in data["packages"] for ref in p.get("externalRefs", ())}
    assert categories == {"PACKAGE-MANAGER"}, "as the official schema of SPDX 2.3 spells it"
    (tmp_path / "app.spdx.json").write_text(text)
    read = parse_file(str(tmp_path / "app.spdx.json"))
    assert [message.validation_message for message in validate_full_spdx_document(read)] == []
    declared = {package.name: str(package.license_declared) for package in read.packages}
    assert declared["x"] == "MIT OR Apache-2.0"
    assert declared["@a/b"] == "NOASSERTION"


def test_each_package_says_which_layer_holds_it_and_whether_a_container_sees_it(
    image: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _, data = bill(image, "cyclonedx", capsys)
    by_name = {c["name"]: c for c in data["components"]}
    gcc = {each["name"]: each["value"] for each in by_name["gcc"]["properties"]}
    assert (gcc["dfguard:fate"], gcc["dfguard:layer.index"], gcc["dfguard:removed.layer.index"]) == (
        "deleted",
        "1",
        "2",
    )
    assert gcc["dfguard:layer.instruction"] == "RUN step 1"
    assert gcc["dfguard:layer.digest"].startswith("sha256:")
    assert by_name["gcc"]["scope"] == "excluded"
    assert "scope" not in by_name["libstdc++6"]
    _, data = bill(image, "spdx", capsys)
    notes = {p["name"]: json.loads(p["annotations"][0]["comment"]) for p in data["packages"] if "annotations" in p}
    assert notes["gcc"]["dfguard:removed.layer.instruction"] == "RUN step 2"
    assert notes["libstdc++6"]["dfguard:fate"] == "live"


@pytest.mark.parametrize("form", ["cyclonedx", "spdx"])
def test_the_same_image_gives_the_same_bill(
    form: str, image: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    first, _ = bill(image, form, capsys)
    assert first == bill(image, form, capsys)[0]
    assert "2023-11-14T22:13:20" in first


def test_several_bills_and_the_report_in_one_run(
    image: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cdx, spdx = tmp_path / "a.cdx.json", tmp_path / "a.spdx.json"
    assert main(["image", image, "--sbom", f"cyclonedx={cdx}", "--sbom", f"spdx={spdx}"]) == 0
    assert "packages: 1 deb, 2 pypi, 1 npm (debian 12); 1 more" in capsys.readouterr().out
    assert json.loads(cdx.read_text())["bomFormat"] == "CycloneDX"
    assert json.loads(spdx.read_text())["spdxVersion"] == "SPDX-2.3"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--sbom", "cyclondx"], "no such format; did you mean 'cyclonedx'?"),
        (["--sbom", "spdx="], "expected the name of a file"),
        (["--sbom", "spdx", "--sbom", "cyclonedx"], "give the others a FILE"),
    ],
)
def test_wrong_options_are_refused(
    options: list[str], says: str, image: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["image", image, *options]) == 2
    assert says in capsys.readouterr().err


def test_without_the_extra_the_message_names_it(image: str) -> None:
    script = (
        "import sys; sys.modules['cyclonedx'] = None\nfrom dfguard.cli.main import main; sys.exit(main(sys.argv[1:]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, "image", image, "--sbom", "cyclonedx"], capture_output=True, text=True
    )
    assert run.returncode == 2
    assert "pip install 'dockerfile-guard[sbom]'" in run.stderr
    assert "Traceback" not in run.stderr
