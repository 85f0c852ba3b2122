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

```dockerfile good
FROM node:22.11.0-slim
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
```

Quiet: installs that need the sources (workspaces, local packages, install scripts, `poetry install` without
`--no-root`), a second install behind a first one, and a context of little more than the manifest.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import BuildContext, Confidence, DependencyInstall, Found, InputError, rule

FEW = 3
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


@rule(
    "DG504", "source-copied-before-install", severity="info", peers=("DF031",), no_fix="the order of the lines changes"
)
def check(install: DependencyInstall, context: BuildContext) -> Iterator[Found]:
    """Visit the installs from a manifest; without a context none is known."""
    if not install.first or install.beside <= FEW or not install.stage.reachable or needs_sources(install):
        return
    called = " ".join(install.command.span.text.split())
    lock = f" and {install.lock.path}" if install.lock.state == "copied" else ""
    yield Found(
        install.added.origin.place,
        f"brings {install.beside:,} files besides {install.manifest.path} before `{shortened(called)}`, "
        f"which runs again with any change of one: copy {install.manifest.path}{lock} first",
        related=((install.command, "installs all dependencies again"),),
        confidence=Confidence.MEDIUM,
    )


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
