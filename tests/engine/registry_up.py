"""A real registry on this machine for tests: Debian's docker-registry, with or without a password."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def why_no_registry() -> str:
    """Why none can be started here, "" when one can."""
    if shutil.which("docker-registry") is None:
        return "there is no docker-registry; apt-get install docker-registry brings it"
    return ""


@contextmanager
def registry(folder: Path, htpasswd: str = "", auth: str = "") -> Iterator[str]:
    """Start one; gives its host. `htpasswd` is a line of such a file (bcrypt): then it asks for Basic credentials.

    `auth` is what its configuration is to have as `auth` otherwise.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = (
        f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {folder / 'data'}}}}}\n"
        f"http: {{addr: '127.0.0.1:{port}'}}\n"
    )
    if htpasswd:
        (folder / "htpasswd").write_text(htpasswd + "\n")
        config += f"auth: {{htpasswd: {{realm: test, path: {folder / 'htpasswd'}}}}}\n"
    if auth:
        config += f"auth: {auth}\n"
    (folder / "registry.yml").write_text(config)
    with subprocess.Popen(
        ["docker-registry", "serve", str(folder / "registry.yml")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _wait(port)
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the registry does not answer")
