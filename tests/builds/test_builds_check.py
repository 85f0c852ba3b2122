"""`dfguard check` on compose files, and on Dockerfiles that compose files build."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from real_programs import lay_out

from dfguard.cli.main import main

KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nbm90IGEgcmVhbCBrZXk=\n-----END OPENSSH PRIVATE KEY-----\n"
DOCKERFILE = "FROM alpine:3.20.3\nCOPY . /app\nUSER 1000\n"


class Said:
    """What a run printed."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err

    @property
    def data(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self.out)
        return loaded

    def places(self, code: str) -> list[tuple[str, int]]:
        """Path and line of each finding of a rule."""
        return [(f["path"], f["start"]["line"]) for f in self.data["findings"] if f["code"] == code]

    @property
    def builds(self) -> dict[str, tuple[str, str | None, str | None]]:
        """Dockerfile, context and target by the name of the build."""
        return {b["name"]: (b["dockerfile"], b["context"], b["target"]) for b in self.data["builds"]}


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Lays files out in a folder of its own and checks them there, with a JSON report."""
    top = tmp_path / "top"
    top.mkdir()
    monkeypatch.chdir(top)

    def run(files: dict[str, str], *arguments: str, plain: bool = False) -> Said:
        lay_out(files, top)
        code = main(["check", *(() if plain else ("--format", "json")), *arguments])
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return run


def test_a_walk_learns_the_true_context_from_a_compose_file(check: Any) -> None:
    files = {
        "compose.yaml": "services:\n  api:\n    build: {context: ., dockerfile: docker/api.Dockerfile}\n",
        "docker/api.Dockerfile": DOCKERFILE,
        "docker/other.Dockerfile": DOCKERFILE,
        "id_rsa": KEY,
    }
    said = check(files, ".")
    assert said.builds == {
        "compose.yaml:api": ("docker/api.Dockerfile", ".", None),
        "default": ("docker/other.Dockerfile", "docker", None),
    }
    assert said.places("DG102") == [("docker/api.Dockerfile", 2)]


def test_a_named_compose_file_is_checked_with_all_its_builds_and_no_other(check: Any) -> None:
    files = {
        "deploy/compose.yaml": "services:\n  a: {build: ../a}\n  b: {build: {context: ../b, target: one}}\n",
        "a/Dockerfile": DOCKERFILE,
        "b/Dockerfile": "FROM alpine:3.20.3 AS one\nUSER 1\n",
        "c/Dockerfile": DOCKERFILE,
    }
    said = check(files, "deploy/compose.yaml")
    assert said.builds == {
        "deploy/compose.yaml:a": ("a/Dockerfile", "a", None),
        "deploy/compose.yaml:b": ("b/Dockerfile", "b", "one"),
    }
    assert said.data["files"] == ["a/Dockerfile", "b/Dockerfile", "deploy/compose.yaml"]


def test_a_named_dockerfile_is_built_as_a_compose_file_above_it_says(check: Any) -> None:
    files = {
        "docker-compose.yml": "services:\n  api: {build: {context: ., dockerfile: api/Dockerfile}}\n",
        "api/Dockerfile": DOCKERFILE,
        "id_rsa": KEY,
    }
    said = check(files, "api/Dockerfile")
    assert said.builds == {"docker-compose.yml:api": ("api/Dockerfile", ".", None)}
    assert said.places("DG102") == [("api/Dockerfile", 2)]


def test_flags_go_before_what_a_compose_file_says(check: Any) -> None:
    files = {
        "compose.yaml": "services:\n  api: {build: {context: ., dockerfile: api/Dockerfile}}\n",
        "api/Dockerfile": DOCKERFILE,
    }
    assert check(files, "--context", "api", "api/Dockerfile").builds == {"default": ("api/Dockerfile", "api", None)}
    said = check(files, "--context", "api", "compose.yaml", plain=True)
    assert said.code == 2
    assert "compose.yaml says how to build" in said.err


def test_findings_list_their_builds_only_where_builds_differ(check: Any) -> None:
    files = {
        "compose.yaml": """
services:
  one: {build: {context: ., target: small}}
  two: {build: {context: ., target: big}}
  three: {build: {context: ., target: big}}
