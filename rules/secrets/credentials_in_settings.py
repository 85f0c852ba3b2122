"""A command that keeps its settings is told a credential: it writes it to a file that stays in the image.

`npm config set`, `git config`, `pip config set`, `aws configure set` and the like write what they are told to a file
of the home folder or of the project. It lies in the layer of that RUN, whatever a later one removes.

```dockerfile bad
FROM golang:1.23.3
ARG GITHUB_TOKEN
RUN git config --global url."https://x:${GITHUB_TOKEN}@github.com/".insteadOf "https://github.com/"
#   ^^^
RUN go mod download && rm /root/.gitconfig
```

Mount the settings for the one command that needs them, or undo them in the same RUN. Build with
`docker build --secret id=gitconfig,src=...`

```dockerfile good
FROM golang:1.23.3
RUN --mount=type=secret,id=gitconfig,target=/root/.gitconfig go mod download
```

Not reported where the same RUN removes the file, and in stages that do not ship. `docker login` has a page of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, ValueFlow, rule


@rule(
    "DG117",
    "credentials-in-settings",
    severity="error",
    peers=("DS-0031", "DS031"),
    no_fix="each tool has a way of its own to take credentials for one command only, and some have none",
)
def check(flow: ValueFlow) -> Iterator[Found]:
    """Visit the values, and name the settings that commands keep them in."""
    for sink in flow.files("settings"):
        hidden = ((sink.removed.place, "removed here"),) if sink.removed else ()
        yield Found(
            sink,
            f"{sink.place.text} keeps {flow.value.name!r} in {sink.path!r}, which {sink.outcome}: "
            "expected the file as a secret mount",
            related=((flow.value.place, "handed over here"), *hidden),
            confidence=flow.confidence(sink),
            claim=sink.claim,
        )
