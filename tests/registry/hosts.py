"""Registries for tests: images put into a real one, and servers that say what a test has them say."""

from __future__ import annotations

import base64
import http.server
import json
import ssl
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

sys.path.append(str(Path(__file__).parents[1] / "image"))

from image_archives import layer_tar, oci_blobs, sha256

USER, PASSWORD = "tester", "not-a-secret"
HTPASSWD = f"{USER}:$2b$04$mYLjtjbLN/HTCxOezegbueNA.w/4Z/Cs9QyEPbUP6EjjBBFP7InFO"
LAYERS = [layer_tar({"etc/passwd": b"root"}), layer_tar({"app/x": b"1"})]


def push(host: str, repository: str, authorization: str = "", tag: str = "1", text: bytes = b"1") -> tuple[str, str]:
    """Put an index of two platforms there; its digest and that of the image for amd64. `text` is in a file of it."""
    first, amd64 = oci_blobs([LAYERS[0], layer_tar({"app/x": text})])
    second, arm64 = oci_blobs(LAYERS[:1], architecture="arm64")
    amd64["platform"] = {"os": "linux", "architecture": "amd64"}
    arm64["platform"] = {"os": "linux", "architecture": "arm64"}
    headers = {"Authorization": authorization} if authorization else {}

    def send(method: str, url: str, data: bytes, kind: str) -> Any:
        return urlopen(Request(url, data, {**headers, "Content-Type": kind}, method=method))

    for blob in (first | second).values():
        start = send("POST", f"http://{host}/v2/{repository}/blobs/uploads/", b"", "text/plain").headers["Location"]
        joint = "&" if "?" in start else "?"
        send("PUT", f"{start}{joint}digest={sha256(blob)}", blob, "application/octet-stream")
    kind = "application/vnd.oci.image.manifest.v1+json"
    for blobs, descriptor in ((first, amd64), (second, arm64)):
        data = blobs[f"blobs/sha256/{descriptor['digest'][7:]}"]
        send("PUT", f"http://{host}/v2/{repository}/manifests/{descriptor['digest']}", data, kind)
    kind = "application/vnd.oci.image.index.v1+json"
    index = json.dumps({"schemaVersion": 2, "mediaType": kind, "manifests": [amd64, arm64]}).encode()
    send("PUT", f"http://{host}/v2/{repository}/manifests/{tag}", index, kind)
    return sha256(index), amd64["digest"]


def docker_config(folder: Path, monkeypatch: pytest.MonkeyPatch, config: object) -> None:
    (folder / "config.json").write_text(config if isinstance(config, str) else json.dumps(config))
    monkeypatch.setenv("DOCKER_CONFIG", str(folder))


def basic(user: str = USER, password: str = PASSWORD) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


class Seen:
    """What a server was asked: (method, path, Authorization)."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, str | None]] = []


@contextmanager
def server(
    answers: dict[str, list[tuple[int, dict[str, str], bytes]]], tls: tuple[Path, Path] | None = None
) -> Iterator[tuple[str, Seen]]:
    """A server that gives its answers for each path one after another, the last one again and again.

    A status of 0 is none: the connection ends. `tls`: certificate and key of one that speaks HTTPS.
    """
    seen = Seen()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            seen.requests.append((self.command, self.path, self.headers.get("Authorization")))
            left = answers.get(path) or [(404, {}, b"")]
            status, headers, body = left.pop(0) if len(left) > 1 else left[0]
            if not status:  # the connection ends without a word
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_HEAD = do_POST = do_GET  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as served:
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            served.socket = context.wrap_socket(served.socket, server_side=True)
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{served.server_address[1]}", seen
        served.shutdown()
