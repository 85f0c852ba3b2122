r"""A RUN prints a mounted secret: the log of the build holds it, and CI keeps logs.

A mount leaves nothing in the image, but the output of a RUN goes to the terminal, to the log of the CI job and to
every service that collects it. `set -x` prints each command with its variables and `$(cat ...)` replaced.

```dockerfile bad
FROM debian:12.8-slim
RUN --mount=type=secret,id=api_token set -ex; \
    curl -fsSLO -H "Authorization: Bearer $(cat /run/secrets/api_token)" https://example.com/internal.tgz
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
```

```dockerfile good
FROM debian:12.8-slim
RUN --mount=type=secret,id=curlrc set -ex; \
    curl -fsSLO -K /run/secrets/curlrc https://example.com/internal.tgz
```

Switch `set -x` off around such a command, or hand the program the file. Not reported is what goes into a file or on
to another program.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Confidence, Found, ValueFlow, rule


@rule(
    "DG131",
    "secret-in-build-log",
    no_fix="what prints may be what the step is for; the secret has to be revoked, as logs are kept",
)
def check(flow: ValueFlow) -> Iterator[Found]:
    """Visit the secret mounts, and name the commands that print one."""
    if flow.value.kind != "mount":
        return
    for sink in flow.reaches("log"):
        how = "`set -x` prints this command with" if sink.way == "traced" else "this command prints"
        yield Found(
            sink,
            f"{how} secret {flow.value.name!r}: the log of the build keeps it",
            related=((flow.value.place, "mounted here"),),
            confidence=Confidence.HIGH if sink.certain else Confidence.MEDIUM,
        )
