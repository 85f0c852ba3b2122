"""Safe fixes proved by building: the image before and after, from Docker's BuildKit and from buildah.

Of an identical fix nothing may differ: files, contents, modes, owners, configuration and author. Of a declared one
exactly what it declares. Each Dockerfile is built twice before the fixes: what differs between these two is left out,
and printed. DFGUARD_FULL=1 builds all, else a seeded sample.
"""

from __future__ import annotations

import io
import json
import os
import random
import re
import shutil
import tarfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import builders
import fixable
import layers
import pytest
from fixable import Drawn
from states import State, saved_states

from dfguard import catalog
from dfguard.build_plan import plan
from dfguard.check import Settings
from dfguard.config import Config
from dfguard.context.pattern import compile_pattern
from dfguard.discovery import discover
from dfguard.edit import UNSAFE, Configured, Difference, Gone
from dfguard.fixing import Work, fix, write
from dfguard.settle import Change
from dfguard.testing import blocks

pytestmark = pytest.mark.engine

GENERATED = 70
SAMPLE = 4
BASE = f"localhost/dfguard-fixes-{os.getpid()}:base"

tally: Counter[tuple[str, str]] = Counter()  # (kind, code) of the fixes that were proved
left_out: Counter[str] = Counter()


class Built(NamedTuple):
    """What an image holds, and what it says of itself."""

    files: State
    config: Mapping[str, Any]


# The rules with a safe fix whose page shows it on a Dockerfile that this base image can build.
ON_PAGES = "DG402 DG403 DG411 DG510 DG520 DG708 DG709 DG710 DG711 DG714 DG723 DG750 DG751 DG802".split()


def pages() -> Iterator[str]:
    """The bad blocks of these pages before a fixed one, by rule and line."""
    for code in ON_PAGES:
        (entry,) = catalog.find(code)
        for bad, fixed in pairwise(blocks(catalog.page(entry))):
            if (bad.kind, fixed.kind) == ("bad", "fixed") and not bad.path:
                yield f"{code}:{bad.line}"


def chosen() -> list[str]:
    """All, or a sample: Dockerfiles that are drawn, and those of the rules' pages."""
    drawn = [f"drawn-{seed}" for seed in range(GENERATED)]
    if os.environ.get("DFGUARD_FULL"):
        return [*drawn, *pages()]
    return sorted(random.Random(7).sample(drawn, SAMPLE))


def of_page(name: str) -> Drawn:
    """The bad block of a rule's page, as something to build."""
    code, _, line = name.partition(":")
    (entry,) = catalog.find(code)
    block = next(b for b in blocks(catalog.page(entry)) if b.line == int(line))
    text = re.sub(r"\b(?:curl|texlive)\b", "demo", block.text)
    layout = dict(row.partition(" = ")[::2] for row in block.context.splitlines())
    copied = re.findall(r"^(?:COPY|ADD) (?:--\S+ )*(\S.*) \S+$", text, re.MULTILINE)
    needed = {word: "x\n" for words in copied for word in words.split() if not re.search(r"[*$:]|--", word)}
    files = {name.strip(): text.replace("\\n", "\n") + "\n" for name, text in layout.items()}
    return Drawn(text, {**needed, **files}, frozenset((code,)))


def drawn_for(name: str) -> Drawn:
    return fixable.draw(int(name.partition("-")[2])) if name.startswith("drawn-") else of_page(name)


def mend(folder: Path) -> tuple[Change, ...]:
    """Apply all safe fixes to the files of a folder; those that were applied."""
    search = discover([str(folder)])
    work = Work(
        lambda buffers: plan(search, {}, paths=[str(folder)], buffers=buffers),
        lambda path: Config.default(),
        Settings(),
        None,
        search.ignore_files,
    )
    fixed = fix(work, lambda finding, fix: fix.kind != UNSAFE)
    assert not fixed.settled.faults, fixed.settled.faults
    result = write(fixed)
    assert not result.errors, result.errors
    return fixed.settled.applied


def with_base(folder: Path) -> Path:
    """A copy of a folder that is FROM the base image that is here."""
    other = folder.with_name(f"{folder.name}-built")
    shutil.copytree(folder, other, symlinks=True)
    dockerfile = other / "Dockerfile"
    text = re.sub(rb"(?mi)^(FROM(?: --\S+)*) (?!scratch|build\b)\S+", rb"\1 " + BASE.encode(), dockerfile.read_bytes())
    dockerfile.write_bytes(text)
    return other


