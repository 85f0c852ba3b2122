"""Files of credentials are known by their structure, under any name; those without a credential are quiet."""

from __future__ import annotations

import re

import pytest
from credential_files import KINDS, filled

from dfguard.finding import Confidence
from dfguard.secrets.contents import scan
from dfguard.secrets.files.forms import form_of
from dfguard.secrets.files.table import KINDS as TABLE
from dfguard.secrets.names import FILE
from dfguard.secrets.redact import redact
from dfguard.secrets.weigh import weigh

FORMS = [(kind, form) for kind, row in KINDS.items() for form in row.forms]
QUIET = [(kind, text) for kind, row in KINDS.items() for text in row.quiet]


@pytest.mark.parametrize(("kind", "form"), FORMS)
@pytest.mark.parametrize("path", ["blob", "conf/notes.txt"])
def test_a_file_of_credentials_is_known_under_any_name(kind: str, form: str, path: str) -> None:
    text, _ = filled(form)
    secret = weigh(path, text.encode())
    assert secret is not None
    assert (secret.detector, secret.sort) == (kind, FILE)
    assert secret.confidence is not Confidence.LOW


@pytest.mark.parametrize(("kind", "form"), FORMS)
def test_its_credential_is_masked(kind: str, form: str) -> None:
    text, written = filled(form)
    assert written in text
    assert written not in redact(text)


@pytest.mark.parametrize(("kind", "text"), QUIET)
def test_without_a_credential_it_is_quiet_under_its_own_name_too(kind: str, text: str) -> None:
    assert weigh(KINDS[kind].name, text.encode()) is None
    assert weigh("blob", text.encode()) is None


@pytest.mark.parametrize(("kind", "form"), FORMS)
def test_in_the_folder_of_tests_it_is_low(kind: str, form: str) -> None:
    secret = weigh("tests/fixtures/blob", filled(form)[0].encode())
    assert secret is not None
    assert secret.confidence in (Confidence.LOW, Confidence.MEDIUM)


@pytest.mark.parametrize(("kind", "form"), FORMS)
@pytest.mark.parametrize(
    "value", ["${SECRET_VALUE}", "<your-secret>", "ENC[AES256_GCM,data:Zm9v,iv:YQ==,type:str]", "{{ secret }}"]
)
def test_references_placeholders_and_encrypted_values_are_none(kind: str, form: str, value: str) -> None:
    if value.startswith("ENC") and re.search(r"[\w/:]@| @\n:", form):
        pytest.skip("sops encrypts a value as a whole")
    if value.startswith("<") and form.startswith("<"):
        pytest.skip("that is an element in XML")
    text = re.sub(r"(?<![a-z])@[@:kKwaA#]?", lambda match: value + ("@" if match[0] == "@#" else ""), form)
    assert weigh("blob", text.encode()) is None


def test_every_kind_of_the_table_is_tried() -> None:
    assert {row.id for row in TABLE} == set(KINDS)
    assert all(len(row.forms) >= 3 and len(row.quiet) >= 3 for row in KINDS.values())


CODE = (
    "import os\n\nprint('x')\n",
    "/* x */\nint main() {}\n",
    "<!doctype html>\n",
    "# Title\n\nSome words.\n",
    "#!/bin/sh\nset -e\n",
    "FROM alpine\nRUN x\n",
    "",
)
HOSTILE = (
    "{" * 100_000,
    '{"auths":' * 50_000,
    "a:\n" + " - " * 100_000,
    "<a " * 100_000,
    "<settings><server " + "x='" * 100_000,
    '[remote "@\n' * 50_000,
    "machine " * 100_000 + "password",
    "users:\nclusters:\n" + "- " * 200_000,
    "#\n" * 200_000,
    "kind: Secret\n" + "".join(" " * n + "a:\n" for n in range(600)),
    "a:$" * 100_000,
    'kind: Secret\na: "' + "\\" * 200_000,
)


@pytest.mark.parametrize("text", CODE)
def test_code_and_documents_have_no_such_form(text: str) -> None:
    assert form_of(text.encode()) in (None, "xml")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_files_take_time_in_proportion(text: str) -> None:
    """Each is far beyond what quadratic time would allow a test run; nothing is found, nothing raised."""
    assert [hit for hit in scan(text.encode()) if hit.file] == []


def test_a_line_of_a_file_is_told() -> None:
    text, _ = filled(KINDS["netrc"].forms[0])
    secret = weigh("blob", text.encode())
    assert secret is not None
    assert (secret.line, secret.key) == (3, "password")
