"""Values and their sinks, in a few words each; tests/engine/test_engine_values.py holds them against real images."""

from __future__ import annotations

from pathlib import Path

import pytest
from played import context_of, unit_of

from dfguard.context.tree import BuildContext
from dfguard.flow.values import CONFIG, HISTORY, LAYER, LOG, PROVENANCE, Sink, ValueFlow

TOP = "FROM debian:12.8-slim\n"
SECRET = "RUN --mount=type=secret,id=s "


def flows(text: str, context: BuildContext | None = None) -> tuple[ValueFlow, ...]:
    return unit_of(text if text.startswith("FROM") else TOP + text, context).value_flows


def told(text: str, *kinds: str) -> list[str]:
    """The sinks of all values, as `kind:line key` and marks: `?` unsure, `left`, `hidden`, `dropped`."""
    return [in_words(sink) for flow in flows(text) for sink in flow.sinks if sink.kind in kinds]


def in_words(sink: Sink) -> str:
    marks = [sink.way if sink.kind == LOG else sink.key, "" if sink.certain else "?"]
    if sink.kind == LAYER:
        marks.append("left" if sink.left else "hidden" if sink.removed else "")
    if not sink.ships and sink.kind != LOG:
        marks.append("dropped")
    return f"{sink.kind}:{sink.instruction.start_line} {' '.join(mark for mark in marks if mark)}".strip()


def layers(text: str) -> list[str]:
    return told(text, LAYER)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ARG API_TOKEN\nRUN make\n", ["history:3 API_TOKEN"]),
        ("ARG API_TOKEN\nENV A=$API_TOKEN\nENV A=\n", ["history:3 A"]),
        ("ARG API_TOKEN\nENV A=$API_TOKEN\n", ["history:3 A", "config:3 Env.A"]),
        ("ARG API_TOKEN\nENV A=${API_TOKEN:+1} B='$API_TOKEN'\n", []),
        ('ARG API_TOKEN\nLABEL a.b="x $API_TOKEN"\n', ["history:3 a.b", "config:3 Labels.a.b"]),
        ("ARG MAX_TOKENS\nENV A=$MAX_TOKENS\nRUN make\n", []),
        ("ARG API_TOKEN\nARG API_TOKEN=x\nENV API_TOKEN=\nRUN make\n", []),
        ("FROM a AS b\nARG API_TOKEN\nRUN make\nFROM a\nCOPY --from=b /x /\n", ["history:3 API_TOKEN dropped"]),
        ("FROM a AS b\nARG API_TOKEN\nRUN make\nFROM b\nRUN make\n", ["history:3 API_TOKEN"]),
    ],
)
def test_configuration_and_history_keep_build_arguments(text: str, expected: list[str]) -> None:
    assert told(text, HISTORY, CONFIG) == expected


def test_every_build_argument_is_in_the_provenance() -> None:
    assert told("ARG A_TOKEN\nARG PORT\n", PROVENANCE) == ["provenance:2 A_TOKEN dropped"]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("cat /run/secrets/s > /f", ["layer:2 /f left"]),
        ("cat /run/secrets/s > /f && rm /f", []),
        ("cp /run/secrets/s ~/.netrc", ["layer:2 /root/.netrc left"]),
        ('echo "x=$(cat /run/secrets/s)" >> "$HOME/.netrc"', ["layer:2 /root/.netrc ? left"]),
        ("A=$(</run/secrets/s); echo $A | tee /f >/dev/null", ["layer:2 /f left"]),
        ("cd /w && cat /run/secrets/s | base64 -d > key", ["layer:2 /w/key ? left"]),
        ("[ -f x ] && cat /run/secrets/s > /f", ["layer:2 /f ? left"]),
        ("cat /run/secrets/other > /f", []),
        ("cat /run/secrets/s > /dev/null", []),
        ("cat /run/secrets/s | wc -c > /f", []),
        ("echo /run/secrets/s > /f", []),
        ("cat > /f <<X\nt=$(cat /run/secrets/s)\nX", ["layer:2 /f left"]),
        ("cat > /f <<'X'\nt=$(cat /run/secrets/s)\nX", []),
        ("echo '$(cat /run/secrets/s)' > /f", []),
        ("grep -q x /run/secrets/s", []),
        ("npm ci", []),
        ("sh -c 'cat /run/secrets/s > /f'", ["layer:2 /f left"]),
        ("dd if=/run/secrets/s of=/f", ["layer:2 /f ? left"]),
        ('sed -i "s/@/$(cat /run/secrets/s)/" /etc/x', ["layer:2 /etc/x ? left"]),
        ("npm config set //r/:_authToken=$(cat /run/secrets/s)", ["layer:2 /root/.npmrc left"]),
        ("npm config set //r/:_authToken=$(cat /run/secrets/s) && rm -f ~/.npmrc", []),
        ("docker login -u me --password-stdin < /run/secrets/s", ["layer:2 /root/.docker/config.json ? left"]),
        ("git clone https://u:$(cat /run/secrets/s)@h/a/b.git", ["layer:2 /b/.git/config left"]),
        ("git clone https://u:$(cat /run/secrets/s)@h/a/b.git && rm -rf b/.git", []),
    ],
)
def test_a_secret_mount_lands_in_the_layer_only_where_a_command_writes_it(command: str, expected: list[str]) -> None:
    assert layers(SECRET + command + "\n") == expected


