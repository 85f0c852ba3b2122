"""The credentials that `docker login` and its helpers keep, one host at a time.

Source: docker/cli, cli/config/configfile/file.go and the protocol of docker-credential-helpers.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import subprocess
from typing import Any

from dfguard.errors import InputError
from dfguard.reference import DOCKER_HUB
from dfguard.struct import Struct

HELPER_SECONDS = 30
_HUB_KEY = "https://index.docker.io/v1/"
_TOKEN_USER = "<token>"


class Credentials(Struct):
    """A user and a password, or an identity token in place of both."""

    user: str = ""
    password: str = ""
    identity_token: str = ""


def config_path() -> str:
    """Where Docker keeps them: `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`."""
    folder = os.environ.get("DOCKER_CONFIG") or os.path.join(os.path.expanduser("~"), ".docker")
    return os.path.join(folder, "config.json")


def credentials_for(host: str) -> Credentials | None:
    """The credentials that are kept for a registry, None for none.

    Raises InputError for a configuration that can't be read, and for a helper that fails otherwise than by knowing
    nothing. The messages hold no credential.
    """
    path = config_path()
    try:
        with open(path, "rb") as file:
            config = json.loads(file.read(1 << 20))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(path, f"can't be read: {error.strerror}") from error
    except (ValueError, RecursionError):
        raise InputError(path, "holds no JSON; expected Docker's configuration") from None
    if not isinstance(config, dict):
        raise InputError(path, "holds no JSON object; expected Docker's configuration")
    helper = _dict(config.get("credHelpers")).get(host) or config.get("credsStore")
    if isinstance(helper, str) and helper:
        found = _ask(helper, _HUB_KEY if host == DOCKER_HUB else host)
        if found is not None:
            return found
    return _stored(_dict(config.get("auths")), host, path)


def _stored(auths: dict[str, Any], host: str, path: str) -> Credentials | None:
    """An entry of `auths`: keys are hosts, some with a scheme and a path from older times."""
    for key, entry in auths.items():
        if _host_of(key) != host or not isinstance(entry, dict):
            continue
        token = entry.get("identitytoken")
        if isinstance(token, str) and token:
            return Credentials(identity_token=token)
        if isinstance(entry.get("username"), str) and isinstance(entry.get("password"), str):
            return Credentials(entry["username"], entry["password"])
        if entry.get("auth"):
            return _decoded(entry["auth"], host, path)
    return None


def _decoded(auth: Any, host: str, path: str) -> Credentials:
    try:
        user, colon, password = base64.b64decode(str(auth), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        colon = ""
    if not colon:
        raise InputError(path, f"has an entry for {host} that is no user and password in base64")
    return Credentials(user, password.rstrip("\0"))


def _host_of(key: str) -> str:
    host = re.sub(r"^https?://", "", key).partition("/")[0]
    return DOCKER_HUB if host in ("index.docker.io", "registry-1.docker.io") else host


def _ask(helper: str, server: str) -> Credentials | None:
    """What a credential helper knows of a server; None when it knows nothing."""
    if not re.fullmatch(r"[A-Za-z0-9._-]+", helper):
        raise InputError(config_path(), f"names the credential helper {helper[:40]!r}; expected a plain name")
    program = f"docker-credential-{helper}"
    try:
        run = subprocess.run(
            [program, "get"], input=server.encode(), capture_output=True, timeout=HELPER_SECONDS, check=False
        )
    except FileNotFoundError:
        return None  # Docker itself goes on without it
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InputError(program, f"can't be asked for credentials: {type(error).__name__}") from None
    if run.returncode:
        said = run.stdout.decode("utf-8", "replace").strip()
        if "credentials not found" in said:
            return None
        raise InputError(program, f"failed with exit code {run.returncode} when asked for {server}")
    try:
        answer = json.loads(run.stdout)
        user, secret = str(answer["Username"]), str(answer["Secret"])
    except (ValueError, KeyError, TypeError):
        raise InputError(program, f"gave an answer for {server} that is no JSON with Username and Secret") from None
    return Credentials(identity_token=secret) if user == _TOKEN_USER else Credentials(user, secret)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
