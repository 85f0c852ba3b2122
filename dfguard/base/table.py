"""What is known of a base image without pulling it: the dated table of bases.toml.

Everything that is not in the table, or not certain there, is unknown; nothing is guessed.
"""

from __future__ import annotations

from typing import Any

from dfguard.base.generated import AS_OF, IMAGES, NAMES, PREFIXES, PROFILES, SYSTEMS
from dfguard.reference import DOCKER_HUB, Reference
from dfguard.struct import Struct

__all__ = ["AS_OF", "UNKNOWN", "Base", "lookup"]

# https://github.com/docker-library/official-images#architectures-other-than-amd64
_ARCHITECTURES = frozenset(
    ("amd64", "arm32v5", "arm32v6", "arm32v7", "arm64v8", "i386", "mips64le", "ppc64le", "riscv64", "s390x", "winamd64")
)
_MIRRORS_OF_OFFICIAL_IMAGES = ("public.ecr.aws/docker/library/", "mirror.gcr.io/library/")


class Base(Struct):
    """What an image starts a stage with; None is unknown, the text "none" is known to be absent.

    `known`: the image is in the table. `family`: the operating system ("debian", "alpine", "rhel",
    "windows", "distroless", "scratch" ...). `user`: the effective user ("root", "65532", "1000:0",
    a name). `shell`: what runs shell-form instructions ("dash", "ash", "bash", "cmd",
    "powershell"). `package_manager`: as it is called in commands ("apt-get", "microdnf"). `libc`:
    "glibc", "musl", "uclibc". `tools`: programs that are certainly there, `lacks`: those that are
    certainly not; others may be. `sdk`: what makes it an image to build in ("golang", "jdk",
    "dotnet-sdk" ...). `drops_privileges`: its entrypoint starts as `user` and goes on as another one.
    `env`: the variables beside PATH that some version of the image sets.
    """

    known: bool
    family: str | None = None
    user: str | None = None
    shell: str | None = None
    package_manager: str | None = None
    libc: str | None = None
    workdir: str | None = None
    tools: frozenset[str] = frozenset()
    sdk: str | None = None
    drops_privileges: bool = False
    env: frozenset[str] | None = None
    lacks: frozenset[str] = frozenset()


UNKNOWN = Base(False)
_PLAIN: dict[str, Any] = {}
_OPTIONAL = ("family", "user", "shell", "package_manager", "libc", "workdir", "sdk")


def lookup(reference: Reference | None) -> Base:
    """The base that a reference names; UNKNOWN for None and for images outside the table.

    No tag means `latest`. A digest without a tag may be any variant: it gets what all Linux tags of
    that image have in common. With both, the tag is believed.
    """
    image = _find(reference) if reference is not None else None
    if reference is None or image is None:
        return UNKNOWN
    if reference.tag is None and reference.digest is not None:
        return _common(_every_linux_variant(image))
    words = (reference.tag or "latest").lower().split("-")
    fitting = (fields for tag, fields in image["variants"] if all(_holds(words, word) for word in tag))
    systems = (profile for word, profile in SYSTEMS if _holds(words, word)) if image["systems"] else iter(())
    return _base(image, next(systems, None), next(fitting, _PLAIN))


def _find(reference: Reference) -> dict[str, Any] | None:
    name = reference.familiar
    namespace, _, rest = name.partition("/")
    if reference.registry == DOCKER_HUB and namespace in _ARCHITECTURES:
        name = rest
    for mirror in _MIRRORS_OF_OFFICIAL_IMAGES:
        name = name.removeprefix(mirror)
    index = NAMES.get(name)
    if index is None:
        index = next((index for prefix, index in PREFIXES if name.startswith(prefix)), None)
    return None if index is None else IMAGES[index]


def _holds(words: list[str], pattern: str) -> bool:
    """Whether one of the words of a tag is `pattern`, or starts with it where it ends in `*`."""
    if pattern.endswith("*"):
        return any(word.startswith(pattern[:-1]) for word in words)
    return pattern in words


def _base(image: dict[str, Any], system: str | None, variant: dict[str, Any]) -> Base:
    profile = PROFILES[system or variant.get("profile") or image["profile"]]
    fields = {**image, **profile, **variant}
    texts: dict[str, Any] = {name: fields.get(name) for name in _OPTIONAL}
    drops: bool = image["drops_privileges"]
    env = frozenset(image["env"]) if "env" in image and profile.get("family") != "windows" else None
    tools, lacks = (frozenset(fields.get(key, ())) for key in ("tools", "lacks"))
    return Base(known=True, tools=tools, drops_privileges=drops, env=env, lacks=lacks, **texts)


def _every_linux_variant(image: dict[str, Any]) -> list[Base]:
    variants = [_PLAIN, *(fields for _, fields in image["variants"])]
    systems: list[str | None] = [None]
    if image["systems"]:
        systems += [name for name in {profile for _, profile in SYSTEMS} if PROFILES[name]["family"] != "windows"]
    return [_base(image, system, variant) for system in systems for variant in variants]


def _common(bases: list[Base]) -> Base:
    first = bases[0]
    agreed: dict[str, Any] = {
        name: getattr(first, name) if all(getattr(base, name) == getattr(first, name) for base in bases) else None
        for name in _OPTIONAL
    }
    tools = frozenset.intersection(*(base.tools for base in bases))
    lacks = frozenset.intersection(*(base.lacks for base in bases))
    return Base(known=True, tools=tools, env=first.env, lacks=lacks, **agreed)
