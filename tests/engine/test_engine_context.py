"""What dfguard says that COPY takes of a context, held against what a real builder copies.

Public repositories are compared by benchmarks/context_agreement.py.
"""

from __future__ import annotations

import os
import random
import re
from pathlib import Path

import copied
import layers
import pytest

from dfguard import catalog, engine
from dfguard.context.glob import has_wildcard
from dfguard.context.ignore import find_ignore_file, parse_ignore
from dfguard.context.tree import BuildContext, read_context
from dfguard.engine import Selected
from dfguard.finding import Severity
from dfguard.ignore_unit import IgnoreUnit
from dfguard.source import Source
from dfguard.testing import lay_out

pytestmark = pytest.mark.engine

FILES = """\
main.go = package main
conf/a.conf = a
conf/b.conf = bb
conf/.env = KEY=1
packages/one/package.json = {}
packages/one/src/i.js = 1
packages/two/package.json = {"a": 1}
node_modules/x/i.js = 1
node_modules/x/i.md = 1
debug.log = x
deep/debug.log = y
[id].js = 1
with blank/x y = 1
ümlaut/é = 1
"""
LINKS = {"to-main": "main.go", "to-conf": "conf", "conf/up": "../main.go", "out": "/etc/passwd", "broken": "gone"}
SOURCES = (".", "conf", "conf/*.conf", "packages/*", "*.go", "to-main", "to-conf", "to-*/a.conf", "[[]id].js",
           "with blank", "p*/o*/package.json", "packages/**/*.js", "**/*.js", "conf/", "ümlaut")  # fmt: skip
IGNORES = {
    "no ignore file": None,
    "an allow-list": "*\n!conf\n!packages/*/package.json\n!main.go\n",
    "a line after an exception": "*\n!**/*.js\nnode_modules\n!conf\n",
    "bare names": "debug.log\nnode_modules\n.env\n",
    "any depth": "**/debug.log\n**/.env\npackages/*\n!packages/two\n",
    "links": "to-main\nconf\n",
}


@pytest.fixture(scope="module", autouse=True)
def builder() -> None:
    why = layers.why_no_engine()
    if why:
        pytest.skip(why)


def context_of(root: Path, ignore: str | None) -> BuildContext:
    lay_out(FILES, root)
    for name, target in LINKS.items():
        os.symlink(target, root / name)
    if ignore is not None:
        (root / ".dockerignore").write_text(ignore)
    path = find_ignore_file(str(root / "Dockerfile"), str(root))
    return read_context(str(root), parse_ignore(Source(path, ignore or "")) if path else None)


@pytest.mark.parametrize("ignore", IGNORES)
def test_a_builder_copies_what_is_foretold(ignore: str, tmp_path: Path) -> None:
    context = context_of(tmp_path / "context", IGNORES[ignore])
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    taking = [source for source in SOURCES if context.sources(source)]
    assert "." in taking
    built = copied.build(context.root, None, taking, scratch)
    differ = {
        source: found
        for source, real in zip(taking, built, strict=True)
        if (found := copied.differences(real, copied.foretold(context, source)))
    }
    assert differ == {}


@pytest.mark.parametrize("source", SOURCES)
def test_a_builder_misses_what_is_foretold_to_be_missing(source: str, tmp_path: Path) -> None:
    """A path that is not there ends the build, as does a pattern in such a folder; other patterns copy nothing."""
    context = context_of(tmp_path / "context", "*\n!conf\n")
    if context.sources(source):
        pytest.skip("taken")
    if has_wildcard(source.partition("/")[0]):
        assert copied.build(context.root, None, [source], tmp_path) == [{}]
        return
    with pytest.raises(RuntimeError, match=r"not found|no such file"):
        copied.build(context.root, None, [source], tmp_path)


