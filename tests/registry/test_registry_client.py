"""The registry client against the real registry of the distribution project, and hosts that mislead it."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dfguard.errors import InputError
from dfguard.image.opening import open_image
from dfguard.registry.client import Registry
from dfguard.registry.credentials import Credentials, credentials_for
from dfguard.registry.transport import Unreachable, is_loopback, request

sys.path += [str(Path(__file__).parents[1] / "engine"), str(Path(__file__).parent)]

from hosts import HTPASSWD, PASSWORD, USER, basic, docker_config, push, server
from registry_up import registry, why_no_registry


@pytest.fixture
def open_registry(tmp_path: Path) -> Iterator[str]:
    why = why_no_registry()
    if why:
        pytest.skip(why)
    with registry(tmp_path) as host:
        yield host


@pytest.fixture
def closed_registry(tmp_path: Path) -> Iterator[str]:
    why = why_no_registry()
    if why:
        pytest.skip(why)
    with registry(tmp_path, HTPASSWD) as host:
        yield host


@pytest.mark.engine
def test_a_tag_is_an_index_and_every_part_of_it_has_its_digest(
    open_registry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker_config(tmp_path, monkeypatch, {})
    index, amd64 = push(open_registry, "team/app")
    client = Registry(open_registry)
    assert client.digest("team/app", "1") == index
    assert client.digest("team/app", amd64) == amd64
    assert client.digest("team/app", "2") is None
    found = client.manifest("team/app", "1")
    assert found is not None
    assert (found.digest, found.media_type) == (index, "application/vnd.oci.image.index.v1+json")
    image = open_image(f"registry:{open_registry}/team/app:1", platform="linux/amd64")
    assert [[e.path for e in layer.content.entries] for layer in image.layers] == [["/etc/passwd"], ["/app/x"]]
    assert image.problems == ()
    with pytest.raises(InputError, match="knows no team/app 2"):
        open_image(f"registry:{open_registry}/team/app:2")


@pytest.mark.engine
def test_credentials_open_the_door_and_without_them_it_is_said(
    closed_registry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    push(closed_registry, "team/app", f"Basic {basic()}")
    docker_config(tmp_path, monkeypatch, {})
    with pytest.raises(InputError, match=f"log in first: docker login {closed_registry}"):
        Registry(closed_registry).digest("team/app", "1")
    docker_config(tmp_path, monkeypatch, {"auths": {closed_registry: {"auth": basic()}}})
    assert Registry(closed_registry).digest("team/app", "1")
    docker_config(tmp_path, monkeypatch, {"auths": {closed_registry: {"auth": basic(password="wrong-one")}}})
    with pytest.raises(InputError, match="the credentials kept for it are not accepted") as caught:
        Registry(closed_registry).digest("team/app", "1")
    assert "wrong-one" not in str(caught.value)


@pytest.mark.engine
def test_a_credential_helper_is_asked_for_this_host_only(
    closed_registry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    push(closed_registry, "team/app", f"Basic {basic()}")
    helper = tmp_path / "docker-credential-test"
    answer = json.dumps({"Username": USER, "Secret": PASSWORD})
    helper.write_text(f"#!/bin/sh\ncat >> {tmp_path}/asked\necho '{answer}'\n")
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    docker_config(tmp_path, monkeypatch, {"credHelpers": {closed_registry: "test"}})
    assert Registry(closed_registry).digest("team/app", "1")
    assert (tmp_path / "asked").read_text() == closed_registry


# -- hosts that mislead: each is a server of its own on this machine

BLOB = b"blob of a layer"
DIGEST = f"sha256:{hashlib.sha256(BLOB).hexdigest()}"


def test_no_redirect_carries_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with server({"/data": [(200, {}, BLOB)]}) as (elsewhere, other):
        door = {"WWW-Authenticate": 'Basic realm="x"'}
        path = f"/v2/app/blobs/{DIGEST}"
        answers = {path: [(401, door, b""), (307, {"Location": f"http://{elsewhere}/data"}, b"")]}
        with server(answers) as (host, seen):
            docker_config(tmp_path, monkeypatch, {"auths": {host: {"auth": basic()}}})
            assert Registry(host).blob("app", DIGEST).whole(1000) == BLOB
    assert [authorization for _, _, authorization in seen.requests] == [None, f"Basic {basic()}"]
    assert [authorization for _, _, authorization in other.requests] == [None]


def test_a_token_server_of_another_host_is_told_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = json.dumps({"token": "anonymous-token"}).encode()
    with server({"/token": [(200, {}, token)]}) as (tokens, asked):
        door = {"WWW-Authenticate": f'Bearer realm="http://{tokens}/token",service="s",scope="repository:app:pull"'}
        answers = {"/v2/app/manifests/1": [(401, door, b""), (200, {"Docker-Content-Digest": DIGEST}, b"")]}
        with server(answers) as (host, seen):
            docker_config(tmp_path, monkeypatch, {"auths": {host: {"auth": basic()}}})
            assert Registry(host).digest("app", "1") == DIGEST
    assert asked.requests == [("GET", "/token?service=s&scope=repository%3Aapp%3Apull", None)]
    assert seen.requests[-1][2] == "Bearer anonymous-token"


def test_a_token_server_of_the_registry_itself_gets_its_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: dict[str, list[tuple[int, dict[str, str], bytes]]] = {}
    with server(answers) as (host, seen):
        door = {"WWW-Authenticate": f'Bearer realm="http://{host}/token",service="s"'}
        answers["/token"] = [(200, {}, json.dumps({"access_token": "t"}).encode())]
        answers["/v2/app/manifests/1"] = [(401, door, b""), (200, {"Docker-Content-Digest": DIGEST}, b"")]
        docker_config(tmp_path, monkeypatch, {"auths": {f"https://{host}/v1/": {"auth": basic()}}})
        assert Registry(host).digest("app", "1") == DIGEST
    assert [r[2] for r in seen.requests] == [None, f"Basic {basic()}", "Bearer t"]


def test_busy_registries_are_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docker_config(tmp_path, monkeypatch, {})
    later = (429, {"Retry-After": "0"}, b"")
    answers = {"/v2/app/manifests/1": [later, later, (200, {"Docker-Content-Digest": DIGEST}, b"")]}
    with server(answers) as (host, seen):
        assert Registry(host).digest("app", "1") == DIGEST
    assert len(seen.requests) == 3


def test_what_was_asked_for_by_digest_has_that_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docker_config(tmp_path, monkeypatch, {})
    with (
        server({f"/v2/app/manifests/{DIGEST}": [(200, {}, b"{}")]}) as (host, _),
        pytest.raises(InputError, match=f"sent sha256:.* for app@{DIGEST}"),
    ):
        Registry(host).manifest("app", DIGEST)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((302, {"Location": "http://example.com/x"}, b""), "wants plain HTTP; expected HTTPS"),
        ((302, {"Location": "/v2/app/manifests/1"}, b""), "redirects more than 5 times"),
        ((302, {"Location": "file:///etc/passwd"}, b""), "leads to an address that is none"),
        ((403, {}, b""), "forbids it: app"),
        ((200, {}, b"x" * (5 << 20)), "sent more than"),
        ((401, {"WWW-Authenticate": 'Bearer service="x"'}, b""), "does not say where to get one"),
        ((401, {"WWW-Authenticate": "Digest x"}, b""), "log in first"),
    ],
)
def test_misleading_answers_are_one_clear_message(
    answer: tuple[int, dict[str, str], bytes], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker_config(tmp_path, monkeypatch, {})
    with server({"/v2/app/manifests/1": [answer]}) as (host, _), pytest.raises(InputError, match=says):
        Registry(host).manifest("app", "1")


def test_plain_http_is_for_this_machine_only() -> None:
    assert [is_loopback(host) for host in ("localhost:5000", "127.0.0.1", "[::1]:80", "::1")] == [True] * 4
    assert [is_loopback(host) for host in ("127.evil.com", "example.com", "localhost.com:80")] == [False] * 3
    with pytest.raises(InputError, match="wants plain HTTP"):
        request("GET", "http://example.com/", {})


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"auths": {"h": {"auth": basic()}}}, Credentials(USER, PASSWORD)),
        ({"auths": {"https://h/v2/": {"username": "a", "password": "b"}}}, Credentials("a", "b")),
        ({"auths": {"h": {"identitytoken": "t"}}}, Credentials(identity_token="t")),
        ({"auths": {"other": {"auth": basic()}}}, None),
        ({"auths": {"h": {}}}, None),
        ({"credsStore": "absent-here", "auths": {"h": {"auth": basic()}}}, Credentials(USER, PASSWORD)),
    ],
)
def test_what_docker_login_keeps(
    config: object, expected: Credentials | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker_config(tmp_path, monkeypatch, config)
    assert credentials_for("h") == expected


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ("{", "holds no JSON"),
        ([], "holds no JSON object"),
        ({"auths": {"h": {"auth": "nonsense!"}}}, "no user and password in base64"),
        ({"credsStore": "../../bin/sh"}, "expected a plain name"),
    ],
)
def test_a_broken_configuration_is_said(
    config: object, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker_config(tmp_path, monkeypatch, config)
    with pytest.raises(InputError, match=says):
        credentials_for("h")


def test_docker_hub_goes_by_its_old_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docker_config(tmp_path, monkeypatch, {"auths": {"https://index.docker.io/v1/": {"auth": basic()}}})
    assert credentials_for("docker.io") == Credentials(USER, PASSWORD)


def test_what_has_a_body_is_not_redirected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An identity token is sent in the body: a redirect would carry it elsewhere."""
    with server({"/token": [(200, {}, b"{}")]}) as (elsewhere, other):
        answers: dict[str, list[tuple[int, dict[str, str], bytes]]] = {}
        with server(answers) as (host, _):
            door = {"WWW-Authenticate": f'Bearer realm="http://{host}/token",service="s"'}
            answers["/token"] = [(307, {"Location": f"http://{elsewhere}/token"}, b"")]
            answers["/v2/app/manifests/1"] = [(401, door, b"")]
            docker_config(tmp_path, monkeypatch, {"auths": {host: {"identitytoken": "not-a-secret"}}})
            with pytest.raises(InputError, match="token server answers with status 307"):
                Registry(host).digest("app", "1")
    assert other.requests == []


