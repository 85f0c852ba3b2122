"""`dfguard image --format html`: the layer explorer, used in a real browser with the keyboard."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from devtools import Browser
from image_archives import docker_archive, layer_of, layer_tar

from dfguard.cli.main import main
from dfguard.image.view import stack
from dfguard.report.image.tree import columns

sys.path.insert(0, str(Path(__file__).parents[1] / "secrets"))
from secret_fakes import checksummed

TOKEN = checksummed("gh" + "p_", seed="explorer")
HOSTILE = {
    "newline": "a\nb",
    "markup": "<img src=x onerror=window.hurt=1>",
    "end of script": "<!--<script>window.hurt=1",
    "closing": "x<\u2215script><script>window.hurt=1",  # a name can't hold a slash, a folder can end an element
    "line separator": "a\u2028b\u2029c",
    "bidi": "a\u202egpj.exe",
    "bad UTF-8": "caf\udce9",
    "quotes": "\"'`${window.hurt=1}\\",
    "prototype": "__proto__",
    "terminal": "\x1b[2J",
}
BASE = {"bin/sh": b"x" * 3000, "etc/passwd": b"root:x:0:0::/root:/bin/sh\n", "lib/a.so": b"y" * 40_000}
APP = {"app/.env": f"TOKEN={TOKEN}\n".encode(), "app/big": b"z" * 900_000, "app/src/main.py": b"1", "app/now": "src"}
LAST = {"app/.wh..env": b"", "app/.wh.big": b"", "etc/passwd": b"root:x:0:0::/:/bin/sh\n", "new": b"2"}


def page_of(path: Path, layers: list[dict[str, Any]], *options: str) -> str:
    image = path.with_suffix(".tar")
    image.write_bytes(docker_archive([layer_tar(layer) for layer in layers]))
    main(["image", str(image), "--format", "html", "--isolated", "--output", str(path), *options])
    return path.read_text(encoding="utf-8")


def facts(page: str) -> Any:
    found = re.search(r'<script type="application/json" id="image">(.*?)</script>', page, re.S)
    assert found is not None
    return json.loads(found[1])


class Elements(HTMLParser):
    """The elements of a page and their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("story") / "page.html"
    page_of(path, [BASE, APP, LAST])
    return path


# What the tree says, one row a line: level, + open or - folded, name, marks.
ROWS = """[...document.querySelectorAll('#tree [role=treeitem]')].map((row) => [
  row.getAttribute('aria-level'), {true: '-', false: '+'}[row.getAttribute('aria-expanded')] || ' ',
  row.querySelector('.path, .more').textContent, ...[...row.querySelectorAll('.tag')].map((tag) => tag.textContent),
].join(' ').trim())"""


def rows(browser: Browser) -> list[str]:
    found = browser.run(ROWS)
    assert isinstance(found, list)
    return found


@pytest.mark.browser
def test_a_layer_shows_what_it_did_and_what_became_of_it(browser: Browser, story: Path) -> None:
    browser.open(f"file://{story}#view=layer&layer=1")
    assert rows(browser) == [
        "1 - /",
        "2 - app",
        "3   .env added deleted in layer 2 DG901 secret-in-layer",
        "3   big added deleted in layer 2",
        "3   now added",
        "3 - src",
        "4   main.py added",
    ]
    browser.run("document.querySelector('#layers [data-layer=\"2\"]').click()")
    assert rows(browser) == [
        "1 - /",
        "2 - app",
        "3   .env removed still in layer 1 DG901 secret-in-layer",
        "3   big removed still in layer 1",
        "2 - etc",
        "3   passwd changed",
        "2   new added",
    ]
    assert browser.faults == []


@pytest.mark.browser
def test_the_image_as_of_a_layer_holds_what_lies_below_with_the_sizes_of_folders(browser: Browser, story: Path) -> None:
    browser.open(f"file://{story}#layer=1")
    assert rows(browser) == ["1 - /", "2 + app", "2 + bin", "2 + etc", "2 + lib"]
    sizes = browser.run("[...document.querySelectorAll('#tree .size')].map((size) => size.textContent)")
    assert sizes == ["943.1 kB", "900.0 kB", "3.0 kB", "26 B", "40.0 kB"]
    browser.run("document.querySelector('[value=size]').selected = true;order.dispatchEvent(new Event('change'))")
    assert rows(browser) == ["1 - /", "2 + app", "2 + lib", "2 + bin", "2 + etc"]
    assert browser.run("getComputedStyle(document.querySelector('#layer-1 .bar .waste')).width") != "0px"