""",
        "Dockerfile": "FROM alpine AS small\nUSER 1\nFROM small AS big\nCOPY id_rsa /\n",
        "id_rsa": KEY,
    }
    said = check(files, ".")
    by_code = {f["code"]: f["builds"] for f in said.data["findings"]}
    names = [f"compose.yaml:{name}" for name in ("one", "two", "three")]
    assert by_code["DG102"] == names[1:]
    assert by_code["DG301"] == names
    plain = check(files, ".", plain=True).out
    assert "= builds: compose.yaml:two, compose.yaml:three; not compose.yaml:one" in plain
    assert plain.count("= builds:") == 1
    assert "note: 3 builds as in compose.yaml: service one, service two, service three" in plain


def test_a_fix_that_another_build_does_not_need_is_not_offered(check: Any) -> None:
    image = "FROM debian:12.8-slim AS"
    text = f"{image} a\nRUN true\n{image} b\nRUN apt-get update && apt-get install -y curl\n"
    both = "services:\n  a: {build: {context: ., target: a}}\n  b: {build: {context: ., target: b}}\n"
    alone = "services:\n  b: {build: {context: ., target: b}}\n"

    def fixes(compose: str) -> list[int]:
        found = check({"compose.yaml": compose, "Dockerfile": text}, "--pedantic", ".").data["findings"]
        return [len(f["fixes"]) for f in found if f["code"] == "DG411"]

    assert fixes(alone) == [1]
    assert fixes(both) == [0]


def test_a_dockerfile_written_inside_is_told_at_its_place_in_the_file(check: Any) -> None:
    files = {
        "compose.yaml": """
services:
  web:
    build:
      context: .
      dockerfile_inline: |
        FROM alpine:3.20.3

        COPY id_rsa /${UNSET:-x}/
        USER 1000
""",
        "id_rsa": KEY,
    }
    said = check(files, ".")
    assert said.places("DG102") == [("compose.yaml", 9)]
    (found,) = (f for f in said.data["findings"] if f["code"] == "DG102")
    assert (found["start"]["column"], found["end"]["column"]) == (14, 20)
    assert "9 |         COPY id_rsa" in check(files, ".", plain=True).out


def test_an_error_in_one_file_does_not_stop_the_others(check: Any) -> None:
    files = {
        "a/compose.yaml": "services:\n  web:\n\tbuild: .\n",
        "b/compose.yaml": "services:\n  web: {build: .}\n  web: {build: .}\n",
        "b/Dockerfile": DOCKERFILE,
    }
    said = check(files, ".")
    assert said.code == 2
    errors = {error["path"]: error["message"] for error in said.data["errors"]}
    assert errors["a/compose.yaml"].startswith("line 3: is no YAML")
    assert errors["b/compose.yaml"] == "line 3: the key `web` is there already, on line 2"
    assert said.data["files"] == ["b/Dockerfile"]


def test_a_broken_compose_file_that_nobody_named_is_a_remark(check: Any) -> None:
    files = {"compose.yaml": "services: [\n", "api/Dockerfile": "FROM alpine:3.20.3\nUSER 1\n"}
    said = check(files, "api/Dockerfile", plain=True)
    assert said.code == 0
    assert "compose.yaml: line 2: is no YAML" in said.err


@pytest.mark.parametrize("context", ["..", "/", "../../..", "~/x", "link", "./web/../.."])
def test_a_context_outside_of_the_repository_is_named_and_not_read(check: Any, tmp_path: Path, context: str) -> None:
    (tmp_path / "Dockerfile").write_text("FROM secret-outside\nUSER 1\n")
    os.symlink("..", tmp_path / "top" / "link")
    (tmp_path / "top" / ".git").mkdir()
    said = check({"compose.yaml": f"services:\n  web: {{build: {context}}}\n"}, ".")
    assert "secret-outside" not in said.out
    assert said.data["builds"] == []
    assert f"compose.yaml:2: the build context {context} lies outside of" in said.err


def test_what_hangs_on_the_environment_of_the_process_is_not_guessed(
    check: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHERE", "api")
    files = {
        "compose.yaml": "services:\n  web: {build: {context: $WHERE}}\n",
        "api/Dockerfile": DOCKERFILE,
    }
    said = check(files, ".")
    assert "compose.yaml:2: the build context hangs on WHERE, which is not set" in said.err
    assert list(said.builds) == ["default"]
    assert list(check(files, "--env", "WHERE=api", ".").builds) == ["compose.yaml:web"]
    assert list(check({**files, ".env": "WHERE=api\n"}, ".").builds) == ["compose.yaml:web"]


def test_an_unknown_build_argument_makes_rules_quiet(check: Any) -> None:
    files = {
        "compose.yaml": "services:\n  web: {build: {context: ., args: {BASE: $UNSET}}}\n",
        "Dockerfile": "ARG BASE=alpine\nFROM $BASE\nUSER 1\n",
    }
    assert check(files, ".").places("DG301") == []
    assert check({**files, ".env": "UNSET=debian\n"}, ".").places("DG301") == [("Dockerfile", 2)]


def test_files_that_only_add_to_the_compose_file_are_laid_over_it(check: Any) -> None:
    files = {
        "docker-compose.yml": "services:\n  web: {build: {context: web, target: one}}\n  db: {build: db}\n",
        "docker-compose.prod.yml": "services:\n  web: {build: {target: two}}\n",
        "docker-compose.alone.yml": "services:\n  web: {build: {context: alone}}\n",
        **{
            f"{name}/Dockerfile": "FROM alpine:3.20.3 AS one\nUSER 1\nFROM one AS two\n"
            for name in ("web", "db", "alone")
        },
    }
    assert check(files, ".").builds == {
        "docker-compose.alone.yml:web": ("alone/Dockerfile", "alone", None),
        "docker-compose.yml:db": ("db/Dockerfile", "db", None),
        "docker-compose.prod.yml:web": ("web/Dockerfile", "web", "two"),
        "docker-compose.yml:web": ("web/Dockerfile", "web", "one"),
    }


def test_comments_in_a_compose_file_silence(check: Any) -> None:
    def compose(above: str) -> str:
        return f"""
