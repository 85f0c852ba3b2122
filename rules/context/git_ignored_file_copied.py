"""Files that git ignores reach the image: it holds what happens to lie on the machine that builds it.

A build from a fresh checkout has none of them, so what is tested on CI and what is built on a laptop are two
images: logs, dumps, editor settings and stale build output come along with a folder that is copied whole.

```context
.git/HEAD = ref: refs/heads/main
.gitignore = *.log\\n/notes\\ndist
server.js = console.log(1)
server.log = GET /
notes/todo.md = x
```

```dockerfile bad
FROM node:22.11.0-slim
WORKDIR /app
COPY . .
#    ^
CMD ["node", "server.js"]
```

What git ignores, the ignore file of the build should drop, but for what the image does need:

```context
.git/HEAD = ref: refs/heads/main
.gitignore = *.log\\n/notes\\ndist
.dockerignore = **/*.log\\nnotes\\n.git
server.js = console.log(1)
server.log = GET /
notes/todo.md = x
dist/bundle.js = console.log(2)
```

```dockerfile good
FROM node:22.11.0-slim
WORKDIR /app
COPY server.js package*.json ./
COPY dist ./dist
CMD ["node", "server.js"]
```

What a line names is meant to be copied, whatever git says. What git neither ignores nor tracks may be a new file
that is yet to be added: of low confidence. Secrets (DG102) and installed dependencies (DG201) have rules of their
own. The index of git is read, git is not run; where the index can't be read the rule is silent.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Confidence, ContextFile, Found, GitFolder, Taking, classify_name, rule

TOLD_ELSEWHERE = frozenset(
    """
    .git .svn .hg .bzr node_modules bower_components .venv venv .virtualenv
    __pycache__ .pytest_cache .mypy_cache .tox .gradle .parcel-cache .terraform .vagrant
    """.split()
)
SHOWN = 3


@rule(
    "DG243",
    "git-ignored-file-copied",
    severity="info",
    onbuild=True,
    no_fix="either git or the image should have the file: nothing tells which",
)
def check(taking: Taking, git: GitFolder) -> Iterator[Found]:
    """Visit the folders that lines take into the image."""
    tracked = git.tracked
    if taking.kind == "mount" or not taking.stage.ships or tracked is None:
        return
    ignored: dict[str, list[ContextFile]] = {}
    others: dict[str, list[ContextFile]] = {}
    folders = folders_of(tracked)
    for selected in taking.selected:
        if selected.entry is None or (selected.entry.kind == "dir" and not hidden(selected.path, git)):
            untracked(selected.below, git, tracked, folders, ignored, others)
    if ignored:
        message = f"copies {said(ignored)}: git ignores {them(ignored)}, so a fresh checkout builds another image"
        yield Found(taking.place, message)
    if others and tracked:
        message = f"copies {said(others)}: git does not track {them(others)}, so a fresh checkout builds another image"
        yield Found(taking.place, message, confidence=Confidence.LOW)


def folders_of(tracked: frozenset[str]) -> frozenset[str]:
    """All folders with tracked files below them."""
    found: set[str] = set()
    for path in tracked:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return frozenset(found)


def hidden(path: str, git: GitFolder) -> bool:
    """Whether a folder that a line names is ignored by git, so that it is meant all the same."""
    return bool(path) and git.ignores(path, folder=True)


def untracked(
    below: tuple[ContextFile, ...],
    git: GitFolder,
    tracked: frozenset[str],
    folders: frozenset[str],
    ignored: dict[str, list[ContextFile]],
    others: dict[str, list[ContextFile]],
) -> None:
    """Sort what git does not track into what it ignores and the rest, by the topmost path."""
    top, kind = "\0", others
    for file in below:
        if file.path.startswith(top):
            if file.kind != "dir":
                kind[top].append(file)
            continue
        if file.path in tracked or file.path in folders or is_left_out(file, tracked):
            continue
        folder = file.kind == "dir"
        kind = ignored if git.ignores(file.path, folder=folder) else others
        name = file.path + "/" * folder
        kind.setdefault(name, []).extend([] if folder else [file])
        top = name if folder else top


def is_left_out(file: ContextFile, tracked: frozenset[str]) -> bool:
    """What another rule tells, and what lies in a submodule."""
    parts = file.path.split("/")
    if not TOLD_ELSEWHERE.isdisjoint(parts) or (file.kind != "dir" and classify_name(file.path) is not None):
        return True
    return any("/".join(parts[:end]) + "/" in tracked for end in range(1, len(parts) + 1))


def them(found: dict[str, list[ContextFile]]) -> str:
    """The word for so many."""
    return "it" if len(found) == 1 else "them"


def said(found: dict[str, list[ContextFile]]) -> str:
    """The heaviest paths, and how many more there are."""
    names = sorted(found, key=lambda name: (-sum(file.size for file in found[name]), name))
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
