"""The baseline: what it leaves out, what it never does, and what is wrong with one."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dfguard.baseline import NAME, load
from dfguard.cli.main import main
from dfguard.errors import ConfigError

TEXT = "FROM debian\nRUN apt-get update && apt-get install -y curl\nRUN cd /x\nUSER root\n"
TOKEN = "glpat-" + "ThisIsNotARealToken00"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)


def check(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[list[tuple[str, int]], int, str]:
    """The findings with their lines, how many the baseline has, and what is said beside."""
    capsys.readouterr()
    main(["check", "--format", "json", *options])
    said = capsys.readouterr()
    data: Any = json.loads(said.out)
    return [(f["code"], f["start"]["line"]) for f in data["findings"]], data.get("known", 0), said.err


def test_what_was_there_is_left_out_and_what_is_new_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    Path("Dockerfile").write_text(TEXT)
    all_of_it, _, _ = check(capsys)
    assert main(["baseline", "create"]) == 0
    assert f"{len(all_of_it)} findings in {NAME}" in capsys.readouterr().err
    assert main(["check"]) == 0
    out = capsys.readouterr().out
    assert "No findings in 1 file;" in out
    assert f"; {len(all_of_it)} findings in the baseline" in out
    Path("Dockerfile").write_text("# moved\n\n" + TEXT.replace("USER", "RUN cd /y\nUSER").replace("y curl", "y   curl"))
    assert check(capsys) == ([("DG603", 6)], len(all_of_it), "")
    assert main(["check"]) == 1
    assert check(capsys, "--no-baseline")[1] == check(capsys, "--isolated")[1] == 0


def test_one_more_of_the_same_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    Path("Dockerfile").write_text(TEXT)
    main(["baseline", "create"])
    before = Path(NAME).read_bytes()
    Path("Dockerfile").write_text(TEXT.replace("USER", "RUN cd /x\nUSER"))
    assert check(capsys)[0] == [("DG603", 4)]
    assert main(["baseline", "prune"]) == 0
    assert Path(NAME).read_bytes() == before, "it never grows by itself"


def test_it_is_not_overwritten_unless_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    Path("Dockerfile").write_text(TEXT)
    assert main(["baseline", "create"]) == 0
    before = Path(NAME).read_bytes()
    Path("Dockerfile").write_text("FROM debian\n")
    assert main(["baseline", "create"]) == 2
    assert "is there already" in capsys.readouterr().err
    assert Path(NAME).read_bytes() == before
    assert main(["baseline", "create", "--force"]) == 0
    assert Path(NAME).read_bytes() != before


def test_what_is_mended_is_counted_and_pruned(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a").mkdir()
    for name in ("Dockerfile", "a/Dockerfile", "b.Dockerfile"):
        Path(name).write_text(TEXT)
    main(["baseline", "create"])
    Path("Dockerfile").write_text(TEXT.replace("RUN cd /x\n", ""))
    Path("b.Dockerfile").unlink()
    findings, _, said = check(capsys, "Dockerfile")
    gone = len([entry for entry in json.loads(Path(NAME).read_text())["entries"] if entry["path"] == "b.Dockerfile"])
    assert findings == []
    assert f"{gone + 1} entries of {NAME} match nothing any more" in said
    assert "match nothing" not in check(capsys, "--select", "DG9", "Dockerfile")[2], "those rules did not run"
    assert main(["baseline", "prune", "Dockerfile"]) == 0
    left = {entry["path"] for entry in json.loads(Path(NAME).read_text())["entries"]}
    assert left == {"Dockerfile", "a/Dockerfile"}, "what this run did not look at stays"
    assert check(capsys) == ([], sum(entry["count"] for entry in json.loads(Path(NAME).read_text())["entries"]), "")


def test_it_is_found_from_below_and_paths_are_seen_from_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("web").mkdir()
    Path("web/Dockerfile").write_text(TEXT)
    main(["baseline", "create"])
    monkeypatch.chdir("web")
    assert check(capsys)[0] == []
    assert check(capsys, "--baseline", f"../{NAME}")[0] == []


def test_no_secret_is_kept_nor_what_could_be_made_of_one(capsys: pytest.CaptureFixture[str]) -> None:
    Path("Dockerfile").write_text(f"FROM debian\nENV A=1 API_TOKEN={TOKEN}\nUSER 1000\n")
    found = check(capsys)[0]
    assert [code for code, _ in found if code.startswith("DG1")]
    main(["baseline", "create"])
    text = Path(NAME).read_text()
    assert TOKEN not in text
    assert TOKEN[6:] not in text
    assert "ENV A=1 API_TOKEN=*" in text
    Path("Dockerfile").write_text(f"FROM debian\nENV A=1 API_TOKEN={TOKEN[:-4]}99ab\nUSER 1000\n")
    assert check(capsys)[0] == [], "nothing of the value went into the entry"


def test_add_ignores_leaves_alone_what_the_baseline_has(capsys: pytest.CaptureFixture[str]) -> None:
    Path("Dockerfile").write_text(TEXT)
    main(["baseline", "create"])
    Path("Dockerfile").write_text(TEXT + "RUN cd /z\n")
    assert main(["check", "--add-ignores"]) == 0
    assert Path("Dockerfile").read_text() == TEXT + "# dfguard: ignore[DG603]\nRUN cd /z\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", ":1: is no JSON: column 2"),
        ("[]", "is no baseline of this version"),
        ('{"version": 2, "entries": []}', "is no baseline of this version"),
        ('{"version": 1, "entries": [{"rule": "DG1"}]}', "entry 1 is none"),
        ('{"version": 1, "entries": [{"rule": "a", "path": "b", "content": "c", "count": 0}]}', "entry 1 is none"),
        ('{"version": 1, "entries": [7]}', "entry 1 is none"),
        ("[" * 100_000, "is nested too deeply"),
    ],
)
def test_a_broken_one_is_one_line(text: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("Dockerfile").write_text(TEXT)
    Path(NAME).write_text(text)
    assert main(["check"]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"dfguard: {NAME}")
    assert said in err
    assert err.count("\n") == 1


def test_a_link_out_of_the_repository_is_not_followed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    Path("repo/.git").mkdir(parents=True)
    Path("outside.json").write_text('{"version": 1, "entries": []}')
    os.chdir("repo")
    Path(NAME).symlink_to("../outside.json")
    Path("Dockerfile").write_text(TEXT)
    assert main(["check"]) == 2
    assert "leads out of the repository" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["crate"], ["prune"], ["create", "--forse"]])
def test_wrong_command_lines(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["baseline", *arguments]) == 2
    assert capsys.readouterr().err.count("\n") == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["version", "entries", "rule", "path", "content", "count"]), inner, max_size=6
        )
    ),
    max_leaves=20,
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(JSON)
def test_any_json_is_a_baseline_or_an_error_of_it(data: object) -> None:
    Path("x.json").write_text(json.dumps(data))
    try:
        load("x.json")
    except ConfigError as error:
        assert str(error).startswith("x.json")
