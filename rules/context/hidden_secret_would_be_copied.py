"""A secret file that git ignores would be copied if it were there: a fresh checkout never shows it.

`.gitignore` keeps `.env` out of the repository, not out of the image. On the machine of whoever has the file,
`COPY . .` takes it along, and everybody who can pull that image can read it; the build on CI, without the
file, looks clean.

```context
.git/HEAD = ref: refs/heads/main
.gitignore = node_modules\\n.env
.env.example = API_TOKEN=
server.js = console.log(1)
```

```dockerfile bad
FROM node:22.11.0-slim
WORKDIR /app
COPY . .
#    ^
CMD ["node", "server.js"]
```

Name it in `.dockerignore` as well:

```context
.git/HEAD = ref: refs/heads/main
.gitignore = node_modules\\n.env
.dockerignore = **/.env\\n.git
.env.example = API_TOKEN=
server.js = console.log(1)
```

```dockerfile good
FROM node:22.11.0-slim
WORKDIR /app
COPY . .
CMD ["node", "server.js"]
```

Templates of `.gitignore` name `.env` whether a project has one or not. So it is of medium confidence only where
the checkout has the file's example (`.env.example`), of low confidence elsewhere. A secret that is there is
told by DG102.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import BuildContext, Confidence, Found, GitFolder, GitLine, Taking, classify_name, has_wildcard, rule

SAMPLES = ("example", "sample", "template", "dist", "tpl", "default")
SHOWN = 3


@rule(
    "DG237",
    "hidden-secret-would-be-copied",
    no_fix="`dfguard context --suggest` proposes the line; here the file is not there to prove it with",
)
def check(taking: Taking, context: BuildContext, git: GitFolder) -> Iterator[Found]:
    """Visit the folders that lines take whole, and ask for each secret that git ignores."""
    if taking.kind == "mount" or taking.source is None or not taking.stage.ships or not context.complete:
        return
    if not any(one.entry is None or one.entry.kind == "dir" for one in taking.selected):
        return
    found: dict[str, GitLine] = {}
    for line in git.lines():
        path = f"{line.folder}/{line.name}".strip("/")
        if path not in found and would_leak(path, taking, context):
            found[path] = line
    for exemplified in (True, False):
        paths = [path for path in found if has_example(path, context) is exemplified]
        if paths:
            shown = ", ".join(repr(path) for path in paths[:SHOWN])
            more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
            yield Found(
                taking.place,
                f"would copy {shown}{more} where it is there: git ignores it, and no line of an ignore file drops it",
                related=tuple((found[path].span, "git ignores it here") for path in paths[:SHOWN]),
                confidence=Confidence.MEDIUM if exemplified else Confidence.LOW,
            )


def would_leak(path: str, taking: Taking, context: BuildContext) -> bool:
    """Whether a file of that name is a secret, is not there, would be kept, and would be taken."""
    if has_wildcard(path) or context.get(path) is not None:
        return False
    named = classify_name(path)
    if named is None or named.confidence is Confidence.LOW:
        return False
    source = taking.source or ""
    return (not source or path.startswith(source + "/")) and not context.drops(path)


def has_example(path: str, context: BuildContext) -> bool:
    """Whether a file beside it shows what it would look like."""
    return any(context.get(f"{path}.{end}") or context.get(f"{path}-{end}") for end in SAMPLES)
