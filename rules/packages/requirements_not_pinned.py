"""A file of requirements lists packages without a version: every build may install other ones.

`pip install -r requirements.txt` looks reproducible and is so only if each line says which version. Pin them with
`==`, best with hashes (`pip-compile --generate-hashes`, `uv pip compile`), or give a constraints file.

```context
requirements.txt = flask\\nrequests==2.32.3\\ngunicorn>=22
```

```dockerfile bad
FROM python:3.12.7-slim
COPY requirements.txt .
RUN pip install -r requirements.txt
#                  ^^^^^^^^^^^^^^^^
```

```context
requirements.txt = flask==3.1.0\\nrequests==2.32.3\\n-e .\\n
```

```dockerfile good
FROM python:3.12.7-slim
COPY requirements.txt .
RUN pip install -r requirements.txt
```

Quiet: files with `-c` or beside `-c` on the command line, local packages, addresses with a commit or a hash, and files
that the build makes itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.api import BuildContext, Found, InputError, RequirementFile, regex, rule

MAX_FILE = 1_000_000
SHOWN = 4
NAME = regex(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*([^;#\s].*?)?\s*(?:;.*)?$")
PINNED = regex(r"(?:^|[,(\s])={2,3}\s*[^*\s]+(?:[,)\s]|$)|--hash=|@\s*(?:file:|\S*[0-9a-f]{40}|\S*#sha256=|\S+\.whl)")


@rule(
    "DG506",
    "requirements-not-pinned",
    severity="info",
    peers=("DL3013", "DF051"),
    no_fix="the versions that were tested are not written anywhere: `pip freeze` or `uv pip compile` tells them",
)
def check(found: RequirementFile, context: BuildContext) -> Iterator[Found]:
    """Visit the files of requirements that pip is given; without a context none is known."""
    if found.command.values("-c", "--constraint") or not found.stage.reachable:
        return
    try:
        text = found.context.head(found.file.path, MAX_FILE).decode("utf-8", "replace")
    except InputError:
        return
    if re.search(r"^\s*(?:-c|--constraint|--hash)\b", text, re.MULTILINE):
        return
    names, total = loose(text)
    if names:
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        yield Found(
            found.argument,
            f"{len(names)} of {total} requirements in {found.file.path} without an exact version "
            f"({', '.join(names[:SHOWN])}{more}): every build may install other ones",
        )


def loose(text: str) -> tuple[list[str], int]:
    """The names without an exact version, and the number of all requirements."""
    names, total = [], 0
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        bare = re.sub(r"(?:^|\s)#.*", "", line).strip()
        match = NAME.match(bare)
        if not match or bare.startswith(("-", ".", "/")) or "://" in bare.partition("@")[0]:
            continue
        total += 1
        if not PINNED.search(match[2] or ""):
            names.append(match[1])
    return names, total
