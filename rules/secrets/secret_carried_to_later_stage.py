r"""COPY --from takes a file with a credential in it out of an earlier stage, into the image.

What an earlier stage writes stays there, as long as nothing is copied that holds it: `COPY --from=build /root /root`
brings the `.netrc` of the build along, `COPY --from=build /app /app` the `.env` that it wrote.

```dockerfile bad
FROM python:3.12.7 AS build
ARG PYPI_PASSWORD
RUN echo "machine pypi.example.com login ci password ${PYPI_PASSWORD}" > /root/.netrc
RUN pip install --user --index-url https://pypi.example.com/simple ours
FROM python:3.12.7-slim
COPY --from=build /root /root
#                 ^^^^^
```

Take only what the image needs, and do not write the credential down in the first place:

```dockerfile good
FROM python:3.12.7 AS build
RUN --mount=type=secret,id=netrc,target=/root/.netrc \
    pip install --user --index-url https://pypi.example.com/simple ours
FROM python:3.12.7-slim
COPY --from=build /root/.local /root/.local
```

Files of the build context that travel like this are reported by DG102 and DG101.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, ValueFlow, rule

_WAYS = ("file", "ssh key", "git remote", "login", "settings")


@rule(
    "DG114",
    "secret-carried-to-later-stage",
    severity="error",
    no_fix="what else lies in the folder, and is needed of it, is for its author to say",
)
def check(flow: ValueFlow) -> Iterator[Found]:
    """Visit the values, and name the files that COPY --from carries on with them."""
    if flow.value.kind == "file":
        return
    holder = f"secret {flow.value.name!r}" if flow.value.kind == "mount" else f"the value of {flow.value.name!r}"
    for sink in flow.files(*_WAYS, carried=True):
        yield Found(
            sink.hop or sink,
            f"{sink.path!r} holds {holder} from an earlier stage and {sink.outcome}",
            related=((sink.place, "written here"), (flow.value.place, "handed over here")),
            confidence=flow.confidence(sink),
            claim=sink.claim,
        )