def read(saved: bytes) -> Built:
    """The last state and the configuration of an archive."""
    with tarfile.open(fileobj=io.BytesIO(saved)) as archive:
        manifest = json.load(archive.extractfile("manifest.json"))[0]  # type: ignore[arg-type]
        whole = json.load(archive.extractfile(manifest["Config"]))  # type: ignore[arg-type]
    config = {key: value for key, value in whole["config"].items() if key not in ("Image", "Hostname")}
    author = {"author": whole["author"]} if whole.get("author") else {}
    return Built(saved_states(saved)[-1], {"config": config, **author})


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return fixable.base(tmp_path_factory.mktemp("root"))


@pytest.fixture(scope="module")
def docker(root: bytes) -> Iterator[Callable[[Path, Path], None]]:
    why = layers.why_no_engine()
    if why:
        pytest.skip(why)
    layers.import_base(root, BASE)
    yield builders.buildkit
    layers.remove_image(BASE)


@pytest.fixture(scope="module")
def buildah(root: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path, Path], None]]:
    store = builders.Store()
    folder = tmp_path_factory.mktemp("base")
    (folder / "root.tar").write_bytes(root)
    (folder / "Dockerfile").write_text("FROM scratch\nADD root.tar /\n")
    try:
        store.build(folder, tag=BASE)
    except builders.Absent as why:
        pytest.skip(str(why))

    def build(context: Path, out: Path, *options: str) -> None:
        store.build(context, *options)
        store.push(f"docker-archive:{out}:zoo")
        store.buildah("rmi", "localhost/zoo:1")

    yield build
    store.remove()


@pytest.fixture(scope="module", autouse=True)
def said() -> Iterator[None]:
    """What was proved, and what was left out, at the end."""
    yield
    for (kind, code), count in sorted(tally.items()):
        print(f"\n{kind:<10} {code} {count}", end="")
    print("\nleft out, as it differs between two builds of one text:", dict(left_out) or "nothing")


def unstable(one: Mapping[str, Any], two: Mapping[str, Any]) -> set[str]:
    return {key for key in one.keys() | two.keys() if one.get(key) != two.get(key)}


def without_gone(files: State, differences: Iterable[Difference]) -> State:
    """The files without those that fixes declare to be gone, and without folders that held nothing else."""
    patterns = [compile_pattern(each.path.strip("/")) for each in differences if isinstance(each, Gone)]
    gone = {path for path in files if any(pattern.match(path.strip("/")) for pattern in patterns)}
    kept = {path: entry for path, entry in files.items() if path not in gone}
    for path in sorted(kept, reverse=True):
        below = [other for other in files if other.startswith(f"{path}/")]
        if below and kept[path].kind == "folder" and not any(other in kept for other in below):
            del kept[path]
    return kept


def configured(config: Mapping[str, Any], differences: Iterable[Difference]) -> dict[str, Any]:
    """The configuration with what fixes declare of it."""
    changed = json.loads(json.dumps(config))
    for each in differences:
        if isinstance(each, Configured):
            *folders, name = each.path
            at = changed
            for folder in folders:
                at[folder] = at.get(folder) or {}
                at = at[folder]
            at.pop(name, None)
            if each.value is not None:
                at[name] = {} if "ExposedPorts" in folders else each.value
    return dict(changed)


@pytest.mark.parametrize("builder", ["docker", "buildah"])
@pytest.mark.parametrize("name", chosen())
def test_safe_fixes_change_what_they_declare_and_nothing_else(
    name: str, builder: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    build = request.getfixturevalue(builder)
    drawn = drawn_for(name)
    before, after = tmp_path / "before", tmp_path / "after"
    for folder in (before, after):
        list(fixable.lay_out(drawn, folder))
    applied = mend(after)
    codes = {change.finding.code for change in applied}
    assert drawn.codes <= codes, "each piece is there for a fix"
    built: list[Built] = []
    for number, folder in enumerate((before, before, after)):
        context = with_base(folder) if number != 1 else before.with_name("before-built")
        out = tmp_path / f"{number}.tar"
        build(context, out, "--no-cache")
        built.append(read(out.read_bytes()))
        out.unlink()
    one, two, new = built
    noise = unstable(one.files, two.files)
    left_out.update(noise)
    differences = [each for change in applied for each in change.fix.differences]
    wanted = without_gone(one.files, differences)
    emptied = one.files.keys() - wanted.keys() if differences else set()  # such folders may stay as well
    assert without(new.files, noise | emptied) == without(wanted, noise)
    assert not [path for path in new.files.keys() & emptied if new.files[path].kind != "folder"]
    keys = unstable(one.config, two.config)
    assert without(new.config, keys) == without(configured(one.config, differences), keys)
    tally.update((change.fix.kind, change.finding.code) for change in applied)


def without(table: Mapping[str, Any], keys: set[str]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key not in keys}