def test_a_mirror_keeps_repositories_in_a_folder_and_has_credentials_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = {"WWW-Authenticate": 'Basic realm="x"'}
    answers = {"/v2/hub/library/app/manifests/1": [(401, door, b""), (200, {"Docker-Content-Digest": DIGEST}, b"")]}
    with server(answers) as (host, seen):
        auths = {host: {"auth": basic()}, "https://index.docker.io/v1/": {"auth": basic("other", "of the hub")}}
        docker_config(tmp_path, monkeypatch, {"auths": auths})
        assert Registry(host, prefix="hub").digest("library/app", "1") == DIGEST
    assert [authorization for _, _, authorization in seen.requests] == [None, f"Basic {basic()}"]


def test_a_connection_that_breaks_off_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docker_config(tmp_path, monkeypatch, {})
    answers = {"/v2/app/manifests/1": [(0, {}, b""), (200, {"Docker-Content-Digest": DIGEST}, b"")]}
    with server(answers) as (host, seen):
        assert Registry(host).digest("app", "1") == DIGEST
    assert len(seen.requests) == 2


def test_a_host_that_is_not_there_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docker_config(tmp_path, monkeypatch, {})
    with server({}) as (host, _):
        pass
    with pytest.raises(Unreachable, match=f"{host}: can't be reached"):
        Registry(host).digest("app", "1")


def test_https_leads_to_no_plain_http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry elsewhere is not to send us to services of this machine."""
    why = "" if shutil.which("openssl") else "there is no openssl"
    if why:
        pytest.skip(why)
    key, certificate = tmp_path / "key", tmp_path / "certificate"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=t", "-days", "2",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with server({"/": [(200, {}, b"")]}) as (inside, other):
        answers: dict[str, list[tuple[int, dict[str, str], bytes]]]
        answers = {"/": [(302, {"Location": f"http://{inside}/"}, b"")], "/fine": [(200, {}, b"")]}
        with server(answers, tls=(certificate, key)) as (host, _):
            assert request("GET", f"https://{host}/fine", {}).status == 200
            with pytest.raises(InputError, match=f"{inside}: is where a redirect leads without HTTPS"):
                request("GET", f"https://{host}/", {})
    assert other.requests == []