services:
  web:
    build:
      context: .
{above}
      dockerfile_inline: |
        FROM alpine
        USER 1
"""

    assert check({"compose.yaml": compose("")}, ".").places("DG301") == [("compose.yaml", 8)]
    assert check({"compose.yaml": compose("      # dfguard: ignore[DG301] -- wanted")}, ".").places("DG301") == []
    said = check({"compose.yaml": compose("      # dfguard: ignore[]")}, ".")
    assert said.code == 2
    assert said.data["errors"][0]["path"] == "compose.yaml"


def test_excluded_dockerfiles_stay_excluded(check: Any) -> None:
    files = {
        "compose.yaml": "services:\n  a: {build: a}\n  b: {build: b}\n",
        "a/Dockerfile": DOCKERFILE,
        "b/Dockerfile": DOCKERFILE,
    }
    assert list(check(files, "--exclude", "b", ".").builds) == ["compose.yaml:a"]
    assert list(check(files, "--exclude", "compose.yaml", ".").data["files"]) == ["a/Dockerfile", "b/Dockerfile"]


def test_a_compose_file_without_builds_is_no_finding(check: Any) -> None:
    said = check({"compose.yaml": "services:\n  db: {image: postgres}\n"}, "compose.yaml", plain=True)
    assert (said.code, said.out) == (0, "No file was checked.\n")


def test_a_compose_file_that_another_one_includes_is_no_project_of_its_own(check: Any) -> None:
    files = {
        "compose.yaml": "include: [{path: web/compose.yaml, project_directory: .}]\n",
        "web/compose.yaml": "services:\n  web: {build: ./web}\n",
        "web/Dockerfile": DOCKERFILE,
    }
    assert check(files, ".").builds == {"compose.yaml:web": ("web/Dockerfile", "web", None)}
    assert check(files, "web/compose.yaml").places("DG732") == [("web/compose.yaml", 2)]


def test_a_compose_file_of_another_name_may_count_from_a_folder_above(check: Any) -> None:
    files = {
        "extensions/fleet/fleet-compose.yml": "services:\n  fleet: {build: {context: extensions/fleet}}\n",
        "extensions/fleet/Dockerfile": DOCKERFILE,
        "tools/lost-compose.yml": "services:\n  lost: {build: {context: nowhere}}\n",
    }
    said = check(files, ".")
    name = "extensions/fleet/fleet-compose.yml:fleet"
    assert said.builds[name] == ("extensions/fleet/Dockerfile", "extensions/fleet", None)
    assert said.places("DG732") == []
    assert check(files, ".", "--pedantic").places("DG732") == [("tools/lost-compose.yml", 2)]


def test_templates_and_files_that_are_none_are_no_errors_in_a_walk(check: Any) -> None:
    files = {
        "a/compose.yml": "{% if x %}\nservices:\n  {{ name }}:\n    build: .\n{% endif %}\n",
        "b/compose.yml": "just a text\n",
        "Dockerfile": "FROM alpine:3.20.3\nUSER 1\n",
    }
    said = check(files, ".")
    assert (said.code, said.data["errors"]) == (0, [])
    assert "a/compose.yml: a template, not read" in said.err
    named = check(files, "b/compose.yml")
    assert (named.code, named.data["errors"][0]["path"]) == (2, "b/compose.yml")


def test_findings_at_one_place_of_a_shared_part_are_told_once(check: Any) -> None:
    files = {
        "compose.yaml": """
x-args: &args {VERSION: 3.10}
services:
  a: {build: {context: a, args: *args}}
  b: {build: {context: b, args: *args}}
