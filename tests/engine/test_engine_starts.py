"""What is said of the start of a container, and what an engine says when it starts it.

Each case is built and run: where a rule speaks the engine must refuse with the words beside it, and where no rule
speaks the container must run.
"""

from __future__ import annotations

import shutil
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
RULES = ("DG311", "DG312", "DG744", "DG745", "DG746", "DG747", "DG748", "DG749")
RUNS = ""
FILES = """\
run.sh = #!/bin/sh\\necho started
ready.sh [755] = #!/bin/sh\\necho started
windows.sh [755] = #!/bin/sh\\r\\necho started\\r
bash.sh [755] = #!/bin/bash\\necho started
plain.sh [755] = echo started\\necho again
go [755] = #!/bin/sh\\ncp "$GOFLAGS/prog" "$3"
main.go = package main\\nimport "net/http"
app.conf = a
"""
PROGRAM = '#include <stdio.h>\nint main(void) { puts("started"); return 0; }\n'
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

# A program that the compiler of this machine linked, where Go's tools would put it.
COMPILED = (
    FROM.replace("busybox", "golang").strip()
    + """ AS made
COPY go /bin/
COPY main.go prog /src/
ENV GOFLAGS=/src
RUN go build -o /app .
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
    "root needed to rewrite what COPY brought": (
        "DG748",
        "ermission denied",
        ALPINE + "WORKDIR /srv/app\nCOPY app.conf ./\nUSER 1000:1000\nRUN sed -i s/a/b/ app.conf\n",
    ),
    "root needed to add to what COPY brought": (
        "DG748",
        "ermission denied",
        ALPINE + "WORKDIR /srv/app\nCOPY app.conf ./\nUSER 1000:1000\nRUN echo b >> app.conf\n",
    ),
    "root needed to touch what COPY brought": (
        "DG748",
        "ermission denied",
        ALPINE + "WORKDIR /srv/app\nCOPY app.conf ./\nUSER 1000:1000\nRUN touch app.conf\n",
    ),
    "root needed for a folder below WORKDIR": (
        "DG748",
        "ermission denied",
        ALPINE + "WORKDIR /srv/app\nUSER 1000:1000\nRUN mkdir data\n",
    ),
    "a file open to all in a folder of root": (
        "",
        RUNS,
        ALPINE
        + "WORKDIR /srv/app\nCOPY --chmod=666 app.conf ./\nCOPY ready.sh /\nUSER 1000:1000\n"
        + 'RUN echo b >> app.conf && touch app.conf\nCMD ["/ready.sh"]\n',
    ),
    "a heredoc of a Dockerfile with carriage returns": (
        "DG745",
        "no such file or directory",
        (FROM + 'COPY --chmod=755 <<E /run.sh\n#!/bin/sh\necho started\nE\nCMD ["/run.sh"]\n').replace("\n", "\r\n"),
    ),
    "glibc, and no libc": (
        "DG312",
        "no such file or directory",
        COMPILED + 'FROM scratch\nCOPY --from=made /app /app\nCMD ["/app"]\n',
    ),
    "glibc, and musl": (
        "DG312",
        "no such file or directory",
        COMPILED + ALPINE + 'COPY --from=made /app /app\nCMD ["/app"]\n',
    ),
    "linked statically": (
        "",
        RUNS,
        COMPILED.replace("go build", "CGO_ENABLED=0 go build")
        .replace("prog ", "prog-static ")
        .replace("RUN ", "RUN mv /src/prog-static /src/prog && ")
        + 'FROM scratch\nCOPY --from=made /app /app\nCMD ["/app"]\n',
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
    """busybox, under the names of four images that the base table knows."""
    names = (BASE, *(BASE.replace("busybox", name) for name in ("alpine", "debian", "golang")))
    with layers.based(IMAGE, *names):
        yield


@pytest.mark.parametrize("name", CASES)
def test_a_start_fails_as_it_is_said(name: str, tmp_path: Path) -> None:
    code, words, text = CASES[name]
    lay_out(FILES, tmp_path)
    if text.startswith(COMPILED.split(" AS ")[0]):
        compile_programs(tmp_path)
    said = {code for code in RULES for entry in catalog.find(code) if findings(entry, text, tmp_path)}
    assert said == ({code} if code else set())
    status, output = built_and_run(text, tmp_path)
    assert words in output
    assert (status != 0) == bool(code), output


def compile_programs(folder: Path) -> None:
    """A program that is linked against the libc of this machine, and one that needs none."""
    if shutil.which("gcc") is None:
        pytest.skip("needs gcc")
    (folder / "prog.c").write_text(PROGRAM)
    for options in (("-o", "prog"), ("-static", "-o", "prog-static")):
        subprocess.run(("gcc", "prog.c", *options), cwd=folder, check=True, capture_output=True)


def built_and_run(text: str, folder: Path) -> tuple[int, str]:
    """Build, and start a container if that went well: the status, and what both printed."""
    (folder / "Dockerfile").write_bytes(text.encode())
    build = ["docker", "build", "--progress", "plain", "--network", "none", "--tag", IMAGE, str(folder)]
    run = ["docker", "run", "--rm", "--network", "none", IMAGE]
    output = ""
    layers.remove_image(IMAGE)
    for command in (build, run):
        done = subprocess.run(command, capture_output=True, text=True)
        output += done.stdout + done.stderr
        if done.returncode:
            return done.returncode, output
    assert "started" in output
    return 0, output
