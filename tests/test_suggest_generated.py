"""`context --suggest` over generated projects: what is promised of the lines holds in each, by a fresh walk.

DFGUARD_SUGGEST_CASES says how many projects (60 without it).
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from random import Random

import pytest

from dfguard.cli.builds import builds_of
from dfguard.cli.context import parser
from dfguard.cli.suggestion import append_lines, sharing
from dfguard.context.ignore import parse_ignore
from dfguard.context.tree import BuildContext, read_context
from dfguard.source import Source
from dfguard.suggest import Suggestion, suggest

CASES = int(os.environ.get("DFGUARD_SUGGEST_CASES", "60"))
AT_ONCE = 20

FOLDERS = ("", "api/", "web/", "web/packages/ui/", "docs/", "build/", "src/", "deep/er/still/")
WANTED = (
    *("package.json", "package-lock.json", "yarn.lock", "requirements.txt", "go.mod", "go.sum", "main.py", "index.js"),
    *("README.md", "Makefile", ".env.example", "app.conf", "data.bin", "[id].js", "with blank.txt", ".npmrc"),
)
UNWANTED = (
    *(
        ".git/HEAD",
        ".git/objects/aa/bb",
        "node_modules/a/index.js",
        "node_modules/.bin/a",
        "__pycache__/m.cpython-312.pyc",
    ),
    *(
        ".venv/bin/python",
        ".pytest_cache/v/x",
        ".terraform/state",
        ".DS_Store",
        "old.pyc",
        "dist/out.js",
        "target/a.jar",
    ),
    "id_ed25519",
)
GROUPS = re.compile(
    r"(?:^|/)(?:\.git|node_modules|__pycache__|\.venv|\.pytest_cache|\.terraform|dist|target|build)(?:/|\Z)"
    r"|(?:^|/)(?:\.DS_Store|[^/]*\.pyc|id_ed25519)\Z"
)
LINES = (
    "*.md",
    "node_modules",
    "**/*.log",
    "*",
    "!src",
    "!**/*.js",
    "!web",
    "docs",
    "!api/**",
    ".git",
    "!package.json",
    "target/",
)
RUNS = (
    *("npm ci && npm run build", "make", "git describe --tags > /v", "pip install -r requirements.txt", "true"),
    *(
        "cp -r dist /srv",
        "ls node_modules",
        "rm -rf __pycache__",
        "apt-get install -y git make",
        "cd build && cmake ..",
    ),
)
KEY = (
    "-----BEGIN " + "OPENSSH PRIVATE KEY-----\n" + "bm90IGEgcmVhbCBrZXk=\n" * 12 + "-----END OPENSSH PRIVATE KEY-----\n"
)


def project(random: Random, root: Path) -> list[tuple[str, list[str]]]:
    """Lay a project out; each Dockerfile with the sources that its COPY lines name."""
    paths = {random.choice(FOLDERS) + random.choice(WANTED) for _ in range(random.randint(4, 12))}
    paths |= {random.choice(FOLDERS) + random.choice(UNWANTED) for _ in range(random.randint(2, 10))}
    for path in sorted(paths):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(KEY if path.endswith("id_ed25519") else "x" * random.randint(1, 50))
    if random.random() < 0.3:
        (root / "current").symlink_to(random.choice(sorted(paths)))
    (root / ".gitignore").write_text("dist\ntarget\n/build\n")
    if random.random() < 0.7:
        end = random.choice(("\n", "\r\n", ""))
        lines = [random.choice(LINES) for _ in range(random.randint(1, 5))]
        name = ".dockerignore" if random.random() < 0.8 else "Dockerfile.dockerignore"
        (root / name).write_bytes(((end or "\n").join(lines) + end).encode())
    names = ["Dockerfile", "other.Dockerfile", "api/Dockerfile"][: random.randint(1, 3)]
    return [(name, dockerfile(random, root / name, sorted(paths))) for name in names]


def dockerfile(random: Random, path: Path, paths: list[str]) -> list[str]:
    sources = []
    for _ in range(random.randint(1, 4)):
        parts = random.choice(paths).split("/")
        source = "/".join(parts[: random.randint(1, len(parts))])
        draw = random.random()
        sources.append("." if draw < 0.4 else source + "*" if draw < 0.5 else "current" if draw < 0.55 else source)
    copies = "".join(f'COPY ["{source}", "/x/"]\n' for source in sources)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"FROM node:22\n{copies}RUN {random.choice(RUNS)}\n")
    return sources


def suggestion() -> Suggestion:
    options = parser().parse_args(["--context", "."])
    units = [unit for name in dockerfiles() for unit in builds_of(options, [name])]
    return suggest(sharing(options, units, "."))


def dockerfiles() -> list[str]:
    return [name for name in ("Dockerfile", "other.Dockerfile", "api/Dockerfile") if os.path.exists(name)]


def walked(path: str) -> BuildContext:
    data = Path(path).read_bytes() if os.path.exists(path) else b""
    return read_context(".", parse_ignore(Source(path, data.decode())))


def names(context: BuildContext) -> dict[str, int]:
    return {f.path: f.size for f in context.files if f.kind != "dir" and not f.path.endswith(".dockerignore")}


@pytest.mark.parametrize("start", range(0, CASES, AT_ONCE))
def test_what_is_promised(start: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = 0
    for number in range(start, min(start + AT_ONCE, CASES)):
        root = tmp_path / str(number)
        root.mkdir()
        monkeypatch.chdir(root)
        said += bool(hold(project(Random(7_000 + number), root), number).lines)
        shutil.rmtree(root)
    assert said, "no project got a line: the test is blind"


def hold(builds: list[tuple[str, list[str]]], number: int) -> Suggestion:
    found = suggestion()
    before = walked(found.path)
    text = Path(found.path).read_bytes() if os.path.exists(found.path) else b""
    append_lines(found)
    after = walked(found.path)
    written = Path(found.path).read_bytes()
    lost = {path: size for path, size in names(before).items() if path not in names(after)}
    assert written.startswith(text), number
    assert names(after).items() <= names(before).items(), number
    assert len(lost) == sum(line.files for line in found.lines), number
    assert sum(lost.values()) == sum(line.size for line in found.lines), number
    assert found.before[0] - found.after[0] == len(lost), number
    assert [path for path in lost if not GROUPS.search(path)] == [], number
    for name, sources in builds:
        if name in found.builds:
            for source in sources:
                assert bool(before.sources(source)) == bool(after.sources(source)), (number, name, source)
                named = before.get(source) if source not in (".", "current") else None
                kept = after.get(source) if named is not None else None
                assert named is None or kept is None or kept.kept == named.kept, (number, name, source)
    for line in found.lines:  # none of them is idle
        rest = [other.text for other in found.lines if other is not line]
        fewer = parse_ignore(Source(found.path, text.decode() + "\n" * bool(text) + "\n".join(rest) + "\n"))
        assert names(read_context(".", fewer)) != names(after), (number, line.text)
    assert suggestion().lines == (), number
    return found