def test_a_variable_of_a_secret_mount() -> None:
    assert layers("RUN --mount=type=secret,id=s,env=T echo $T > /f\n") == ["layer:2 /f left"]


def test_a_target_of_a_secret_mount_below_the_working_directory() -> None:
    text = "WORKDIR /w\nRUN --mount=type=secret,id=s,target=.npmrc cp .npmrc copy && npm ci\n"
    assert layers(text) == ["layer:3 /w/copy left"]


def test_files_are_followed_over_layers_and_stages() -> None:
    written = f"{SECRET}cat /run/secrets/s > /f\n"
    assert layers(f"{written}RUN rm /f\n") == ["layer:2 /f hidden"]
    assert layers(f"{written}RUN mv /f /g\n") == ["layer:2 /f hidden", "layer:3 /g left"]
    assert layers(f"{written}RUN echo > /f\n") == ["layer:2 /f"]
    two = f"FROM debian:12.8-slim AS one\n{written}FROM debian:12.8-slim\nCOPY --from=one"
    assert layers(f"{two} /f /g\n") == ["layer:2 /f dropped", "layer:4 /g left"]
    assert layers(f"{two} /x /g\n") == ["layer:2 /f dropped"]


def test_the_log_of_the_build() -> None:
    assert told(f"{SECRET}cat /run/secrets/s\n", LOG) == ["log:2 printed"]
    assert told(f'{SECRET}set -x; curl -H "$(cat /run/secrets/s)" h\n', LOG) == ["log:2 traced"]
    assert told(f'{SECRET}curl -H "$(cat /run/secrets/s)" h\n', LOG) == []
    assert told(f"{SECRET}set -x; npm ci; set +x; T=$(cat /run/secrets/s) npm ci\n", LOG) == []


def test_the_content_of_a_secret_file_of_the_context(tmp_path: Path) -> None:
    token = "npm" + "_" + "Zx9Kq2Lm7Rt4Vw8Yb3NcHd6Fj1Gs5Pt0QeWu"
    context = context_of(tmp_path, {".npmrc": f"//r/:_authToken={token}\n", "app.js": "1\n"})
    found = flows("COPY . /w/\nRUN cat /w/.npmrc > /f && cat /w/app.js > /g\nRUN rm /w/.npmrc\n", context)
    (flow,) = found
    assert (flow.value.kind, flow.value.name) == ("file", ".npmrc")
    assert [in_words(sink) for sink in flow.sinks] == ["layer:2 /w/.npmrc hidden", "layer:3 /f left"]


def test_a_literal_of_env_is_a_value() -> None:
    found = flows("ENV API_TOKEN=correct-Horse-7 PORT=80\nRUN echo $API_TOKEN > /f\n")
    assert [(flow.value.kind, flow.value.name) for flow in found] == [("env", "API_TOKEN")]
    assert [in_words(sink) for sink in found[0].sinks] == [
        "history:2 API_TOKEN",
        "layer:3 /f left",
        "config:2 Env.API_TOKEN",
    ]


def test_many_substitutions_in_one_command() -> None:
    many = " ".join(f'"$(cat /run/secrets/s)$A{n}"' for n in range(900))
    assert layers(f"{SECRET}echo {many} > /f\n") == ["layer:2 /f left"]
