"""From a keystroke to what the editor shows: didChange to published diagnostics, over real stdio.

A Dockerfile of 200 lines, a build context of 2,000 files, a tree that was read before. The server waits for no quiet
(`debounce` 0). Run it: `python benchmarks/lsp.py [CHANGES]`. Prints the median, the 95th percentile and the least, in
milliseconds of the clock, where what else the machine does counts; then the processor time of the server for a change
(Linux only), and that of the same checks in this process without messages and threads. The last line is the processor
time of a fixed loop, so that figures of different machines, or hours, can be compared.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from dfguard.lsp.documents import DOCKERFILE
from dfguard.lsp.project import Project, texts_of
from dfguard.lsp.settings import ClientSettings

FILES, LINES = 2_000, 200


class Server:
    """The server, and messages to and from it."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "dfguard", "lsp"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        given = {
            "processId": None,
            "rootUri": folder.as_uri(),
            "capabilities": {"textDocument": {"publishDiagnostics": {"versionSupport": True}}},
        }
        self.send("initialize", {**given, "initializationOptions": {"debounce": 0}}, id=1)
        self.answer(lambda message: message.get("id") == 1)
        self.send("initialized", {})

    def send(self, method: str, params: Any, **more: Any) -> None:
        """Send one message."""
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def answer(self, wanted: Any) -> Any:
        """The next message that is `wanted`."""
        assert self.process.stdout is not None
        while True:
            length = 0
            while line := self.process.stdout.readline().strip():
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            message = json.loads(self.process.stdout.read(length))
            if wanted(message):
                return message


def project(folder: Path) -> str:
    """Lay out a repository; the text of its Dockerfile."""
    (folder / ".git").mkdir()
    for number in range(FILES):
        file = folder / "app" / f"package{number // 20:03d}" / f"module{number}.{'py' if number % 4 == 0 else 'js'}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"value = {number}\n" * 20)
    (folder / ".dockerignore").write_text(".git\nnode_modules\n*.log\n")
    lines = ["# syntax=docker/dockerfile:1", "ARG NODE=22", "FROM node:${NODE}-slim AS build", "WORKDIR /src"]
    for number in range(12):
        lines += [f"ENV NAME{number}=value{number}", f"COPY app/package{number:03d} ./package{number}"]
        lines += ["RUN apt-get update \\", "    && apt-get install -y --no-install-recommends \\"]
        lines += [f"        tool{number}{letter} \\" for letter in "abcdefg"]
        lines += ["    && rm -rf /var/lib/apt/lists/*"]
    lines += ["FROM debian:12.8-slim", "WORKDIR /srv", "COPY --from=build /src /srv", "COPY . ."]
    lines += [f"LABEL org.example.label{number}=value" for number in range(LINES - len(lines) - 2)]
    lines += ["USER 1000", 'CMD ["node", "app.js"]']
    text = "\n".join(lines) + "\n"
    (folder / "Dockerfile").write_text(text)
    return text


def edited(text: str, number: int) -> tuple[str, dict[str, Any]]:
    """The text after a change, `true && ` typed or deleted in the first RUN, and the change as an editor tells it."""
    lines = text.split("\n")
    at = lines.index("    && rm -rf /var/lib/apt/lists/*")
    typed = number % 2 == 0
    place = {"line": at, "character": 7}
    end = place if typed else {"line": at, "character": 15}
    if typed:
        lines[at] = "    && true && rm -rf /var/lib/apt/lists/*"
    return "\n".join(lines), {"range": {"start": place, "end": end}, "text": "true && " if typed else ""}


def spent(process: int) -> float:
    """The processor time of all threads of a process so far, in milliseconds; 0 where the system does not tell."""
    tasks = Path(f"/proc/{process}/task")
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.glob("*")) / 1e6


def _is_told(uri: str, version: int, message: Any) -> bool:
    told = message.get("params", {})
    return bool(told.get("uri") == uri and told.get("version") == version)


def in_process(folder: Path, text: str, changes: int) -> list[float]:
    """The processor time of checks of the same changes, in milliseconds, garbage collected as the command does it."""
    gc.set_threshold(50_000, 20, 50)
    project, path = Project(str(folder), ClientSettings()), str(folder / "Dockerfile")
    times = []
    for version in range(-3, changes + 2):
        started = time.process_time()
        project.take(texts_of([(path, DOCKERFILE, edited(text, version)[0])]), thorough=version == -3)
        for job in project.jobs:
            project.check(job)
        project.check_ignore_files()
        project.findings(path)
        times.append((time.process_time() - started) * 1000)
    return times[5:]


def loop() -> float:
    """The processor time of a million additions, in milliseconds."""
    started, total = time.process_time(), 0
    for number in range(1_000_000):
        total += number & 3
    return (time.process_time() - started) * 1000


def main(changes: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = project(folder)
        server = Server(folder)
        uri = (folder / "Dockerfile").as_uri()
        document = {"uri": uri, "languageId": "dockerfile", "version": 1, "text": text}
        server.send("textDocument/didOpen", {"textDocument": document})
        server.answer(partial(_is_told, uri, 1))
        time.sleep(2)
        times, processor = [], []
        for version in range(2, changes + 2):
            _, change = edited(text, version)
            before, started = spent(server.process.pid), time.perf_counter()
            server.send(
                "textDocument/didChange",
                {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]},
            )
            server.answer(partial(_is_told, uri, version))
            times.append((time.perf_counter() - started) * 1000)
            processor.append(spent(server.process.pid) - before)
            time.sleep(0.3)
        server.process.kill()
        alone = in_process(folder, text, changes)
    print(f"{len(text.splitlines())} lines, {FILES:,} files, {changes} changes, in milliseconds")
    for what, found in (("clock", times), ("processor time of the server", processor), ("of checks alone", alone)):
        found.sort()
        median, late = found[len(found) // 2], found[int(len(found) * 0.95)]
        print(f"{what:<30} median {median:6.1f}  95th percentile {late:6.1f}  least {found[0]:6.1f}")
    print(f"{'of a fixed loop':<30} median {sorted(loop() for _ in range(9))[4]:6.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
