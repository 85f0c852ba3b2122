"""Images of one build context by every builder and exporter that is at hand, as archives.

`DFGUARD_CONTAINERD_HOST` names a second engine that uses containerd's image store (tests/engine/up.sh with
CONTAINERD_STORE=true): BuildKit's own exporters need it. `DFGUARD_OLD_HOST` names one of 2020, Docker 20.10, with
experimental features (SUITE=bullseye): its archives are of the old form, and it squashes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

import layers

SHELL_SOURCE = Path(__file__).parent / "zoo" / "sh.c"
SHELL_FLAGS = (
    "-Os -static -nostdlib -ffreestanding -fno-stack-protector -fno-asynchronous-unwind-tables"
    " -Wl,-n,--build-id=none -s"
).split()


class Absent(Exception):
    """A builder that is not here, and why."""


def run(*command: str, env: Mapping[str, str] | None = None) -> str:
    """Run a builder's command; what it printed."""
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **(env or {})})
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr[-3000:]}"
    return done.stdout


def small_shell(folder: Path) -> Path:
    """/bin/sh of a kilobyte, compiled in a folder. Raises Absent without a C compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise Absent("no C compiler here")
    run(compiler, *SHELL_FLAGS, "-o", str(folder / "sh"), str(SHELL_SOURCE))
    return folder / "sh"


# -- Docker's engine


def need_engine() -> None:
    """Raises Absent without an engine."""
    why = layers.why_no_engine()
    if why:
        raise Absent(why)


def _docker(context: Path, out: Path, *options: str, **env: str) -> None:
    name = f"dfguard-zoo:{uuid.uuid4().hex[:12]}"
    try:
        run("docker", "build", "--network", "none", "--tag", name, *options, str(context), env=env)
        run("docker", "save", "--output", str(out), name, env=env)
    finally:
        subprocess.run(["docker", "image", "rm", "--force", name], capture_output=True, env={**os.environ, **env})


def buildkit(context: Path, out: Path, *options: str) -> None:
    """BuildKit in the engine with the overlay store, `docker save`."""
    need_engine()
    _docker(context, out, *options)


def classic(context: Path, out: Path, *options: str) -> None:
    """The classic builder, `docker save`."""
    need_engine()
    _docker(context, out, *options, DOCKER_BUILDKIT="0")


def _containerd() -> dict[str, str]:
    host = os.environ.get("DFGUARD_CONTAINERD_HOST", "")
    if not host:
        raise Absent("DFGUARD_CONTAINERD_HOST names no engine with containerd's store")
    return {"DOCKER_HOST": host}


def containerd(context: Path, out: Path, *options: str) -> None:
    """containerd's store, `docker save`: an index with an attestation."""
    _docker(context, out, *options, **_containerd())


def containerd_classic(context: Path, out: Path, *options: str) -> None:
    """The classic builder on containerd's store."""
    _docker(context, out, *options, **_containerd(), DOCKER_BUILDKIT="0")


def _old() -> dict[str, str]:
    host = os.environ.get("DFGUARD_OLD_HOST", "")
    if not host:
        raise Absent("DFGUARD_OLD_HOST names no engine of Docker 20.10")
    return {"DOCKER_HOST": host}


def old(context: Path, out: Path, *options: str) -> None:
    """BuildKit in Docker 20.10."""
    _docker(context, out, *options, **_old())


def old_classic(context: Path, out: Path, *options: str) -> None:
    """The classic builder of Docker 20.10."""
    _docker(context, out, *options, **_old(), DOCKER_BUILDKIT="0")


def old_squash(context: Path, out: Path, *options: str) -> None:
    """The same with --squash: one layer, and an entry of the history for it."""
    _docker(context, out, "--squash", *options, **_old(), DOCKER_BUILDKIT="0")


def exporter(output: str, *options: str) -> Callable[..., None]:
    """An exporter of BuildKit's own, such as `type=oci,compression=zstd`."""

    def build(context: Path, out: Path, *more: str) -> None:
        command = ["docker", "build", "--network", "none", *options, *more, "--output", f"{output},dest={out}"]
        run(*command, str(context), env=_containerd())

    return build


# -- buildah, podman and what copies images


