"""Files are copied that arrive empty: the builder lists them, and does not open them.

BuildKit goes through an ignore file twice. What to list is decided folder by folder, and there a line is
not compared with a folder that is dropped already; what to open is decided by the last line that matches.
A file that the first reading keeps and the second drops is sent without its content, and the build goes
on: in the image it has 0 bytes.

```context
.dockerignore = *\\n!**/*.js\\nnode_modules
server.js = console.log(1)
node_modules/left-pad/index.js = module.exports = 1
```

```dockerfile bad
FROM node:22.11.0-slim
WORKDIR /app
COPY . .
#    ^
```

Here the third line names the folder, which the first one had dropped already. With `/**` behind it the line
is compared with the files themselves, and they are left out:

```context
.dockerignore = *\\n!**/*.js\\nnode_modules/**
server.js = console.log(1)
node_modules/left-pad/index.js = module.exports = 1
```

```dockerfile good
FROM node:22.11.0-slim
WORKDIR /app
COPY . .
```

Empty in the context as well (`__init__.py`) makes no difference, and is not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import BuildContext, Confidence, Found, HasSpan, IgnorePattern, Taking, rule

SHOWN = 3


@rule(
    "DG242",
    "file-arrives-empty",
    severity="error",
    onbuild=True,
    no_fix="the files lack a permission on the machine that builds, which no text gives them",
)
def check(taking: Taking, context: BuildContext) -> Iterator[Found]:
    """Visit what each line takes."""
    if not context.has_hollow:
        return
    hollow = [file for file in taking.files if file.hollow and file.size_on_disk]
    if not hollow:
        return
    names = ", ".join(repr(file.path) for file in hollow[:SHOWN])
    more = f" and {len(hollow) - SHOWN} more" if len(hollow) > SHOWN else ""
    number = "1 file arrives" if len(hollow) == 1 else f"{len(hollow)} files arrive"
    guilty = dropping(hollow[0].path, context.ignore.patterns)
    related: tuple[tuple[HasSpan, str], ...] = ()
    if guilty is not None:
        related = ((guilty.span, "this line matches a folder above, and keeps the builder from opening the file"),)
    yield Found(
        taking.place,
        f"{number} empty, {names}{more}: the builder lists what it does not open then",
        related=related,
        confidence=Confidence.HIGH if taking.stage.reachable else Confidence.LOW,
    )


def dropping(path: str, patterns: tuple[IgnorePattern, ...]) -> IgnorePattern | None:
    """The last line that matches the path or a folder above it."""
    parts = path.split("/")
    above = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
    speaking = [p for p in patterns if not p.fault and any(p.matches(folder) for folder in above)]
    return speaking[-1] if speaking and not speaking[-1].negated else None
