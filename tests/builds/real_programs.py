"""What real programs make of files that say how images are built, in one form with our own reading."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from dfguard.context.invocations import given
from dfguard.context.invocations.flags import context_kind
from dfguard.context.invocations.nodes import Scalar
from dfguard.context.invocations.territory import join

Build = dict[str, Any]


def lay_out(files: dict[str, str], folder: Path) -> None:
    """Write the files of a case."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def own_reading(build: given.Build, folder: Path) -> Build:
    """The same of our reading; what hangs on a variable without a value is empty, as the programs have it."""
    return {
        "context": _place(build.context, build.folder, folder),
        "dockerfile": None if build.inline else (build.dockerfile and build.dockerfile.text) or "Dockerfile",
        "inline": build.inline.text if build.inline else None,
        "target": (build.target.text or None) if build.target else None,
        "args": {arg.name: arg.value or "" for arg in build.arguments if arg.given},
        "contexts": {name.text: _place(value, build.folder, folder) for name, value in build.named},
        "secrets": sorted(secret.id for secret in build.secrets),
        "platforms": list(build.platforms),
    }


def _place(scalar: Scalar | None, base: str, folder: Path) -> str:
    text = (scalar.text if scalar else None) or "."
    start = scalar.base if scalar and scalar.base is not None else base
    return relative(join(start, text) if context_kind(text) == "folder" else text, folder)


def environment() -> dict[str, str]:
    """An environment without variables that the files could use."""
    kept = ("PATH", "HOME", "DOCKER_CONFIG", "DOCKER_HOST")
    return {name: os.environ[name] for name in kept if name in os.environ}


def compose_config(folder: Path, args: list[str]) -> dict[str, Build]:
    """What `docker compose config` says of the builds of a project."""
    command = ["docker", "compose", *args, "config", "--format", "json", "--no-consistency"]
    run = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    services = json.loads(run.stdout)["services"]
    return {name: _of_compose(service["build"], folder) for name, service in services.items() if service.get("build")}


def _of_compose(build: Build, folder: Path) -> Build:
    inline = build.get("dockerfile_inline")
    return {
        "context": relative(build.get("context") or ".", folder),
        "dockerfile": None if inline else build.get("dockerfile", "Dockerfile"),
        "inline": inline.replace("$$", "$") if inline else None,
        "target": build.get("target"),
        "args": {name: value.replace("$$", "$") for name, value in build.get("args", {}).items()},
        "contexts": {name: relative(value, folder) for name, value in build.get("additional_contexts", {}).items()},
        "secrets": sorted(secret.get("target") or secret["source"] for secret in build.get("secrets", [])),
        "platforms": build.get("platforms", []),
    }


def bake_print(folder: Path, args: list[str], targets: list[str]) -> dict[str, Build]:
    """What `docker buildx bake --print` says of targets."""
    command = ["docker", "buildx", "bake", *args, "--print", *targets]
    run = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)["target"]
    return {name: _of_bake(target, folder) for name, target in found.items()}


def _of_bake(target: Build, folder: Path) -> Build:
    inline = target.get("dockerfile-inline")
    return {
        "context": relative(target.get("context", "."), folder),
        "dockerfile": None if inline else target.get("dockerfile", "Dockerfile"),
        "inline": inline,
        "target": target.get("target"),
        "args": target.get("args", {}),
        "contexts": {name: relative(value, folder) for name, value in target.get("contexts", {}).items()},
        "secrets": sorted(_secret_id(secret) for secret in target.get("secret", [])),
        "platforms": target.get("platforms", []),
    }


def _secret_id(secret: str | dict[str, str]) -> str:
    fields = secret if isinstance(secret, dict) else dict(field.split("=", 1) for field in secret.split(","))
    return fields["id"]


def relative(path: str, folder: Path) -> str:
    """A path as seen from a folder if it lies near; what is far, or no path, stays as it is."""
    if "://" in path or path.startswith(("service:", "target:", "git@")):
        return path
    full = os.path.normpath(os.path.join(folder, path))
    return os.path.relpath(full, folder) if full.startswith(f"{folder.parent}{os.sep}") else full
