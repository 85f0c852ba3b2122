"""The file uses syntax that the frontend pinned in `# syntax=` does not know yet.

`# syntax=docker/dockerfile:1.3` has that very version read the file, however new the builder is: what
came later is refused, or taken for something else.

```dockerfile bad
# syntax=docker/dockerfile:1.3
FROM debian:12.8-slim
RUN <<EOF
#   ^^^^^
echo hello
EOF
```

```dockerfile fixed
# syntax=docker/dockerfile:1.4
FROM debian:12.8-slim
RUN <<EOF
#   ^^^^^
echo hello
EOF
```

```dockerfile good
# syntax=docker/dockerfile:1
FROM debian:12.8-slim
RUN <<EOF
echo hello
EOF
```

`:1` always is the newest version 1, which is what Docker recommends. Nothing is said of files without a
`# syntax=` line, where the builder's own frontend decides, nor of other frontends and moving tags. Of
several uses of one feature the first is reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Dockerfile, Edit, Feature, FeatureUse, Fix, Found, Frontend, feature_uses, rule


@rule("DG704", "feature-newer-than-frontend", severity="error")
def check(dockerfile: Dockerfile, frontend: Frontend) -> Iterator[Found]:
    """Visit files that pin a version of Docker's frontend."""
    if frontend.version is None:
        return
    missing: dict[str, FeatureUse] = {}
    for use in feature_uses(dockerfile):
        if not use.feature.is_in(frontend.version, frontend.labs):
            missing.setdefault(use.feature.name, use)
    pinned = f"1.{frontend.version[1]}{'-labs' if frontend.labs else ''}"
    fixes = raised(frontend, [use.feature for use in missing.values()])
    for name, use in missing.items():
        message = f"{name} needs version {wanted(use.feature)} of the frontend, and {pinned} is pinned"
        yield Found(use, message, related=((frontend, "pinned here"),), fixes=fixes)


def wanted(feature: Feature) -> str:
    """The first version with a feature; a stable one if there is one."""
    if feature.since is not None:
        return f"1.{feature.since[1]}"
    return f"1.{feature.labs[1]}-labs" if feature.labs is not None else "1"


def raised(frontend: Frontend, missing: list[Feature]) -> tuple[Fix, ...]:
    """The fix that pins the first version with all that is missing; none for a digest or a labs channel."""
    stable = [feature.since for feature in missing if feature.since is not None]
    if not stable or len(stable) < len(missing) or frontend.labs or "@" in frontend.image:
        return ()
    image = frontend.image.rpartition(":")[0]
    tag = f"1.{max(stable)[1]}"
    return (Fix.unsafe(f"pin version {tag}", Edit.replace(frontend, f"{image}:{tag}")),)
