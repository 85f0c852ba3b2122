"""A cache mount that the command beside it does not use: it is told to keep no cache.

`--no-cache-dir`, `PIP_NO_CACHE_DIR`, `apk --no-cache` and the like make sense where the cache would land in a layer.
Behind a cache mount it does not, and they only make every build fetch everything again. On Debian and
Ubuntu images the file `docker-clean` deletes what apt has fetched, and the cache with it.

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

```dockerfile good
FROM python:3.12.7-slim
RUN --mount=type=cache,target=/root/.cache/pip pip install flask==3.1.0
RUN --mount=type=cache,target=/app/build pip install --no-cache-dir flask==3.1.0
RUN pip install --no-cache-dir flask==3.1.0
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Edit, Fix, Found, Install, Option, Run, Scope, rule

# Manager -> the options that keep no cache, variables that do, and the folders that its cache lies in.
DEFEATS = {
    "pip": (("--no-cache-dir",), ("PIP_NO_CACHE_DIR",), ("/.cache/pip", "/.cache")),
    "uv": (("--no-cache", "-n"), ("UV_NO_CACHE",), ("/.cache/uv", "/.cache")),
    "poetry": (("--no-cache",), ("POETRY_NO_CACHE",), ("/.cache/pypoetry", "/.cache")),
    "apk": (("--no-cache",), (), ("/var/cache/apk", "/etc/apk/cache")),
}
ON = ("1", "true", "on", "yes")


@rule("DG510", "cache-mount-defeated", programs=tuple(DEFEATS))
def check(install: Install, run: Run, scope: Scope) -> Iterator[Found]:
    """Visit the installs of managers that have a cache."""
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


def without(option: Option, install: Install) -> tuple[Fix, ...]:
    """The command without the option, if a blank stands behind it on the line."""
    span = option.span
    behind = span.source.text[span.end : span.end + 1]
    if behind != " " or option.value is not None or not install.span.contains(span):
        return ()
    return (Fix.identical(f"drop {option.name}", Edit.delete(span.sub(0, span.end - span.start + 1))),)
