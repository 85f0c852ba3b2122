"""keep.py [FORM ...] : build the zoo's story in the forms that are kept, and write tests/image/fixtures/ anew.

Needs the engines of tests/engine/up.sh (DFGUARD_CONTAINERD_HOST for BuildKit's exporters, DFGUARD_OLD_HOST for Docker
20.10), buildah and skopeo.
"""

from __future__ import annotations

import io
import lzma
import sys
import tarfile
import tempfile
from pathlib import Path

TESTS = Path(__file__).parent.parent.parent
sys.path[:0] = [str(TESTS / "engine"), str(TESTS / "image")]

import builders  # noqa: E402
import zoo_story  # noqa: E402

KEPT = (
    "docker-overlay", "docker-classic", "docker-containerd", "docker-20", "docker-20-squash",
    "buildkit-docker", "buildkit-oci-zstd", "buildkit-attested", "buildkit-multi",
    "buildah-layers-docker", "buildah-one-layer", "skopeo-dir",
)  # fmt: skip


def packed(path: Path) -> bytes:
    """An archive, or a folder as one, compressed."""
    if path.is_file():
        return lzma.compress(path.read_bytes(), preset=9 | lzma.PRESET_EXTREME)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.add(path, path.name)
    return lzma.compress(out.getvalue(), preset=9 | lzma.PRESET_EXTREME)


def main() -> None:
    """Write the fixtures."""
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        shell = builders.small_shell(work)
        zoo_story.write_context(work / "context", shell)
        for form in sys.argv[1:] or KEPT:
            builders.FORMS[form](work / "context", work / form)
            target = TESTS / "image" / "fixtures" / f"{form}.xz"
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(packed(work / form))
            print(f"{form}: {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
