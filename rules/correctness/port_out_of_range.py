"""EXPOSE names a port that does not exist, or maps it to a port of the host.

Ports go from 1 to 65535, protocols are tcp, udp and sctp: the builder refuses the rest. `8080:80` looks
as if it published the port; only `docker run -p 8080:80` does, and BuildKit wants to refuse it one day.

```dockerfile bad
FROM nginx:1.27.2
EXPOSE 80800
#      ^^^^^
```

```dockerfile bad
FROM nginx:1.27.2
EXPOSE 8080:80/tcp
#      ^^^^^^^^^^^
```

```dockerfile fixed
FROM nginx:1.27.2
EXPOSE 80/tcp
#      ^^^^^^^^^^^
```

```dockerfile good
FROM nginx:1.27.2
ARG PORT
EXPOSE 80 443/tcp 443/udp 8000-8010 ${PORT}
```

A variable is judged by the value that it has in the file; one without a known value is not judged.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Configured, Edit, Expose, Fix, Found, Problem, Scope, Severity, Word, port_fault, rule

PORTS = ("config", "ExposedPorts")  # buildah keeps what is written, BuildKit the port in small letters


@rule(
    "DG714",
    "port-out-of-range",
    severity="error",
    peers=(
        "DL3011", "DS-0008", "DS008", "ExposeInvalidFormat", "ExposeProtoCasing", "UNIX Ports Out Of Range",
        "invalid-port", "DF040", "INVALID_PORT", "INVALID_PROTO",
    ),
)  # fmt: skip
def check(subject: Expose | Problem, scope: Scope | None) -> Iterator[Found]:
    """Visit the ports that are refused, and every EXPOSE for those that are only odd."""
    if isinstance(subject, Problem):
        if subject.kind == "bad-port":
            yield Found(subject, subject.message, severity=None if subject.refused else Severity.WARNING)
        return
    for port in subject.ports:
        expanded = scope.expand(port.raw) if scope is not None else None
        if expanded is not None and not expanded.unknown and not expanded.error:
            for text in expanded.value.split():
                yield from judge(port, text)


def without_host(word: Word, text: str, container: str) -> Fix:
    """The port of the container alone; that is what BuildKit makes of it anyway."""
    title, edit = f"write {container}", Edit.replace(word, container)
    if "-" in text:
        return Fix.unsafe(title, edit)
    kept, port = (each if "/" in each else f"{each}/tcp" for each in (text, container))
    return Fix.declared(title, edit, differences=(Configured((*PORTS, kept), None), Configured((*PORTS, port), "")))


def judge(word: Word, text: str) -> Iterator[Found]:
    """Look at one port, or range of ports, with what may stand around it."""
    if port_fault(text):
        return  # a Problem says so
    shown = repr(text) if text == word.raw else f"{word.raw!r} is {text!r}, which"
    _, colon, container = text.rpartition(":")
    number, slash, protocol = container.partition("/")
    if colon:
        fixes = (without_host(word, text, container),) if text == word.raw else ()
        message = f"{shown} maps a port of the host, which EXPOSE can't do: only {container!r} counts"
        yield Found(word, message, severity=Severity.WARNING, fixes=fixes)
    elif number in ("0", "0-0"):
        yield Found(word, f"{shown} exposes port 0, which nothing can listen on", severity=Severity.WARNING)
    elif protocol != protocol.lower():
        lower = f"{number}{slash}{protocol.lower()}"
        changed = Configured((*PORTS, text), None), Configured((*PORTS, lower), "")
        fix = Fix.declared(f"write {lower}", Edit.replace(word, lower), differences=changed)
        fixes = (fix,) if text == word.raw else ()
        yield Found(word, f"{shown} has its protocol in upper case", severity=Severity.HINT, fixes=fixes)
