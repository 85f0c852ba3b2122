"""The player of rule pages, which authors of rules rely on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from dfguard import catalog, testing
from dfguard.api import Edit, Fix, Found, From, rule
from dfguard.catalog import Entry
from dfguard.finding import Severity

ENTRY = Entry("DG903", "latest-tag", "", Severity.WARNING, ("From",), (), (), (), (), False, "Title.")


@rule("DG903", "latest-tag")
def check(node: From) -> Iterator[Found]:
    if node.image.raw.endswith(":latest"):
        yield Found(node.image, "latest", fixes=(Fix.unsafe("pin", Edit.replace(node.image, "a:1")),))


GOOD = """\
Title.

```context
.dockerignore = *.md\\n!a.md
sub/file.txt = hello\\nworld
empty
big.bin [1.5 MB]
```

```dockerfile bad
FROM a:latest
#    ^^^^^^^^
```

```dockerfile fixed
FROM a:1
#    ^^^^^^^^
```

```dockerfile good
FROM a:2
```
"""


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A page to write, for a rule in no pack."""
    written = SimpleNamespace(text=GOOD)
    monkeypatch.setattr(catalog, "find", lambda code: (ENTRY,))
    monkeypatch.setattr(catalog, "load", lambda entry: check)
    monkeypatch.setattr(catalog, "page", lambda entry: written.text)
    return written


def test_a_page_that_holds(page: SimpleNamespace, tmp_path: Path) -> None:
    assert testing.faults("DG903", tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("dockerfile bad", "dockerfile good", "DG903: the page has no `bad` block"),
        ("a:latest", "a:3", "DG903, block at line 10: bad, but nothing is found"),
        (" ^^^^^^^^\n```\n\n```dockerfile fixed", " ^^^\n```\n\n```dockerfile fixed",
         "DG903, block at line 10: marks are at [(1, 6, 9)], findings at [(1, 6, 14)]"),
        ("FROM a:2", "FROM a:latest", "DG903, block at line 20: good, but found: latest"),
        ("FROM a:1\n", "FROM a:4\n", "DG903, block at line 15: the fix makes:\nFROM a:1\n#    ^^^^^^^^\n"),
    ],
)  # fmt: skip
def test_a_page_that_does_not(old: str, new: str, fault: str, page: SimpleNamespace, tmp_path: Path) -> None:
    page.text = GOOD.replace(old, new)
    assert page.text != GOOD
    assert fault in testing.faults("DG903", tmp_path)


def test_blocks_have_the_context_before_them_and_their_line() -> None:
    text = "```dockerfile good\nFROM a\n```\n```context\nx\n```\n```dockerfile bad\nFROM b\n```\n```python\n1\n```\n"
    assert [(b.kind, b.text, b.context, b.line) for b in testing.blocks(text)] == [
        ("good", "FROM a\n", "", 1),
        ("bad", "FROM b\n", "x\n", 7),
    ]


def test_a_context_is_laid_out(tmp_path: Path) -> None:
    (block, *_) = testing.blocks(GOOD)
    testing.lay_out(block.context, tmp_path)
    assert (tmp_path / ".dockerignore").read_text() == "*.md\n!a.md\n"
    assert (tmp_path / "sub/file.txt").read_text() == "hello\nworld\n"
    assert (tmp_path / "empty").read_text() == ""
    size = (tmp_path / "big.bin").stat()
    assert size.st_size == 1_500_000
    if os.name == "posix":
        assert size.st_blocks * 512 < size.st_size, "sparse: it takes no room"


def test_marks() -> None:
    assert testing.marks("FROM a\n#    ^\n#  ^^\n# <- ^^^^\nRUN x\n# comment ^\n") == [(1, 6, 7), (1, 4, 6), (1, 1, 5)]


def test_findings_of_one_rule(page: SimpleNamespace, tmp_path: Path) -> None:
    (finding,) = testing.findings(ENTRY, "FROM a:latest\n", None)
    assert testing.spot(finding) == (1, 6, 14)
    assert testing.findings(ENTRY, "FROM a:1\n", tmp_path) == ()
    assert testing.first_fix(ENTRY, "FROM a:latest\n", tmp_path) == "FROM a:1\n"
    assert testing.first_fix(ENTRY, "FROM a:2\n", tmp_path) == "FROM a:2\n"


def test_a_crash_of_the_rule_fails(page: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    @rule("DG903", "latest-tag")
    def broken(node: From) -> Iterator[Found]:
        raise ValueError("oh")
        yield

    monkeypatch.setattr(catalog, "load", lambda entry: broken)
    with pytest.raises(AssertionError, match="rule DG903 crashed"):
        testing.findings(ENTRY, "FROM a\n", None)
