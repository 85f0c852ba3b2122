"""A stage sets PATH, LD_LIBRARY_PATH or the like for what it makes; the stage that copies it does not.

`COPY --from` carries files, never variables: the programs of the copied virtual environment are not found, and its
`python` is not the one that runs.

```dockerfile bad
FROM python:3.12.7-slim AS build
RUN python -m venv /opt/venv
ENV PATH="/opt/venv/bin:$PATH"
RUN pip install gunicorn==23.0.0
FROM python:3.12.7-slim
COPY --from=build /opt/venv /opt/venv
#                 ^^^^^^^^^
CMD ["gunicorn", "app:app"]
```

```dockerfile bad
FROM debian:12.8-slim AS build
ENV LD_LIBRARY_PATH=/opt/tool/lib
RUN ./build-tool
FROM debian:12.8-slim
COPY --from=build /opt/tool /opt/tool
#                 ^^^^^^^^^
CMD ["/opt/tool/bin/tool"]
```

```dockerfile bad
FROM node:22.11.0-slim AS build
ENV NODE_PATH=/opt/modules/node_modules
RUN npm install --prefix /opt/modules express@4.21.1
FROM node:22.11.0-slim
COPY --from=build /opt/modules /opt/modules
#                 ^^^^^^^^^^^^
CMD ["node", "-e", "require('express')"]
```

```dockerfile good
FROM python:3.12.7-slim AS build
RUN python -m venv /opt/venv
ENV PATH="/opt/venv/bin:$PATH"
RUN pip install gunicorn==23.0.0
FROM python:3.12.7-slim
COPY --from=build /opt/venv /opt/venv
ENV PATH="/opt/venv/bin:$PATH"
CMD ["gunicorn", "app:app"]
```

```dockerfile good
FROM python:3.12.7-slim AS build
RUN python -m venv /opt/venv
ENV PATH="/opt/venv/bin:$PATH"
FROM python:3.12.7-slim
COPY --from=build /opt/venv /opt/venv
CMD ["/opt/venv/bin/gunicorn", "app:app"]
```

Quiet where the later stage speaks of the folder in any way, where it starts nothing by a bare name that can lie there,
and where its base image is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.api import (
    Base,
    Cmd,
    Confidence,
    Copy,
    Entrypoint,
    Env,
    Found,
    Instruction,
    KeyValue,
    Span,
    Stage,
    StageGraph,
    rule,
)

# What a shell form or a base image starts all the same, whatever lies in the folder.
ANYWHERE = frozenset(
    "sh bash ash dash env exec echo cat ls sleep tail true false tini dumb-init gosu su-exec cd test node npm yarn npx"
    " java nginx apache2-foreground php php-fpm httpd".split()
)
PYTHON = frozenset(
    "python python3 pip pip3 gunicorn uvicorn flask celery alembic pytest django-admin hypercorn".split()
)
RUBY = frozenset("ruby bundle rails rake rackup puma unicorn sidekiq jekyll".split())
LINKED = ("ldconfig", "ld.so.conf", "rpath", "patchelf")
MOST_INSTRUCTIONS = 400  # each COPY is held against all of them
# What searches the folders of a variable: the programs that need it.
READERS = {
    "PYTHONPATH": PYTHON,
    "NODE_PATH": frozenset(("node", "nodejs")),
    "GEM_HOME": RUBY,
    "GEM_PATH": RUBY,
    "PERL5LIB": frozenset(("perl", "plackup", "starman", "hypnotoad", "morbo")),
    "GOPATH": frozenset(("go",)),
}
SPOKEN = {"PYTHONPATH": "Python", "NODE_PATH": "Node", "GEM_HOME": "Ruby", "GEM_PATH": "Ruby", "PERL5LIB": "Perl"}
OF_IMAGES = ("/usr/local/bundle", "/go")  # what the images of Ruby and Go set themselves
SEARCHED = ("PATH", "LD_LIBRARY_PATH", *READERS)


@rule(
    "DG311",
    "env-lost-between-stages",
    no_fix="where the variable is to end up, and with what beside, depends on what the stage starts",
)
def check(copy: Copy, stage: Stage, graph: StageGraph, base: Base) -> Iterator[Found]:
    """Visit the COPYs that take from an earlier stage."""
    at = next((r.stage for r in graph.references if r.instruction is copy and r.kind == "copy"), None)
    if at is None or not base.known or not stage.ships or copy.destination is None:
        return
    own = graph.lineage(stage)
    if len(own) > MOST_INSTRUCTIONS:
        return
    target = copy.destination.raw.strip("\"'").rstrip("/")
    given = graph.lineage(graph.stages[at])
    for source in copy.sources:
        path = source.raw.strip("\"'").rstrip("/")
        if not path.startswith("/") or path != target or path.count("/") < 2:
            continue
        for pair, element in settings(given, graph):
            inside = element == path or element.startswith(path + "/")
            if inside and not any(i is not copy and path in expanded(i, graph) for i in own if not starts(i)):
                yield from lost(source.span, pair, element, own, base, given, graph)
                return


def settings(instructions: list[Instruction], graph: StageGraph) -> Iterator[tuple[KeyValue, str]]:
    """The folders that ENV puts on a search path, with the pair that does."""
    for env in instructions:
        for pair in env.pairs if isinstance(env, Env) else ():
            if pair.name in SEARCHED and pair.value is not None:
                value = graph.scope_at(env).expand(pair.value.raw).value
                yield from ((pair, each.rstrip("/")) for each in value.split(":") if each.startswith("/"))


def starts(instruction: Instruction) -> bool:
    """Whether an instruction says what the container starts."""
    return isinstance(instruction, (Cmd, Entrypoint))


def expanded(instruction: Instruction, graph: StageGraph) -> str:
    """The text of an instruction, with the variables that are known."""
    text = instruction.span.text
    if "$" not in text:
        return text
    get = graph.scope_at(instruction).get
    return re.sub(r"\$\{?([A-Za-z_]\w*)\}?", lambda found: get(found[1]) or found[0], text)


def lost(
    place: Span,
    pair: KeyValue,
    element: str,
    own: list[Instruction],
    base: Base,
    given: list[Instruction],
    graph: StageGraph,
) -> Iterator[Found]:
    """Whether the later stage misses the setting."""
    name = pair.name
    if name != "PATH" and any(other.name == name for i in own if isinstance(i, Env) for other in i.pairs):
        return
    environment = any("venv" in expanded(i, graph) or "virtualenv" in expanded(i, graph) for i in given)
    words = [first_word(i) for i in own if starts(i)]
    used = [word for word in words if word and "/" not in word and word not in ANYWHERE]
    if name == "PATH":
        wanted = [w for w in used if w in PYTHON] if environment else [w for w in used if w not in base.tools]
        if not wanted or any(f"/bin/{wanted[-1]}" in expanded(i, graph) for i in own):
            return
        what = f"{wanted[-1]} is not looked for in {element}"
    elif name == "LD_LIBRARY_PATH":
        text = "\n".join(expanded(i, graph) for i in (*own, *given))
        if not words or any(word in text for word in LINKED):
            return
        what = f"the loader does not look into {element}"
    else:
        if not words or words[-1] not in READERS[name] or element in OF_IMAGES:
            return
        what = f"{SPOKEN.get(name, 'Go')} does not look into {element}"
    yield Found(
        place,
        f"{name} is set where this comes from and not here: {what}",
        related=((pair, "set for that stage alone"),),
        confidence=Confidence.HIGH if environment and name == "PATH" else Confidence.MEDIUM,
    )


def first_word(instruction: Instruction) -> str:
    """The program that a CMD or ENTRYPOINT names first."""
    if instruction.exec_form is not None:
        return instruction.exec_form[0].value if instruction.exec_form else ""
    found = instruction.arguments.text.split()
    return found[0] if found else ""
