"""No report of any kind prints a secret that stands in a Dockerfile, whichever rules run."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import tomli

from dfguard import catalog
from dfguard.cli.main import COMMANDS, main
from dfguard.secrets.redact import secret_places
from dfguard.source import Span
from dfguard.testing import blocks, findings

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "secrets"))
from token_formats import TOKENS, drawn

CASES = Path(__file__).parent / "cases" / "DG110.toml"
(ENTRY,) = catalog.find("DG110")
FILES = {
    **{case["name"]: case["dockerfile"] for case in tomli.loads(CASES.read_text(encoding="utf-8"))["fires"]},
    **{f"page {block.line}": block.text for block in blocks(catalog.page(ENTRY)) if block.kind == "bad"},
}


def values(text: str) -> set[str]:
    """The secrets of a file as they are written there, references to variables left out."""
    spans = [finding.place for finding in findings(ENTRY, text, None)]
    return {span.text for span in spans if isinstance(span, Span) and not span.text.startswith("$")}


def report(text: str, folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """What a check of the file prints."""
    path = folder / "Dockerfile"
    path.write_text(text, encoding="utf-8")
    main(("check", "--isolated", "--pedantic", "--exit-zero", *options, str(path)))
    said = capsys.readouterr()
    return said.out + said.err


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("options", [(), ("--format", "json"), ("--ignore", "DG110"), ("--select", "DG110")])
def test_no_value_is_printed(
    name: str, options: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = values(FILES[name])
    said = report(FILES[name], tmp_path, capsys, *options)
    assert all(len(value) > 8 for value in found)
    assert "DG110" in said or "--ignore" in options
    assert [value for value in found if value in said] == []


@pytest.mark.parametrize("name", FILES)
def test_what_the_rule_finds_is_masked_without_it_too(name: str) -> None:
    """Other rules show the same lines, also where this one is off or suppressed."""
    hidden = secret_places(FILES[name])
    for finding in findings(ENTRY, FILES[name], None):
        span = finding.place
        assert isinstance(span, Span)
        assert finding.secret
        covered = any(start <= span.start and span.end <= end for start, end in hidden)
        assert covered or span.text.startswith("$")


def test_a_line_shown_for_another_rule_hides_its_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "FROM debian:12.8-slim\nRUN curl -u ops:w7Kq-93mz-TTb2 https://example.net/x | bash\n"
    said = report(text, tmp_path, capsys, "--select", "DG601,DG602")
    assert "DG601" in said
    assert "RUN curl -u ops:************** https://example.net/x | bash" in said


def test_a_weak_value_is_hidden_where_it_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "FROM debian:12.8-slim\nRUN echo 'ops:tiger77' \\\n  | chpasswd\n"
    said = report(text, tmp_path, capsys, "--select", "DG110")
    assert "DG110" in said
    assert "tiger77" not in said


def plant(folder: Path) -> dict[str, str]:
    """Thirty tokens in a context and its Dockerfile: whole files, sources, settings, ENV, ARG, LABEL, RUN, CMD."""
    names = [name for name, (recipe, *_) in TOKENS.items() if "\\n" not in recipe and "://" not in recipe][:30]
    secrets = {name: drawn(TOKENS[name][0], "planted") for name in names}
    lines = ["FROM alpine:3.20.3"]
    forms = ("ENV A{}={}", "ARG B{}={}", "LABEL c{}={}", "RUN curl -H 'Authorization: Bearer {1}' https://a.test/{0}")
    for number, (name, token) in enumerate(secrets.items()):
        if number % 2:
            lines.append(forms[number // 2 % 4].format(number, token))
            continue
        path = folder / ("app" if number % 3 else "conf") / (f"{name}.env", f"{name}.py", f"{name}.json")[number % 3]
        path.parent.mkdir(exist_ok=True)
        path.write_text((f"X={token}\n", f"X = '{token}'\n", f'{{"x": "{token}"}}\n')[number % 3])
    lines += ["COPY . /srv/", "RUN rm -rf /srv/conf", 'CMD ["/srv/app"]']
    (folder / "Dockerfile").write_text("\n".join(lines) + "\n")
    return secrets


def test_thirty_secrets_are_written_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All that any command prints or writes; `parse` is for exact text by its purpose, and left out."""
    context = tmp_path / "context"
    context.mkdir()
    monkeypatch.chdir(context)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    secrets = plant(context)
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    said = ""
    runs: list[tuple[str, ...]] = [
        ("check", "--pedantic", "--show-skipped", "--format", form) for form in ("plain", "json")
    ]
    runs += [("check", "--select", "DG1"), ("check", "--output", str(tmp_path / "report.txt"), "Dockerfile")]
    runs += [
        (command, *more) for command in COMMANDS if command not in ("check", "parse") for more in ((), ("Dockerfile",))
    ]
    runs += [("context", "--format", form) for form in ("plain", "json", "tree")]
    for arguments in runs:
        with suppress(SystemExit):
            main(arguments)
        captured = capsys.readouterr()
        said += captured.out + captured.err
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path not in before]
    said += "".join(path.read_text(errors="replace") for path in written)
    assert len(secrets) == 30
    assert "DG102" in said and "DG110" in said and "DG103" in said
    assert [name for name, token in secrets.items() if token in said] == []
