"""One request to a host: HTTPS, plain HTTP to this machine only, redirects without credentials, retries."""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

from dfguard import __version__
from dfguard.errors import InputError

TIMEOUT = 30  # seconds without a byte
MAX_REDIRECTS = 5
TRIES = 4
MAX_WAIT = 20.0
_REDIRECTS = (301, 302, 303, 307, 308)
_AGAIN = (429, 500, 502, 503, 504)


class Unreachable(InputError):
    """A host can't be reached, so that nothing else need be asked of it."""


class BrokenOff(Unreachable):
    """A host closed the connection without an answer, which may be different next time."""


def is_loopback(host: str) -> bool:
    """Whether a host, with or without a port, is this machine: what Docker, too, talks plain HTTP to."""
    name = host if host.startswith("::") or host.endswith("]") else host.rpartition(":")[0] or host
    return name in ("localhost", "[::1]", "::1") or (name.startswith("127.") and name.replace(".", "").isdigit())


def base_url(host: str) -> str:
    """The URL of a registry."""
    return f"{'http' if is_loopback(host) else 'https'}://{host}"


class Response:
    """An answer: `status`, `headers` in lower case, the URL that gave it, and a body that can be read once."""

    def __init__(self, connection: http.client.HTTPConnection, raw: http.client.HTTPResponse, url: str) -> None:
        self._connection = connection
        self._raw = raw
        self.url = url
        self.status = raw.status
        self.headers = {name.lower(): value for name, value in raw.getheaders()}

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; raises InputError when the connection breaks."""
        try:
            return self._raw.read(size)
        except (OSError, http.client.HTTPException) as error:
            raise InputError(urlsplit(self.url).netloc, f"broke off: {_reason(error)}") from None

    def whole(self, limit: int) -> bytes:
        """The body, closing the connection; raises InputError for more than `limit` bytes."""
        data = bytearray()
        while piece := self.read(1 << 16):
            data += piece
            if len(data) > limit:
                self.close()
                raise InputError(urlsplit(self.url).netloc, f"sent more than {limit:,} bytes; expected a small answer")
        self.close()
        return bytes(data)

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


def request(method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Response:
    """Send a request and follow redirects; a status of 400 and more is the caller's business.

    `Authorization` goes to the first host only: no redirect carries it, and what has a body is not redirected at all.
    Answers that say "later" are asked for again, after as long as they say or up to MAX_WAIT seconds, and so are those
    that break off. Raises Unreachable when the host can't be reached, InputError when it leads to plain HTTP elsewhere
    than from this machine to this machine.
    """
    for attempt in range(TRIES):
        try:
            response = _follow(method, url, headers, body)
        except BrokenOff:
            if attempt == TRIES - 1:
                raise
            time.sleep(_wait("", attempt))
            continue
        if response.status not in _AGAIN or attempt == TRIES - 1:
            return response
        response.close()
        time.sleep(_wait(response.headers.get("retry-after", ""), attempt))
    raise AssertionError("unreachable")


def _follow(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Response:
    sent = dict(headers)
    for _ in range(MAX_REDIRECTS + 1):
        response = _once(method, url, sent, body)
        target = response.headers.get("location")
        if response.status not in _REDIRECTS or target is None or body is not None:
            return response
        response.close()
        secure, url = url.startswith("https:"), urljoin(url, target)
        if secure and not url.lower().startswith("https:"):
            raise InputError(urlsplit(url).netloc or "a registry", "is where a redirect leads without HTTPS")
        sent = {name: value for name, value in sent.items() if name.lower() != "authorization"}
    raise InputError(urlsplit(url).netloc, f"redirects more than {MAX_REDIRECTS} times")


def _once(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Response:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "http" and not is_loopback(host):
        raise InputError(parts.netloc, "wants plain HTTP; expected HTTPS, except on this machine")
    if parts.scheme not in ("http", "https") or not host:
        raise InputError(parts.netloc or "a registry", "leads to an address that is none")
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    try:
        connection: http.client.HTTPConnection
        if parts.scheme == "https":
            connection = http.client.HTTPSConnection(
                host, parts.port, timeout=TIMEOUT, context=ssl.create_default_context()
            )
        else:
            connection = http.client.HTTPConnection(host, parts.port, timeout=TIMEOUT)
        connection.request(method, path, body, {"User-Agent": f"dfguard/{__version__}", **headers})
        return Response(connection, connection.getresponse(), url)
    except (ConnectionResetError, BrokenPipeError) as error:  # of a closed connection, too
        raise BrokenOff(parts.netloc, f"can't be reached: {_reason(error)}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unreachable(parts.netloc, f"can't be reached: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    return " ".join(str(getattr(error, "strerror", None) or error or type(error).__name__).split())[:120]


def _wait(retry_after: str, attempt: int) -> float:
    """Seconds to wait: what the answer says, else 0.5, 1, 2."""
    if retry_after.isdigit():
        return min(float(retry_after), MAX_WAIT)
    if retry_after:
        try:
            return min(max(parsedate_to_datetime(retry_after).timestamp() - time.time(), 0.0), MAX_WAIT)
        except (ValueError, TypeError):
            pass
    return 0.5 * float(2**attempt)
