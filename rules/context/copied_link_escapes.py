"""A symbolic link is copied that leads out of what is copied, and in the image to nothing.

A builder copies a link that lies in a folder as it is: the text of it, not what it leads to. One that climbs out of
the build context (`../../shared.conf`), or to a part of it that the line does not take, points somewhere else in
the image; if nothing is there, whoever opens it gets "no such file", long after the build.

```context
conf/app.conf -> ../../shared/app.conf
conf/db.conf -> ../common/db.conf
common/db.conf = x
```

```dockerfile bad
FROM scratch
COPY conf /etc/app
#    ^^^^
```

```context
conf/app.conf -> ../shared/app.conf
shared/app.conf = x
```

```dockerfile good
FROM scratch
COPY conf /srv/conf
COPY shared /srv/shared
```

A link that COPY names itself is followed by the builder, inside of the context. Left alone are absolute links, which
are meant for the image, links in `node_modules`, `vendor`, tests and the like, links to what another line puts
there, and links to what this checkout lacks inside of the context. Of low confidence where a command of the
stage speaks of the target, and where the base image may have it.
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname, normpath

from dfguard.api import Base, BuildContext, Confidence, ContextFile, Found, Run, StageFlow, Taking, rule

SHOWN = 3
FOREIGN = ("node_modules", ".git", "vendor", ".venv", "venv", "testdata", "fixtures", "tests", "test")
SYSTEM = ("/bin", "/dev", "/etc", "/lib", "/opt", "/proc", "/run", "/sbin", "/sys", "/usr", "/var")


@rule("DG244", "copied-link-escapes", no_fix="the link has to be changed where it lies, or what it leads to be copied")
def check(taking: Taking, context: BuildContext, flow: StageFlow, base: Base | None) -> Iterator[Found]:
    """Visit the folders that lines take."""
    if taking.kind == "mount" or not taking.stage.reachable or not context.complete or not context.has_links:
        return
    links = dict(escaping(taking, context))
    if not links:
        return
    landed = {
        event.origin.file.path: event.path for event in flow.added.at(taking.place) if event.origin.file is not None
    }
    broken: list[tuple[str, str, bool]] = []
    for path, link in links.items():
        target = normpath(f"{dirname(landed.get(path, '**'))}/{link.link_target}")
        if target.startswith("/") and not is_there(target, flow):
            broken.append((path, target, is_sure(target, flow, base)))
    for sure in (True, False):
        found = [(path, target) for path, target, certain in broken if certain is sure]
        if found:
            more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
            shown = ", ".join(f"{path!r} (in the image a link to {target})" for path, target in found[:SHOWN])
            what = "a link that leads" if len(found) == 1 else f"{len(found)} links that lead"
            yield Found(
                taking.place,
                f"copies {what} out of what is copied, and to nothing in the image: {shown}{more}",
                confidence=Confidence.MEDIUM if sure and taking.stage.ships else Confidence.LOW,
            )


def escaping(taking: Taking, context: BuildContext) -> Iterator[tuple[str, ContextFile]]:
    """The relative links in copied folders that lead out of the folder: out of the context, or to what is there."""
    for selected in taking.selected:
        folder = selected.entry.path if selected.entry is not None else ""
        if selected.entry is not None and selected.entry.kind != "dir":
            continue
        for file in selected.below:
            target = file.link_target or "/"
            if file.kind != "symlink" or target.startswith("/") or not set(file.path.split("/")).isdisjoint(FOREIGN):
                continue
            path = normpath(f"{dirname(file.path) or '.'}/{target}")
            outside = path == ".." or path.startswith("../")
            inside = path == folder or not folder or path.startswith(folder + "/")
            entry = None if outside or inside else context.get(path)
            if outside or (entry is not None and entry.kept):
                yield file.path, file


def is_there(target: str, flow: StageFlow) -> bool:
    """Whether the stage has it in the end, or a folder that the base image or a command may have filled."""
    return target == "/" or target in flow.view or target in flow.folders


def is_sure(target: str, flow: StageFlow, base: Base | None) -> bool:
    """Whether neither a base image nor a command of the stage is likely to have put something there."""
    if target.startswith(SYSTEM) and (base is None or base.family != "scratch"):
        return False
    name = target.rpartition("/")[2]
    return not any(isinstance(node, Run) and name in node.span.text for node in flow.played)
