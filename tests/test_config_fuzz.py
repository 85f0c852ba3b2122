"""Drawn configurations, right and broken: never a traceback, and the schema and the program agree."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import tomli
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dfguard import catalog
from dfguard.check import select
from dfguard.cli.main import main
from dfguard.config import load_config
from dfguard.config_keys import KEYS, OVERRIDABLE
from dfguard.config_schema import schema
from dfguard.errors import ConfigError, DfguardError
from dfguard.migration_sources import NAMES, wishes_of

EXAMPLES = int(os.environ.get("DFGUARD_FUZZ", "80"))
SCHEMA = jsonschema.Draft7Validator(schema())
WORDS = st.sampled_from(
    [
        "DG1",
        "DG302",
        "dg501",
        "consecutive-runs",
        "DL3015",
        "",
        "DG999",
        "error",
        "info",
        "high",
        "strict",
        "all",
        "x/**",
    ]
)
VALUES = st.recursive(
    st.booleans() | st.integers(-9, 9) | WORDS | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
RIGHT: dict[str, Any] = {
    "required-version": st.sampled_from([">=0.1", "<99", "~=1.2", "x", "==9"]),
    "extends": WORDS | st.lists(st.sampled_from(["strict", "security", "missing.toml"]), max_size=2),
    "preset": st.sampled_from(["recommended", "strict", "security", "kubernetes", "all"]),
    "severity": st.dictionaries(WORDS, st.sampled_from(["error", "hint"]), max_size=2),
    "rules": st.dictionaries(
        WORDS, st.dictionaries(st.sampled_from(["minimum", "severity"]), VALUES, max_size=2), max_size=2
    ),
}
TABLES = st.fixed_dictionaries(
    {}, optional={key: RIGHT.get(key, st.lists(WORDS, max_size=3)) | VALUES for key in OVERRIDABLE}
)
CONFIGURATIONS = st.fixed_dictionaries(
    {},
    optional={
        **{key: RIGHT.get(key, st.booleans() | st.lists(WORDS, max_size=3)) | VALUES for key in KEYS},
        "overrides": st.lists(TABLES, max_size=2) | VALUES,
    },
)  # fmt: skip
FUZZ = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def toml(value: Any) -> str:
    """A value as TOML, tables inline."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml(key)} = {toml(entry)}" for key, entry in value.items()) + "}"
    return repr(value)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def loaded(data: bytes) -> ConfigError | None:
    """Why a file of these bytes is refused, None when it is not; anything else that is raised fails the test."""
    Path("dfguard.toml").write_bytes(data)
    try:
        config = load_config("dfguard.toml", known_codes=catalog.names())
        for file in ("Dockerfile", "x/Dockerfile"):
            select(config.for_file(file))
    except ConfigError as error:
        assert str(error).startswith(f"{error.path}:") and "\n" not in str(error)
        return error
    return None


@FUZZ
@given(CONFIGURATIONS)
def test_what_is_read_and_what_is_refused_is_as_the_schema_says(folder: Path, table: dict[str, Any]) -> None:
    text = "".join(f"{key} = {toml(value)}\n" for key, value in table.items())
    error = loaded(text.encode())
    if error is None:
        assert not list(SCHEMA.iter_errors(tomli.loads(text)))
    elif SCHEMA.is_valid(table):  # what a schema can't tell: versions, files, codes, one rule under two names
        assert re.search(
            r"required-version|extend|is not there|no regular file|no rule is called|are the same rule", str(error)
        )
    else:
        assert error.line, "a mistake has a line"


@FUZZ
@given(CONFIGURATIONS, st.data())
def test_broken_toml_is_refused_in_one_line(folder: Path, table: dict[str, Any], data: st.DataObject) -> None:
    text = "".join(f"{key} = {toml(value)}\n" for key, value in table.items()).encode()
    at = data.draw(st.integers(0, len(text)))
    loaded(
        text[:at] + data.draw(st.binary(max_size=4) | st.sampled_from([b"[", b"]]", b"'''", b"\n", b"="])) + text[at:]
    )


@FUZZ
@given(st.text(max_size=60) | st.binary(max_size=60))
def test_any_text_is_refused_in_one_line(folder: Path, text: str | bytes) -> None:
    loaded(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))


@FUZZ
@given(CONFIGURATIONS)
def test_config_show_never_crashes(folder: Path, table: dict[str, Any]) -> None:
    Path("dfguard.toml").write_text("".join(f"{key} = {toml(value)}\n" for key, value in table.items()))
    assert main(["config", "show", "-o", "shown"]) in (0, 2)


PIECES = st.lists(
    st.sampled_from(
        [
            "ignored:\n",
            "  - DL3015\n",
            "override:\n",
            "  error: [DL3002]\n",
            "[rules]\n",
            "exclude = ['hadolint/DL3015']\n",
            "skip = ['DF001', 3]\n",
            "[[overrides]]\n",
            "paths = 3\n",
            "paths = ['x']\n",
            "DS-0002 exp:2030-01-01\n",
            "&a\n",
            "misconfigurations:\n",
            "  - id: DS-0002\n",
            "    paths: [x]\n",
            "skip-check: CKV_DOCKER_3,\n",
            "*a\n",
            "- \n",
            "# check=error=true;skip\n",
            "[severity-overrides]\n",
            "DF002 = 'off'\n",
            "failure-threshold: none\n",
            "\x00",
            "{",
        ]
    )
    | st.text(max_size=5),
    max_size=8,
)


@FUZZ
@given(st.sampled_from([*NAMES, "Dockerfile"]), PIECES)
def test_configurations_of_other_tools_never_crash(folder: Path, name: str, pieces: list[str]) -> None:
    Path(name).write_bytes("".join(pieces).encode("utf-8", "surrogatepass"))
    try:
        wishes_of(name)
    except DfguardError as error:
        assert "\n" not in str(error)
        return
    assert main(["config", "migrate", name, "-o", "moved.toml", "--force"]) in (0, 2)
    load_config("moved.toml", known_codes=catalog.names())
