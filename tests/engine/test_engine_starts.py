"""What is said of the start of a container, and what an engine says when it starts it.

Each case is built and run: where a rule speaks the engine must refuse with the words beside it, and where no rule
speaks the container must run.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import layers
import pytest

from dfguard import catalog
from dfguard.testing import findings, lay_out

pytestmark = pytest.mark.engine

BASE = "busybox:dfguard-starts-test"  # a name that the base table knows, a tag that nobody else has
IMAGE = "dfguard-starts-test:latest"
RULES = ("DG311", "DG744", "DG745", "DG746", "DG747", "DG748", "DG749")
RUNS = ""
FILES = """\
run.sh = #!/bin/sh\\necho started
ready.sh [755] = #!/bin/sh\\necho started
windows.sh [755] = #!/bin/sh\\r\\necho started\\r
bash.sh [755] = #!/bin/bash\\necho started
plain.sh [755] = echo started\\necho again
"""
FROM = f"FROM {BASE}\n"
ALPINE = FROM.replace("busybox", "alpine")
DEBIAN = FROM.replace("busybox", "debian")
TOOL = (
    DEBIAN.strip()
    + """ AS made
ENV PATH=/opt/tool/bin:$PATH
RUN mkdir -p /opt/tool/bin && printf '#!/bin/sh\\necho started' > /opt/tool/bin/tool && chmod +x /opt/tool/bin/tool
RUN tool
"""
)

# The rule that speaks, the words of the engine, and the Dockerfile.
CASES = {
    "not executable": ("DG744", "permission denied", FROM + 'COPY run.sh /\nENTRYPOINT ["/run.sh"]\n'),
    "not executable, shell form": ("DG744", "ermission denied", FROM + "COPY run.sh /\nCMD /run.sh\n"),
    "executable for root alone": (
        "DG744",
        "ermission denied",
        FROM + 'COPY --chmod=700 run.sh /\nUSER 1000:1000\nCMD ["/run.sh"]\n',
    ),
    "executable by --chmod": ("", RUNS, FROM + 'COPY --chmod=755 run.sh /\nENTRYPOINT ["/run.sh"]\n'),
    "executable by chmod": ("", RUNS, FROM + 'COPY run.sh /\nRUN chmod +x /run.sh\nCMD ["/run.sh"]\n'),
    "given to a shell": ("", RUNS, FROM + 'COPY run.sh /\nCMD ["sh", "/run.sh"]\n'),
    "carriage returns": ("DG745", "no such file or directory", FROM + 'COPY windows.sh /\nCMD ["/windows.sh"]\n'),
    "carriage returns, cured": (
        "",
        RUNS,
        FROM + "COPY windows.sh /\nRUN sed -i 's/\\r$//' /windows.sh\nCMD [\"/windows.sh\"]\n",
    ),
    "no bash": ("DG746", "no such file or directory", FROM + 'COPY bash.sh /\nCMD ["/bash.sh"]\n'),
    "no interpreter named": ("DG746", "exec format error", FROM + 'COPY plain.sh /\nENTRYPOINT ["/plain.sh"]\n'),
    "no interpreter named, shell form": ("", RUNS, FROM + "COPY plain.sh /\nENTRYPOINT /plain.sh\n"),
    "a shell form without a shell": (
        "DG746",
        "no such file or directory",
        "FROM scratch\nCOPY ready.sh /\nCMD /ready.sh\n",
    ),
    "nothing there": (
        "DG747",
        "no such file or directory",
        FROM + 'WORKDIR /app\nCOPY ready.sh ./\nCMD ["./redy.sh"]\n',
    ),
    "not on PATH": ("DG747", "executable file not found", 'FROM scratch\nCOPY ready.sh /app\nCMD ["app"]\n'),
    "there": ("", RUNS, FROM + 'WORKDIR /app\nCOPY ready.sh ./\nCMD ["./ready.sh"]\n'),
    "nobody of that name": ("DG749", "unable to find user", ALPINE + 'COPY ready.sh /\nUSER app\nCMD ["/ready.sh"]\n'),
    "PATH of another stage": (
        "DG311",
        "executable file not found",
        TOOL + DEBIAN + 'COPY --from=made /opt/tool /opt/tool\nCMD ["tool"]\n',
    ),
    "PATH of this stage": (
        "",
        RUNS,
        TOOL + DEBIAN + 'COPY --from=made /opt/tool /opt/tool\nENV PATH=/opt/tool/bin:$PATH\nCMD ["tool"]\n',
    ),
    "root needed": ("DG748", "ermission denied", ALPINE + "USER 1000\nRUN echo a > /etc/app\n"),
    "root needed for what COPY brought": (
        "DG748",
        "not permitted",
        ALPINE + "USER 1000:1000\nCOPY run.sh /srv/\nRUN chown 1000 /srv/run.sh\n",
    ),
    "root not needed": (
        "",
        RUNS,
        ALPINE
        + 'RUN mkdir /data && chown 1000 /data\nUSER 1000\nCOPY ready.sh /\nRUN touch /data/a\nCMD ["/ready.sh"]\n',
    ),
}


@pytest.fixture(scope="module", autouse=True)
def base_image() -> Iterator[None]:
    """busybox, under the names of three images that the base table knows."""
    names = (BASE, BASE.replace("busybox", "alpine"), BASE.replace("busybox", "debian"))
    with layers.based(IMAGE, *names):
        yield


@pytest.mark.parametrize("name", CASES)
def test_a_start_fails_as_it_is_said(name: str, tmp_path: Path) -> None:
    code, words, text = CASES[name]
    lay_out(FILES, tmp_path)
    said = {code for code in RULES for entry in catalog.find(code) if findings(entry, text, tmp_path)}
    assert said == ({code} if code else set())
    status, output = built_and_run(text, tmp_path)
    assert words in output
    assert (status != 0) == bool(code), output


def built_and_run(text: str, folder: Path) -> tuple[int, str]:
    """Build, and start a container if that went well: the status, and what both printed."""
    (folder / "Dockerfile").write_text(text)
    build = ["docker", "build", "--progress", "plain", "--network", "none", "--tag", IMAGE, str(folder)]
    run = ["docker", "run", "--rm", "--network", "none", IMAGE]
    output = ""
    for command in (build, run):
        done = subprocess.run(command, capture_output=True, text=True)
        output += done.stdout + done.stderr
        if done.returncode:
            return done.returncode, output
    assert "started" in output
    return 0, output
