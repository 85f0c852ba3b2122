"""`dfguard pin` as a user meets it, against servers of this machine and a real registry."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dfguard.cli.main import main

sys.path += [str(Path(__file__).parents[1] / "engine"), str(Path(__file__).parents[1] / "registry")]

from hosts import HTPASSWD, PASSWORD, USER, basic, docker_config, push, server
from registry_up import registry, why_no_registry
from tokens import token_registry, why_no_tokens

ENVIRONMENT = dict(os.environ)  # of Docker itself: its plugins are in the folder of its configuration
INDEX = b'{"schemaVersion": 2, "manifests": []}'
DIGEST = f"sha256:{hashlib.sha256(INDEX).hexdigest()}"
OTHER = f"sha256:{'b' * 64}"
Answers = dict[str, list[tuple[int, dict[str, str], bytes]]]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A tree of its own to pin in, and no credentials."""
    (tmp_path / "docker").mkdir()
    (tmp_path / "tree" / ".git").mkdir(parents=True)
    docker_config(tmp_path / "docker", monkeypatch, {})
    monkeypatch.chdir(tmp_path / "tree")
    yield tmp_path / "tree"


def has(repository: str, tag: str = "1", told: str = DIGEST) -> Answers:
    """What a registry answers that has one image, an index."""
    return {
        f"/v2/{repository}/manifests/{tag}": [(200, {"Docker-Content-Digest": told}, INDEX)],
        f"/v2/{repository}/manifests/{told}": [(200, {}, INDEX)],
    }


def locked(name: str, tag: str = "1", digest: str = DIGEST) -> str:
    return f'version = 1\n[[image]]\nname = "{name}"\ntag = "{tag}"\ndigest = "{digest}"\nresolved = "2026-01-31"\n'


ENTRY = locked("docker.io/library/node").partition("\n")[2]


