"""Several sources are copied to a destination that does not end with a slash.

Where that folder is not there yet, BuildKit takes the destination for a file, writes one source after
another to it without a word, and only the last is left. The classic builder refuses the line.

```dockerfile bad
FROM scratch
COPY server config.yml /srv/app
#                      ^^^^^^^^
```

```dockerfile bad
FROM debian:12.8-slim
COPY server.sh worker.sh /usr/local/bin
#                        ^^^^^^^^^^^^^^
```

```dockerfile fixed
FROM debian:12.8-slim
COPY server.sh worker.sh /usr/local/bin/
#                        ^^^^^^^^^^^^^^
```

A pattern counts as several sources when it matches several files of the build context:

```context
a.conf
b.conf
app-1.2.jar
```

```dockerfile bad
FROM scratch
COPY *.conf /conf
#           ^^^^^
```

```dockerfile good
FROM eclipse-temurin:21.0.5_11-jre
WORKDIR /srv
COPY *.conf ./
COPY a.conf b.conf .
COPY a.conf b.conf /conf/
COPY *.jar /srv/app.jar
```

Where the folder is known to be there, it is an information, and the fix leaves the image as it is. Where
the base image may hold the folder, or the first source may be a folder, which makes the destination one,
the confidence is medium. Quiet: `.`, variables without a known value, and `--parents`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.api import (
    Add,
    Base,
    BuildContext,
    Confidence,
    Copy,
    Edit,
    Fix,
    Found,
    HasSpan,
    Run,
    Severity,
    Stage,
    StageFlow,
    StageGraph,
    regex,
    rule,
)

ARCHIVE = regex(r"\.(?:tar|t?gz|tbz2?|bz2|t?xz|t?zst)$", re.I)
BETWEEN = regex(r"""[\s;&|<>=:,"'()]+""")


@rule(
    "DG711",
    "several-sources-without-slash",
    severity="error",
    peers=("DL3021", "DS-0011", "DS011", "DF048", "INVALID_DESTINATION"),
)
def check(
    stage: Stage, graph: StageGraph, flow: StageFlow, base: Base | None, context: BuildContext | None
) -> Iterator[Found]:
    """Visit the stages, and follow which paths their RUNs name: these may be folders by then."""
    words: set[str] = set()
    runs: list[str] = []
    for instruction in stage.instructions:
        if isinstance(instruction, Run):
            runs.append(instruction.span.text)
        elif isinstance(instruction, (Copy, Add)):
            path = destination(instruction, graph)
            if path is None or not (len(instruction.sources) > 1 or matches_several(instruction, context)):
                continue
            if instruction.index in flow.into_folders:
                yield from judge_known(instruction, instruction.destination or instruction, path)
                continue
            words.update(word.rstrip("/") for text in runs for word in BETWEEN.split(text))
            runs.clear()
            unsure = base is None or not base.known or stage.parent is not None or may_be_folder(instruction, context)
            yield Found(
                instruction.destination or instruction,
                f"several sources go to {path!r}, which BuildKit takes for one file that only the last is left of: "
                "end it with a slash",
                confidence=Confidence.LOW if path in words else Confidence.MEDIUM if unsure else Confidence.HIGH,
                fixes=(Fix.unsafe("end it with a slash", slash(instruction.destination or instruction)),),
            )


def destination(copy: Copy | Add, graph: StageGraph) -> str | None:
    """The destination, None when its text says that it is a folder, or when it is not known."""
    if copy.destination is None or copy.flag("parents") is not None:
        return None
    path = graph.scope_at(copy).expand(copy.destination.raw)
    says_so = path.value.endswith(("/", "\\", "/.", "/..")) or path.value in ("", ".", "..")
    return None if says_so or path.unknown or path.error or path.value[1:2] == ":" else path.value


def judge_known(copy: Copy | Add, place: HasSpan, path: str) -> Iterator[Found]:
    """A destination that is a folder already: only the classic builder minds."""
    if len(copy.sources) > 1:
        yield Found(
            place,
            f"several sources go to {path!r}, which works only as the folder is there, and not with the classic "
            "builder: end it with a slash",
            severity=Severity.INFO,
            fixes=(Fix.identical("end it with a slash", slash(place)),),
        )


def matches_several(copy: Copy | Add, context: BuildContext | None) -> bool:
    """Whether the only source is a pattern that takes several files of the context, and no folder first."""
    if context is None or copy.from_ is not None or len(copy.sources) != 1 or copy.sources[0].kind != "glob":
        return False
    taken = context.sources(copy.sources[0].raw)
    return len(taken) > 1 and not any(one.entry is None or one.entry.kind == "dir" for one in taken)


def may_be_folder(copy: Copy | Add, context: BuildContext | None) -> bool:
    """Whether the first source may make a folder of the destination: a folder, or an archive that ADD unpacks."""
    first = copy.sources[0]
    if isinstance(copy, Add) and ARCHIVE.search(first.raw):
        return True
    taken = context.sources(first.raw) if context is not None and first.kind in ("local", "glob") else ()
    if taken:
        return any(one.entry is None or one.entry.kind == "dir" for one in taken)
    return first.heredoc is None and "." not in first.raw.rpartition("/")[2][1:]


def slash(place: HasSpan) -> Edit:
    """A slash at the end of a word, inside of its quotes."""
    text = place.span.text
    inner = place.span.sub(0, len(text) - 1) if text[-1:] in ("'", '"') else place.span
    return Edit.after(inner, "/")
