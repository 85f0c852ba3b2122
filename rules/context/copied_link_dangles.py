"""A symbolic link is copied that leads to nothing in the image.

Links in a copied folder stay links. One whose target the ignore file drops, or that climbs out of what is
copied, is broken in the image; whoever opens it gets "no such file", long after the build.

```context
.dockerignore = shared/secret.conf
conf/app.conf -> ../shared/secret.conf
shared/secret.conf = x
```

```dockerfile bad
FROM scratch
COPY . /srv/
#    ^
```

```context
conf/app.conf -> ../shared/app.conf
shared/app.conf = x
```

```dockerfile good
FROM scratch
COPY . /srv/
```

Absolute targets are meant for the image, and are left alone; so are links in `node_modules` and in `.git`,
targets that a command may make, and links whose target is missing from this checkout too (submodules, builds).
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import normpath

from dfguard.api import BuildContext, Confidence, ContextFile, Found, HasSpan, Taking, rule

SHOWN = 3
FOREIGN = ("node_modules", ".git", "vendor", ".venv", "venv", "testdata", "fixtures", "tests", "test")


@rule(
    "DG238",
    "copied-link-dangles",
    onbuild=True,
    no_fix="the link has to be changed where it lies, or what it leads to be copied",
)
def check(taking: Taking, context: BuildContext) -> Iterator[Found]:
    """Visit the folders that lines take."""
    if taking.kind == "mount" or not taking.stage.reachable or not context.complete or not context.has_links:
        return
    dropped: list[tuple[ContextFile, ContextFile]] = []
    for selected in taking.selected:
        if selected.entry is not None and selected.entry.kind != "dir":
            continue
        for file in selected.below:
            target = dropped_target(file, context) if file.kind == "symlink" else None
            if target is not None:
                dropped.append((file, target))
    if not dropped:
        return
    names = ", ".join(f"{file.path!r} -> {file.link_target!r}" for file, _ in dropped[:SHOWN])
    more = f" and {len(dropped) - SHOWN} more" if len(dropped) > SHOWN else ""
    pattern = dropped[0][1].pattern
    related: tuple[tuple[HasSpan, str], ...] = ((pattern.span, "this line drops the target"),) if pattern else ()
    what = "a link whose target is" if len(dropped) == 1 else f"{len(dropped)} links whose targets are"
    yield Found(
        taking.place,
        f"copies {what} dropped by the ignore file: {names}{more}",
        related=related,
        confidence=Confidence.MEDIUM,
    )


def dropped_target(link: ContextFile, context: BuildContext) -> ContextFile | None:
    """What a relative link leads to, if that is there and dropped."""
    target = link.link_target or ""
    parts = link.path.split("/")
    if target.startswith("/") or not set(parts).isdisjoint(FOREIGN):
        return None
    path = normpath("/".join((*parts[:-1], target)))
    if path.startswith("..") or path == ".":
        return None
    entry = context.get(path)
    return entry if entry is not None and not entry.kept and context.has_on_disk(path) else None