class Store:
    """A store of buildah's and podman's, in a folder with a short name: theirs may have 50 characters."""

    def __init__(self) -> None:
        self.folder = folder = Path(tempfile.mkdtemp(prefix="zoo-"))
        self.flags = ("--storage-driver", "overlay", "--root", f"{folder}/root", "--runroot", f"{folder}/run")

    def build(self, context: Path, *options: str, tag: str = "localhost/zoo:1") -> None:
        """Build with buildah."""
        flags = ("--isolation", "chroot", "--network", "host", *options)
        self.buildah("bud", *flags, "--tag", tag, str(context))

    def buildah(self, command: str, *arguments: str) -> None:
        """Run buildah. Raises Absent where it is not installed."""
        if shutil.which("buildah") is None:
            raise Absent("buildah is not here")
        run("buildah", *self.flags, command, *arguments)

    def remove(self) -> None:
        """Forget the store; what buildah leaves mounted is unmounted first."""
        for mounted in (f"{self.folder}/root/overlay", f"{self.folder}/root"):
            subprocess.run(["umount", "--lazy", mounted], capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def push(self, target: str, *options: str) -> None:
        """Write the image to a transport such as `oci-archive:file:tag`."""
        self.buildah("push", *options, "localhost/zoo:1", target)


def buildah(transport: str, *layered: str) -> Callable[..., None]:
    """buildah, pushed to a transport."""

    def build(context: Path, out: Path, *options: str) -> None:
        store = Store()
        store.build(context, *layered, *options)
        store.push(f"{transport}:{out}" + (":zoo" if transport != "dir" else ""))
        store.remove()

    return build


def podman(form: str) -> Callable[..., None]:
    """`podman build`, `podman save --format`."""

    def build(context: Path, out: Path, *options: str) -> None:
        if shutil.which("podman") is None:
            raise Absent("podman is not here")
        store = Store()
        flags = ("--isolation", "chroot", "--network", "host", *options)
        run("podman", *store.flags, "build", *flags, "--tag", "localhost/zoo:1", str(context))
        run("podman", *store.flags, "save", "--format", form, "--output", str(out), "localhost/zoo:1")
        store.remove()

    return build


def skopeo(source: str, target: str, *options: str) -> Callable[..., None]:
    """An image of the overlay store, copied by skopeo to another transport."""

    def build(context: Path, out: Path, *more: str) -> None:
        if shutil.which("skopeo") is None:
            raise Absent("skopeo is not here")
        saved = out.with_name(f"{out.name}.saved")
        buildkit(context, saved, *more)
        tag = "" if target == "dir" else ":zoo:1" if target == "docker-archive" else ":zoo"
        run("skopeo", "--insecure-policy", "copy", *options, f"{source}:{saved}", f"{target}:{out}{tag}")
        saved.unlink()

    return build


def umoci(context: Path, out: Path, *options: str) -> None:
    """A layout of skopeo's, its configuration written anew by umoci: one more entry of the history."""
    if shutil.which("umoci") is None:
        raise Absent("umoci is not here")
    skopeo("docker-archive", "oci")(context, out, *options)
    run("umoci", "config", "--image", f"{out}:zoo", "--config.label", "zoo=umoci")


FORMS: dict[str, Callable[..., None]] = {
    "docker-overlay": buildkit,
    "docker-classic": classic,
    "docker-containerd": containerd,
    "docker-containerd-classic": containerd_classic,
    "docker-20": old,
    "docker-20-classic": old_classic,
    "docker-20-squash": old_squash,
    "buildkit-docker": exporter("type=docker", "--provenance=false"),
    "buildkit-oci-gzip": exporter("type=oci", "--provenance=false"),
    "buildkit-oci-zstd": exporter("type=oci,compression=zstd,force-compression=true", "--provenance=false"),
    "buildkit-oci-plain": exporter("type=oci,compression=uncompressed,force-compression=true", "--provenance=false"),
    "buildkit-attested": exporter("type=oci", "--provenance=mode=max"),
    "buildkit-attested-least": exporter("type=oci", "--provenance=mode=min"),
    "buildkit-multi-attested": exporter("type=oci", "--provenance=mode=max", "--platform", "linux/amd64,linux/arm64"),
    "buildkit-multi": exporter("type=oci", "--provenance=false", "--platform", "linux/amd64,linux/arm64"),
    "buildah-layers-docker": buildah("docker-archive", "--layers"),
    "buildah-layers-oci": buildah("oci-archive", "--layers"),
    "buildah-layers-folder": buildah("oci", "--layers"),
    "buildah-layers-dir": buildah("dir", "--layers"),
    "buildah-one-layer": buildah("oci-archive", "--layers=false"),
    "buildah-squash": buildah("oci-archive", "--squash"),
    "podman-docker": podman("docker-archive"),
    "podman-oci": podman("oci-archive"),
    "skopeo-dir": skopeo("docker-archive", "dir"),
    "skopeo-oci": skopeo("docker-archive", "oci"),
    "skopeo-oci-zstd": skopeo("docker-archive", "oci-archive", "--dest-compress-format", "zstd"),
    "skopeo-docker": skopeo("docker-archive", "docker-archive"),
    "umoci": umoci,
}
"""All of them (but for BuildKit's bill of materials, whose scanner wants a network that engines of up.sh have not):
name -> what makes the archive (or folder) `out` of a context."""
