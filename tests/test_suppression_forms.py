"""Comments of other tools silence here as they do there: what is read, how far it reaches, what it stands for."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfguard import peers
from dfguard.dockerfile.parse import parse
from dfguard.source import Source
from dfguard.suppress import read_suppressions, rules_meant
from dfguard.suppression import Suppression
from dfguard.suppression_forms import ALL


def only(text: str) -> Suppression:
    (found,) = read_suppressions(parse(Source("Dockerfile", text)))
    return found


@pytest.mark.parametrize(
    ("comment", "tool", "codes", "reason", "kind"),
    [
        ("# hadolint ignore=DL3008,SC2086", "hadolint", ("DL3008", "SC2086"), "", "instruction"),
        ("#hadolint ignore=DL3008", "hadolint", ("DL3008",), "", "instruction"),
        ("# hadolint ignore=DL3008 # texlive needs it", "hadolint", ("DL3008",), "texlive needs it", "instruction"),
        ("# hadolint global ignore=DL3003, DL3006", "hadolint", ("DL3003", "DL3006"), "", "file"),
        ("# check=skip=StageNameCasing, A", "buildkit", ("StageNameCasing", "A"), "", "instruction"),
        ("# check=error=true;skip=all", "buildkit", ("all",), "", "instruction"),
        ("#trivy:ignore:AVD-DS-0031 - TODO: a mount", "trivy", ("AVD-DS-0031",), "TODO: a mount", "instruction"),
        ("# trivy:ignore:DS-0002 trivy:ignore:DS-0013", "trivy", ("DS-0002", "DS-0013"), "", "instruction"),
        ("# trivy:ignore:DS-0002:exp:2999-01-01", "trivy", ("DS-0002",), "", "instruction"),
        ("#checkov:skip=CKV_DOCKER_8: the runner is root", "checkov", ("CKV_DOCKER_8",), "the runner is root", "file"),
        ("# tally ignore=hadolint/DL3015;reason=big", "tally", ("hadolint/DL3015",), "big", "instruction"),
        ("# tally global ignore=max-lines;reason=made by a tool", "tally", ("max-lines",), "made by a tool", "file"),
        ("# kics-scan ignore-line", "kics", ("all",), "", "instruction"),
        ("# kics-scan disable=fd54f200-402c-4333-a5a4,a", "kics", ("fd54f200-402c-4333-a5a4", "a"), "", "file"),
    ],
)  # fmt: skip
def test_what_is_read(comment: str, tool: str, codes: tuple[str, ...], reason: str, kind: str) -> None:
    found = only(f"FROM a\n{comment}\nRUN b\n")
    assert (found.tool, found.reason, found.kind, found.problem) == (tool, reason, kind, None)
    assert [word.span.text for word in found.words if word.raw != ALL] == [code for code in codes if code != ALL]
    assert found.codes == codes
    if kind == "instruction":
        assert found.scope.text == "RUN b"


@pytest.mark.parametrize(
    ("comment", "kind"),
    [
        ("# hadolint ignore=DL3006", "instruction"),
        ("# tally ignore=DL3006", "instruction"),
        ("# trivy:ignore:AVD-DS-0001", "stage"),
        ("# kics-scan ignore-block", "stage"),
        ("# kics-scan ignore-line", "instruction"),
        ("# check=skip=StageNameCasing", "file"),
        ("# checkov:skip=CKV_DOCKER_7", "file"),
    ],
)
def test_above_from_each_reaches_as_far_as_in_its_own_tool(comment: str, kind: str) -> None:
    assert only(f"{comment}\nFROM a\nRUN b\n").kind == kind


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\n# hadolint ignores DL3008\nRUN b\n",
        "FROM a\n# hadolint shell=bash\nRUN b\n",
        "FROM a\n# hadolint ignore=DL3008\n",  # above nothing: no mistake of ours
        "FROM a\n# trivy:ignore:DS-0002:exp:2020-01-01\nRUN b\n",
        "FROM a\n# kics-scan enable=abc\nRUN b\n",
        "# check=error=true\nFROM a\n",
        "FROM a\nRUN hadolint ignore=DL3008 # hadolint ignore=DL3008\n",
        "FROM a\nRUN <<E\n# hadolint ignore=DL3008\nE\n",
        "FROM a\nRUN x --check=skip=y\n",
    ],
)
def test_what_silences_nothing(text: str) -> None:
    assert read_suppressions(parse(Source("Dockerfile", text))) == ()


def test_an_expiry_of_today_has_come() -> None:
    today = time.strftime("%Y-%m-%d")
    assert read_suppressions(parse(Source("D", f"FROM a\n# trivy:ignore:DS-0002:exp:{today}\nRUN b\n"))) == ()


@pytest.mark.parametrize(
    ("tool", "word", "codes"),
    [
        ("hadolint", "DL3015", {"DG410"}),
        ("hadolint", "DL3008", set()),
        ("buildkit", "WorkdirRelativePath", {"DG709"}),
        ("trivy", "AVD-DS-0002", {"DG801"}),
        ("trivy", "DS002", {"DG801"}),
        ("checkov", "CKV_DOCKER_3", {"DG801"}),
        ("tally", "hadolint/DL3015", {"DG410"}),
        ("tally", "buildkit/WorkdirRelativePath", {"DG709"}),
        ("kics", "fd54f200-402c-4333-a5a4-36ef6709af2f", {"DG801"}),
        ("dfguard", "DL3015", {"DG410"}),
        ("dfguard", "final-user-root", {"DG801"}),
        ("dfguard", "all", set()),
    ],
)
def test_what_a_word_stands_for(tool: str, word: str, codes: set[str]) -> None:
    assert {entry.code for entry in rules_meant(tool, word)} == codes


def test_all_of_a_tool_is_what_answers_its_checks() -> None:
    of_buildkit = {entry.code for entry in rules_meant("buildkit", "all")}
    assert {"DG708", "DG709"} <= of_buildkit
    assert "DG410" not in of_buildkit, "BuildKit has no such check"
    assert "DG410" in {entry.code for entry in rules_meant("kics", "all")}


def test_every_id_of_a_rule_leads_back_to_it() -> None:
    """Ids that rules name are known to the table of peers, so that `dfguard rule` and comments agree."""
    from dfguard import catalog

    for entry in catalog.entries():
        for peer in entry.peers:
            assert entry in peers.rules_for(peer)


@given(st.text(st.sampled_from("#hadolint trivy:ignore=,;skipcheck \t-global[]ks"), max_size=80))
def test_any_comment_is_read(text: str) -> None:
    source = Source("Dockerfile", f"FROM a\n# hadolint {text}\n# check={text}\nRUN b\n")
    for found in read_suppressions(parse(source)):
        assert found.words
        assert all(word.span.text == word.raw or word.raw == ALL for word in found.words)


def test_a_long_comment_takes_linear_time() -> None:
    for piece in ("skip;", "; ", "#", " ,", "trivy:ignore:", "a,", "-"):
        many = piece * 50_000
        text = f"FROM a\n# check={many}\n# hadolint ignore={many}\n#trivy:ignore:{many}\nRUN b\n"
        read_suppressions(parse(Source("Dockerfile", text)))
