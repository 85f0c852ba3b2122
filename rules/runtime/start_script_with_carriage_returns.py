"""The script that the container starts with has Windows line ends (CRLF).

The kernel takes the carriage return for a part of the interpreter's name and finds no `/bin/sh\\r`: the container ends
with `no such file or directory`, although the file is there. A shell that is given the script stumbles over every line.

```context
entrypoint.sh [755] = #!/bin/sh\\r\\nset -e\\r\\nexec "$@"\\r
```

```dockerfile bad
FROM debian:12.8-slim
COPY entrypoint.sh /entrypoint.sh
ENTRYPOINT ["/entrypoint.sh"]
#            ^^^^^^^^^^^^^^
```

```dockerfile bad
FROM debian:12.8-slim
WORKDIR /app
COPY . .
CMD sh entrypoint.sh
#      ^^^^^^^^^^^^^
```

```dockerfile good
FROM debian:12.8-slim
COPY entrypoint.sh /entrypoint.sh
RUN sed -i 's/\\r$//' /entrypoint.sh
ENTRYPOINT ["/entrypoint.sh"]
```

Save the file with LF, and let git keep it so: `*.sh text eol=lf` in `.gitattributes`. Quiet where a command may have
changed the content.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.api import Confidence, Found, StartProgram, ViewHolds, regex, rule

# After these a carriage return at the end of the line is a syntax error, or a word that a command refuses.
BREAKS = regex(rb"^(?:set -\S+|\s*(?:then|do|done|fi|esac|else|\{|\})|.*;\s*(?:then|do))\r$", re.M)


@rule(
    "DG745",
    "start-script-with-carriage-returns",
    severity="error",
    no_fix="the file is mostly right in git, and made so by its checkout: `.gitattributes` mends that for good",
)
def check(start: StartProgram) -> Iterator[Found]:
    """Visit the programs that containers start with."""
    head = start.head
    if start.added is None or head is None or not start.sure or b"\0" in head:
        return
    if start.reader:
        wrong = BREAKS.search(head) is not None
        what = f"{start.reader} takes the carriage return at the end of each line for a part of a word"
    else:
        shebang = start.shebang
        wrong = shebang is not None and shebang.endswith("\r")
        named = (shebang or "").strip()
        what = f"the kernel looks for an interpreter named '{named}\\r'"
    if wrong:
        yield Found(
            start.span,
            f"{start.path} has Windows line ends: {what}",
            related=((start.added.entry, "brought by this"),),
            confidence=Confidence.LOW if start.passed else Confidence.HIGH,
            claim=ViewHolds(start.path) if start.stage.ships else None,
        )
