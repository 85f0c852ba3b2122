"""The Dockerfile, the ignore file or a compose file is copied into the image.

They tell whoever has the image how it was made, and each edit of one of them makes the builder copy
everything anew. The build itself does not need them in its context.

```context
Dockerfile
compose.yaml
app.py = print(1)
```

```dockerfile bad
FROM python:3.12.7-slim
COPY . /app
#    ^
```

```context
.dockerignore = *Dockerfile*\\n.dockerignore\\ncompose*.yaml
Dockerfile
app.py = print(1)
```

```dockerfile good
FROM python:3.12.7-slim
COPY . /app
```

It is common and does little harm: of low confidence, for `--pedantic`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import BuildContext, Confidence, Found, Taking, regex, rule

BUILD_FILE = regex(r"(?i)(?:dockerfile|containerfile|\.dockerignore|\.containerignore|(?:docker-)?compose\.ya?ml)\Z")


@rule(
    "DG241",
    "build-files-copied",
    severity="info",
    peers=("DKL-LI-0003",),
    no_fix="`dfguard context --suggest` proposes the lines, each one proved against all builds of the context",
)
def check(taking: Taking, context: BuildContext | None) -> Iterator[Found]:
    """Visit the folders that lines take into the image."""
    if context is None or taking.kind == "mount" or not taking.stage.ships:
        return
    found = [path for selected in taking.selected if selected.entry is None for path in context.derived(in_root)]
    if found:
        yield Found(taking.place, f"copies {', '.join(found)} into the image", confidence=Confidence.LOW)


def in_root(context: BuildContext) -> list[str]:
    """The files of the build in the root of the context."""
    return [file.path for file in context.files if "/" not in file.path and BUILD_FILE.match(file.path)]
