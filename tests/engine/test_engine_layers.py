"""What rules on layers say of builders, held against a real engine: VOLUME, `chown`, mounts.

`tests/engine/up.sh DIR` brings an engine up; without one these tests are skipped, with the reason.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import layers
import pytest

pytestmark = pytest.mark.engine

BASE = "busybox:dfguard-layers-test"
IMAGE = "dfguard-layers-test:latest"
BIG = 3_000_000


@pytest.fixture(scope="module", autouse=True)
def base_image() -> Iterator[None]:
    """A small base image from the machine's own static busybox."""
    with layers.based(IMAGE, BASE):
        yield


def sizes(context: Path, text: str) -> list[int]:
    """The sizes of the layers that the instructions behind FROM make, first one first."""
    (context / "Dockerfile").write_text(f"FROM {BASE}\n{text}")
    (context / ".dockerignore").write_text("Dockerfile\n.dockerignore\n")
    layers.build(context, IMAGE)
    command = ["docker", "history", "--human=false", "--format", "{{.Size}}", IMAGE]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return [int(size) for size in run.stdout.split()][::-1][1:]


@pytest.mark.parametrize(
    "command",
    [
        "chown -R 1:1 /srv",
        "chown -R 0:0 /srv",
        "chmod -R 700 /srv",
        "chmod 644 /srv/big",
        "mv /srv /opt",
        "touch /srv/big",
    ],
)
def test_a_layer_holds_all_of_a_file_whose_owner_mode_or_path_changes(command: str, tmp_path: Path) -> None:
    """DG512."""
    (tmp_path / "big").write_bytes(os.urandom(BIG))
    (tmp_path / "big").chmod(0o644)
    copied, changed = sizes(tmp_path, f"COPY big /srv/\nRUN {command}\n")
    assert copied == BIG
    assert changed == BIG


def test_a_removal_takes_nothing_from_the_layer_below(tmp_path: Path) -> None:
    """DG511."""
    (tmp_path / "big").write_bytes(os.urandom(BIG))
    assert sizes(tmp_path, "COPY big /srv/\nRUN rm /srv/big\n") == [BIG, 0]


VOLUME = """\
RUN mkdir /data && echo a > /data/before && echo a > /data/changed
VOLUME /data
RUN echo b > /data/after; echo b > /data/changed; rm /data/before
COPY copied /data/
"""


@pytest.mark.parametrize(
    ("buildkit", "left"),
    [
        ("1", {"after": b"b\n", "changed": b"b\n", "copied": b"c"}),
        ("0", {"before": b"a\n", "changed": b"a\n", "copied": b"c"}),
    ],
    ids=["buildkit", "classic"],
)
def test_what_a_run_writes_below_a_volume(
    buildkit: str, left: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DG513."""
    (tmp_path / "Dockerfile").write_text(f"FROM {BASE}\n{VOLUME}")
    (tmp_path / "copied").write_text("c")
    layers.remove_image(IMAGE)
    command = ["docker", "build", "--network", "none", "--tag", IMAGE, str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "DOCKER_BUILDKIT": buildkit})
    if buildkit == "0" and run.returncode and "legacy builder" not in run.stdout + run.stderr:
        pytest.skip("this engine has no classic builder")
    assert run.returncode == 0, run.stderr
    view = layers.states(layers.save(IMAGE))[-1]
    assert {path[len("/data/") :]: entry[1] for path, entry in view.items() if path.startswith("/data/")} == left


@pytest.mark.parametrize("mount", ["type=cache,target=/m", "type=bind,target=/m,rw", "type=tmpfs,target=/m"])
def test_what_a_run_writes_into_a_mount_is_not_there_later(mount: str, tmp_path: Path) -> None:
    """DG514."""
    (tmp_path / "Dockerfile").write_text(
        f"FROM {BASE} AS build\nRUN --mount={mount} mkdir -p /m/out && echo x > /m/out/app\n"
        "FROM scratch\nCOPY --from=build /m/out/app /\n"
    )
    layers.remove_image(IMAGE)
    command = ["docker", "build", "--network", "none", "--tag", IMAGE, str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode != 0
    said = run.stdout + run.stderr
    assert "/m/out" in said and ("not found" in said or "no such file" in said)
