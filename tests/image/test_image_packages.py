"""Packages of images: what each database and program tells, and which layer brought and removed what."""

from __future__ import annotations

import contextlib
import io
import json
import lzma
import os
import shutil
import sqlite3
import struct
import subprocess
import sys
import zipfile
import zlib
from importlib.resources import files
from pathlib import Path

import pytest
from image_archives import docker_archive, layer_tar
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from dfguard.cli.main import main
from dfguard.image.layer import Wanted, read_layer
from dfguard.image.opening import open_image
from dfguard.image.packages.archives import jar
from dfguard.image.packages.found import Package, Unreadable
from dfguard.image.packages.inventory import Inventory, take_inventory
from dfguard.image.packages.programs import of_program
from dfguard.image.packages.purl import purl
from dfguard.image.packages.reader import PackageReader, kind_of
from dfguard.image.packages.rpm import rpm
from dfguard.image.view import stack

HERE = Path(__file__).parent / "databases"


def fixture(name: str) -> bytes:
    return lzma.decompress((HERE / f"{name}.xz").read_bytes())


def inventory_of(tmp_path: Path, *layers: dict[str, bytes | str | None]) -> Inventory:
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive([layer_tar(layer) for layer in layers]))
    image = open_image(str(path), Wanted(reader=PackageReader()))
    return take_inventory(image.layers, stack([layer.content for layer in image.layers]))


def told(inventory: Inventory) -> list[tuple[str, int, str, int | None]]:
    return [(f"{p.package.name} {p.package.version}", p.layer, p.fate, p.by) for p in inventory.packages]


def deb(*packages: str) -> bytes:
    """dpkg's status for packages written `name version [state]`."""
    out = []
    for text in packages:
        name, version, *state = text.split()
        out.append(
            f"Package: {name}\nStatus: install ok {state[0] if state else 'installed'}\nArchitecture: amd64\n"
            f"Version: {version}\nDescription: one line\n Package: not-this\n .\n more\n"
        )
    return "\n".join(out).encode()


# -- databases from layer to layer

STATUS = "var/lib/dpkg/status"


def test_a_package_that_a_later_layer_removes_is_still_in_the_layer_that_brought_it(tmp_path: Path) -> None:
    inventory = inventory_of(
        tmp_path,
        {STATUS: deb("base-files 12.4"), "etc/os-release": b'ID=debian\nVERSION_ID="12"\n'},
        {STATUS: deb("base-files 12.4", "gcc 12.2", "curl 7.8")},
        {STATUS: deb("base-files 12.5", "gcc 12.2 config-files", "curl 7.8")},
    )
    assert told(inventory) == [
        ("base-files 12.4", 0, "overwritten", 2),
        ("curl 7.8", 1, "live", None),
        ("gcc 12.2", 1, "deleted", 2),
        ("base-files 12.5", 2, "live", None),
    ]
    assert inventory.packages[1].purl == "pkg:deb/debian/curl@7.8?arch=amd64&distro=debian-12"


def test_an_emptied_database_has_no_packages_and_a_deleted_one_is_said(tmp_path: Path) -> None:
    assert told(inventory_of(tmp_path, {STATUS: deb("a 1")}, {STATUS: b""})) == [("a 1", 0, "deleted", 1)]
    gone = inventory_of(tmp_path, {STATUS: deb("a 1")}, {"var/lib/.wh.dpkg": b""})
    assert told(gone) == [("a 1", 0, "live", None)]
    assert gone.problems == (
        "packages: layer 1 deletes dpkg's database /var/lib/dpkg/status; what it lists is taken to be there still",
    )


