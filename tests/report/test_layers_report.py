"""`dfguard layers`: the foreseen image in plain text, JSON and as a page, looked at by a real browser."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from dfguard.cli.main import main

EXAMPLES = Path(__file__).parents[2] / "examples"
STORY = EXAMPLES / "secret-through-stages"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["layers", *arguments]) == 0
    return capsys.readouterr().out


def build(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    data = json.loads(run(capsys, *arguments, "--format", "json"))
    schema = files("dfguard.report.layers").joinpath("layers_schema.json").read_text(encoding="utf-8")
    Draft202012Validator(json.loads(schema)).validate(data)
    (found,) = data["builds"]
    return found


def write(folder: Path, dockerfile: str, **contents: str) -> str:
    (folder / "Dockerfile").write_text(dockerfile)
    for name, content in contents.items():
        (folder / name).write_text(content)
    return str(folder)


def test_a_file_is_followed_from_the_context_into_its_layer(capsys: pytest.CaptureFixture[str]) -> None:
    text = run(capsys, str(STORY))
    assert "      + /srv/app/deploy_key  263 B, context deploy_key, carried by line 9" in text.splitlines()
    assert "secret  deploy_key (private key) -> line 5 -> line 9 -> /srv/app/deploy_key in layer 1" in text
    assert "stage build, FROM alpine:3.20.3: stays behind" in text


def test_what_later_layers_hide_is_wasted_and_blamed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write(
        tmp_path,
        "FROM busybox:1.36.1\nCOPY one two three /app/\nRUN rm /app/one\nCOPY two /app/three\nRUN chmod 700 /app/two\n",
        one="1" * 100,
        two="2" * 20,
        three="3" * 3,
    )
    (stage,) = build(capsys, folder)["stages"]
    layers = stage["layers"]
    hidden = {file["path"]: file["hidden"] for file in layers[0]["files"]}
    assert hidden == {
        "/app/one": {"verb": "removed", "line": 3},
        "/app/two": {"verb": "rewritten", "line": 5},
        "/app/three": {"verb": "replaced", "line": 4},
    }
    assert [layer["wasted"] for layer in layers] == [123, 0, 0, 0]
    assert layers[3]["copied"] == 20
    assert [layer["number"] for layer in layers] == [1, 2, 3, 4]


def test_only_the_image_wastes_bytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write(
        tmp_path,
        "FROM busybox:1.36.1 AS build\nCOPY one /\nRUN rm /one\nFROM scratch\nCOPY --from=build /bin /\n",
        one="1",
    )
    assert [layer["wasted"] for stage in build(capsys, folder)["stages"] for layer in stage["layers"]] == [0, 0, 0]


def test_what_stays_behind_and_what_is_not_built_are_told_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(
        tmp_path,
        "FROM scratch AS build\nCOPY one /\nFROM scratch AS idle\nCOPY one /\nFROM scratch\nCOPY --from=build / /\n",
        one="1",
    )
    text = run(capsys, folder)
    assert text.endswith("stays behind: 1 layer, 1 B known\nnot built: 1 layer, 1 B known\n")
    roles = re.findall(r"^stage (\w+), FROM scratch: (.+)$", text, re.MULTILINE)
    assert roles == [("build", "stays behind"), ("idle", "not built"), ("2", "the image")]
    drawn = re.findall(r'class="node (\w+)">.*?</text><text[^>]*>([^<]+)', page(capsys, folder))
    assert drawn == [("stays", "stays behind"), ("idle", "not built"), ("ships", "the image")]


def test_a_layer_that_nothing_is_known_of_is_not_called_empty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(tmp_path, "FROM debian:12.8\nRUN apt-get install -y curl\n")
    assert "      what it brings is not known\n      ? apt-get install" in run(capsys, folder)
    assert "size not known" in page(capsys, folder)


def test_what_is_not_known_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write(tmp_path, "FROM debian:12.8\nRUN curl -o /f https://example.com/f && ./configure\n")
    (stage,) = build(capsys, folder)["stages"]
    assert [(file["path"], file["size"]) for file in stage["layers"][0]["files"]] == [("/f", None)]
    assert stage["layers"][0]["unsized"] == 1


# -- the page


class Page(HTMLParser):
    """What a page holds: elements with their attributes, and all text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def page(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    return run(capsys, *arguments, "--format", "html")


def test_the_page_needs_nothing_but_itself(capsys: pytest.CaptureFixture[str]) -> None:
    text = page(capsys, str(STORY))
    assert not re.search(r"(?:src|href)=[\"'](?!#)|https?:|@import|url\(", text)
    policy = next(a["content"] for a in Page(text).all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert "default-src 'none'" in policy


def test_the_page_can_be_used_without_eyes_and_without_a_mouse(capsys: pytest.CaptureFixture[str]) -> None:
    """Pictures have words, folding is the browser's own, what scrolls takes the focus, headings do not jump."""
    found = Page(page(capsys, str(STORY)))
    assert all(attributes.get("role") == "img" and attributes.get("aria-label") for attributes in found.all("svg"))
    assert [a["aria-label"] for a in found.all("svg")] == [
        "Stages: 1 copies from build",
        "The way of 1 secret, told in the list below",
    ]
    assert len(found.all("summary")) == len(found.all("details")) == 4
    assert all(a.get("tabindex") == "0" for a in found.all("div") if a.get("class") == "drawing")
    targets = {a["id"] for _, a in found.found if a.get("id")}
    assert {a["href"] for a in found.all("a")} <= {f"#{target}" for target in targets}
    levels = [int(tag[1]) for tag, _ in found.found if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert found.all("html")[0]["lang"] == "en"


def test_names_cannot_write_into_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = '"><script>alert(1)<' + "\x1b"
    folder = write(tmp_path, "FROM scratch AS x\nCOPY . /<b>/\n", **{name: "x"})
    text = page(capsys, folder)
    assert len(Page(text).all("script")) == 1
    assert "<script>alert" not in text
    assert "<b>" not in text
    assert "\x1b" not in text


def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("there is no Chromium; apt-get install chromium brings it")
    return found


def browse(address: str, folder: Path, *options: str) -> str:
    command = [
        chromium(), "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
        "--disable-background-networking", f"--user-data-dir={folder / 'profile'}", *options, address,
    ]  # fmt: skip
    run = subprocess.run(
        command, capture_output=True, text=True, timeout=90, env={"HOME": str(folder), "PATH": "/usr/bin:/bin"}
    )
    assert run.returncode == 0, run.stderr[-500:]
    return run.stdout


@pytest.mark.browser
def test_a_real_browser_draws_it_and_its_search_finds_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "layers.html"
    main(["layers", str(STORY), "--format", "html", "--output", str(path)])
    dom = Page(browse(f"file://{path}#find=deploy", tmp_path, "--dump-dom"))
    rows = {a["data-path"]: "hidden" in a for a in dom.all("tr") if "data-path" in a}
    assert rows == {
        "/work/deploy_key": False,
        "/work/main.sh": True,
        "/srv/app/deploy_key": False,
        "/srv/app/main.sh": True,
    }
    assert ["open" in a for a in dom.all("details")] == [False, True, False, True]
    assert "2 files" in dom.text
    picture = tmp_path / "page.png"
    browse(f"file://{path}", tmp_path, f"--screenshot={picture}", "--window-size=1000,1200")
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert picture.stat().st_size > 20_000  # a white page has 5,000 bytes
