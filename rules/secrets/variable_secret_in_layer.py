r"""A credential from ARG or ENV is written to a file of the image.

The file stays in its layer, also when a later RUN removes it: everybody who can pull the image reads it with
`docker save`. (That the history or the configuration shows the value as well is the matter of DG110 and DG111.)

```dockerfile bad
FROM python:3.12.7-slim
ARG PYPI_PASSWORD
RUN printf '[distutils]\nindex-servers = ours\n[ours]\npassword = %s\n' "$PYPI_PASSWORD" > /root/.pypirc
#                                                                                          ^^^^^^^^^^^^^
RUN python -m build && rm /root/.pypirc
```

Mount the file for the one command that needs it. Build with `docker build --secret id=pypirc,src=$HOME/.pypirc .`

```dockerfile good
FROM python:3.12.7-slim
RUN --mount=type=secret,id=pypirc,target=/root/.pypirc python -m build
```

A file that the same RUN removes again is no finding, and neither is one in a stage that does not ship. What the
container needs at run time is best given to it then: a start script can write the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, ValueFlow, rule


@rule(
    "DG113",
    "variable-secret-in-layer",
    severity="error",
    no_fix="whether the program can do without the file is known to who wrote it",
)
def check(flow: ValueFlow) -> Iterator[Found]:
    """Visit the credentials of ARG and ENV, and name the files of shipped layers that they are written to."""
    if flow.value.kind not in ("arg", "env"):
        return
    for sink in flow.files("file"):
        hidden = ((sink.removed.place, "removed here"),) if sink.removed else ()
        yield Found(
            sink,
            f"the value of {flow.value.name!r} is written to {sink.path!r} and {sink.outcome}: "
            "expected RUN --mount=type=secret",
            related=((flow.value.place, "handed over here"), *hidden),
            confidence=flow.confidence(sink),
            claim=sink.claim,
        )