def test_licenses_of_debs_come_from_their_copyright_files_links_followed(tmp_path: Path) -> None:
    inventory = inventory_of(
        tmp_path,
        {
            STATUS: deb("a 1", "b 1", "c 1"),
            "usr/share/doc/a/copyright": b"Format: https://www.debian.org/doc/\n\nFiles: *\nLicense: GPL-2+\n text\n",
            "usr/share/doc/b": "a",
            "usr/share/doc/c/copyright": b"see /usr/share/common-licenses/LGPL-2.1.\n",
        },
    )
    assert [p.package.licenses for p in inventory.packages] == [("GPL-2+",), ("GPL-2+",), ("LGPL-2.1",)]


def test_distroless_keeps_a_file_a_package(tmp_path: Path) -> None:
    listed = b"Package: tzdata\nVersion: 2025b-0\nArchitecture: all\n"
    inventory = inventory_of(
        tmp_path,
        {"var/lib/dpkg/status.d/tzdata": listed, "var/lib/dpkg/status.d/tzdata.md5sums": b"0  f\n"},
        {"var/lib/dpkg/status.d/.wh.tzdata": b""},
    )
    assert told(inventory) == [("tzdata 2025b-0", 0, "deleted", 1)]


def test_apk_tells_license_and_origin(tmp_path: Path) -> None:
    text = "C:Q1x=\nP:libssl3\nV:3.1.4-r5\nA:x86_64\nL:Apache-2.0\no:openssl\nF:lib\nR:libssl.so.3\n\nP:musl\nV:1.2\n\n"
    inventory = inventory_of(
        tmp_path,
        {"lib/apk/db/installed": text.encode(), "etc/os-release": b"ID=alpine\nVERSION_ID=3.19.1\n"},
    )
    assert [p.purl for p in inventory.packages] == [
        "pkg:apk/alpine/libssl3@3.1.4-r5?arch=x86_64&distro=alpine-3.19.1&upstream=openssl",
        "pkg:apk/alpine/musl@1.2?distro=alpine-3.19.1",
    ]
    assert inventory.packages[0].package.licenses == ("Apache-2.0",)


def test_rpm_from_layer_to_layer(tmp_path: Path) -> None:
    inventory = inventory_of(
        tmp_path,
        {"var/lib/rpm/rpmdb.sqlite": fixture("before.sqlite"), "usr/lib/os-release": b"ID=fedora\nVERSION_ID=38\n"},
        {"var/lib/rpm/rpmdb.sqlite": fixture("after.sqlite")},
    )
    assert told(inventory) == [
        ("gone 0.1-1", 0, "deleted", 1),
        ("lib-x 2.3-1", 0, "live", None),
        ("tool 1.0-1", 0, "overwritten", 1),
        ("tool 3:2.0-1", 1, "live", None),
    ]
    assert inventory.packages[-1].purl == (
        "pkg:rpm/fedora/tool@2.0-1?arch=noarch&distro=fedora-38&epoch=3&upstream=tool-2.0-1.src.rpm"
    )


def test_a_database_whose_last_changes_stand_in_another_file_is_said(tmp_path: Path) -> None:
    inventory = inventory_of(
        tmp_path, {"var/lib/rpm/rpmdb.sqlite": fixture("before.sqlite"), "var/lib/rpm/rpmdb.sqlite-wal": b"x"}
    )
    assert len(inventory.packages) == 3
    assert "rpmdb.sqlite-wal" in inventory.problems[0]


# -- rpm's forms


