"""Folders that programs keep below the home folder unless a variable says otherwise.

Sources: `go help environment`, https://doc.rust-lang.org/cargo/reference/environment-variables.html, npm-config(7),
`pip help cache`, https://docs.astral.sh/uv/reference/environment/, the XDG Base Directory Specification; what the
official images of Go and Rust set: https://github.com/docker-library/golang, https://github.com/rust-lang/docker-rust.
"""

from __future__ import annotations

from collections.abc import Callable

from dfguard.base.table import Base

# The folder, and the variable that moves it; the first that has a value counts.
_MOVED = (
    ("~/go/pkg/mod", "GOMODCACHE"),
    ("~/go/bin", "GOBIN"),
    ("~/go", "GOPATH"),
    ("~/.cache/go-build", "GOCACHE"),
    ("~/.cargo", "CARGO_HOME"),
    ("~/.npm", "npm_config_cache"),
    ("~/.npm", "NPM_CONFIG_CACHE"),
    ("~/.cache/pip", "PIP_CACHE_DIR"),
    ("~/.cache/uv", "UV_CACHE_DIR"),
    ("~/.cache/yarn", "YARN_CACHE_FOLDER"),
    ("~/.gradle", "GRADLE_USER_HOME"),
    ("~/.nuget", "NUGET_PACKAGES"),
    ("~/.cache", "XDG_CACHE_HOME"),
)
_OF_IMAGES = {("golang", "GOPATH"): "/go", ("rust", "CARGO_HOME"): "/usr/local/cargo"}


def moved(path: str, lookup: Callable[[str], str | None], base: Base) -> str | None:
    """Where a path below `~` lies instead; None when no variable moves it.

    `lookup` gives the value of a variable, None for one without a known value.
    """
    for folder, name in _MOVED:
        if path == folder or path.startswith(folder + "/"):
            value = lookup(name) or _OF_IMAGES.get((base.sdk or "", name))
            if value and value.startswith("/"):
                return value.partition(":")[0].rstrip("/") + path[len(folder) :]
    return None
