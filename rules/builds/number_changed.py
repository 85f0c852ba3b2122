"""A number without quotes turns into other text before it reaches the build: `3.10` becomes `3.1`.

YAML reads it as a number, and Compose writes that number anew: zeros at the end go, a zero in front means octal,
many digits become `1e+06`.

```context
Dockerfile = ARG PYTHON_VERSION=3.12\\nFROM python:${PYTHON_VERSION}-slim\\nARG MODE\\nARG N\\nARG D\\nUSER 1000
```

```yaml bad
services:
  web:
    build:
      context: .
      args:
        PYTHON_VERSION: 3.10
#                       ^^^^
```

```yaml fixed
services:
  web:
    build:
      context: .
      args:
        PYTHON_VERSION: "3.10"
#                       ^^^^
```

```yaml good
services:
  web:
    build:
      context: .
      args:
        PYTHON_VERSION: 3.12
        MODE: "0755"
        N: 8
        D: 2024.1.1
```

The fix is unsafe, because the build gets another value than before. It is the list form (`- PYTHON_VERSION=3.10`)
that takes texts as they are.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Edit, Fix, Found, Invocation, rule


@rule("DG737", "number-changed")
def check(invocation: Invocation) -> Iterator[Found]:
    """Visit every build that a file describes."""
    for problem in invocation.problems:
        if problem.kind == "number-changed":
            fix = Fix.unsafe("quote it", Edit.replace(problem.span, f'"{problem.span.text}"'))
            yield Found(problem.span, problem.message, fixes=(fix,))