def test_pinned_once_then_from_the_lock(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with server(has("app")) as (host, seen):
        (folder / "Dockerfile").write_bytes(f"# hello\r\nFROM {host}/app:1 AS a\r\n".encode())
        (folder / "Dockerfile").chmod(0o640)
        assert main(["pin"]) == 0
        said = capsys.readouterr().out
        assert f"Dockerfile:2: {host}/app:1: {DIGEST[:19]} (registry)" in said
        assert (folder / "Dockerfile").read_bytes() == f"# hello\r\nFROM {host}/app:1@{DIGEST} AS a\r\n".encode()
        assert stat.S_IMODE((folder / "Dockerfile").stat().st_mode) == 0o640
        lock = (folder / "dfguard.lock").read_text()
        assert f'name = "{host}/app"\ntag = "1"\ndigest = "{DIGEST}"\nresolved = "20' in lock
        asked = len(seen.requests)
        (folder / "sub").mkdir()
        (folder / "sub" / "Dockerfile").write_text(f"FROM {host}/app:1\n")
        assert main(["pin"]) == 0
        assert len(seen.requests) == asked, "what is in the lock is not asked for again"
        assert (folder / "sub" / "Dockerfile").read_text() == f"FROM {host}/app:1@{DIGEST}\n"
        assert (folder / "dfguard.lock").read_text() == lock
    assert main(["pin", "--check"]) == 0
    assert main(["pin", "--update", "--from", "lock"]) == 0


def test_a_diff_writes_nothing_and_masks_secrets(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    token = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bD1fG3hJ5"
    with server(has("app")) as (host, _):
        command = f"curl -H 'Authorization: Bearer {token}' x"
        text = f"FROM scratch\nENV T={token}\nRUN --mount=from={host}/app:1,target=/x {command}\n"
        (folder / "Dockerfile").write_text(text)
        assert main(["pin", "--diff"]) == 1
    said = capsys.readouterr().out
    assert f"from={host}/app:1@{DIGEST}" in said
    assert f'+digest = "{DIGEST}"' in said
    assert token not in said
    assert sorted(path.name for path in folder.iterdir()) == [".git", "Dockerfile"]
    assert (folder / "Dockerfile").read_text() == text


def test_drift_fails_the_check_and_names_the_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "dfguard.lock").write_text(locked("docker.io/library/node", "20", OTHER))
    (folder / "Dockerfile").write_text(f"FROM scratch\nFROM node:20@{DIGEST}\nFROM node:20\n")
    assert main(["pin", "--check"]) == 1
    said = capsys.readouterr()
    assert f"Dockerfile:2: node:20@{DIGEST} is pinned to {DIGEST[:19]}, but the lock has {OTHER[:19]}" in said.out
    assert "Dockerfile:3: node:20 is not pinned by digest" in said.out
    assert said.err == ""
    assert main(["pin", "--update", "--from", "lock"]) == 0
    assert (folder / "Dockerfile").read_text() == "FROM scratch\n" + f"FROM node:20@{OTHER}\n" * 2
    assert main(["pin", "--check"]) == 0


def test_the_check_can_ask_the_registry(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with server(has("app")) as (host, _):
        (folder / "Dockerfile").write_text(f"FROM {host}/app:1@{OTHER}\n")
        (folder / "dfguard.lock").write_text(locked(f"{host}/app", digest=OTHER))
        assert main(["pin", "--check"]) == 0
        assert main(["pin", "--check", "--from", "registry"]) == 1
        assert f"but the registry has {DIGEST[:19]}" in capsys.readouterr().out
        assert main(["pin", "--update"]) == 0
        assert (folder / "Dockerfile").read_text() == f"FROM {host}/app:1@{DIGEST}\n"
        assert f'digest = "{DIGEST}"' in (folder / "dfguard.lock").read_text()
        assert main(["pin", "--check"]) == 0


def test_digests_that_were_there_get_into_the_lock_without_a_question(folder: Path) -> None:
    (folder / "Dockerfile").write_text(f"FROM unreachable.invalid/app:1@{OTHER}\n")
    assert main(["pin"]) == 0
    assert f'digest = "{OTHER}"\n' in (folder / "dfguard.lock").read_text()
    assert "resolved" not in (folder / "dfguard.lock").read_text()
    assert main(["pin", "--check"]) == 0


def test_without_a_lock_none_is_written(folder: Path) -> None:
    with server(has("app")) as (host, _):
        (folder / "Dockerfile").write_text(f"FROM {host}/app:1\n")
        assert main(["pin", "--no-lock"]) == 0
        assert not (folder / "dfguard.lock").exists()
        (folder / "Dockerfile").write_text(f"FROM {host}/app:1\n")
        assert main(["pin", "--lock", "images.toml"]) == 0
    assert (folder / "images.toml").exists()


def test_a_lock_further_up_is_found_up_to_the_root_of_the_repository(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder.parent / "dfguard.lock").write_text("nonsense of others")
    (folder / "dfguard.lock").write_text(locked("docker.io/library/node", "20"))
    (folder / "sub").mkdir()
    (folder / "sub" / "Dockerfile").write_text("FROM node:20\n")
    monkeypatch.chdir(folder / "sub")
    assert main(["pin", "--from", "lock"]) == 0
    assert (folder / "sub" / "Dockerfile").read_text() == f"FROM node:20@{DIGEST}\n"
    (folder / "dfguard.lock").unlink()
    assert main(["pin", "--from", "lock"]) == 2, "the one above the repository is not read"


def test_one_image_that_fails_holds_no_other_back(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with server({}) as (gone, _):
        pass
    with server({**has("app"), "/v2/closed/manifests/1": [(403, {}, b"")]}) as (host, _):
        images = [f"{gone}/a:1", f"{gone}/b:1", f"{host}/none:1", f"{host}/closed:1", f"{host}/none:1"]
        (folder / "Dockerfile").write_text("".join(f"FROM {image}\n" for image in [*images, f"{host}/app:1"]))
        assert main(["pin"]) == 2
    assert (folder / "Dockerfile").read_text().endswith(f"FROM {host}/app:1@{DIGEST}\n")
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(": ", 2)[1] for line in lines] == [f"Dockerfile:{line}" for line in (1, 2, 3, 4)]
    assert ["can't be reached" in lines[0], "can't be reached" in lines[1]] == [True, True]
    assert "knows no none:1" in lines[2]
    assert "forbids it: closed" in lines[3]


def test_a_digest_that_is_a_lie_is_not_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers = has("app", told=OTHER)
    with server(answers) as (host, _):
        (folder / "Dockerfile").write_text(f"FROM {host}/app:1\n")
        assert main(["pin"]) == 2
        assert f"sent {DIGEST} for app@{OTHER}" in capsys.readouterr().err
        del answers[f"/v2/app/manifests/{OTHER}"]
        assert main(["pin"]) == 2
        assert "and does not have that" in capsys.readouterr().err
        assert (folder / "Dockerfile").read_text() == f"FROM {host}/app:1\n"
    assert not (folder / "dfguard.lock").exists()


def test_mirrors_are_asked_first_and_the_registry_when_they_fail(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with server({"/v2/app/manifests/1": [(403, {}, b"")]}) as (bad, _), server(has("hub/app")) as (good, _):
        (folder / "Dockerfile").write_text("FROM registry.invalid/app:1\n")
        mirrors = ["--mirror", f"registry.invalid={bad}", "--mirror", f"registry.invalid={good}/hub"]
        assert main(["pin", *mirrors]) == 0
    assert (folder / "Dockerfile").read_text() == f"FROM registry.invalid/app:1@{DIGEST}\n"
    lock = (folder / "dfguard.lock").read_text()
    assert good not in lock
    assert bad not in lock
    capsys.readouterr()
    with server({}) as (host, _), server({}) as (mirror, _):
        (folder / "Dockerfile").write_text(f"FROM {host}/app:1\n")
        assert main(["pin", "--mirror", f"{host}={mirror}"]) == 2
    said = capsys.readouterr().err
    assert f"{mirror}: knows no app:1; {host}: knows no app:1" in said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--mirror", "docker.io"], "--mirror docker.io: expected HOST=HOST"),
        (["--mirror", "docker.io=http://x"], "expected HOST=HOST"),
        (["--check", "--update"], "--check: expected no --update beside it"),
        (["--no-lock", "--from", "lock"], "--no-lock: expected no --from lock beside it"),
        (["--from", "lock"], "dfguard.lock: does not exist"),
        (["absent"], "absent: "),
    ],
)
def test_wrong_options_are_one_line(
    arguments: list[str], says: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pin", *arguments]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("version = 1\nx y\n", "dfguard.lock:2: is no TOML"),
        ("version = 2\n", "dfguard.lock: expected version = 1"),
        (locked("node"), "dfguard.lock:2: 'node' with the tag '1' is no image"),
        (locked("docker.io/library/node", "a b"), "dfguard.lock:2: "),
        (locked("docker.io/library/node", "1", "sha256:12"), "64 hexadecimal digits"),
        (locked("docker.io/library/node") + 'registry = "evil.invalid"\n', "with the texts name, tag, digest"),
        (locked("docker.io/library/node") + ENTRY, "dfguard.lock:7: names an image and tag a second time"),
        ("image = 3\nversion = 1\n", "expected version = 1 and [[image]]"),
        ("\xff", "dfguard.lock: "),
    ],
)
def test_a_wrong_lock_is_said(text: str, says: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "Dockerfile").write_text("FROM node:20\n")
    (folder / "dfguard.lock").write_bytes(text.encode("latin-1"))
    assert main(["pin", "--check"]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1


def test_a_lock_that_is_a_link_is_not_followed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder.parent / "elsewhere").write_text("secret = 1\n")
    (folder / "dfguard.lock").symlink_to(folder.parent / "elsewhere")
    assert main(["pin"]) == 2
    assert "is a symbolic link" in capsys.readouterr().err