@pytest.mark.browser
def test_the_search_the_filters_and_the_lists_find_files(browser: Browser, story: Path) -> None:
    browser.open(f"file://{story}")
    browser.run("document.getElementById('find').focus()")
    browser.write("PASS")
    until(browser, "found.textContent.endsWith('1 path found')")
    assert rows(browser) == ["1 - /", "2 - etc", "3   passwd changed"]
    browser.run("at('find').select()")
    browser.write("lib/a")
    until(browser, "tree.innerText.includes('a.so')")
    assert rows(browser) == ["1 - /", "2 - lib", "3   a.so"]
    browser.run("at('find').select()")
    browser.write("nowhere")
    until(browser, "found.textContent.endsWith('0 paths found')")
    browser.open(f"file://{story}#layer=2")
    for name in ("added", "changed", "same"):
        browser.run(f"document.querySelector('[value={name}]').click()")
    assert rows(browser)[1:] == [
        "2 - app",
        "3   .env removed still in layer 1 DG901 secret-in-layer",
        "3   big removed still in layer 1",
    ]
    browser.run("document.querySelector('[name=marked]').click()")
    assert len(rows(browser)) == 3
    browser.run("document.querySelector('#waste button').click()")
    assert "3   big added deleted in layer 2" in rows(browser)
    assert "/app/big" in browser.run("details.innerText")
    assert "deleted" in browser.run("details.innerText")


def until(browser: Browser, condition: str) -> None:
    """Wait for what the page does after a moment."""
    script = (
        f"new Promise((done) => {{ const look = () => ({condition}) ? done(true) : setTimeout(look, 20); look(); }})"
    )
    assert browser.run(script) is True


@pytest.mark.browser
def test_arrow_keys_move_and_open_folders(browser: Browser, story: Path) -> None:
    browser.open(f"file://{story}")
    focus = "document.activeElement.querySelector('.path').textContent"
    browser.run("document.querySelector('#tree [tabindex=\"0\"]').focus()")
    browser.press("ArrowDown")
    assert browser.run(focus) == "app"
    browser.press("ArrowRight")
    assert rows(browser)[1:3] == ["2 - app", "3   .env removed still in layer 1 DG901 secret-in-layer"]
    browser.press("ArrowRight", "ArrowDown")
    assert browser.run(focus) == "big"
    browser.press("ArrowLeft")
    assert browser.run(focus) == "app"
    browser.press("ArrowLeft")
    assert rows(browser)[1:3] == ["2 + app", "2 + bin"]
    browser.press("End")
    assert browser.run(focus) == "new"
    browser.press("Home", "ArrowUp")
    assert browser.run(focus) == "/"
    assert browser.run("document.querySelectorAll('#tree [tabindex=\"0\"]').length") == 1
    browser.run("layers.focus()")
    browser.press("ArrowUp")
    assert browser.run("layers.getAttribute('aria-activedescendant')") == "layer-1"
    assert browser.run("found.textContent").startswith("The image as of layer 1")
    assert browser.faults == []


