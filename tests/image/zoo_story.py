"""The zoo's story: one build context, and what every image of it must say. tests/engine/zoo/Dockerfile is the build.

Files with a password are copied and removed, overwritten and linked; a stage that does not ship has one, too.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from dfguard.dockerfile.parse import parse
from dfguard.dockerfile.stages import build_graph
from dfguard.image.history import map_layers
from dfguard.image.layer import Wanted
from dfguard.image.model import Image
from dfguard.image.opening import open_image
from dfguard.image.secrets import image_secrets
from dfguard.image.view import stack
from dfguard.image_unit import IMAGE_LIMITS
from dfguard.secrets.scanner import SecretScanner
from dfguard.source import LayerPlace, Source

DOCKERFILE = Path(__file__).parent.parent / "engine" / "zoo" / "Dockerfile"

Told = tuple[str, int, str, int]
"""The path or key of a secret, the line that brought it in, its fate, and the line that did that; 0 for no line."""

COPIED, LINKED, REMOVED, EMPTIED, REPLACED, LATE = 11, 12, 14, 15, 16, 17
EXPECTED: frozenset[Told] = frozenset(
    {
        ("/app/.env", COPIED, "deleted", REMOVED),
        ("/app/Dockerfile", COPIED, "live", 0),
        ("/app/settings.ini", COPIED, "deleted", LINKED),
        ("/app/linked.ini", LINKED, "live", 0),
        ("/app/cache/old.ini", COPIED, "deleted", EMPTIED),
        ("/app/config.ini", COPIED, "overwritten", REPLACED),
        ("/app/late.ini", COPIED, "live", 0),
        ("/etc/late.ini", LATE, "live", 0),
        ("config.Env.DEPLOY_PASSWORD", 0, "live", 0),
    }
)
LAST = frozenset((path, 0, fate, 0) for path, _, fate, _ in EXPECTED if fate == "live")
"""What is left of that where one layer holds the work of all instructions: no layer has a deleted or replaced file,
and nobody can tell which line a file comes from."""


def write_context(folder: Path, shell: Path | None = None) -> None:
    """Write the build context; `shell` is the program that becomes /bin/sh."""
    (folder / "cache").mkdir(parents=True)
    shutil.copy(DOCKERFILE, folder)
    if shell is not None:
        shutil.copy(shell, folder / "sh")
    (folder / ".env").write_text("DB_PASSWORD=env-kX7vb2Qpw41zR9\n")
    for name in ("settings", "config", "late", "cache/old"):
        (folder / f"{name}.ini").write_text(f"[db]\npassword = {name[:3]}-kX7vb2Qpw41zR9\n")


def read(name: str, platform: str = "") -> Image:
    """An image with the secrets of its files."""
    return open_image(name, Wanted(scanner=SecretScanner(IMAGE_LIMITS)), platform=platform)


def told(image: Image) -> set[Told]:
    """What is found in an image, by the lines of the Dockerfile."""
    view = stack([layer.content for layer in image.layers])
    mapping = map_layers(image, build_graph(parse(Source("Dockerfile", DOCKERFILE.read_text()))))

    def line(layer: int | None) -> int:
        step = mapping.step_of_layer(layer) if layer is not None else None
        return step.instruction.start_line if step is not None else 0

    return {
        (
            found.place.path if isinstance(found.place, LayerPlace) else found.place.key,
            line(found.layer),
            found.fate,
            line(found.by),
        )
        for found in image_secrets(image, view)
        if found.confidence.rank <= 1
    }


def expected(form: str) -> frozenset[Told]:
    """What an archive of this form must say."""
    return LAST if form in ("buildah-one-layer", "buildah-squash", "docker-20-squash") else EXPECTED


def is_as_told(image: Image, form: str) -> bool:
    """Whether digests and media types are right. skopeo copies the plain layers of `docker save` to where nothing is
    compressed anew under the media type of gzip: that is said of each layer."""
    lies = form in ("skopeo-dir", "skopeo-oci", "umoci") and all("not compressed" in each for each in image.problems)
    return not image.problems or lies
