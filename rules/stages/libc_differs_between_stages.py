"""What one stage compiled is copied into a stage that can't run it: another libc, none, or another Python.

A program linked against glibc looks for a loader that Alpine and `scratch` don't have, and the container ends with
`no such file or directory`, although the file is there. A virtual environment names its interpreter, and the folder and
the version of it.

```dockerfile bad
FROM rust:1.82.0 AS build
WORKDIR /src
COPY . .
RUN cargo build --release
FROM alpine:3.20
COPY --from=build /src/target/release/app /usr/bin/app
#                 ^^^^^^^^^^^^^^^^^^^^^^^
```

```dockerfile bad
FROM python:3.11.10-slim AS build
RUN python -m venv /opt/venv && /opt/venv/bin/pip install flask==3.1.0
FROM python:3.12.7-slim
COPY --from=build /opt/venv /opt/venv
#                 ^^^^^^^^^
```

```context
main.go = package main\\nimport "net/http"
```

```dockerfile bad
FROM golang:1.23.3 AS build
WORKDIR /src
COPY . .
RUN go build -o /app .
FROM scratch
COPY --from=build /app /app
#                 ^^^^
```

```dockerfile good
FROM golang:1.23.3 AS build
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -o /app .
FROM scratch
COPY --from=build /app /app
```

```dockerfile good
FROM python:3.12.7-slim AS build
RUN python -m venv /opt/venv && /opt/venv/bin/pip install flask==3.1.0
FROM python:3.12.7-slim
COPY --from=build /opt/venv /opt/venv
```

Quiet for base images that are not known, for static builds (`CGO_ENABLED=0`, a musl target, `-static`), and where the
later stage gets a loader (`gcompat`, a copied `ld-linux`). Go links its own resolver into programs that don't use the
network: without a look at the sources it is shown with `--pedantic` only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from posixpath import basename

from dfguard.api import (
    Base,
    BuildContext,
    Confidence,
    Copy,
    CopySource,
    Found,
    InputError,
    Instruction,
    Run,
    Severity,
    Stage,
    StageGraph,
    lookup_base,
    parse_reference,
    rule,
)

Verdict = tuple[str, Confidence]
MOST_FILES, MOST_BYTES = 400, 64 * 1024
MOST_INSTRUCTIONS = 400  # each COPY is held against all of them
NATIVE = ("bcrypt", "sharp", "better-sqlite3", "sqlite3", "canvas", "argon2", "node-sass", "re2", "libpq", "bufferutil")


@cache
def words(pattern: str) -> re.Pattern[str]:
    """A pattern, compiled once."""
    return re.compile(pattern)


STATIC = r"CGO_ENABLED|static|musl|netgo|-linkmode|zigbuild|--target|xx-go|xx-cargo"
LOADER = r"ld-linux|ld-musl|lib64|libc6-compat|gcompat|glibc|/lib/\*|x86_64-linux-gnu|patchelf"
VENV = r"(?:-m\s+venv|virtualenv)\s+(?:--?[\w=.-]+\s+)*[\"']?(/[\w./-]+)"
PYTHON_FOLDER = r"/lib/python(\d+\.\d+)/(?:site|dist)-packages/?$"
RUST_OUTPUT = r"/target/(?:release|debug)/[\w.-]+$|/cargo/bin(?:/[\w.-]+)?/?$"


@rule(
    "DG312",
    "libc-differs-between-stages",
    severity="error",
    no_fix="one of both base images has to go, and with it what is installed there",
)
def check(copy: Copy, stage: Stage, graph: StageGraph, base: Base, context: BuildContext | None) -> Iterator[Found]:
    """Visit the COPYs that take from an earlier stage."""
    at = next((r.stage for r in graph.references if r.instruction is copy and r.kind == "copy"), None)
    if at is None or not stage.reachable or not base.known:
        return
    given = graph.stages[at]
    if len(stage.instructions) + len(given.instructions) > MOST_INSTRUCTIONS:
        return
    text = text_of(given, graph)
    for source in copy.sources:
        said = judged(source, copy, given, stage, graph, base, text, context)
        if said is not None:
            message, confidence = said
            yield Found(
                source.span,
                message,
                related=(
                    (graph.root_of(given).from_.image, "made here"),
                    (graph.root_of(stage).from_.image, "runs here"),
                ),
                severity=Severity.WARNING if "compiled parts" in message else None,
                confidence=confidence,
            )


def judged(
    source: CopySource,
    copy: Copy,
    given: Stage,
    stage: Stage,
    graph: StageGraph,
    base: Base,
    text: str,
    context: BuildContext | None,
) -> Verdict | None:
    """What is wrong with taking one source, None for nothing that is known."""
    path = source.raw.strip("\"'").rstrip("/")
    root, own = graph.root_of(given), graph.root_of(stage)
    made = lookup_base(parse_reference(root.image)) if root.image is not None else None
    if made is None or not made.known or "$" in path:
        return None
    here = text_of(stage, graph)
    if words(PYTHON_FOLDER).search(path) or any(path == venv for venv in words(VENV).findall(text)):
        said = python_verdict(path, copy, root.image or "", own.image or "", base, here)
        if said is not None:
            return said
        kind = "the compiled parts of Python packages"
    elif basename(path) == "node_modules":
        kind = "the compiled parts of node modules"
    else:
        return program_verdict(path, made, base, text, here, context)
    libcs = (made.libc, base.libc)
    if libcs not in (("glibc", "musl"), ("musl", "glibc")) or words(LOADER).search(here):
        return None
    sure = kind.endswith("packages") or has_native(context)
    return f"{kind} are linked against {libcs[0]}, and this image has {libcs[1]}", (
        Confidence.MEDIUM if sure else Confidence.LOW
    )


def text_of(stage: Stage, graph: StageGraph) -> str:
    """What stands in a stage and in the stages that it is FROM, with the variables that are known."""
    parts: list[str] = []
    at: Stage | None = stage
    while at is not None:
        parts += (expanded(instruction, graph) for instruction in at.instructions)
        at = graph.stages[at.parent] if at.parent is not None else None
    return "\n".join(parts)


def expanded(instruction: Instruction, graph: StageGraph) -> str:
    """The text of an instruction; the variables of a RUN are replaced where they are known."""
    text = instruction.span.text
    if not isinstance(instruction, Run) or "$" not in text:
        return text
    scope = graph.scope_at(instruction)
    return words(r"\$\{?([A-Za-z_]\w*)\}?").sub(lambda found: scope.get(found[1]) or found[0], text)


def version(image: str) -> str | None:
    """The version of an official image of Python, major and minor."""
    found = words(r"(?:^|/)python:(\d+\.\d+)(?![\w])").search(image)
    return found[1] if found else None


def python_verdict(path: str, copy: Copy, made: str, own: str, base: Base, here: str) -> Verdict | None:
    """What is wrong with the interpreter of an environment."""
    before, after = version(made), version(own)
    folder = words(PYTHON_FOLDER).search(path)
    if before is not None and after is not None and before != after and folder is None:
        return f"this environment is of Python {before}, and the image has {after}: it finds none of its packages", HIGH
    target = copy.destination.raw if copy.destination is not None else ""
    wanted = words(PYTHON_FOLDER).search(target.rstrip("/"))
    if wanted is not None and after is not None and wanted[1] != after:
        return f"these packages are of Python {wanted[1]}, and the image has {after}, which never looks there", HIGH
    brought = "/usr/local" in here or words(r"(?i)\n(?:RUN|ADD|COPY)\b.*(?:python|pyenv|conda)").search(
        "\n" + here.replace(path, "").replace("\\\n", " ")
    )
    if folder is None and before is not None and not brought and not {"python", "python3"} & base.tools:
        return "this environment starts /usr/local/bin/python, and this image has none", HIGH
    return None


HIGH = Confidence.HIGH


def has_native(context: BuildContext | None) -> bool:
    """Whether package.json of the context asks for a module that is compiled."""
    file = context.get("package.json") if context is not None else None
    if context is None or file is None or not file.kept:
        return False
    try:
        text = context.head("package.json", MOST_BYTES).decode("utf-8", "replace")
    except InputError:
        return False
    return any(f'"{name}"' in text for name in NATIVE)


def program_verdict(
    path: str, made: Base, base: Base, text: str, here: str, context: BuildContext | None
) -> Verdict | None:
    """What is wrong with a program that Rust's or Go's tools built."""
    if made.libc != "glibc" or base.libc not in ("musl", "none") or words(LOADER).search(here):
        return None
    lacks = "which has no libc" if base.libc == "none" else "which has musl"
    said = f"{basename(path)} is linked against glibc, and goes into an image {lacks}"
    if words(STATIC).search(text) or "make" in text or "upx" in text:
        return None
    if words(r"\bcargo (?:build|install)\b").search(text) and words(RUST_OUTPUT).search(path):
        return f"{said}: build for a musl target", HIGH
    if not words(r"\bgo (?:build|install)\b").search(text) or made.sdk != "golang" or not is_output(path, text):
        return None
    network = uses_network(context)
    if network is False:
        return None
    return f"{said}: build with CGO_ENABLED=0", Confidence.MEDIUM if network else Confidence.LOW


def is_output(path: str, text: str) -> bool:
    """Whether `go build -o` or `go install` made a path."""
    outputs = words(r"-o[= ]+[\"']?([\w./-]+)").findall(text)
    return path.startswith("/go/bin/") or any(basename(output.rstrip("/")) == basename(path) for output in outputs)


def uses_network(context: BuildContext | None) -> bool | None:
    """Whether a Go source of the context imports what Go links against libc for.

    None when that is not known: without sources, and where modules of others are used.
    """
    sources = [f for f in context.files if f.path.endswith(".go") and f.kind == "file"] if context is not None else []
    wanted, foreign = words(r'"(?:net|net/[\w/]+|os/user|C)"'), words(r'^\s*(?:import )?[\w.]*\s*"[\w-]+\.\w+/')
    seen = False
    for file in sources[:MOST_FILES]:
        try:
            text = context.head(file.path, MOST_BYTES).decode("utf-8", "replace") if context is not None else ""
        except InputError:
            return None
        if wanted.search(text):
            return True
        seen = seen or any(foreign.match(line) for line in text.splitlines())
    return None if seen or not sources or len(sources) > MOST_FILES else False
