"""A registry by the OCI distribution spec: manifests by tag or digest, blobs, Basic and token authentication."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any
from urllib.parse import urlencode, urlsplit

from dfguard.errors import InputError
from dfguard.reference import DOCKER_HUB
from dfguard.registry.credentials import Credentials, credentials_for
from dfguard.registry.transport import Response, base_url, request
from dfguard.struct import Struct

# All four: without one of them a registry answers for another format, with another digest.
ACCEPT = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)
MAX_MANIFEST = 4 << 20  # bytes, as the distribution spec has it
_MAX_TOKEN = 1 << 20
_HUB_HOST = "registry-1.docker.io"
_HUB_REALM = "auth.docker.io"


class Manifest(Struct):
    """A manifest or index as a registry gave it; `digest` is that of the data, recomputed."""

    digest: str
    media_type: str
    data: bytes


class Registry:
    """One registry; tokens are kept for as long as this object lives.

    `host` is that of an image reference (`docker.io`, `127.0.0.1:5000`) or of a mirror, `prefix` the folder in which a
    mirror keeps the repositories of another registry. Only what is kept for this very host is sent to it. Every method
    raises InputError, which names the host and never a credential, for a host that can't be reached, that refuses, or
    that answers nonsense.
    """

    def __init__(self, host: str, *, prefix: str = "") -> None:
        self.host = host
        self._server = _HUB_HOST if host == DOCKER_HUB else host
        self._prefix = f"{prefix}/" if prefix else ""
        self._authorization: dict[str, str] = {}  # by repository
        self._known: Credentials | None = None
        self._asked = False

    def digest(self, repository: str, reference: str) -> str | None:
        """The digest that a tag or digest stands for, None when the registry does not know it."""
        response = self._get("HEAD", repository, f"manifests/{reference}", ACCEPT)
        response.close()
        found = response.headers.get("docker-content-digest", "")
        if response.status == 200 and re.fullmatch(r"sha256:[0-9a-f]{64}", found):
            return found
        if response.status == 404:
            return None
        manifest = self.manifest(repository, reference)  # not every registry tells the digest of a HEAD
        return manifest.digest if manifest else None

    def manifest(self, repository: str, reference: str) -> Manifest | None:
        """A manifest or index, None when the registry does not know it; one asked for by digest must have it."""
        response = self._get("GET", repository, f"manifests/{reference}", ACCEPT)
        if response.status == 404:
            response.close()
            return None
        self._expect(response, repository)
        data = response.whole(MAX_MANIFEST)
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        if reference.startswith("sha256:") and reference != digest:
            raise InputError(self.host, f"sent {digest} for {repository}@{reference}")
        return Manifest(digest, response.headers.get("content-type", "").partition(";")[0].strip(), data)

    def blob(self, repository: str, digest: str) -> Response:
        """A blob, to be read and closed by the caller, who checks its digest."""
        response = self._get("GET", repository, f"blobs/{digest}", "*/*")
        self._expect(response, repository)
        return response

    # -- authentication

    def _get(self, method: str, repository: str, path: str, accept: str) -> Response:
        repository = self._prefix + repository
        url = f"{base_url(self._server)}/v2/{repository}/{path}"
        headers = {"Accept": accept}
        if repository in self._authorization:
            headers["Authorization"] = self._authorization[repository]
        response = request(method, url, headers)
        if response.status != 401:
            return response
        challenge = response.headers.get("www-authenticate", "")
        response.close()
        authorization = self._answer(challenge, repository)
        if authorization is None or headers.get("Authorization") == authorization:
            raise InputError(self.host, f"refuses {repository}: {self._why_refused()}")
        self._authorization[repository] = authorization
        response = request(method, url, {**headers, "Authorization": authorization})
        if response.status == 401:
            response.close()
            raise InputError(self.host, f"refuses {repository}: {self._why_refused()}")
        return response

    def _why_refused(self) -> str:
        known = self._credentials() is not None
        return "the credentials kept for it are not accepted" if known else f"log in first: docker login {self.host}"

    def _answer(self, challenge: str, repository: str) -> str | None:
        """What to send for `WWW-Authenticate`; None where nothing helps."""
        scheme, _, rest = challenge.strip().partition(" ")
        credentials = self._credentials()
        if scheme.lower() == "basic":
            return _basic(credentials) if credentials and credentials.user else None
        if scheme.lower() != "bearer":
            return None
        parameters = dict(re.findall(r'([a-z_]+)="([^"]*)"', rest))
        realm = parameters.get("realm", "")
        scope = parameters.get("scope") or f"repository:{repository}:pull"
        if not realm:
            raise InputError(self.host, "asks for a token and does not say where to get one")
        trusted = credentials if credentials and self._may_know(urlsplit(realm).netloc) else None
        return f"Bearer {_token(self.host, realm, parameters.get('service', ''), scope, trusted)}"

    def _may_know(self, realm: str) -> bool:
        """Whether the token server may be shown what is kept for the registry: itself, or a host above it."""
        if self.host == DOCKER_HUB:
            return realm == _HUB_REALM
        return realm == self.host or self.host.endswith("." + realm)

    def _credentials(self) -> Credentials | None:
        """What is kept for this host."""
        if not self._asked:
            self._known = credentials_for(self.host)
        self._asked = True
        return self._known

    def _expect(self, response: Response, repository: str) -> None:
        if response.status == 200:
            return
        response.close()
        meaning = {403: "forbids it", 404: "does not know it", 429: "says: too many requests"}
        said = meaning.get(response.status, f"answers with status {response.status}")
        raise InputError(self.host, f"{said}: {repository}")


def _basic(credentials: Credentials) -> str:
    pair = f"{credentials.user}:{credentials.password}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"


def _token(host: str, realm: str, service: str, scope: str, credentials: Credentials | None) -> str:
    """A token for a scope; by an identity token where one is kept (OAuth2), else by Basic or without a name."""
    query = {"service": service, "scope": scope}
    if credentials and credentials.identity_token:
        form = {
            **query,
            "grant_type": "refresh_token",
            "client_id": "dfguard",
            "refresh_token": credentials.identity_token,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        response = request("POST", realm, headers, urlencode(form).encode())
    else:
        headers = {"Authorization": _basic(credentials)} if credentials else {}
        joint = "&" if "?" in realm else "?"
        response = request("GET", f"{realm}{joint}{urlencode(query)}", headers)
    data = response.whole(_MAX_TOKEN)
    if response.status != 200:
        raise InputError(host, f"its token server answers with status {response.status}")
    try:
        answer: Any = json.loads(data)
        token = answer.get("token") or answer.get("access_token")
    except (ValueError, AttributeError, RecursionError):
        token = None
    if not isinstance(token, str) or not re.fullmatch(r"[\x21-\x7e]+", token):
        raise InputError(host, "its token server gives no token")
    return token