def test_a_file_that_the_builder_refuses_is_left(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "Dockerfile").write_text("FROM node:20 x\n")
    assert main(["pin", "--no-lock"]) == 4
    assert "Dockerfile: line 1: " in capsys.readouterr().err


def test_what_is_no_dockerfile_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "Dockerfile").write_text("FROM {{ base }} x {{ y }}\n")
    (folder / "notes").write_text("nothing\n")
    assert main(["pin", "--no-lock", "Dockerfile", "notes"]) == 0
    said = capsys.readouterr().err
    assert "Dockerfile: a template, not a Dockerfile yet (`{{` on line 1)" in said
    assert "notes: not a Dockerfile" in said


def test_all_files_are_written_or_none(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "b").mkdir()
    with server(has("app")) as (host, _):
        for name in ("Dockerfile", "b/Dockerfile"):
            (folder / name).write_text(f"FROM {host}/app:1\n")
        subprocess.run([sys.executable, "-c", HOLD, str(folder / "b/Dockerfile"), *COMMAND], check=True)
        assert (folder / "Dockerfile").read_text() == f"FROM {host}/app:1\n"
        assert not (folder / "dfguard.lock").exists()


COMMAND = [sys.executable, "-m", "dfguard", "pin"]
# Holds the lock that another run of ours would hold while it writes, and runs the command meanwhile.
HOLD = """
import fcntl, subprocess, sys
held = open(sys.argv[1], "rb")
fcntl.flock(held, fcntl.LOCK_EX)
run = subprocess.run(sys.argv[2:], capture_output=True, text=True)
assert run.returncode == 2 and "is being written by another run" in run.stderr, run
"""