""",
        "a/Dockerfile": "FROM alpine:3.20.3\nARG VERSION\nUSER 1\n",
        "b/Dockerfile": "FROM alpine:3.20.3\nARG VERSION\nUSER 1\n",
    }
    (found,) = (f for f in check(files, ".").data["findings"] if f["code"] == "DG737")
    assert (found["start"]["line"], found["builds"]) == (2, ["compose.yaml:a", "compose.yaml:b"])


def test_bake_files_in_both_forms(check: Any) -> None:
    files = {
        "hack/docker-bake.hcl": """
target "_base" { args = { UNUSED = "1" } }
target "app" {
  inherits = ["_base"]
  dockerfile = "docker/app.Dockerfile"
  target = "runtme"
  args = { VERSON = "1" }
}
target "many" { matrix = { a = ["x"] } }
""",
        "docker/app.Dockerfile": "FROM alpine:3.20.3 AS runtime\nARG VERSION\nUSER 1\n",
        "json/docker-bake.json": '{"target": {"web": {"context": ".", "args": {"A": "1"}}}}\n',
        "json/Dockerfile": "FROM alpine:3.20.3\nARG A\nUSER 1\n",
    }
    said = check(files, ".")
    assert said.builds == {
        "hack/docker-bake.hcl:app": ("docker/app.Dockerfile", ".", None),
        "json/docker-bake.json:web": ("json/Dockerfile", "json", None),
    }
    assert said.places("DG731") == [("hack/docker-bake.hcl", 6)]
    assert said.places("DG730") == [("hack/docker-bake.hcl", 7)]
    assert "hack/docker-bake.hcl:9: target many: a matrix is not evaluated" in said.err


def test_devcontainers_by_themselves_and_by_compose_files(check: Any) -> None:
    files = {
        ".devcontainer/devcontainer.json": """{
\t// comments and a comma at the end
\t"build": {
\t\t"dockerfile": "Dockerfile", /* beside this file */
\t\t"context": "..",
\t\t"args": { "VARIANT": "${localEnv:X}", "NOTHING": "1" },
\t},
}
""",
        ".devcontainer/Dockerfile": "ARG VARIANT\nFROM alpine:3.20.3\nUSER 1\n",
        "other/devcontainer.json": '{"dockerComposeFile": ["../dev.compose.yml"], "service": "app"}\n',
        "dev.compose.yml": "services:\n  app: {build: app}\n",
        "app/Dockerfile": "FROM alpine:3.20.3\nUSER 1\n",
        "image/devcontainer.json": '{"image": "alpine"}\n',
    }
    said = check(files, ".")
    assert said.builds == {
        ".devcontainer/devcontainer.json:devcontainer": (".devcontainer/Dockerfile", ".", None),
        "dev.compose.yml:app": ("app/Dockerfile", "app", None),
        "other/devcontainer.json:app": ("app/Dockerfile", "app", None),
    }
    assert said.places("DG730") == [(".devcontainer/devcontainer.json", 6)]


def test_what_of_a_bake_file_is_not_evaluated_is_named(check: Any) -> None:
    bake = """\
variable "TAG" { default = "1" }
group "default" { targets = ["app", "gone"] }
target "app" {
  context = "."
  target = TAG == "1" ? "dev" : "prod"
  args = {
    A = upper("x")
    B = TAG
  }
  contexts = { lib = f("lib") }
}
target "far" { context = f("x") }
"""
    said = check({"docker-bake.hcl": bake, "Dockerfile": DOCKERFILE}, "docker-bake.hcl")
    assert said.err.splitlines() == [
        "dfguard: docker-bake.hcl:2: group default names gone, which no target is called",
        "dfguard: docker-bake.hcl:3: target app: not evaluated, so taken as given with any value: A",
        'dfguard: docker-bake.hcl:10: the context lib hangs on `f("lib")`, which is not evaluated: not read',
        'dfguard: docker-bake.hcl:5: the target hangs on `TAG == "1" ? "dev" : "prod"`, which is not evaluated: '
        "the last stage is taken",
        'dfguard: docker-bake.hcl:12: the build context hangs on `f("x")`, which is not evaluated: not read',
    ]
    assert said.builds == {"docker-bake.hcl:app": ("Dockerfile", ".", None)}


def test_the_bake_file_of_vendored_code_does_not_speak_of_our_dockerfile(check: Any) -> None:
    """Go's vendor folder holds the bake file of a module, but not its Dockerfile."""
    files = {
        "vendor/example.org/lib/docker-bake.hcl": 'target "lint" { target = "lint" }\n',
        "Dockerfile": DOCKERFILE,
    }
    said = check(files, "--pedantic", ".")
    assert said.places("DG731") == []
    assert said.places("DG733") == [("vendor/example.org/lib/docker-bake.hcl", 1)]
    assert said.builds["default"] == ("Dockerfile", ".", None)
