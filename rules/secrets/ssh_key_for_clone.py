"""An SSH key is copied or written into a stage so that git can fetch with it: expected an SSH mount.

The key stays in the layer, whatever a later RUN removes. In a stage that does not ship it stays in build caches,
which are often shared. An SSH mount lends the agent of whoever builds, for one command, and no key is ever a file of
the build: `docker build --ssh default .`

```dockerfile bad
FROM node:22.11.0-slim AS build
ARG SSH_PRIVATE_KEY
RUN mkdir -p ~/.ssh && echo "${SSH_PRIVATE_KEY}" > ~/.ssh/id_rsa && chmod 600 ~/.ssh/id_rsa
#                                                  ^^^^^^^^^^^^^
RUN git clone git@github.com:example/private.git /src
FROM node:22.11.0-slim
COPY --from=build /src /src
```

```dockerfile good
FROM node:22.11.0-slim AS build
RUN mkdir -p ~/.ssh && ssh-keyscan github.com >> ~/.ssh/known_hosts
RUN --mount=type=ssh git clone git@github.com:example/private.git /src
FROM node:22.11.0-slim
COPY --from=build /src /src
```

A key that COPY brings is reported where a RUN behind it uses git or ssh; any key that reaches the image is the
matter of DG102 as well. A key that the same RUN removes again is no finding here. In a stage that does not ship the
finding is an information.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Confidence, Found, Severity, Sink, StageCommands, ValueFlow, regex, rule

_FETCHES = regex(r"git@|ssh://|ssh-(?:keyscan|agent|add)\b|GIT_SSH|StrictHostKeyChecking|\bgit\s+(?:clone|fetch|pull)")
_WRITTEN = {"mount": "secret {0!r}", "arg": "the value of {0!r}", "env": "the value of {0!r}", "file": "SSH key {0!r}"}


@rule("DG115", "ssh-key-for-clone", no_fix="whoever runs the build has to give an agent, and the key has to be revoked")
def check(flow: ValueFlow, commands: StageCommands | None) -> Iterator[Found]:
    """Visit the values, and name the files of `.ssh` that hold one."""
    written = first_of_each_place(flow)
    if not written or (flow.value.kind == "file" and not fetches_behind(flow, commands)):
        return
    for sink in written:
        verb = "is copied" if flow.value.kind == "file" else "is written"
        where = sink.outcome if sink.ships else "stays in the build cache"
        yield Found(
            sink,
            f"{_WRITTEN[flow.value.kind].format(flow.value.name)} {verb} to {sink.path!r} and {where}: "
            "expected RUN --mount=type=ssh",
            related=((sink.removed.place, "removed here"),) if sink.removed else (),
            severity=None if sink.ships else Severity.INFO,
            confidence=Confidence.MEDIUM if flow.value.by_place else flow.confidence(sink),
            claim=sink.claim,
        )


def first_of_each_place(flow: ValueFlow) -> list[Sink]:
    """The files of `.ssh` that this stage's words put there, one for each word, shipped or not."""
    found: dict[int, Sink] = {}
    for sink in flow.reaches("layer"):
        if sink.way == "ssh key" and sink.stage == flow.value.stage:
            found.setdefault(sink.place.start, sink)
    return list(found.values())


def fetches_behind(flow: ValueFlow, commands: StageCommands | None) -> bool:
    """Whether a later RUN of the stage uses git or ssh."""
    scripts = commands.scripts if commands else ()
    return any(run.index > flow.instruction.index and _FETCHES.search(run.span.text) for run, _ in scripts)
