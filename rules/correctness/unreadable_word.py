"""A word that the builder can't read: a quote is never closed, or a `${...}` is none that it knows.

In ENV, LABEL, ARG, COPY, WORKDIR and others the builder itself takes quotes away and puts values in. It
knows `${name}`, `${name:-word}`, `:+`, `:?`, the same without the colon, and `#`, `%`, `/` with a pattern;
what a shell knows besides (`${name^^}`, `${array[0]}`, `${name:0:3}`) stops the build. So does an
apostrophe, as it opens a quote.

```dockerfile bad
FROM debian:12.8-slim
LABEL description=cook's
#                     ^
```

```dockerfile bad
FROM debian:12.8-slim
ENV LEVEL=${LOG_LEVEL:info}
#         ^^^^^^^^^^^^^^^^^
```

```dockerfile fixed
FROM debian:12.8-slim
ENV LEVEL=${LOG_LEVEL:-info}
#         ^^^^^^^^^^^^^^^^^
```

```dockerfile bad
FROM debian:12.8-slim
COPY <<EOF /usr/local/bin/greet
echo "${1^^}"
#     ^^^^^^
EOF
```

```dockerfile good
FROM debian:12.8-slim
ENV LEVEL=${LOG_LEVEL:-info} PRICE='5$' MOTTO="it's fine"
COPY <<'EOF' /usr/local/bin/greet
echo "${1^^}"
EOF
RUN echo "${HOSTNAME^^}"
CMD echo "${GREETING:0:3}"
```

Quiet: RUN, CMD, ENTRYPOINT and HEALTHCHECK, whose text a shell reads. In a stage that the target does not
need the build does not come to the word, so it is a warning there. The fix is unsafe: it writes what was
probably meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Edit, Fix, Found, Problem, Severity, rule


@rule(
    "DG716",
    "unreadable-word",
    severity="error",
    peers=("DL1000", "UNSUPPORTED_MODIFIER", "SYNTAX_MISSING_DOUBLE_QUOTE", "SYNTAX_MISSING_SINGLE_QUOTE"),
)
def check(problem: Problem) -> Iterator[Found]:
    """Visit the words that can't be expanded."""
    if problem.kind != "bad-substitution":
        return
    meant = problem.suggestion
    yield Found(
        problem,
        problem.message,
        severity=None if problem.refused else Severity.WARNING,
        fixes=(Fix.unsafe(f"write {meant}", Edit.replace(problem, meant)),) if meant else (),
    )
