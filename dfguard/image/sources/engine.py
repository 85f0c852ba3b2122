"""Images in the store of Docker or podman, through their own command lines: `save` and `image inspect`."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from dfguard.errors import InputError
from dfguard.image.compression import Reader

ENGINES = ("docker", "podman")


@contextmanager
def saved(engine: str, name: str) -> Iterator[Reader]:
    """The stream of an image as its engine saves it.

    Raises InputError when the program is absent, and, at the end, with what it said when it failed.
    """
    program = shutil.which(engine)
    where = f"{engine}:{name}"
    if program is None:
        raise InputError(where, f"needs the program {engine}, which is not installed")
    if name.startswith("-"):
        raise InputError(where, "is no name of an image")
    # podman's other format can't be written to a pipe in one pass.
    options = ["--format", "oci-archive"] if engine == "podman" else []
    with subprocess.Popen(
        [program, "save", *options, name], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        problem: InputError | None = None
        try:
            yield process.stdout
        except InputError as error:
            problem = error  # what the engine says explains more than an archive that ends early
        finally:
            process.stdout.close()
            said = " ".join(process.stderr.read(4096).decode("utf-8", "replace").split())
        if process.wait() and said:
            raise InputError(where, f"can't be saved: {said[:200]}")
        if problem is not None:
            raise problem


def inspected(engine: str, name: str) -> bytes:
    """What an engine says of an image in its store: JSON.

    Raises InputError when the program is absent, and with what it said when it knows no such image.
    """
    program = shutil.which(engine)
    where = f"{engine}:{name}"
    if program is None:
        raise InputError(where, f"needs the program {engine}, which is not installed")
    try:
        run = subprocess.run(
            [program, "image", "inspect", name], stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InputError(where, f"can't be asked for: {type(error).__name__}") from None
    if run.returncode:
        said = " ".join(run.stderr.decode("utf-8", "replace").split())
        raise InputError(where, f"can't be inspected: {said[:200]}")
    return run.stdout