def test_named_contexts_and_builds_of_compose_files_are_heeded(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "compose.yaml").write_text(
        "services:\n  web:\n    build:\n      context: .\n      args: {V: '22'}\n"
        "      additional_contexts: {base: 'docker-image://mine:1'}\n"
    )
    (folder / "Dockerfile").write_text("ARG V=20\nFROM base\nFROM node:$V\n")
    assert main(["pin", "Dockerfile", "--no-lock"]) == 0
    said = capsys.readouterr().out
    assert "left alone: base the named context base stands for it" in said
    assert "left alone: node:$V the build " in said
    assert main(["pin", "Dockerfile", "--no-lock", "--build-context", "base=.", "--build-arg", "V=1"]) == 0


# -- the real registry


def need(why: str) -> None:
    if why:
        pytest.skip(why)


@pytest.mark.engine
def test_a_real_registry_with_a_password(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    need(why_no_registry())
    with registry(tmp_path, HTPASSWD) as host:
        first, amd64 = push(host, "team/app", f"Basic {basic()}")
        (folder / "Dockerfile").write_text(f"FROM {host}/team/app:1\n")
        assert main(["pin"]) == 2
        assert f"log in first: docker login {host}" in capsys.readouterr().err
        helper = tmp_path / "docker-credential-test"
        answer = json.dumps({"Username": USER, "Secret": PASSWORD})
        helper.write_text(f"#!/bin/sh\ncat >> {tmp_path}/asked\necho '{answer}'\n")
        helper.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        docker_config(tmp_path / "docker", monkeypatch, {"credHelpers": {host: "test"}})
        assert main(["pin"]) == 0
        assert (folder / "Dockerfile").read_text() == f"FROM {host}/team/app:1@{first}\n"
        assert first != amd64, "the digest of the index, not of one platform"
        second, _ = push(host, "team/app", f"Basic {basic()}", text=b"2")
        assert main(["pin", "--check"]) == 0
        assert main(["pin", "--check", "--from", "registry"]) == 1
        assert main(["pin", "--update"]) == 0
        assert (folder / "Dockerfile").read_text() == f"FROM {host}/team/app:1@{second}\n"
    said = capsys.readouterr()
    assert PASSWORD not in said.out + said.err + (folder / "dfguard.lock").read_text()
    assert (tmp_path / "asked").read_text().replace(host, "") == ""


@pytest.mark.engine
def test_a_real_registry_with_tokens(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    need(why_no_tokens())
    with token_registry(tmp_path) as (host, own, signer, seen):
        index, _ = push(own, "team/app", f"Bearer {signer.token('team/app', 'pull', 'push')}")
        (folder / "Dockerfile").write_text(f"FROM {host}/team/app:1\n")
        assert main(["pin"]) == 2
        assert "log in first" in capsys.readouterr().err
        docker_config(tmp_path / "docker", monkeypatch, {"auths": {host: {"auth": basic()}}})
        assert main(["pin"]) == 0
        shown = {path for _, path, authorization in seen.requests if authorization == f"Basic {basic()}"}
    assert (folder / "Dockerfile").read_text() == f"FROM {host}/team/app:1@{index}\n"
    assert [path.partition("?")[0] for path in shown] == ["/token"], "the password is for the token server only"


@pytest.mark.engine
def test_a_real_registry_as_the_mirror_of_one_that_is_not_there(folder: Path, tmp_path: Path) -> None:
    need(why_no_registry())
    with registry(tmp_path) as host:
        index, _ = push(host, "library/app")
        (folder / "Dockerfile").write_text("FROM app:1\nCOPY --from=docker.io/library/app:1 /a /a\n")
        assert main(["pin", "--mirror", f"docker.io={host}"]) == 0
    assert (folder / "Dockerfile").read_text() == (
        f"FROM app:1@{index}\nCOPY --from=docker.io/library/app:1@{index} /a /a\n"
    )
    assert 'name = "docker.io/library/app"' in (folder / "dfguard.lock").read_text()


@pytest.mark.engine
def test_what_is_pinned_builds(folder: Path, tmp_path: Path) -> None:
    """A digest in the default of an ARG, in COPY --from and in a mount means to BuildKit what it means to us."""
    need(why_no_registry())
    docker = docker_here()
    with registry(tmp_path) as host:
        first, _ = push(host, "pin/app")
        (folder / "Dockerfile").write_text(
            f"ARG V=1\nARG REG={host}\nFROM $REG/pin/app:1 AS a\nFROM {host}/pin/app:$V\n"
            f"COPY --from={host}/pin/app:1 /app/x /copied\nCOPY --from=a /app/x /again\n"
        )
        assert main(["pin"]) == 0
        assert (folder / "Dockerfile").read_text().count(first) == 3
        push(host, "pin/app", text=b"moved")
        out = tmp_path / "out"
        command = [docker, "build", "-q", "--network", "none", "--no-cache", "--output", f"type=local,dest={out}", "."]
        subprocess.run(command, check=True, capture_output=True, cwd=folder, env=ENVIRONMENT)
    assert [(out / name).read_bytes() for name in ("app/x", "copied", "again")] == [b"1"] * 3


# -- stores of engines


def docker_here() -> str:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "version"], capture_output=True, check=False).returncode:
        pytest.skip("there is no Docker Engine")
    return docker


