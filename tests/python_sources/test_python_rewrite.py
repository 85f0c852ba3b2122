"""Rewrites by libcst, in its child process: what comes out, what is refused, and that nothing else changes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from values import VALUES

from dfguard.edit import Refusal, apply
from dfguard.python_sources import rewrite
from dfguard.python_sources.find import find
from dfguard.python_sources.text import decode

PASSWORD = VALUES["PASSWORD"]
HEX = VALUES["HEX32"]


def rewritten(source: str | bytes, which: int = 0) -> str | Refusal:
    data = source if isinstance(source, bytes) else source.encode()
    text = decode("app.py", data)
    made = rewrite.from_environment(find(text).credentials[which])
    return made if isinstance(made, Refusal) else apply(text.source, made)


CASES = {
    "nothing else": (f'password = "{PASSWORD}"\n', 'import os\n\npassword = os.environ["PASSWORD"]\n'),
    "docstring and future": (
        f'"""Doc."""\nfrom __future__ import annotations\n\nimport json\nimport sys\n\nfrom django import x\n\n'
        f'DB = {{"default": {{"PASSWORD": "{PASSWORD}"}}}}\n',
        '"""Doc."""\nfrom __future__ import annotations\n\nimport json\nimport os\nimport sys\n\n'
        'from django import x\n\nDB = {"default": {"PASSWORD": os.environ["DB_PASSWORD"]}}\n',
    ),
    "third party only": (
        f'from flask import Flask\n\napp.secret_key = "{HEX}"\n',
        'import os\n\nfrom flask import Flask\n\napp.secret_key = os.environ["SECRET_KEY"]\n',
    ),
    "it is there": (f'import os\napi_key = "{HEX}"\n', 'import os\napi_key = os.environ["API_KEY"]\n'),
    "by another name": (f'import os as o\napi_key = "{HEX}"\n', 'import os as o\napi_key = o.environ["API_KEY"]\n'),
    "environ alone": (
        f'from os import environ as env\napi_key = "{HEX}"\n',
        'from os import environ as env\napi_key = env["API_KEY"]\n',
    ),
    "os is something else": (
        f'os = "linux"\napi_key = "{HEX}"\n',
        'import os as _os\n\nos = "linux"\napi_key = _os.environ["API_KEY"]\n',
    ),
    "bytes": (f'api_key = b"{HEX}"\n', 'import os\n\napi_key = os.environ["API_KEY"].encode()\n'),
    "a header": (
        f'import os\nh = {{"Authorization": "Bearer {HEX}"}}\n',
        'import os\nh = {"Authorization": f"Bearer {os.environ[\'AUTHORIZATION\']}"}\n',
    ),
    "a URL": (
        f'import os\nurl = "postgresql://shop:{HEX}@db.prod.net/x"\n',
        'import os\nurl = os.environ["DATABASE_URL"]\n',
    ),
    "a default of a look-up": (
        f'import os\nk = os.environ.get("API_KEY", "{HEX}")\n',
        'import os\nk = os.environ["API_KEY"]\n',
    ),
    "line ends and brackets stay": (
        f'import os\r\npassword = (  # why\r\n    "{PASSWORD}"\r\n)\r\n',
        'import os\r\npassword = (  # why\r\n    os.environ["PASSWORD"]\r\n)\r\n',
    ),
    "a default of a function": (
        f'import os\ndef f(a, password="{PASSWORD}", *b): pass\n',
        'import os\ndef f(a, password=os.environ["PASSWORD"], *b): pass\n',
    ),
}


@pytest.mark.parametrize(("source", "expected"), CASES.values(), ids=CASES)
def test_the_value_is_read_from_the_environment(source: str, expected: str) -> None:
    assert rewritten(source) == expected
    ast.parse(expected)


def test_bytes_around_stay_in_another_encoding() -> None:
    head = "# coding: latin-1\nx = 'é'\n".encode("latin-1")
    made = rewritten(head + f"import os\npassword = '{PASSWORD}'\n".encode())
    assert isinstance(made, str)
    data = made.encode("utf-8", "surrogateescape")
    assert data == head + b'import os\npassword = os.environ["PASSWORD"]\n'


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (f'url = f"postgresql://shop:{HEX}@{{host}}/x"\n', "put together at run time"),
        (f'k = config("API_KEY", default="{HEX}")\n', "default of a look-up"),
    ],
)
def test_what_can_not_be_rewritten_is_refused_with_a_reason(source: str, reason: str) -> None:
    made = rewritten(source)
    assert isinstance(made, Refusal)
    assert reason in made.reason


BAD = {"crash": "import os; os.abort()", "hang": "import time; time.sleep(60)", "noise": "print(1, 2)"}


@pytest.mark.parametrize("code", BAD.values(), ids=BAD)
def test_a_child_that_crashes_or_hangs_is_a_refusal(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child = tmp_path / "child.py"
    child.write_text(code)
    monkeypatch.setattr(rewrite, "CHILD", str(child))
    monkeypatch.setattr(rewrite, "TIMEOUT", 3.0)
    assert isinstance(rewritten(f'password = "{PASSWORD}"\n'), Refusal)


def test_a_rewrite_that_changes_more_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lie = 'import os\n\npassword = os.environ["PASSWORD"]\nevil()\n'
    child = tmp_path / "liar.py"
    child.write_text(f"import json\nprint(json.dumps({{'text': {lie!r}}}))\n")
    monkeypatch.setattr(rewrite, "CHILD", str(child))
    made = rewritten(f'password = "{PASSWORD}"\n')
    assert isinstance(made, Refusal)
    assert "changes more" in made.reason
