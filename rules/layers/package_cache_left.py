"""An install leaves the package manager's cache in the layer.

What was downloaded stays beside what was installed, and no container needs it: pip keeps every wheel, dnf and yum
keep the lists of all repositories (often more than 100 MB), apk keeps its index. Removing it in a later RUN only
hides it.

```dockerfile bad
FROM python:3.12.7-slim
RUN pip install flask==3.1.0
#       ^^^^^^^
```

```dockerfile fixed
FROM python:3.12.7-slim
RUN pip install --no-cache-dir flask==3.1.0
#       ^^^^^^^
```

```dockerfile bad
FROM fedora:41
RUN dnf install -y nginx
#       ^^^^^^^
```

```dockerfile fixed
FROM fedora:41
RUN dnf install -y nginx && rm -rf /var/cache/dnf/* /var/cache/libdnf5/*
#       ^^^^^^^
```

```dockerfile bad
FROM alpine:3.20.3
RUN apk update && apk add curl
#                     ^^^
```

```dockerfile good
FROM alpine:3.20.3
RUN apk add --no-cache curl python3 py3-pip
ENV PIP_NO_CACHE_DIR=1
RUN pip install flask==3.1.0
```

```dockerfile good
FROM python:3.12.7-slim
RUN --mount=type=cache,target=/root/.cache/pip pip install flask==3.1.0
```

The fix declares what it removes. Quiet in stages that do not ship, behind a cache mount, where the same RUN empties
the cache, and where a setting that the file speaks of keeps none. What apt keeps is told by DG411.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.api import (
    Base,
    Edit,
    Fix,
    Found,
    Gone,
    Install,
    InstructionId,
    LayerHolds,
    Run,
    Scope,
    Script,
    Some,
    Stage,
    rule,
)

# Manager -> folders of its cache, and what else in the RUN, or above it, tells that none is kept.
CACHES = {
    "pip": ("/root/.cache/pip",),
    "dnf": ("/var/cache/dnf", "/var/cache/libdnf5"),
    "yum": ("/var/cache/yum", "/var/cache/dnf"),
    "microdnf": ("/var/cache/yum", "/var/cache/dnf"),
    "apk": ("/var/cache/apk",),
}
EMPTIES = {
    "pip": re.compile(r"\.cache|cache\s+purge"),
    "apk": re.compile(r"/var/cache|cache\s+clean"),
}
CLEANS = re.compile(r"\bclean\b|/var/cache")
KEEPS_NONE = re.compile(
    r"PIP_NO_CACHE_DIR|PIP_CACHE_DIR|XDG_CACHE_HOME|pip\.conf|(?:global|install)\.(?:no-)?cache-dir"
)
FETCHES = re.compile(r"\bapk\s+(?:-\S+\s+)*update\b|\s(?:-U|--update|--update-cache|--upgrade)\b")


@rule(
    "DG520",
    "package-cache-left",
    severity="info",
    programs=("pip", "pip3", "python", "python3", "dnf", "yum", "microdnf", "apk"),
    peers=("DL3019", "DL3032", "DL3040", "DL3042", "DF004"),
)
def check(install: Install, script: Script, run: Run, stage: Stage, scope: Scope, base: Base | None) -> Iterator[Found]:
    """Visit the installs of stages that ship, and look for what keeps or takes the cache away."""
    manager = install.manager
    if manager not in CACHES or not stage.ships or run.exec_form is not None or mounted(manager, run):
        return
    if base is not None and base.family == "windows":
        return
    text, at = script.span.source.text, install.span
    behind = text[at.end : script.span.end]
    if EMPTIES.get(manager, CLEANS).search(behind) or (manager == "pip" and told(install, text[: at.start], scope)):
        return
    if manager == "apk" and (install.has("--no-cache") or not FETCHES.search(text[script.span.start : at.end])):
        return
    if manager != "pip" and re.search(rf"\b{manager}\s+(?:-\S+\s+)*(?:install|add|update|upgrade)\b", behind):
        return  # told at the last one
    yield Found(
        install.verb,
        f"{manager} {install.verb.text} leaves its cache ({' and '.join(CACHES[manager])}) in this layer",
        fixes=tuple(cure(install, script)),
        claim=held(manager, InstructionId(stage.index, run.index)),
    )


def held(manager: str, run: InstructionId) -> Some:
    """What the layer holds; of pip in whatever home."""
    folders = ("**/.cache/pip",) if manager == "pip" else CACHES[manager]
    return Some(tuple(LayerHolds(f"{folder}/**", run) for folder in folders))


def mounted(manager: str, run: Run) -> bool:
    """Whether a mount holds the cache."""
    word = ".cache" if manager == "pip" else "/var/cache"
    return any(word in (mount.target or "") for mount in run.mounts)


def told(install: Install, above: str, scope: Scope) -> bool:
    """Whether pip is told to keep no cache, or to keep it elsewhere."""
    if install.has("--no-cache-dir", "--cache-dir", "-h", "--help", "--dry-run"):
        return True
    return "PIP_NO_CACHE_DIR" in scope.env or KEEPS_NONE.search(above) is not None


def cure(install: Install, script: Script) -> Iterator[Fix]:
    """The option of pip; for the others a removal, if the script is a chain of `&&` that ends where the RUN ends."""
    folders = CACHES[install.manager]
    gone = [Gone(f"{folder}/**") for folder in folders]
    if install.manager == "pip":
        if install.verb.raw == install.verb.value:
            everywhere = [Gone("**/.cache/pip/**")]  # the user's home is not always known
            title = "add --no-cache-dir"
            yield Fix.declared(title, Edit.after(install.verb, " --no-cache-dir"), differences=everywhere)
        return
    last = script.commands[-1]
    plain = all(c.operator in ("", "&&") and not c.depth and not c.redirects for c in script.commands)
    if plain and script.span.text.rstrip().endswith(last.span.text):
        text = f" && rm -rf {' '.join(f'{folder}/*' for folder in folders)}"
        yield Fix.declared("remove the cache at the end of the RUN", Edit.after(last, text), differences=gone)
