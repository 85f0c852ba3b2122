"""The whole source is copied before the dependencies are installed: every change of any file installs them again.

A layer is taken from the cache only if nothing that it was made of has changed. With the manifest and its lock file
copied by a line of their own, the install runs again when these two change, not with every commit.

```context
package.json = {"name": "app", "version": "1.0.0", "dependencies": {"express": "4.21.1"}}
package-lock.json = {"name": "app", "lockfileVersion": 3}
server.js = require("express")
routes/index.js = x
routes/users.js = x
public/app.css = x
```

```dockerfile bad
FROM node:22.11.0-slim
WORKDIR /app
COPY . .
#    ^
RUN npm ci
```

```dockerfile fixed
FROM node:22.11.0-slim
WORKDIR /app
COPY package.json package-lock.json ./
#    ^
RUN npm ci
COPY . .
```

`dfguard fix --unsafe-fixes` does so, with the files that lie beside the manifest in the context.

Quiet: installs that need the sources (workspaces, local packages, install scripts, `poetry install` without
`--no-root`), a second install behind a first one, and a context of little more than the manifest.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dfguard.api import (
    BuildContext,
    Confidence,
    DependencyInstall,
    Fix,
    Found,
    InputError,
    Refusal,
    RequirementFile,
    regex,
    rule,
)

if TYPE_CHECKING:
    from dfguard.api import Surroundings

FEW = 3
LOCAL = regex(r"-[erc]|--(?:editable|requirement|constraint|find-links)|[./~]|file:|.*@\s*(?:file:|\.)|.*[\\/].*\.whl")
MAX_MANIFEST = 1_000_000
# Words of a manifest that say that the install reads more of the tree, or runs code of it.
NEEDS_SOURCES = {
    "package.json": (
        b'"workspaces"', b'"file:', b'"link:', b'"workspace:', b'"preinstall"', b'"install"', b'"postinstall"',
        b'"prepare"', b'"portal:', b'"patch:',
    ),
    "Gemfile": (b"gemspec", b"path:", b"eval_gemfile", b":path", b"require_relative", b".ruby-version"),
    "composer.json": (b'"path"', b'"post-install-cmd"', b'"post-autoload-dump"', b'"pre-install-cmd"', b'"files"'),
    "pyproject.toml": (b"path =", b"[tool.uv.workspace]", b"develop ="),
    "Pipfile": (b"path =", b"editable"),
    "go.mod": (b"=> ./", b"=> ../"),
}  # fmt: skip


@rule("DG504", "source-copied-before-install", severity="info", peers=("DF031",))
def check(install: DependencyInstall | RequirementFile, context: BuildContext) -> Iterator[Found]:
    """Visit the installs from a manifest; without a context none is known."""
    if install.beside <= FEW or not install.stage.reachable or install.added is None:
        return
    if isinstance(install, RequirementFile):
        if not only_names(install):
            return
        manifest, lock = install.file.path, ""
    else:
        if not install.first or needs_sources(install):
            return
        manifest, lock = install.manifest.path, f" and {install.lock.path}" if install.lock.state == "copied" else ""
    called = " ".join(install.command.span.text.split())
    yield Found(
        install.added.origin.place,
        f"brings {install.beside:,} files besides {manifest} before `{shortened(called)}`, "
        f"which runs again with any change of one: copy {manifest}{lock} first",
        related=((install.command, "installs all dependencies again"),),
        confidence=Confidence.MEDIUM,
    )


@check.fix
def fix(install: DependencyInstall | RequirementFile, around: Surroundings) -> Iterator[Fix | Refusal]:
    """Copy the manifest first, and the rest behind the install."""
    from dfguard.api import manifest_first

    yield manifest_first(install, around)


def only_names(install: RequirementFile) -> bool:
    """Whether a file of requirements names packages only, and the command installs nothing else."""
    command = install.command
    if command.packages or len(command.values("-r", "--requirement", "-c", "--constraint", "-e", "--editable")) != 1:
        return False
    try:
        text = install.context.head(install.file.path, MAX_MANIFEST)
    except InputError:
        return False
    lines = [line.strip() for line in text.decode("utf-8", "replace").splitlines()]
    return not any(LOCAL.match(line) for line in lines)


def needs_sources(install: DependencyInstall) -> bool:
    """Whether the install may read more than manifest and lock."""
    needed = install.kind.projects
    if needed is not None and not install.command.has(*needed):
        return True
    try:
        text = install.context.head(install.manifest.path, MAX_MANIFEST)
    except InputError:
        return True
    name = install.manifest.path.rpartition("/")[2]
    return any(word in text for word in NEEDS_SOURCES.get(name, ()))


def shortened(text: str) -> str:
    """A command that fits into a sentence."""
    return text if len(text) <= 40 else text[:37] + "..."