@pytest.mark.browser
def test_a_screen_reader_gets_roles_names_and_states(browser: Browser, story: Path) -> None:
    browser.open(f"file://{story}#layer=1&view=layer")
    nodes = browser.ask("Accessibility.getFullAXTree")["nodes"]
    named = {(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if "role" in node}
    roles = {role for role, _ in named}
    assert {"tree", "treeitem", "listbox", "option", "main", "searchbox", "status", "checkbox", "radio"} <= roles
    assert {("tree", "Files"), ("listbox", "Layers"), ("searchbox", "Find"), ("radio", "what this layer did")} <= named
    secret = next(node for node in nodes if node["role"]["value"] == "treeitem" and ".env" in node["name"]["value"])
    assert "DG901 secret-in-layer" in secret["name"]["value"]
    assert "deleted in layer 2" in secret["name"]["value"]
    levels = [each["value"]["value"] for each in secret["properties"] if each["name"] == "level"]
    assert levels == [3]
    focusable = browser.run("[...document.querySelectorAll('button, input, select')].every((e) => e.tabIndex === 0)")
    assert focusable is True


@pytest.mark.browser
def test_each_layer_has_its_own_picture_and_none_is_blank(browser: Browser, story: Path) -> None:
    pictures = []
    for layer in range(3):
        browser.open(f"file://{story}#view=layer&layer={layer}")
        pictures.append(browser.picture())
    browser.open("about:blank")
    blank = browser.picture()
    assert all(picture[:8] == b"\x89PNG\r\n\x1a\n" and len(picture) > 4 * len(blank) for picture in pictures)
    assert len(set(pictures)) == 3


@pytest.mark.browser
def test_hostile_names_do_nothing(browser: Browser, tmp_path: Path) -> None:
    names = {f"srv/{name}": b"1" for name in HOSTILE.values()} | {"srv/x</script><b>/y": b"1"}
    page = page_of(tmp_path / "page.html", [names])
    assert [tag for tag, _ in Elements(page).found if tag in ("img", "b")] == []
    assert sum(tag == "script" for tag, _ in Elements(page).found) == 2
    assert not re.search("[\u2028\u2029\u202e\x1b\ud800-\udfff]", page)
    browser.open(f"file://{tmp_path / 'page.html'}#view=layer")
    assert browser.run("typeof window.hurt") == "undefined"
    assert browser.run("document.querySelectorAll('#tree img, #tree script, #tree b').length") == 0
    shown = [row.split(" ")[-2] for row in rows(browser) if row.endswith(" added") and row.startswith("3")]
    assert {"a\\x0ab", "__proto__", "caf\\xe9", "a\\u2028b\\u2029c", "a\\u202egpj.exe", "\\x1b[2J"} <= set(shown)
    assert sum(row.endswith(" added") for row in rows(browser)) == len(names)
    assert browser.faults == []


@pytest.mark.browser
def test_the_page_asks_for_nothing(browser: Browser, story: Path) -> None:
    browser.open(f"file://{story}")
    assert len(browser.requests) == 1
    assert browser.requests[0].startswith(f"file://{story}")
    page = story.read_text(encoding="utf-8")
    loading = ("src", "srcset", "action", "data", "poster", "background", "ping")
    assert [a for _, a in Elements(page).found if any(name in a for name in loading)] == []
    assert {a["href"] for _, a in Elements(page).found if "href" in a} == {"#tree"}
    assert "default-src 'none'" in page
    assert not re.search(r"@import|url\(", page)


@pytest.mark.browser
def test_a_large_folder_is_drawn_in_pieces(browser: Browser, tmp_path: Path) -> None:
    page_of(tmp_path / "page.html", [{f"many/f{number:04}": b"" for number in range(700)}])
    browser.open(f"file://{tmp_path / 'page.html'}")
    browser.run("document.querySelectorAll('#tree [role=treeitem]')[1].click()")
    assert len(rows(browser)) == 303
    assert rows(browser)[-1] == "3   show more: 400 further rows"
    browser.press("End", "Enter")
    assert len(rows(browser)) == 603
    assert browser.run("document.activeElement.querySelector('.path').textContent") == "f0300"


# -- without a browser


def test_the_page_grows_with_the_image_only(tmp_path: Path) -> None:
    few, many = (
        len(page_of(tmp_path / f"{number}.html", [{f"usr/lib/module_{at}.py": b"x" for at in range(number)}]))
        for number in (10, 2010)
    )
    assert (many - few) / 2000 < 80  # bytes a file


def test_what_has_no_row_is_said_and_its_size_is_kept() -> None:
    files = {f"a/{number}": b"x" * number for number in range(1, 101)}
    view = stack([layer_of(files | {"a/secret": b""}), layer_of({"a/.wh.100": b"", "b/c/d": b"1"})])
    found = columns(view, {"/a/secret"}, most=12)
    data = found.data()
    assert found.paths == 102
    assert found.left_out == 92
    assert "secret" in data["names"]
    assert "100" in data["names"]
    assert "1" not in data["names"]
    assert len([name for name in data["names"] if "left out" not in name]) <= 12
    assert sum(data["size"]) == sum(len(content) for content in files.values()) + 1
    assert sum(int(name.split()[0]) for name in data["names"] if name.endswith("left out of this page")) == 92


def test_left_out_paths_are_told_on_standard_error_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dfguard.report.image.html.Explorer.__init__.__kwdefaults__", {"hidden": 0, "most": 4})
    page = page_of(tmp_path / "page.html", [{f"f{number}": b"1" for number in range(9)}])
    said = "6 of 9 paths have no row of their own in this page, the smallest ones: their folders count them"
    assert said in page
    assert capsys.readouterr().err == f"dfguard: {said}\n"


def test_no_secret_is_in_the_page(tmp_path: Path) -> None:
    page = page_of(tmp_path / "page.html", [BASE, APP, LAST], "--pedantic")
    assert "DG901" in page
    assert TOKEN not in page
    assert TOKEN[:12] not in page


def test_findings_of_the_configuration_are_listed_with_their_key(tmp_path: Path) -> None:
    found = facts(page_of(tmp_path / "page.html", [BASE], "--select", "DG9"))["findings"]
    assert all(each["key"] or each["layers"] for each in found)


def test_further_reports_go_to_files_of_their_own(tmp_path: Path) -> None:
    image = tmp_path / "i.tar"
    image.write_bytes(docker_archive([layer_tar({"a": b"1"})]))
    page, data = tmp_path / "page.html", tmp_path / "data.json"
    main(["image", str(image), "--isolated", "--output", f"html={page}", "--output", f"json={data}"])
    assert facts(page.read_text(encoding="utf-8"))["layers"]
    assert json.loads(data.read_text())["layers"]


def test_all_files_of_a_finding_about_many_are_marked(tmp_path: Path) -> None:
    weak = b'{"password": "hunter2"}'
    names = [f"node_modules/a/{number}.json" for number in range(3)]
    layers = [dict.fromkeys(names, weak), {names[0]: weak + b" "}]
    found = facts(page_of(tmp_path / "page.html", layers, "--pedantic"))["findings"]
    marked = [(each["layers"], len(each["nodes"])) for each in found if each["code"] == "DG901"]
    assert sorted(marked) == [([0], 1), ([0], 2), ([1], 1)]
