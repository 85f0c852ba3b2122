"""Small images for the examples of a rule's page, written as text.

A line is a step of the history (`COPY . /app`); the indented ones below it are what its layer holds:
`/path = content` (`\\n` for a line end), `/path 4755 = content` with a mode, `/folder/`, `/link -> target`, and
`- /path` for what it removes. ENV, EXPOSE, LABEL, USER, VOLUME, WORKDIR, ENTRYPOINT and CMD (the last two as JSON) set
the configuration, too.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

from dfguard.engine import Selected, run
from dfguard.finding import Finding
from dfguard.image.layer import Wanted
from dfguard.image.model import Image
from dfguard.image.opening import open_image
from dfguard.image.runtime import is_account_file
from dfguard.image_unit import ImageUnit
from dfguard.regex import regex
from dfguard.secrets.scanner import SecretScanner

_FILE = regex(r"(/\S*?)(?: ([0-7]{3,4}))?(?: = (.*)| -> (.*))?")


def image_of(text: str, folder: Path) -> Image:
    """The image that a text describes, as an archive in `folder` and read back, secrets looked for."""
    folder.mkdir(parents=True, exist_ok=True)
    layers: list[list[str]] = []
    history: list[dict[str, Any]] = []
    config: dict[str, Any] = {"Env": [], "Labels": {}}
    for line in text.splitlines():
        if line.startswith(" "):
            layers[-1].append(line.strip())
        elif line.strip():
            empty = not line.startswith(("RUN ", "COPY ", "ADD ", "WORKDIR "))
            if not empty:
                layers.append([])
            history.append({"created_by": line, "comment": "buildkit.dockerfile.v0", "empty_layer": empty})
            _configure(config, *line.split(" ", 1))
    path = folder / "image.tar"
    path.write_bytes(_archive([_layer(lines) for lines in layers], history, config))
    return open_image(str(path), Wanted(scanner=SecretScanner(), keeps=is_account_file))


def image_findings(selection: list[Selected], text: str, folder: Path) -> tuple[Finding, ...]:
    """What rules say of the image that a text describes."""
    outcome = run(ImageUnit(image_of(text, folder)), selection)
    assert not outcome.errors, outcome.errors[0].message
    return outcome.findings


def _configure(config: dict[str, Any], keyword: str, rest: str) -> None:
    name, _, value = rest.partition("=")
    if keyword == "ENV":
        config["Env"].append(rest)
    elif keyword == "LABEL":
        config["Labels"][name] = value
    elif keyword in ("USER", "WORKDIR"):
        config[{"USER": "User", "WORKDIR": "WorkingDir"}[keyword]] = rest
    elif keyword == "VOLUME":
        config.setdefault("Volumes", {})[rest] = {}
    elif keyword == "EXPOSE":
        config.setdefault("ExposedPorts", {})[rest] = {}
    elif keyword in ("ENTRYPOINT", "CMD"):
        config[keyword.capitalize()] = json.loads(rest)


def _layer(lines: list[str]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for line in lines:
            member, content = _member(line)
            archive.addfile(member, io.BytesIO(content) if member.isreg() else None)
    return out.getvalue()


def _member(line: str) -> tuple[tarfile.TarInfo, bytes]:
    if line.startswith("- "):
        folder, _, name = line[2:].rpartition("/")
        return tarfile.TarInfo(f"{folder}/.wh.{name}".lstrip("/")), b""
    found = _FILE.fullmatch(line)
    assert found, f"no line of a layer: {line}"
    member = tarfile.TarInfo(found[1].strip("/"))
    content = (found[3] or "").replace("\\n", "\n").encode()
    member.size = len(content)
    member.mode = int(found[2] or ("755" if found[1].endswith("/") else "644"), 8)
    if found[4]:
        member.type, member.linkname = tarfile.SYMTYPE, found[4]
    elif found[1].endswith("/"):
        member.type = tarfile.DIRTYPE
    return member, content


def _archive(layers: list[bytes], history: list[dict[str, Any]], config: dict[str, Any]) -> bytes:
    rootfs = {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}" for layer in layers]}
    settings = json.dumps(
        {"os": "linux", "architecture": "amd64", "config": config, "rootfs": rootfs, "history": history}
    )
    names = [f"{index}.tar" for index in range(len(layers))]
    manifest = json.dumps([{"Config": "config.json", "RepoTags": ["app:1"], "Layers": names}])
    out = io.BytesIO()
    files = {
        "manifest.json": manifest.encode(),
        "config.json": settings.encode(),
        **dict(zip(names, layers, strict=True)),
    }
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()
