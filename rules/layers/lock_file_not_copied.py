"""Dependencies are installed without the lock file that lies beside the manifest.

The build then takes whatever versions are the newest that day: not those that were tested, and other ones with every
build. Either no line copies the lock file before the install, or the ignore file drops it.

```context
package.json = {"name": "app", "version": "1.0.0"}
package-lock.json = {"name": "app", "lockfileVersion": 3}
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

```dockerfile good
FROM node:22.11.0-slim
WORKDIR /app
COPY package*.json ./
RUN npm ci
COPY . .
```

Quiet where there is no lock file: its manager says what it needs, or nobody wants one.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Confidence, DependencyInstall, Found, HasSpan, Severity, rule


@rule(
    "DG505",
    "lock-file-not-copied",
    peers=("tally/ruby/missing-lockfile",),
    no_fix="a lock file that comes along changes the versions that are installed, and may not fit the manifest",
)
def check(install: DependencyInstall) -> Iterator[Found]:
    """Visit the installs from a manifest."""
    lock = install.lock
    if lock.state not in ("left", "ignored") or not install.stage.reachable or install.wants_no_lock:
        return
    strict = install.command.has(*(word for word in install.kind.strict if word.startswith("-")))
    strict = strict or install.command.verb.text in install.kind.strict
    pattern = lock.file.pattern if lock.state == "ignored" and lock.file is not None else None
    why = "the ignore file drops it" if lock.state == "ignored" else "no line copies it before"
    related: list[tuple[HasSpan, str]] = [(install.command, "installs without it")]
    if pattern is not None:
        related.append((pattern, "drops it"))
    outcome = "fails" if strict else "takes the newest versions of the day"
    yield Found(
        install.added.origin.place,
        f"{lock.path} lies beside {install.manifest.path}, and {why}: the install {outcome}",
        related=tuple(related),
        severity=Severity.ERROR if strict else None,
        confidence=Confidence.HIGH if lock.state == "left" else Confidence.MEDIUM,
    )
