"""A search path such as PATH or LD_LIBRARY_PATH has an empty or relative element: the current folder.

`/opt/lib:$LD_LIBRARY_PATH` ends in a colon when nothing defines the variable before, and the loader reads the empty
element behind it as the folder that a program is started in. Whoever can write there, by an upload or a mounted
volume, decides which library or program is taken.

```dockerfile bad
FROM debian:12.8-slim
ENV LD_LIBRARY_PATH=/opt/lib:$LD_LIBRARY_PATH
#                           ^^^^^^^^^^^^^^^^^
```

```dockerfile fixed
FROM debian:12.8-slim
ENV LD_LIBRARY_PATH=/opt/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
#                           ^^^^^^^^^^^^^^^^^
```

```dockerfile bad
FROM debian:12.8-slim
ENV PATH=.:$PATH
#        ^
```

```dockerfile good
FROM debian:12.8-slim
ENV PATH=/opt/bin:$PATH
ENV LD_LIBRARY_PATH=/opt/lib
ENV LD_LIBRARY_PATH=/opt/more:$LD_LIBRARY_PATH
ENV PYTHONPATH=/srv${PYTHONPATH:+:$PYTHONPATH}
```

An unknown base image may define the variable: then it is shown with `--pedantic` only. Quiet are variables in which an
empty element means nothing (`PKG_CONFIG_PATH`, `MANPATH`), and Windows.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Base, Confidence, Edit, Env, Fix, Found, KeyValue, Scope, Severity, Stage, rule

# What an empty element means the current folder in: the shell and libc, ld.so, gcc, Python, Perl, Java.
EMPTY_COUNTS = (
    "PATH", "LD_LIBRARY_PATH", "LIBRARY_PATH", "CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "PYTHONPATH",
    "PERL5LIB", "CLASSPATH",
)  # fmt: skip
GRAVE = ("PATH", "LD_LIBRARY_PATH")


@rule("DG743", "search-path-with-current-folder", severity="info")
def check(env: Env, scope: Scope, stage: Stage, base: Base | None) -> Iterator[Found]:
    """Visit the ENVs, and look at the pairs that set a search path."""
    for pair in env.pairs:
        if pair.name in EMPTY_COUNTS and pair.value is not None and scope.escape != "`" and stage.ships:
            yield from judged(pair, scope, base)


def judged(pair: KeyValue, scope: Scope, base: Base | None) -> Iterator[Found]:
    """What is wrong with one search path."""
    assert pair.value is not None
    raw = pair.value.raw
    expanded = scope.expand(raw)
    if expanded.error or ";" in expanded.value:
        return
    elements = expanded.value.split(":")
    severity = Severity.WARNING if pair.name in GRAVE else None
    for name in (".", "./"):
        at = f":{raw.strip(QUOTES)}:".find(f":{name}:")
        if at >= 0:
            start = at + len(raw) - len(raw.lstrip(QUOTES))
            place = pair.value.span.sub(start, start + len(name))
            yield Found(place, f"{pair.name} holds {name!r}: {RISK}", severity=severity)
            return
    if "" not in elements or not expanded.value:
        return
    if expanded.unknown:
        yield from appended(pair, expanded.unknown, scope, base, severity)
    else:
        yield Found(
            pair.value, f"{pair.name} has an empty element, which is the current folder: {RISK}", severity=severity
        )


QUOTES = "\"'"
RISK = "what lies in the folder that a program is started in is taken for its own"


def appended(
    pair: KeyValue, unknown: tuple[str, ...], scope: Scope, base: Base | None, severity: Severity | None
) -> Iterator[Found]:
    """An empty element that stands for a variable without a value; a base image may give it one."""
    assert pair.value is not None
    name = pair.name
    env = base.env if base is not None else None
    if unknown != (name,) or scope.is_defined(name) or (env is not None and name in env):
        return
    for written in (f"${{{name}}}", f"${name}"):
        for text, cure in ((f":{written}", f"${{{name}:+:${name}}}"), (f"{written}:", f"${{{name}:+${name}:}}")):
            at = pair.value.raw.find(text)
            if at < 0 or pair.value.raw.count(written) != 1:
                continue
            place = pair.value.span.sub(at, at + len(text))
            yield Found(
                place,
                f"nothing defines {name} before, so an empty element is left, which is the current folder: {RISK}",
                severity=severity,
                confidence=Confidence.HIGH if env is not None else Confidence.LOW,
                fixes=(Fix.unsafe("add the colon only with a value", Edit.replace(place, cure)),),
            )
            return