def ndb(blobs: list[bytes]) -> bytes:
    """An ndb database, as rpmpkg.c lays it out."""
    slots, data = b"", b""
    for index, blob in enumerate(blobs, 1):
        slots += struct.pack("<4sIII", b"Slot", index, (4096 + len(data)) // 16, (len(blob) + 16 + 27) // 16)
        data += struct.pack("<4sIII", b"BlbS", index, 1, len(blob)) + blob + b"\0" * (-len(blob) % 16)
    return struct.pack("<4sIIIIIII", b"RpmP", 0, 1, 1, len(blobs) + 1, 0, 0, 0) + slots.ljust(4064, b"\0") + data


def blobs_of(database: bytes, tmp_path: Path) -> list[bytes]:
    path = tmp_path / "db"
    path.write_bytes(database)
    connection = sqlite3.connect(path)
    rows = [row[0] for row in connection.execute("SELECT blob FROM Packages ORDER BY hnum")]
    connection.close()
    return rows


def test_the_three_forms_of_rpms_database_tell_the_same(tmp_path: Path) -> None:
    by_sqlite = rpm(fixture("before.sqlite"))
    assert sorted(package.name for package in by_sqlite) == ["gone", "lib-x", "tool"]
    assert {(package.arch, package.licenses) for package in by_sqlite} == {("noarch", ("MIT",))}
    assert sorted(rpm(fixture("before.bdb")), key=str) == sorted(by_sqlite, key=str)
    assert rpm(ndb(blobs_of(fixture("before.sqlite"), tmp_path))) == by_sqlite


@pytest.mark.parametrize("name", ["before.sqlite", "before.bdb"])
def test_what_is_read_is_what_rpm_itself_says(name: str, tmp_path: Path) -> None:
    if shutil.which("rpm") is None:
        pytest.skip("rpm is not installed")
    (tmp_path / {"before.sqlite": "rpmdb.sqlite", "before.bdb": "Packages"}[name]).write_bytes(fixture(name))
    backend = "sqlite" if name.endswith("sqlite") else "bdb_ro"
    asked = ["rpm", "--dbpath", str(tmp_path), "--define", f"_db_backend {backend}", "-qa", "--qf", "%{NAME} %{EVR}\n"]
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split("\n")
    assert sorted(filter(None, said)) == sorted(f"{p.name} {p.version}" for p in rpm(fixture(name)))


@pytest.mark.parametrize("name", ["before.sqlite", "before.bdb", "ndb"])
def test_a_damaged_database_is_refused_and_never_crashes(name: str, tmp_path: Path) -> None:
    data = ndb(blobs_of(fixture("before.sqlite"), tmp_path)) if name == "ndb" else fixture(name)
    refused = 0
    for step in range(0, len(data), max(len(data) // 60, 1)):
        for broken in (data[:step], data[:step] + b"\xff" * 64 + data[step + 64 :]):
            try:
                rpm(broken)
            except Unreadable:
                refused += 1
    assert refused


def test_a_database_that_never_ends_is_stopped(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "db")
    connection.execute(
        "CREATE VIEW Packages AS WITH RECURSIVE n(hnum, blob) AS (SELECT 1, 'x' UNION ALL SELECT hnum + 1, 'x' FROM n)"
        " SELECT hnum, blob FROM n"
    )
    connection.commit()
    connection.close()
    with pytest.raises(Unreadable, match="interrupted"):
        rpm((tmp_path / "db").read_bytes())


# -- languages


def test_packages_of_languages_follow_their_folder(tmp_path: Path) -> None:
    site = "usr/lib/python3/dist-packages"
    node = "app/node_modules/@scope/tool"
    gem = "usr/lib/ruby/gems/3.2.0/specifications"
    inventory = inventory_of(
        tmp_path,
        {
            f"{site}/Foo_Bar-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: Foo.Bar\nVersion: 1.0\n"
            b"Classifier: License :: OSI Approved :: MIT License\n\nName: not this\n",
            f"{site}/old.egg-info": b"Name: old\nVersion: 2\nLicense: BSD\n",
            f"{node}/package.json": b'{"name": "@scope/tool", "version": "1.2.3", "license": "ISC"}',
            "usr/share/nodejs/busboy/package.json": b'{"name": "busboy", "version": "1.6.0"}',  # Debian's
            f"{node}/esm/package.json": b'{"type": "module", "name": "inner", "version": "9"}',
            f"{gem}/rack-3.0.gemspec": b'Gem::Specification.new do |s|\n  s.name = "rack".freeze\n'
            b'  s.version = "3.0"\n  s.licenses = ["MIT".freeze, "Ruby".freeze]\nend\n',
        },
        {f"{site}/.wh.Foo_Bar-1.0.dist-info": b""},
    )
    assert [(p.purl, p.package.licenses, p.fate) for p in inventory.packages] == [
        ("pkg:pypi/foo-bar@1.0", ("MIT License",), "deleted"),
        ("pkg:pypi/old@2", ("BSD",), "live"),
        ("pkg:npm/%40scope/tool@1.2.3", ("ISC",), "live"),
        ("pkg:npm/busboy@1.6.0", (), "live"),
        ("pkg:gem/rack@3.0", ("MIT", "Ruby"), "live"),
    ]


@pytest.mark.parametrize(
    "path",
    [
        "/app/package.json",
        "/app/node_modules/.package-lock.json",
        "/app/node_modules/a/lib/package.json",
        "/usr/share/nodejs/a/lib/package.json",
        "/app/METADATA",
        "/srv/status",
        "/home/x.gemspec",
        "/etc/installed",
        "/usr/share/doc/x/y/copyright",
    ],
)
def test_other_files_of_the_same_name_tell_nothing(path: str) -> None:
    assert kind_of(path) == ""


def test_what_is_in_this_python_is_what_pip_lists(tmp_path: Path) -> None:
    site = next(Path(entry) for entry in sys.path if entry.endswith("site-packages"))
    found = {f"{path.parent.name}/METADATA": path.read_bytes() for path in site.glob("*.dist-info/METADATA")}
    inventory = inventory_of(tmp_path, {f"usr/lib/{name}": data for name, data in found.items()})
    asked = [sys.executable, "-m", "pip", "list", "--format=json", "--path", str(site)]
    listed = json.loads(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)
    mine = {(p.package.name, p.package.version) for p in inventory.packages}
    assert mine == {(each["name"], each["version"]) for each in listed}


def test_dpkg_of_this_machine_is_what_dpkg_query_lists(tmp_path: Path) -> None:
    if not Path("/var/lib/dpkg/status").exists():
        pytest.skip("this machine has no dpkg")
    asked = ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package} ${Version} ${Architecture}\n"]
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()
    want = sorted(line.partition(" ")[2] for line in said if not line.startswith("config-files"))
    inventory = inventory_of(tmp_path, {STATUS: Path("/var/lib/dpkg/status").read_bytes()})
    assert sorted(f"{p.name} {p.version} {p.arch}" for p in (each.package for each in inventory.packages)) == want


# -- programs


def elf(sections: dict[str, bytes], address: int = 0x400000) -> bytes:
    """A small ELF program with one loaded segment, which is the whole file."""
    names, body, rows = b"\0", bytearray(), [b"\0" * 64]
    start = 64 + 56
    for name, data in [*sections.items(), (".shstrtab", b"")]:
        at = len(names)
        names += name.encode() + b"\0"
        content = names if name == ".shstrtab" else data
        offset = start + len(body)
        rows.append(struct.pack("<IIQQQQIIQQ", at, 1, 0, address + offset, offset, len(content), 0, 0, 16, 0))
        body += content + b"\0" * (-len(content) % 16)
    table = start + len(body)
    head = b"\x7fELF\2\1\1".ljust(16, b"\0")
    head += struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, address, 64, table, 0, 64, 56, 1, 64, len(rows), len(rows) - 1)
    whole = table + 64 * len(rows)
    return head + struct.pack("<IIQQQQQQ", 1, 7, 0, address, address, whole, whole, 4096) + bytes(body) + b"".join(rows)


MODULES = (
    "path\texample.com/cmd\nmod\texample.com/App\t(devel)\t\ndep\tgolang.org/x/net\tv0.1.0\th1:a=\n"
    "dep\texample.com/old\tv1.0.0\n=>\texample.com/fork\tv1.0.1\th1:b=\n"
)
MARKED = (
    b"0w\xaf\x0c\x92t\x08\x02A\xe1\xc1\x07\xe6\xd6\x18\xe6"
    + MODULES.encode()
    + b"\xf92C1\x86\x18 r\0\x82B\x10A\x16\xd8\xf2"
)
MAGIC = b"\xff Go buildinf:"


def go_program(release: str) -> bytes:
    """A program with the build information of Go 1.18 and later (both texts inline), or of before (pointers)."""
    version = f"go{release}".encode()
    if release >= "1.18":
        size = len(MARKED)
        info = (MAGIC + b"\x08\2").ljust(32, b"\0") + bytes([len(version)]) + version
        return elf({".go.buildinfo": info + bytes([size & 0x7F | 0x80, size >> 7]) + MARKED})
    base = 0x400000 + 120
    texts = version + MARKED
    headers = struct.pack("<QQQQ", base + 64, len(version), base + 64 + len(version), len(MARKED))
    info = MAGIC + b"\x08\0" + struct.pack("<QQ", base + 32, base + 48)
    return elf({".go.buildinfo": info + headers + texts})


@pytest.mark.parametrize("release", ["1.21.3", "1.17.2"])
def test_go_programs_name_their_modules(release: str, tmp_path: Path) -> None:
    found = of_program(go_program(release))
    assert [(package.name, package.version) for package in found] == [
        ("stdlib", release),
        ("example.com/App", ""),
        ("golang.org/x/net", "v0.1.0"),
        ("example.com/fork", "v1.0.1"),
    ]
    if shutil.which("go") is not None:
        path = tmp_path / "program"
        path.write_bytes(go_program(release))
        path.chmod(0o755)
        said = subprocess.run(["go", "version", "-m", str(path)], capture_output=True, text=True, check=True).stdout
        assert f"go{release}" in said and "dep\tgolang.org/x/net\tv0.1.0" in said


def test_a_real_program_is_read_as_go_reads_it(tmp_path: Path) -> None:
    if shutil.which("go") is None:
        pytest.skip("go is not installed")
    (tmp_path / "go.mod").write_text("module example.com/hello\n\ngo 1.18\n")
    (tmp_path / "main.go").write_text('package main\n\nfunc main() { println("hello") }\n')
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=mod"}
    subprocess.run(["go", "build", "-o", "hello", "."], cwd=tmp_path, check=True, env=environment)
    found = of_program((tmp_path / "hello").read_bytes())
    said = subprocess.run(["go", "version"], capture_output=True, text=True, check=True).stdout.split()[2]
    assert [(p.name, f"go{p.version}") for p in found][:1] == [("stdlib", said)]
    assert [p.name for p in found][1:] == ["example.com/hello"]


def test_crates_of_cargo_auditable_without_those_that_only_build() -> None:
    listed = {
        "packages": [
            {"name": "serde", "version": "1.0.1", "source": "crates.io"},
            {"name": "cc", "version": "1.0.79", "source": "crates.io", "kind": "build"},
        ]
    }
    program = elf({".dep-v0": zlib.compress(json.dumps(listed).encode())})
    assert of_program(program) == (Package("cargo", "serde", "1.0.1"),)
    with pytest.raises(Unreadable, match="crates"):
        of_program(elf({".dep-v0": b"no zlib"}))


@pytest.mark.parametrize(
    "program", [go_program("1.21.3"), go_program("1.17.2"), elf({".dep-v0": zlib.compress(b"{}")})]
)
def test_a_damaged_program_never_crashes(program: bytes) -> None:
    for step in range(0, len(program), 3):
        for broken in (program[:step], program[:step] + b"\xff" * 8 + program[step + 8 :]):
            with contextlib.suppress(Unreadable):
                of_program(broken)


def test_a_file_above_the_cap_is_said_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dfguard.image.packages.reader.MAX_PROGRAM", 1000)
    program = go_program("1.21.3") + b"\0" * 10_000
    content = read_layer(io.BytesIO(layer_tar({"bin/app": program})), "layer", Wanted(reader=PackageReader()))
    assert [(file.path, file.problem) for file in content.packages] == [
        ("/bin/app", "is larger than 1,000 bytes: not read")
    ]


# -- jars


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def maven(group: str, name: str, version: str) -> dict[str, bytes]:
    text = f"#Created by Maven\nversion={version}\ngroupId={group}\nartifactId={name}\n"
    return {f"META-INF/maven/{group}/{name}/pom.properties": text.encode(), "META-INF/MANIFEST.MF": b"x"}


def test_jars_name_their_packages_and_those_of_the_jars_within(tmp_path: Path) -> None:
    inner = zipped(maven("org.slf4j", "slf4j-api", "2.0.9"))
    fat = zipped({**maven("com.example", "app", "1.0"), "BOOT-INF/lib/slf4j-api-2.0.9.jar": inner})
    inventory = inventory_of(tmp_path, {"app/app.jar": fat, "app/own.jar": zipped({"A.class": b"x"}), "b.jar": b"no"})
    assert [p.purl for p in inventory.packages] == [
        "pkg:maven/com.example/app@1.0",
        "pkg:maven/org.slf4j/slf4j-api@2.0.9",
    ]
    assert inventory.problems == ("packages: /b.jar of layer 0 is a jar that can't be read",)


def test_a_bomb_in_a_jar_is_said_and_not_unpacked(tmp_path: Path) -> None:
    bomb = zipped({"META-INF/maven/a/b/pom.properties": b"x" * 10_000_000})
    assert "more than 65,536 bytes: not read" in inventory_of(tmp_path, {"a.jar": bomb}).problems[0]


def test_damaged_jars_never_crash() -> None:
    data = zipped({**maven("a", "b", "1"), "lib/c.jar": zipped(maven("c", "d", "2"))})
    for step in range(0, len(data), 3):
        for broken in (data[:step], data[:step] + b"\xff" * 8 + data[step + 8 :]):
            with contextlib.suppress(Unreadable):
                jar(broken)


# -- package URLs


@pytest.mark.parametrize(
    ("package", "url"),
    [
        (Package("deb", "libstdc++6", "1:2+b1~rc", "amd64"), "pkg:deb/debian/libstdc%2B%2B6@1:2%2Bb1~rc?arch=amd64"),
        (Package("golang", "github.com/A/b/v2", "v2.0+x"), "pkg:golang/github.com/a/b/v2@v2.0%2Bx"),
        (Package("gem", "nokogiri", "1.2", "x86_64-linux"), "pkg:gem/nokogiri@1.2?platform=x86_64-linux"),
        (Package("cargo", "serde_json", "1.0"), "pkg:cargo/serde_json@1.0"),
    ],
)  # fmt: skip
def test_package_urls(package: Package, url: str) -> None:
    assert purl(package) == url


# -- the command


def test_the_report_counts_packages_and_lists_them_on_request(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "image.tar"
    layers = [{STATUS: deb("a 1")}, {STATUS: deb("a 1", "gcc 12")}, {STATUS: deb("a 1")}]
    path.write_bytes(docker_archive([layer_tar(layer) for layer in layers]))
    assert main(["image", str(path)]) == 0
    out = capsys.readouterr().out
    assert "packages: 1 deb; 1 more that layers still hold and no container sees" in out
    assert "    2                                  removed 1 deb\n" in out
    assert "gcc" not in out
    assert main(["image", str(path), "--packages"]) == 0
    assert "gcc   12       -  [removed in layer 2, still in layer 1]" in capsys.readouterr().out
    assert main(["image", str(path), "--packages", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    schema = files("dfguard.report.image").joinpath("image_schema.json").read_text(encoding="utf-8")
    Draft202012Validator(json.loads(schema)).validate(data)
    assert [(p["name"], p["layer"], p["fate"], p["by"]) for p in data["packages"]] == [
        ("a", 0, "live", None),
        ("gcc", 1, "deleted", 2),
    ]
    assert [layer["packages_removed"] for layer in data["layers"]] == [{}, {}, {"deb": 1}]