ENCODED = {
    "UTF-16, little end first": (b"\xff\xfe" + "main.go\nconf\n".encode("utf-16-le"), ""),
    "UTF-16, big end first": (b"\xfe\xff" + "main.go\nconf\n".encode("utf-16-be"), ""),
    "UTF-16 without a mark": ("main.go\nconf\n".encode("utf-16-le"), "non-printable"),
    "a NUL byte": (b"main.go\nco\0nf\n", "non-printable"),
    "a NUL byte beside what is not ASCII": ("main.go\nco\0nf\nümlaut\n".encode(), ""),
    "a mark of UTF-8": (b"\xef\xbb\xbfmain.go\nconf\n", ""),
    "a mark of UTF-8 in the second line": (b"conf\n\xef\xbb\xbfmain.go\n", ""),
    "line ends of Windows": (b"main.go\r\nconf\r\n", ""),
    "carriage returns alone": (b"main.go\rconf\r", "non-printable"),
    "Latin-1": ("main.go\nümlaut\n".encode("latin-1"), ""),
    "a line that is too long": (b"main.go\n" + b"x" * 65536 + b"\n", "token too long"),
    "a long line": (b"main.go\n" + b"x" * 60000 + b"\n", ""),
}


@pytest.mark.parametrize("name", ENCODED)
def test_ignore_files_in_any_encoding(name: str, tmp_path: Path) -> None:
    """What a builder keeps is foretold, and where it refuses the file a finding says that every build ends."""
    data, refusal = ENCODED[name]
    lay_out(FILES, tmp_path / "context")
    (tmp_path / "context" / ".dockerignore").write_bytes(data)
    unit = IgnoreUnit(
        parse_ignore(Source(".dockerignore", data.decode("utf-8", "surrogateescape"))), lambda: context, takes=()
    )
    context = read_context(str(tmp_path / "context"), unit.ignore)
    rules = [Selected(entry, entry.severity, {}) for code in ("DG217", "DG221") for entry in catalog.find(code)]
    errors = [f.message for f in engine.run(unit, rules).findings if f.severity is Severity.ERROR]
    ends = [message for message in errors if re.search(r"ends\s+every build|every build stops", message)]
    if refusal:
        with pytest.raises(RuntimeError, match=refusal):
            copied.build(context.root, os.path.join(context.root, ".dockerignore"), ["."], tmp_path)
        assert ends
    else:
        (real,) = copied.build(context.root, os.path.join(context.root, ".dockerignore"), ["."], tmp_path)
        assert copied.differences(real, copied.foretold(context, ".")) == []
        assert not ends


NAMES = ("a", "b", "x.js", "y.md", "d")
LINES = ("a", "b", "*", "**", "**/*.js", "d", "*/a", "d/**", "a*", "*/*/x.js", "d/b", "**/b", "**/y.md", "?")
PER_BUILD = 100


def random_context(seed: int, root: Path) -> None:
    """A few files and a few lines, most of them with exceptions."""
    draw = random.Random(seed)
    for _ in range(draw.randint(2, 9)):
        path = root.joinpath(*(draw.choice(NAMES) for _ in range(draw.randint(1, 4))))
        if not any(parent.is_file() for parent in path.parents) and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("content")
    lines = [draw.choice(("*", "**", "d", "a"))]
    lines += [draw.choice(("", "!")) + draw.choice(LINES) for _ in range(draw.randint(2, 5))]
    (root / ".dockerignore").write_text("\n".join(lines) + "\n")


def test_contents_arrive_as_foretold(tmp_path: Path) -> None:
    """Kept files, and which of them arrive empty, over random contexts that are named contexts of one build."""
    builds = max(1, int(os.environ.get("DFGUARD_HOLLOW_CASES", PER_BUILD)) // PER_BUILD)
    differ, hollow, cases = [], 0, 0
    for number in range(builds):
        folders = {f"c{n}": tmp_path / f"{number}" / f"c{n}" for n in range(PER_BUILD)}
        contexts = {}
        for n, (name, folder) in enumerate(folders.items()):
            folder.mkdir(parents=True)
            random_context(number * PER_BUILD + n, folder)
            text = (folder / ".dockerignore").read_text()
            contexts[name] = read_context(str(folder), parse_ignore(Source(".dockerignore", text)))
        built = copied.build_named({name: str(folder) for name, folder in folders.items()}, tmp_path)
        for name, context in contexts.items():
            cases += 1
            hollow += sum(file.hollow for file in context.files)
            found = copied.differences(built[name], copied.foretold(context, "."))
            if found:
                differ.append((name, (folders[name] / ".dockerignore").read_text(), found))
    assert differ == []
    assert hollow > 0, f"none of {cases} contexts had a file that arrives empty: the test is blind"
