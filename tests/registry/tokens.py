"""A token server in front of a real registry: the flow that Docker Hub and Harbor have, signed and checked for real.

https://distribution.github.io/distribution/spec/auth/jwt/
"""

from __future__ import annotations

import base64
import http.client
import http.server
import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

sys.path += [str(Path(__file__).parents[1] / "engine"), str(Path(__file__).parent)]

from hosts import Seen, basic
from registry_up import registry, why_no_registry

ISSUER, SERVICE = "tokens of a test", "registry of a test"


def why_no_tokens() -> str:
    """Why there can be none here, "" when there can."""
    return why_no_registry() or ("" if shutil.which("openssl") else "there is no openssl")


class Signer:
    """Makes tokens that the registry takes."""

    def __init__(self, folder: Path) -> None:
        self.key, self.certificate = folder / "token.key", folder / "token.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=t", "-days", "2",
             "-keyout", str(self.key), "-out", str(self.certificate)],
            check=True, capture_output=True,
        )  # fmt: skip
        lines = self.certificate.read_text().splitlines()
        self.der = "".join(line for line in lines if not line.startswith("-"))

    def token(self, repository: str, *actions: str) -> str:
        """A token for what may be done with a repository."""
        now = int(time.time())
        access = [{"type": "repository", "name": repository, "actions": list(actions)}] if actions else []
        times = {"exp": now + 300, "nbf": now - 10, "iat": now - 10}
        claims = {"iss": ISSUER, "sub": "t", "aud": SERVICE, "jti": "1", "access": access, **times}
        head = {"typ": "JWT", "alg": "RS256", "x5c": [self.der]}
        text = ".".join(_encoded(json.dumps(part).encode()) for part in (head, claims))
        command = ["openssl", "dgst", "-sha256", "-sign", str(self.key)]
        signature = subprocess.run(command, input=text.encode(), check=True, capture_output=True).stdout
        return f"{text}.{_encoded(signature)}"


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@contextmanager
def token_registry(folder: Path) -> Iterator[tuple[str, str, Signer, Seen]]:
    """A registry that asks for tokens: the host of the front that also gives them, its own host, and what was asked."""
    signer, seen, inner = Signer(folder), Seen(), [""]

    class Front(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            authorization = self.headers.get("Authorization")
            seen.requests.append((self.command, self.path, authorization))
            if self.path.startswith("/token"):
                scope = parse_qs(urlsplit(self.path).query)["scope"][0]
                _, repository, actions = scope.split(":")
                allowed = actions.split(",") if authorization == f"Basic {basic()}" else []
                self.answer(200, {}, json.dumps({"token": signer.token(repository, *allowed)}).encode())
                return
            connection = http.client.HTTPConnection(inner[0])
            headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            connection.request(self.command, self.path, headers=headers)
            response = connection.getresponse()
            body = response.read()
            self.answer(response.status, dict(response.getheaders()), body)
            connection.close()

        do_HEAD = do_GET  # noqa: N815

        def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            kept = {name: value for name, value in headers.items() if name.lower() not in ("date", "content-length")}
            for name, value in {**kept, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Front) as served:
        host = f"127.0.0.1:{served.server_address[1]}"
        auth = (
            f"{{token: {{realm: 'http://{host}/token', service: {SERVICE}, issuer: {ISSUER}, "
            f"rootcertbundle: {signer.certificate}}}}}"
        )
        with registry(folder, auth=auth) as own:
            inner[0] = own
            threading.Thread(target=served.serve_forever, daemon=True).start()
            yield host, own, signer, seen
            served.shutdown()
