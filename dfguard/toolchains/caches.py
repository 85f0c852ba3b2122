"""Where package managers of root keep what they have downloaded. Sources: the managers' own documentation.

https://docs.docker.com/build/cache/optimize/#use-cache-mounts
"""

from __future__ import annotations

from dfguard.struct import Struct


class Cache(Struct):
    """The cache of a package manager: `folders` may be mounted for the calls with one of `verbs` (none: for all).

    `locked`: two builds may not use it at once. `off` are variables that switch it off, or move it elsewhere. `runs`:
    the program is also what starts programs, which then need the cache.
    """

    manager: str
    folders: tuple[str, ...]
    verbs: tuple[str, ...] = ()
    locked: bool = False
    off: tuple[str, ...] = ()
    runs: bool = False


_NODE = ("install", "i", "ci", "clean-install")
CACHES = (
    Cache("apt-get", ("/var/cache/apt", "/var/lib/apt"), ("update", "install", "upgrade", "dist-upgrade"), locked=True),
    Cache("pip", ("/root/.cache/pip",), ("install",), off=("PIP_NO_CACHE_DIR", "PIP_CACHE_DIR")),
    Cache("npm", ("/root/.npm",), _NODE, off=("npm_config_cache", "NPM_CONFIG_CACHE")),
    Cache("pnpm", ("/root/.local/share/pnpm/store",), _NODE, off=("PNPM_HOME", "XDG_DATA_HOME"), runs=True),
    Cache(
        "go",
        ("/go/pkg/mod", "/root/.cache/go-build"),
        ("build", "mod", "install", "test", "get", "generate", "vet"),
        off=("GOPATH", "GOCACHE", "GOMODCACHE", "XDG_CACHE_HOME"),
        runs=True,
    ),
    Cache(
        "cargo",
        ("/usr/local/cargo/registry", "/usr/local/cargo/git"),
        ("build", "install", "fetch", "test", "check"),
        locked=True,
        off=("CARGO_HOME",),
        runs=True,
    ),
    Cache("mvn", ("/root/.m2/repository",), locked=True, off=("MAVEN_CONFIG", "MAVEN_OPTS"), runs=True),
    Cache("gradle", ("/root/.gradle/caches",), locked=True, off=("GRADLE_USER_HOME",), runs=True),
    Cache(
        "dotnet",
        ("/root/.nuget/packages",),
        ("restore", "build", "publish", "test"),
        locked=True,
        off=("NUGET_PACKAGES",),
        runs=True,
    ),
)
BY_MANAGER = {cache.manager: cache for cache in CACHES}
"""By the program that is called, `mvnw` and `gradlew` left out: those keep themselves there, too."""
