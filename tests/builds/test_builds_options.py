"""`--file`, `--build` and `--builder`, in every command that looks at builds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from real_programs import lay_out

from dfguard.cli.main import main

KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nbm90IGEgcmVhbCBrZXk=\n-----END OPENSSH PRIVATE KEY-----\n"
FILES = {
    "docker/api.Dockerfile": "ARG BASE=alpine:3.20.3\nFROM ${BASE} AS base\nFROM base AS dev\nCOPY --from=lib a /a\n"
    "COPY key /key\nFROM base\nUSER 1000\n",
    "app/key": KEY,
    "lib/a": "a",
    "compose.yaml": "services:\n  api:\n    build: {context: app, dockerfile: ../docker/api.Dockerfile}\n"
    "  web:\n    build: {context: app, dockerfile: ../docker/api.Dockerfile, target: dev}\n",
    "debug.yaml": "services:\n  api:\n    build: {target: dev, additional_contexts: {lib: lib}}\n",
}
FLAGS = ("-f", "docker/api.Dockerfile", "--context", "app", "--target", "dev", "--build-context", "lib=lib",
         "--build-arg", "BASE=alpine:3.19.1", "--secret", "id=token")  # fmt: skip
Run = Callable[..., "tuple[int, str, str]"]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in a folder of its own: exit code, report and what went to stderr."""
    monkeypatch.chdir(tmp_path)
    lay_out(FILES, tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(list(arguments))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_the_flags_of_docker_build_hold_in_every_command(run: Run) -> None:
    code, out, _ = run("check", "--format", "json", *FLAGS)
    assert code == 1
    data = json.loads(out)
    assert [(b["dockerfile"], b["context"], b["target"]) for b in data["builds"]] == [
        ("docker/api.Dockerfile", "app", "dev")
    ]
    assert "private key 'key' reaches the image" in [f["message"] for f in data["findings"]]
    _, out, _ = run("context", *FLAGS)
    assert "lib, a further context of this build" in out
    assert "ship in the image               1 file" in out
    assert "it ships" in run("why", "app/key", *FLAGS)[1]
    _, out, _ = run("layers", *FLAGS)
    assert "alpine:3.19.1" in out
    assert "context lib, a" in out


def test_verify_takes_them_too(run: Run) -> None:
    code, _, err = run("verify", *FLAGS, "--image", "nowhere.tar")
    assert code == 2
    assert "nowhere.tar" in err
    code, _, err = run("verify", "-f", "compose.yaml", "--build", "nobody", "--image", "nowhere.tar")
    assert code == 2
    assert "--build nobody: there is no such build? known: compose.yaml:api, compose.yaml:web" in err


def test_several_files_are_laid_over_one_another(run: Run) -> None:
    _, out, _ = run("check", "--format", "json", "-f", "compose.yaml", "-f", "debug.yaml")
    assert [(b["name"], b["target"], b["context"]) for b in json.loads(out)["builds"]] == [
        ("compose.yaml:api", "dev", "app"),
        ("compose.yaml:web", "dev", "app"),
    ]
    assert "context lib, a" in run("layers", "-f", "compose.yaml", "-f", "debug.yaml", "--build", "api")[1]


def test_one_build_is_chosen_by_its_name(run: Run) -> None:
    for name in ("web", "compose.yaml:web"):
        _, out, _ = run("check", "--format", "json", "--build", name)
        assert [b["name"] for b in json.loads(out)["builds"]] == ["compose.yaml:web"]
    assert run("context", "compose.yaml", "--build", "api")[1].count("Dockerfile   ") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-f", "compose.yaml", "."), "--file compose.yaml: expected no path beside it"),
        (("--build", "ap"), "--build ap: there is no such build? known: compose.yaml:api, compose.yaml:web"),
        (("--build", "web", "--target", "dev"), "--build web: expected no flag beside it that says how to build"),
        (("-f", "gone"), "gone: "),
        (("--build-arg", "=1"), "--build-arg '=...': expected NAME=VALUE, or NAME"),
        (("--build-arg", ""), "--build-arg '': expected NAME=VALUE, or NAME"),
        (("--env", "=1", "compose.yaml"), "--env '=...': expected NAME=VALUE"),
    ],
)
def test_what_does_not_fit_together_is_said(arguments: tuple[str, ...], message: str, run: Run) -> None:
    code, _, err = run("check", *arguments)
    assert code == 2
    assert message in err


def test_an_empty_target_is_the_last_stage_as_docker_has_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM alpine:3.20.3\nUSER 1000\n")
    assert run("check", "Dockerfile", "--target", "")[0] == 0


def test_podman_reads_its_own_ignore_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "app" / ".containerignore").write_text("key\n")
    (tmp_path / "app" / "Dockerfile").write_text("FROM alpine:3.20.3\nCOPY . /app\nUSER 1000\n")
    _, out, _ = run("check", "app/Dockerfile")
    assert "private key 'key' reaches the image" in out
    assert "podman and buildah read it, Docker does not" in out
    _, out, _ = run("check", "app/Dockerfile", "--builder", "podman")
    assert "private key" not in out
    assert "Docker does not" not in out
    assert "ignore file  app/.containerignore, 1 pattern" in run("context", "-f", "app", "--builder", "podman")[1]


def test_a_file_of_any_name_may_describe_builds(run: Run, tmp_path: Path) -> None:
    (tmp_path / "stack.yml").write_text("services:\n  a:\n    build: app\n")
    (tmp_path / "app" / "Dockerfile").write_text("FROM alpine:3.20.3\nCOPY . /app\nUSER 1000\n")
    _, out, _ = run("check", "--format", "json", "stack.yml")
    assert [b["name"] for b in json.loads(out)["builds"]] == ["stack.yml:a"]


MANY = "services:\n" + "".join(f"  s{n}:\n    build: {{context: ., dockerfile: d{n}/Dockerfile}}\n" for n in range(6))


def test_many_builds_are_told_one_by_one_only_where_a_line_takes_the_path(run: Run, tmp_path: Path) -> None:
    lay_out({f"d{n}/Dockerfile": f"FROM alpine:3.20.3\nCOPY d{n} /d\nUSER 1\n" for n in range(6)}, tmp_path)
    lay_out({"compose.yaml": MANY, "d4/x": "x"}, tmp_path)
    code, out, _ = run("why", "d4/x", "compose.yaml")
    assert code == 0
    assert out.count("in the build of") == 1
    assert "in the build of d4/Dockerfile with context . (service s4 of compose.yaml)" in out
    assert "no line takes it in 5 other builds: d0/Dockerfile, d1/Dockerfile" in out
    _, out, err = run("context", "compose.yaml")
    assert out.count("ignore file  none") == 6
    assert err == "dfguard: 6 builds; --build NAME, such as s0, shows one\n"


def test_why_asks_the_builds_whose_context_holds_the_path(run: Run, tmp_path: Path) -> None:
    """The path lies outside of the other contexts, which is no mistake."""
    lay_out({"one/Dockerfile": "FROM a\nCOPY . /\n", "two/Dockerfile": "FROM a\nCOPY . /\n", "one/x": "x"}, tmp_path)
    lay_out({"compose.yaml": "services:\n  a: {build: one}\n  b: {build: two}\n"}, tmp_path)
    code, out, _ = run("why", "one/x", "compose.yaml")
    assert code == 0
    assert out.count("in the build of") == 1
    assert "x: file" in out
    code, _, err = run("why", "lib/a", "compose.yaml")
    assert code == 2
    assert "lib/a: lies outside of the build context one" in err
