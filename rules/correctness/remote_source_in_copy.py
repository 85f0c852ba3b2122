"""COPY is given a URL or a git repository: only ADD can fetch those.

```dockerfile bad
FROM debian:12.8-slim
COPY https://example.com/app.tar.gz /srv/
#    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
```

```dockerfile fixed
FROM debian:12.8-slim
ADD https://example.com/app.tar.gz /srv/
#    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
```

```dockerfile good
FROM debian:12.8-slim
ADD --checksum=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef https://example.com/app.tar.gz /
COPY github.com/example/app /srv/
```

ADD does not unpack what it downloads. The fix is unsafe, and is not offered where COPY has flags that ADD
does not know.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Copy, Edit, Fix, Found, Instruction, Problem, Severity, rule


@rule("DG725", "remote-source-in-copy", severity="error")
def check(problem: Problem, instruction: Instruction) -> Iterator[Found]:
    """Visit the sources of COPY that lie elsewhere."""
    if problem.kind != "remote-source":
        return
    fixable = isinstance(instruction, Copy) and not any(flag.name in ("from", "parents") for flag in instruction.flags)
    keyword = "add" if instruction.keyword.text.islower() else "ADD"
    yield Found(
        problem,
        problem.message,
        severity=None if problem.refused else Severity.WARNING,
        fixes=(Fix.unsafe(f"write {keyword}", Edit.replace(instruction.keyword, keyword)),) if fixable else (),
    )
