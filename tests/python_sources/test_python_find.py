"""Which credentials are found in Python sources, where exactly, and what is left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tomli
from values import filled, marked

from dfguard.finding import Confidence
from dfguard.python_sources.find import PythonCredential, find
from dfguard.python_sources.text import decode

TABLE = tomli.loads((Path(__file__).parent / "snippets.toml").read_text(encoding="utf-8"))


def cases(kind: str) -> list[Any]:
    return [pytest.param(case, id=case["name"].replace(" ", "-")) for case in TABLE[kind]]


def credentials(code: str) -> tuple[PythonCredential, ...]:
    return find(decode("app.py", code.encode())).credentials


def test_the_table_is_large_enough() -> None:
    lines = sum(case["code"].strip().count("\n") + 1 for case in TABLE["quiet"])
    assert len(TABLE["found"]) + lines >= 120


@pytest.mark.parametrize("case", cases("found"))
def test_a_credential_is_found_where_it_stands(case: dict[str, Any]) -> None:
    code, places = marked(filled(case["code"]))
    if "spans" in case:
        texts = [filled(text) for text in case["spans"]]
        places = [(code.index(text), code.index(text) + len(text)) for text in texts]
    found = credentials(code)
    assert [(each.span.start, each.span.end) for each in found] == places
    first = found[0]
    assert first.confidence is Confidence(case.get("confidence", "high"))
    assert first.kind == case.get("kind", "credential")
    for field in ("holder", "variable", "what"):
        assert getattr(first, field) == case.get(field, getattr(first, field))


@pytest.mark.parametrize("case", cases("quiet"))
def test_look_alikes_are_left_alone(case: dict[str, Any]) -> None:
    found = credentials(filled(case["code"]))
    shown = [each for each in found if not case.get("hidden") or each.confidence is not Confidence.LOW]
    assert [(each.span.start_line, each.what, each.holder) for each in shown] == []


@pytest.mark.parametrize("case", cases("found"))
@pytest.mark.parametrize("way", ["crlf", "bom", "latin-1", "cp1252", "koi8-r", "euc-jp"])
def test_places_are_exact_in_every_encoding(case: dict[str, Any], way: str) -> None:
    """The same credentials at the same lines and columns, and the text of each place is as it was."""
    code, _ = marked(filled(case["code"]))
    letters = {"latin-1": "é", "cp1252": "€", "koi8-r": "ж", "euc-jp": "日本"}.get(way, "é")
    if way in letters or not code.isascii():
        pytest.skip("its letters are not in this encoding")
    plain = credentials(f"# {'x' * len(letters)}\nx = '{'x' * len(letters)}'; y = 1\n{code}")
    head = f"# coding: {way}" if way not in ("crlf", "bom") else "#"
    text = f"{head}\nx = '{letters}'; y = 1\n{code}"
    if way == "crlf":
        text = text.replace("\n", "\r\n")
    data = b"\xef\xbb\xbf" + text.encode() if way == "bom" else text.encode(way if head != "#" else "utf-8")
    found = find(decode("app.py", data)).credentials
    assert [each.span.start_line for each in found] == [each.span.start_line for each in plain]
    for left, right in zip(plain, found, strict=True):
        assert right.span.text.replace("\r\n", "\n") == left.span.text
        assert right.value.text.replace("\r\n", "\n") == left.value.text
