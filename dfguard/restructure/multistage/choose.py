"""Which language a stage builds, by the image that it starts from."""

from __future__ import annotations

from dfguard.edit import Fix, Refusal
from dfguard.reference import parse
from dfguard.restructure.multistage import dotnet, go, java, rust, scripted
from dfguard.restructure.multistage.split import split
from dfguard.restructure.surroundings import Surroundings

_BY_SDK = {
    "golang": go.recipe,
    "rust": rust.recipe,
    "maven": java.recipe,
    "gradle": java.recipe,
    "jdk": java.recipe,
    "dotnet-sdk": dotnet.recipe,
}
_BY_NAME = {"python": scripted.python, "node": scripted.node}


def built_apart(around: Surroundings) -> Fix | Refusal:
    """The fix that gives the build a stage of its own, or why there is none."""
    image = parse(around.stage.image) if around.stage.image is not None else None
    name = image.familiar.rpartition("/")[2] if image is not None else ""
    make = _BY_SDK.get(around.base.sdk or "") or _BY_NAME.get(name)
    if make is None:
        return Refusal("how this image is built is not known")
    found = make(around)
    return found if isinstance(found, Refusal) else split(found, around)