@pytest.mark.engine
def test_the_store_of_docker(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    need(why_no_registry())
    docker = docker_here()
    with registry(tmp_path) as host:
        index, _ = push(host, "pin/app")
        name = f"{host}/pin/app:1"
        (folder / "Dockerfile").write_text(f"FROM {name}\n")
        assert main(["pin", "--from", "docker"]) == 2
        assert "can't be inspected: " in capsys.readouterr().err
        subprocess.run([docker, "pull", "-q", name], check=True, capture_output=True)
        try:
            assert main(["pin", "--from", "docker"]) == 0
        finally:
            subprocess.run([docker, "rmi", name], check=True, capture_output=True)
    assert (folder / "Dockerfile").read_text() == f"FROM {name}@{index}\n"
    assert f"{index[:19]} (docker)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("said", "result"),
    [
        ([{"RepoDigests": [f"app@{DIGEST}", f"other@{OTHER}"]}], DIGEST),
        ([{"RepoDigests": [f"docker.io/library/app@{OTHER}", f"app@{DIGEST}"], "Digest": OTHER}], DIGEST),
        ([{"RepoDigests": [f"app@{DIGEST}"], "Digest": DIGEST}], DIGEST),
        ([{"RepoDigests": [f"app@{DIGEST}", f"app@{OTHER}"]}], "was pulled by 2 digests"),
        ([{"RepoDigests": None}], "has no digest: it was built here"),
        ([], "is not understood"),
        ({"a": 1}, "is not understood"),
    ],
)
def test_what_stores_say(
    said: object, result: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A program that says what podman and docker say: of an index podman keeps two digests."""
    program = folder.parent / "podman"
    program.write_text(
        f"#!/bin/sh\n[ \"$*\" = 'image inspect docker.io/library/app:1' ] && echo '{json.dumps(said)}'\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder.parent}:/usr/bin:/bin")
    (folder / "Dockerfile").write_text("FROM app:1\n")
    code = main(["pin", "--from", "podman"])
    assert code == (0 if result == DIGEST else 2)
    if result == DIGEST:
        assert (folder / "Dockerfile").read_text() == f"FROM app:1@{DIGEST}\n"
    else:
        assert result in capsys.readouterr().err


def test_the_store_of_the_real_podman(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An image pulled from a real registry is pinned by the digest that it has there; one that is absent is said so."""
    why = why_no_registry() or ("" if shutil.which("podman") else "there is no podman")
    if why or os.geteuid() != 0:
        pytest.skip(why or "a store of its own for podman needs root")
    work = folder.parent
    store = Path(tempfile.mkdtemp(prefix="pin-"))  # podman's paths may have 50 characters
    settings = f'[storage]\ndriver = "vfs"\ngraphroot = "{store}/root"\nrunroot = "{store}/run"\n'
    (work / "storage.conf").write_text(settings)
    monkeypatch.setenv("CONTAINERS_STORAGE_CONF", str(work / "storage.conf"))
    (work / "image").mkdir()
    (work / "image" / "Dockerfile").write_text("FROM scratch\nCOPY a /\n")
    (work / "image" / "a").write_text("a\n")
    (work / "registry").mkdir()
    try:
        with registry(work / "registry") as host:
            name = f"{host}/team/app:1"
            podman("build", "--isolation", "chroot", "--network", "host", "--tag", name, str(work / "image"))
            podman("push", "--tls-verify=false", name)
            podman("rmi", "--force", name)
            podman("pull", "--tls-verify=false", name)
            (folder / "Dockerfile").write_text(f"FROM {name}\n")
            assert main(["pin", "--from", "podman"]) == 0
            pinned = (folder / "Dockerfile").read_text()
            assert re.fullmatch(rf"FROM {name}@sha256:[0-9a-f]{{64}}\n", pinned)
            (folder / "dfguard.lock").unlink()
            (folder / "Dockerfile").write_text(f"FROM {name}\n")
            assert main(["pin"]) == 0, "the registry says the same"
            assert (folder / "Dockerfile").read_text() == pinned
            capsys.readouterr()
            (folder / "dfguard.lock").unlink()
            (folder / "Dockerfile").write_text(f"FROM {host}/absent:1\n")
            assert main(["pin", "--from", "podman"]) == 2
            assert "absent" in capsys.readouterr().err
    finally:
        shutil.rmtree(store, ignore_errors=True)


def podman(*command: str) -> None:
    """Run it; what it complains of is the reason of a failure."""
    done = subprocess.run(["podman", *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
