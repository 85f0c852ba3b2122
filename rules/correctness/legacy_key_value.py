"""ENV or LABEL in the old form without `=`: all behind the first blank is the value.

`ENV A=1 B=2` sets two variables, `ENV A 1 B=2` one, whose value is `1 B=2`. BuildKit warns of it in every build
(`LegacyKeyValueFormat`).

```dockerfile bad
FROM debian:12.8-slim
ENV APP_HOME /srv/app
#   ^^^^^^^^^^^^^^^^^
```

```dockerfile fixed
FROM debian:12.8-slim
ENV APP_HOME=/srv/app
#   ^^^^^^^^^^^^^^^^^
```

```dockerfile bad
FROM debian:12.8-slim
ENV GREETING hello, world
```

```dockerfile fixed
FROM debian:12.8-slim
ENV GREETING="hello, world"
```

```dockerfile good
FROM debian:12.8-slim
ENV APP_HOME=/srv/app GREETING="hello, world"
LABEL version="1.0"
```

The fix leaves the image as it is. None for a value of several words with quotes or
backslashes among them, and for one that goes over several lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.api import Edit, Env, Fix, Found, KeyValue, Label, Word, rule

ONE_WORD = re.compile(r"""(?:"[^"\\\n]*"|'[^'\\\n]*'|[^\s"'\\`])+""")
QUOTABLE = re.compile(r"""[^"'\\`\n\r]+""")
NAME = re.compile(r"[\w.-]+", re.ASCII)


@rule("DG751", "legacy-key-value", severity="info", peers=("LegacyKeyValueFormat",), onbuild=True)
def check(instruction: Env | Label) -> Iterator[Found]:
    """Visit the instructions that set names."""
    for pair in instruction.pairs:
        if pair.legacy and pair.value is not None:
            yield Found(
                pair,
                f"the old form, whose value goes to the end of the line: write {pair.name}=...",
                fixes=tuple(with_sign(pair, pair.value)),
            )


def with_sign(pair: KeyValue, value: Word) -> Iterator[Fix]:
    """The pair with its `=`, and in quotes where it needs them."""
    text = value.raw
    one = ONE_WORD.fullmatch(text) is not None
    if not NAME.fullmatch(pair.name) or not (one or QUOTABLE.fullmatch(text)) or not pair.span.text.endswith(text):
        return
    quoted = text if one else f'"{text}"'
    yield Fix.identical("write it with =", Edit.replace(pair, f"{pair.name}={quoted}"))
