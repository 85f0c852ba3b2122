"""The json report: the contract, literally, and its schema."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from dfguard.claim import (
    All,
    ConfigHas,
    HistoryShows,
    HistoryShowsSecret,
    InstructionId,
    LayerHolds,
    LayerHoldsSecret,
    Not,
    Some,
    ViewHolds,
    Wasted,
)
from dfguard.edit import DECLARED, IDENTICAL, UNSAFE, Edit, Fix, Gone
from dfguard.finding import Confidence, Finding, Related, Severity
from dfguard.report.json_report import render
from dfguard.run import Build, NotRun, Result, RunError
from dfguard.source import ImagePlace, LayerPlace, Source

SCHEMA = json.loads(files("dfguard.report").joinpath("schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)

DOCKERFILE = Source("app/Dockerfile", "FROM alpine\r\n# 日本 😀\r\nCOPY .env /app/\r\nRUN rm /app/.env\r\n")
ENV_FILE = DOCKERFILE.text.index(".env")
REMOVED = DOCKERFILE.text.index("app/.env")
IGNORE = Source("app/.dockerignore", "\ufeff!.env\n")


def report(result: Result) -> Any:
    """The rendered report, read back and held against the schema."""
    text = render(result)
    assert text.isascii()
    assert text.endswith("}\n")
    data = json.loads(text)
    VALIDATOR.validate(data)
    return data


def finding(**changes: Any) -> Finding:
    base = Finding(
        "DG101",
        "secret-removed-in-later-layer",
        Severity.ERROR,
        Confidence.HIGH,
        "`.env` stays",
        DOCKERFILE.span(ENV_FILE, ENV_FILE + 4),
    )
    return base.but(**changes)


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_an_empty_run() -> None:
    assert report(Result()) == {
        "version": 1,
        "findings": [],
        "not_run": [],
        "errors": [],
        "files": [],
        "skipped": [],
        "builds": [],
    }


def test_the_contract_in_full() -> None:
    fix = Fix.unsafe(
        "ignore it",
        Edit.before(IGNORE.span(0, 0), "# ours\n"),
        Edit.delete(IGNORE.span(1, 7)),
    )
    full = finding(
        related=(
            Related(DOCKERFILE.span(REMOVED, REMOVED + 8), "removed here"),
            Related(IGNORE.span(1, 6), "this line lets it through"),
            Related(LayerPlace("app:1", "sha256:ab", "/app/.env"), "found here"),
        ),
        fixes=(fix,),
        claim=Wasted("/app/.env", InstructionId(0, 1)),
        peers=("DL3064",),
        builds=("app", "test"),
    )
    result = Result(
        (full,),
        hidden=3,
        suppressed=2,
        not_run=(NotRun("DG205", "app/Dockerfile", "no build context"), NotRun("all", "b", "holds no instruction")),
        errors=(RunError("c", "is UTF-16", 4),),
        files=("app/Dockerfile", "b"),
        builds=(Build("app", "app/Dockerfile", "app", None, "inferred: the folder of the Dockerfile"),),
        notes=("a remark",),
    )
    assert report(result) == {
        "version": 1,
        "findings": [
            {
                "code": "DG101",
                "name": "secret-removed-in-later-layer",
                "severity": "error",
                "confidence": "high",
                "message": "`.env` stays",
                "path": "app/Dockerfile",
                "location": {"kind": "text"},
                "start": {"line": 3, "column": 6},
                "end": {"line": 3, "column": 10},
                "related": [
                    {
                        "message": "removed here",
                        "path": "app/Dockerfile",
                        "location": {"kind": "text"},
                        "start": {"line": 4, "column": 9},
                        "end": {"line": 4, "column": 17},
                    },
                    {
                        "message": "this line lets it through",
                        "path": "app/.dockerignore",
                        "location": {"kind": "text"},
                        "start": {"line": 1, "column": 1},
                        "end": {"line": 1, "column": 6},
                    },
                    {
                        "message": "found here",
                        "location": {"kind": "layer", "image": "app:1", "layer": "sha256:ab", "path": "/app/.env"},
                    },
                ],
                "peers": ["DL3064"],
                "fixes": [
                    {
                        "title": "ignore it",
                        "class": "unsafe",
                        "edits": [
                            {
                                "path": "app/.dockerignore",
                                "start": {"line": 1, "column": 1},
                                "end": {"line": 1, "column": 1},
                                "text": "# ours\n",
                            },
                            {
                                "path": "app/.dockerignore",
                                "start": {"line": 1, "column": 1},
                                "end": {"line": 2, "column": 1},
                                "text": "",
                            },
                        ],
                    }
                ],
                "claim": {"kind": "Wasted", "path": "/app/.env", "instruction": {"stage": 0, "index": 1}},
                "builds": ["app", "test"],
            }
        ],
        "not_run": [
            {"code": "DG205", "path": "app/Dockerfile", "why": "no build context"},
            {"code": "all", "path": "b", "why": "holds no instruction"},
        ],
        "errors": [{"path": "c", "message": "is UTF-16"}],
        "files": ["app/Dockerfile", "b"],
        "skipped": [],
        "builds": [
            {
                "name": "app",
                "dockerfile": "app/Dockerfile",
                "context": "app",
                "target": None,
                "source": "inferred: the folder of the Dockerfile",
            }
        ],
    }


def test_columns_count_characters() -> None:
    at = DOCKERFILE.text.index("😀")
    data = report(Result((finding(place=DOCKERFILE.span(at, at + 1)),)))
    assert data["findings"][0]["start"] == {"line": 2, "column": 6}
    assert data["findings"][0]["end"] == {"line": 2, "column": 7}


@pytest.mark.parametrize("place", [LayerPlace("i", "sha256:ab", "/x"), ImagePlace("i", "config.User")])
def test_a_place_in_an_image_has_no_path_nor_lines(place: LayerPlace | ImagePlace) -> None:
    (one,) = report(Result((finding(place=place),)))["findings"]
    assert not {"path", "start", "end"} & one.keys()
    kind = "layer" if isinstance(place, LayerPlace) else "image"
    assert one["location"] == {"kind": kind, **{name: getattr(place, name) for name in type(place)._fields}}


ID = InstructionId(-1, 0)
CLAIMS = (
    LayerHolds("/a", ID),
    ViewHolds("**/a"),
    ConfigHas("User"),
    ConfigHas("Env.A", "b"),
    HistoryShows("a", ID),
    Wasted("/a", ID),
    LayerHoldsSecret("/a", ID, ".env"),
    HistoryShowsSecret(ID, "A"),
    Some((ViewHolds("/a"),)),
    Not(ViewHolds("/a")),
    All((Wasted("/a", ID), Not(All((ViewHolds("/a"),))))),
)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: type(claim).__name__)
def test_the_schema_knows_every_claim(claim: All) -> None:
    assert report(Result((finding(claim=claim),)))["findings"][0]["claim"]["kind"] == type(claim).__name__


def test_the_schema_knows_every_severity_confidence_and_class_of_fix() -> None:
    fixes = (Fix.identical("a"), Fix.declared("b", differences=(Gone("/x"),)), Fix.unsafe("c"))
    assert [fix.kind for fix in fixes] == [IDENTICAL, DECLARED, UNSAFE]
    everything = [finding(severity=s, confidence=c, fixes=fixes) for s in Severity for c in Confidence]
    assert len(report(Result(tuple(everything)))["findings"]) == 12


def test_the_schema_is_strict() -> None:
    good = report(
        Result(
            (
                finding(
                    related=(Related(DOCKERFILE.span(0, 4), "x"),), fixes=(Fix.unsafe("t", Edit.delete(IGNORE.whole)),)
                ),
            ),
            not_run=(NotRun("all", "a", "b"),),
            errors=(RunError("a", "b"),),
            builds=(Build("a", "b"),),
        )
    )
    objects = list(_objects(good))
    assert len(objects) > 15
    for data in objects:
        data["extra"] = 1
        assert not VALIDATOR.is_valid(good), data
        del data["extra"]
        for key in [*data]:
            value = data.pop(key)
            assert not VALIDATOR.is_valid(good), (key, data)
            data[key] = value
    VALIDATOR.validate(good)


def _objects(data: Any) -> list[dict[str, Any]]:
    """Every object in the data."""
    if isinstance(data, dict):
        return [data, *(found for value in data.values() for found in _objects(value))]
    return [found for value in data for found in _objects(value)] if isinstance(data, list) else []


def test_bytes_that_are_not_utf8_read_as_replacement_characters() -> None:
    path = b"caf\xe9/Dockerfile".decode("utf-8", "surrogateescape")
    source = Source.from_bytes(path, b"FROM caf\xe9\n")
    one = finding(
        place=source.span(5, 9),
        message="\udce9 and \ud800",
        claim=ViewHolds("/\udce9"),
        fixes=(Fix.unsafe("\udce9", Edit.replace(source.span(5, 9), "cafe")),),
    )
    data = report(Result((one,), errors=(RunError(path, "\udce9"),), files=(path,)))
    assert data["findings"][0]["message"] == "\ufffd and \ufffd"
    assert data["findings"][0]["claim"]["path"] == "/\ufffd"
    assert data["findings"][0]["fixes"][0]["edits"][0]["path"] == "caf\ufffd/Dockerfile"
    assert data["files"] == [data["errors"][0]["path"]] == ["caf\ufffd/Dockerfile"]


def test_a_fix_that_cannot_be_told_exactly_is_left_out_wholly() -> None:
    token = "ghp_" + "x7Kq2LmZ9vRt4WpB8sYc" + "NdF3hJ6gTaUeQo12"
    good = Fix.unsafe("good", Edit.replace(IGNORE.span(1, 2), "é"))
    raw = Fix.unsafe("raw", Edit.delete(IGNORE.span(1, 2)), Edit.after(IGNORE.span(3, 4), "\udce9"))
    secret = Fix.unsafe("secret", Edit.replace(DOCKERFILE.whole, f"RUN login {token}\n"))
    text = render(Result((finding(fixes=(raw, secret, good)),)))
    assert [fix["title"] for fix in json.loads(text)["findings"][0]["fixes"]] == ["good"]
    assert token not in text


ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=20)


@settings(max_examples=60, deadline=None)
@given(ANY_TEXT, ANY_TEXT, st.integers(0, 20), st.integers(0, 20))
def test_any_text_and_place_make_a_valid_report(path: str, text: str, one: int, other: int) -> None:
    source = Source(path, text)
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    data = report(Result((finding(place=source.span(start, end), message=f"m{text}"),), files=(path,), notes=(text,)))
    first, last = data["findings"][0]["start"], data["findings"][0]["end"]
    assert (first["line"], first["column"]) <= (last["line"], last["column"])
