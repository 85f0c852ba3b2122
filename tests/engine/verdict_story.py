"""Stories of builds with a secret: built by a real builder, verified by the command line, held against the truth.

The truth is read off the image by itself, with nothing but `tarfile` and `json`: where the credential really is, in
which layer, configuration key or entry of the history. Lines of layers are counted off the Dockerfile by hand.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

TOKEN = "glp" + "at-" + "kX7vb2Qpw41z" + "R9mT5sLc"  # of the right form, and made up
IGNORED = "Dockerfile\n.dockerignore\n"
BASE_LINE = 0

SECRETS = ("DG1", "DG901", "DG902", "DG903")


def lay_out(folder: Path, story: dict[str, Any], base: str) -> None:
    """Write what the image is built from; a later `since` of the story changes it."""
    folder.mkdir(parents=True)
    _write(folder, {".dockerignore": IGNORED, **story.get("files", {})})
    _write(folder, {"Dockerfile": story["dockerfile"].replace("BASE", base)})


def change(folder: Path, story: dict[str, Any], base: str) -> None:
    """What has become of the checkout since the image was built."""
    _write(folder, {path: text.replace("BASE", base) for path, text in story.get("since", {}).items()})


def _write(folder: Path, files: dict[str, Any]) -> None:
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, dict):
            target.write_bytes(_archive(content))
        elif content.startswith("-> "):
            target.symlink_to(content[3:])
        elif content == "gone":
            target.unlink()
        else:
            target.write_text(content.replace("MARK", TOKEN))


def _archive(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            data = text.replace("MARK", TOKEN).encode()
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


# -- the image, read without any of our own code


class Lines(NamedTuple):
    """The line that each layer (by digest) and each entry of the history comes from."""

    layers: dict[str, int]
    entries: list[int]

    def key(self, key: str) -> str:
        """A key of the image, an entry of the history by its line."""
        name, _, index = key.partition(".")
        return f"history@{self.entries[int(index)]}" if name == "history" else key.removeprefix("config.")


def truth(archive: Path, layer_lines: list[int], entry_lines: list[int]) -> tuple[set[str], Lines]:
    """Where the credential is in an archive, each place as PATH@LINE, KEY or history@LINE.

    `layer_lines` are the lines of the layers that the build made, in order, `entry_lines` those of its history; what
    is before them is the base's.
    """
    with tarfile.open(archive) as saved:
        manifest = json.loads(_read(saved, "manifest.json"))[0]
        config = json.loads(_read(saved, manifest["Config"]))
        blobs = [_read(saved, name) for name in manifest["Layers"]]
    told = [entry.get("created_by") or "" for entry in config["history"]]
    layers = [BASE_LINE] * (len(blobs) - len(layer_lines)) + layer_lines
    entries = [BASE_LINE] * (len(told) - len(entry_lines)) + entry_lines
    places = {f"{path}@{line}" for line, blob in zip(layers, blobs, strict=True) for path in _marked(blob)}
    places |= {f"history@{line}" for line, text in zip(entries, told, strict=True) if TOKEN in text}
    places |= {name for name, value in _settings(config["config"]) if TOKEN in value}
    return places, Lines(dict(zip(config["rootfs"]["diff_ids"], layers, strict=True)), entries)


def _settings(config: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for entry in config.get("Env") or ():
        name, _, value = entry.partition("=")
        yield f"Env.{name}", value
    for name, value in (config.get("Labels") or {}).items():
        yield f"Labels.{name}", value
    for key, value in config.items():
        if key not in ("Env", "Labels"):
            yield key, json.dumps(value)


def _marked(blob: bytes) -> Iterator[str]:
    """The files of a layer that hold the credential, packed ones too; a hard link has the data of its target."""
    with tarfile.open(fileobj=io.BytesIO(blob)) as layer:
        held = {m.name for m in layer if m.isfile() and _holds(_read(layer, m.name))}
        linked = {m.name for m in layer if m.islnk() and m.linkname in held}
    yield from ("/" + name.removeprefix("./").strip("/") for name in held | linked)


def _holds(data: bytes) -> bool:
    if data[:2] == b"\x1f\x8b":
        with tarfile.open(fileobj=io.BytesIO(data)) as packed:
            return any(_holds(_read(packed, member.name)) for member in packed if member.isfile())
    return TOKEN.encode() in data


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(name)
    assert file is not None, name
    return file.read()


# -- what is said of it


def said(data: Any, lines: Lines) -> list[str]:
    """The findings of a JSON report, each as `CODE LINE VERDICT PLACE ...`; layers are told by their lines."""
    return sorted(_said(finding, lines) for finding in data["findings"])


def _said(finding: Any, lines: Lines) -> str:
    place, verdict = finding["location"], finding["verdict"]
    line = finding["start"]["line"] if place["kind"] == "text" else _blamed(finding)
    shown = [_evidence(piece, lines) for piece in verdict["evidence"]] or list(_place(finding, lines))
    return " ".join((finding["code"], str(line), verdict["kind"].replace(" ", "-"), *shown))


def _blamed(finding: Any) -> int:
    """The line that a finding of the image is blamed on, the FROM for what the base image has; 0 for none."""
    blamed = [each for each in finding["related"] if "brought it in" in each["message"]]
    return int(blamed[0]["start"]["line"]) if blamed else 0


def _place(finding: Any, lines: Lines) -> Iterator[str]:
    place = finding["location"]
    if place["kind"] == "layer":
        yield f"{place['path']}@{lines.layers[place['layer']]}"
    elif place["kind"] == "image":
        yield lines.key(place["key"])


def _evidence(piece: Any, lines: Lines) -> str:
    if not piece["layer"]:
        return lines.key(piece["key"])
    fate = next(word for word in ("deleted", "overwritten", "live") if word in piece["text"].split())
    return f"{piece['path']}@{lines.layers[piece['layer']]}={fate}"


def shown(data: Any, lines: Lines) -> set[str]:
    """Every place that a confirmed finding on a secret shows: what must be the truth, no more and no less."""
    found: set[str] = set()
    for finding in data["findings"]:
        if finding["verdict"]["kind"] == "confirmed" and finding["code"].startswith(SECRETS):
            found |= {_evidence(piece, lines).partition("=")[0] for piece in finding["verdict"]["evidence"]}
            found |= set(_place(finding, lines))
    return found
