"""Dependencies are installed from a manifest that has no lock file: every build takes the newest versions of its day.

What was tested is not what is built, and two builds of one commit differ. A lock file beside the manifest, under
version control and copied with it, names each version. Where the command insists on one (`npm ci`,
`--frozen-lockfile`), the build fails: that is an error.

```context
package.json = {"name": "app", "version": "1.0.0", "dependencies": {"express": "^4.21.1"}}
server.js = x
```

```dockerfile bad
FROM node:22.11.0-slim
WORKDIR /app
COPY package.json ./
#    ^^^^^^^^^^^^
RUN npm install
COPY . .
```

```context
package.json = {"name": "app", "version": "1.0.0", "dependencies": {"express": "^4.21.1"}}
package-lock.json = {"name": "app", "lockfileVersion": 3}
server.js = x
```

```dockerfile good
FROM node:22.11.0-slim
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
```

Quiet for manifests without dependencies, for parts of a project whose lock file lies in a folder above, and where
somebody wants none (`--no-package-lock`, `package-lock=false` in `.npmrc`). A lock file that is there and not copied
is told by DG505, files of requirements by DG506.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from dfguard.api import BuildContext, Confidence, DependencyInstall, Found, InputError, Severity, rule

MAX_MANIFEST = 1_000_000
# Words of a manifest that say that something is installed.
NEEDS = {
    "package.json": (b'"dependencies"', b'"devDependencies"', b'"optionalDependencies"'),
    "Gemfile": (b"gem ", b"gem("),
    "composer.json": (b'"require"', b'"require-dev"'),
    "pyproject.toml": (b"dependencies",),
    "Pipfile": (b"[packages]", b"[dev-packages]"),
}
LOCKS = ("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb")


@rule(
    "DG507",
    "lock-file-missing",
    severity="info",
    no_fix="the lock file is for the package manager to write, with the network",
)
def check(install: DependencyInstall, context: BuildContext) -> Iterator[Found]:
    """Visit the installs from a manifest; without a context none is known."""
    kind, command = install.kind, install.command
    if install.lock.state != "absent" or kind.manager == "go" or not install.stage.reachable or not install.first:
        return
    if install.wants_no_lock or not needs(install) or is_locked_above(install):
        return
    folder = posixpath.dirname(install.manifest.path)
    other = next((name for name in LOCKS if install.context.get(posixpath.join(folder, name)) is not None), None)
    strict = command.has(*(word for word in kind.strict if word.startswith("-"))) or command.verb.text in kind.strict
    outcome = "fails" if strict else "takes the newest versions of the day"
    beside = f"{kind.manager} does not read {other}" if other else f"no {kind.locks[0]} lies beside it"
    yield Found(
        install.added.origin.place,
        f"{install.manifest.path} lists dependencies, and {beside}: the install {outcome}",
        related=((command, "installs without a lock file"),),
        severity=Severity.ERROR if strict else None,
        confidence=Confidence.MEDIUM,
    )


def needs(install: DependencyInstall) -> bool:
    """Whether a manifest lists anything, and nobody says that no lock file is wanted."""
    context = install.context
    settings = posixpath.join(posixpath.dirname(install.manifest.path), ".npmrc")
    try:
        text = context.head(install.manifest.path, MAX_MANIFEST)
        if context.get(settings) is not None and b"package-lock=false" in context.head(settings, MAX_MANIFEST):
            return False
    except InputError:
        return False
    return any(word in text for word in NEEDS.get(posixpath.basename(install.manifest.path), ()))


def is_locked_above(install: DependencyInstall) -> bool:
    """Whether a folder above holds a lock file, as that of a workspace does."""
    folder = posixpath.dirname(install.manifest.path)
    names = (*install.kind.locks, *LOCKS)
    while folder:
        folder = posixpath.dirname(folder)
        if any(install.context.get(posixpath.join(folder, name)) is not None for name in names):
            return True
    return False
