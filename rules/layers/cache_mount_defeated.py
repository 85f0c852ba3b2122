"""A cache mount that the command beside it does not use: it is told to keep no cache.

`--no-cache-dir`, `PIP_NO_CACHE_DIR`, `apk --no-cache` and the like make sense where the cache would land in a layer.
Behind a cache mount it does not, and they only make every build fetch everything again. In images of Debian and
Ubuntu, and what is built on them, `/etc/apt/apt.conf.d/docker-clean` makes apt delete what it has fetched, and the
cache stays empty until a line before removes that file.

```dockerfile bad
FROM python:3.12.7-slim
RUN --mount=type=cache,target=/root/.cache/pip pip install --no-cache-dir flask==3.1.0
#                                                          ^^^^^^^^^^^^^^
```

```dockerfile fixed
FROM python:3.12.7-slim
RUN --mount=type=cache,target=/root/.cache/pip pip install flask==3.1.0
#                                                          ^^^^^^^^^^^^^^
```

```dockerfile bad
FROM debian:12.8-slim
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked apt-get update && apt-get install -y curl
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
```

```dockerfile good
FROM debian:12.8-slim
RUN rm -f /etc/apt/apt.conf.d/docker-clean
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked apt-get update && apt-get install -y curl
```

```dockerfile good
FROM python:3.12.7-slim
RUN --mount=type=cache,target=/root/.cache/pip pip install flask==3.1.0
RUN --mount=type=cache,target=/app/build pip install --no-cache-dir flask==3.1.0
RUN pip install --no-cache-dir flask==3.1.0
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Base, Confidence, Edit, Fix, Found, Install, Option, Run, Scope, Stage, StageGraph, rule

# Manager -> the options that keep no cache, variables that do, and the folders that its cache lies in.
DEFEATS = {
    "pip": (("--no-cache-dir",), ("PIP_NO_CACHE_DIR",), ("/.cache/pip", "/.cache")),
    "uv": (("--no-cache", "-n"), ("UV_NO_CACHE",), ("/.cache/uv", "/.cache")),
    "poetry": (("--no-cache",), ("POETRY_NO_CACHE",), ("/.cache/pypoetry", "/.cache")),
    "apk": (("--no-cache",), (), ("/var/cache/apk", "/etc/apk/cache")),
}
ON = ("1", "true", "on", "yes")
APT = ("apt-get", "apt")
KEEPS = ("docker-clean", "keep-cache", "Keep-Downloaded-Packages")


@rule("DG510", "cache-mount-defeated", programs=(*DEFEATS, *APT))
def check(
    install: Install, run: Run, scope: Scope, stage: Stage, graph: StageGraph, base: Base | None
) -> Iterator[Found]:
    """Visit the installs of managers that have a cache."""
    if install.manager in APT:
        yield from cleaned(install, run, stage, graph, base)
        return
    options, variables, folders = DEFEATS[install.manager]
    targets = [mount.target.rstrip("/") for mount in run.mounts if mount.type == "cache" and mount.target]
    mounted = next((target for target in targets if target.endswith(folders)), None)
    if mounted is None:
        return
    option = next((o for o in install.options if any(name in o.spellings for name in options)), None)
    if option is not None:
        yield Found(
            option,
            f"{option.name} keeps {install.manager} from using the cache that is mounted at {mounted}",
            fixes=without(option, install),
        )
        return
    name = next((name for name in variables if (scope.env.get(name) or "").lower() in ON), None)
    if name is not None and not install.values("--cache-dir"):
        yield Found(
            install.verb,
            f"{name} is set, so {install.manager} does not use the cache that is mounted at {mounted}: "
            f"put {name}= in front of the command",
        )


def cleaned(install: Install, run: Run, stage: Stage, graph: StageGraph, base: Base | None) -> Iterator[Found]:
    """The cache of apt, where the image tells apt to keep none."""
    if base is None or not base.known or base.family not in ("debian", "ubuntu") or first(install, run) is False:
        return
    mount = next((m for m in run.mounts if m.type == "cache" and (m.target or "").startswith("/var/cache/apt")), None)
    at: Stage | None = stage
    while at is not None and mount is not None:
        if any(word in node.span.text for node in at.instructions for word in KEEPS if node.index <= run.index):
            return
        at = graph.stages[at.parent] if at.parent is not None else None
    if mount is not None:
        yield Found(
            mount.flag,
            "the image's docker-clean makes apt delete what it fetches, and this cache stays empty: remove "
            "/etc/apt/apt.conf.d/docker-clean in a line before",
            confidence=Confidence.MEDIUM,
        )


def first(install: Install, run: Run) -> bool:
    """Whether no call of apt stands before in the RUN that would tell the same."""
    return " install " not in run.span.text[: install.verb.span.start - run.span.start]


def without(option: Option, install: Install) -> tuple[Fix, ...]:
    """The command without the option, if a blank stands behind it on the line."""
    span = option.span
    behind = span.source.text[span.end : span.end + 1]
    if behind != " " or option.value is not None or not install.span.contains(span):
        return ()
    return (Fix.identical(f"drop {option.name}", Edit.delete(span.sub(0, span.end - span.start + 1))),)
