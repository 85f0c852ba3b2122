"""From a keystroke to what the editor shows: didChange to published diagnostics, over real stdio.

A Dockerfile of 200 lines, a build context of 2,000 files, a tree that was read before. The server waits for no quiet
(`debounce` 0). Run it: `python benchmarks/lsp.py [CHANGES]`. Prints the median, the 95th percentile and the least, in
milliseconds of the clock; what else the machine does counts.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

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


def _is_told(uri: str, version: int, message: Any) -> bool:
    told = message.get("params", {})
    return bool(told.get("uri") == uri and told.get("version") == version)


def main(changes: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = project(folder)
        server = Server(folder)
        uri = (folder / "Dockerfile").as_uri()
        document = {"uri": uri, "languageId": "dockerfile", "version": 1, "text": text}
        server.send("textDocument/didOpen", {"textDocument": document})
        at = text.split("\n").index("    && rm -rf /var/lib/apt/lists/*")
        server.answer(partial(_is_told, uri, 1))
        time.sleep(2)
        times = []
        for version in range(2, changes + 2):
            place = {"line": at, "character": 7}
            change = {"range": {"start": place, "end": place}, "text": "true && " if version % 2 == 0 else ""}
            if version % 2:
                change["range"]["end"] = {"line": at, "character": 15}  # type: ignore[index]
            started = time.perf_counter()
            server.send(
                "textDocument/didChange",
                {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]},
            )
            server.answer(partial(_is_told, uri, version))
            times.append((time.perf_counter() - started) * 1000)
            time.sleep(0.3)
        server.process.kill()
    times.sort()
    print(
        f"{len(text.splitlines())} lines, {FILES:,} files, {changes} changes: median {times[len(times) // 2]:.1f} ms,"
    )
    print(f"95th percentile {times[int(len(times) * 0.95)]:.1f} ms, least {times[0]:.1f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
