"""The file that the container starts with has no execute permission.

`COPY` keeps the mode of the file in the build context, and what an editor or an archive made is seldom executable.
The container ends at once: `exec: "/entrypoint.sh": permission denied`.

```context
entrypoint.sh = #!/bin/sh\\nexec "$@"
```

```dockerfile bad
FROM debian:12.8-slim
COPY entrypoint.sh /entrypoint.sh
ENTRYPOINT ["/entrypoint.sh"]
#            ^^^^^^^^^^^^^^
```

```dockerfile fixed
FROM debian:12.8-slim
COPY --chmod=755 entrypoint.sh /entrypoint.sh
ENTRYPOINT ["/entrypoint.sh"]
#            ^^^^^^^^^^^^^^
```

```dockerfile bad
FROM alpine:3.20
RUN adduser -D app
COPY --chmod=744 entrypoint.sh /usr/local/bin/
USER app
CMD entrypoint.sh
#   ^^^^^^^^^^^^^
```

```dockerfile good
FROM debian:12.8-slim
COPY entrypoint.sh /entrypoint.sh
RUN chmod +x /entrypoint.sh
ENTRYPOINT ["/entrypoint.sh"]
```

```dockerfile good
FROM debian:12.8-slim
COPY entrypoint.sh /entrypoint.sh
ENTRYPOINT ["sh", "/entrypoint.sh"]
```

Quiet where a shell is given the file, and where something that is not understood may have changed its mode. The mode
in the context is that of this checkout: git keeps one bit of it (`git update-index --chmod=+x entrypoint.sh`). Where
git has that bit and the checkout lost it, this is shown with `--pedantic` only.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Added, Attributes, Confidence, Copy, Edit, Fix, Found, GitFolder, StartProgram, ViewHolds, rule

ROOT = (None, "root", "0")
EXECUTE, BY_OTHERS, BY_GROUP = 0o111, 0o001, 0o010


@rule("DG744", "start-script-not-executable", severity="error")
def check(start: StartProgram, git: GitFolder | None) -> Iterator[Found]:
    """Visit the programs that containers start with."""
    added, attributes = start.added, start.attributes
    if added is None or attributes is None or not start.sure or start.reader:
        return
    if attributes.mode is None or attributes.link is not None:
        return
    if not attributes.mode & EXECUTE:
        why = f"has mode {attributes.mode:04o}: nobody may execute it, and the container ends at once"
        confidence = Confidence.LOW if is_lost_here(added, git) else Confidence.HIGH
    elif is_barred(start.user, attributes):
        why = f"has mode {attributes.mode:04o} and belongs to root, so {start.user} can't execute it"
        confidence = Confidence.MEDIUM
    else:
        return
    yield Found(
        start.span,
        f"{start.path} {why}",
        related=((added.entry, "brought by this"),),
        confidence=Confidence.LOW if start.passed else confidence,
        fixes=cures(added),
        claim=ViewHolds(start.path) if start.stage.ships else None,
    )


def is_lost_here(added: Added, git: GitFolder | None) -> bool:
    """Whether git has the file as executable, and only this checkout has not: another one builds a good image."""
    file = added.origin.file
    return git is not None and file is not None and not added.origin.member and git.executes(file.path)


def is_barred(user: str | None, attributes: Attributes) -> bool:
    """Whether a user other than root may surely not execute a file of root; its groups are not known by name."""
    name, _, group = (user or "").partition(":")
    mode = attributes.mode or 0
    if not name or name in ROOT or attributes.owner != "0:0" or mode & BY_OTHERS:
        return False
    return not mode & BY_GROUP or (group.isdecimal() and group != "0")


def cures(added: Added) -> tuple[Fix, ...]:
    """Add --chmod to the COPY that brings this one file out of the context."""
    copy = added.instruction
    if not isinstance(copy, Copy) or added.hops or copy.flag("chmod") or len(copy.sources) != 1:
        return ()
    file = added.origin.file
    if file is None or copy.sources[0].kind != "local" or file.path != copy.sources[0].raw.removeprefix("./"):
        return ()
    return (Fix.unsafe("add --chmod=755", Edit.after(copy.keyword, " --chmod=755")),)
