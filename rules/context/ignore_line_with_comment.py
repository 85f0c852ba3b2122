"""A comment behind a pattern: the builder takes it as a part of the pattern, which then matches nothing.

Ignore files know comments on lines of their own only, with the `#` in the first column.

```context
Dockerfile = FROM node:22.11.0\\nCOPY . .
node_modules/a/index.js = 1
package.json = {}
```

```dockerignore bad
node_modules # installed anew in the image
# <- ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
```

```dockerignore fixed
# installed anew in the image
node_modules
# <- ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
```

```dockerignore good
# installed anew in the image
node_modules
```

Quiet where a file of such a name exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.api import Edit, Fix, Found, IgnoreEffects, IgnorePattern, regex, rule

COMMENT = regex(r"(?P<pattern>\S.*?)[ \t]+(?P<comment>#.*)", re.DOTALL)


@rule("DG211", "ignore-line-with-comment")
def check(pattern: IgnorePattern, effects: IgnoreEffects | None) -> Iterator[Found]:
    """Visit every line."""
    match = COMMENT.fullmatch(pattern.span.text)
    if match is None or (effects is not None and effects.of(pattern).matches):
        return
    if match["pattern"].startswith("#"):
        yield Found(pattern, "is a pattern, not a comment: a comment has its `#` in the first column")
        return
    yield Found(
        pattern,
        f"the comment is a part of the pattern, so {match['pattern']} is not matched: give it a line of its own",
        fixes=tuple(own_line(pattern, match["comment"], match["pattern"])),
    )


def own_line(pattern: IgnorePattern, comment: str, text: str) -> Iterator[Fix]:
    """The comment above the pattern; not where blanks in front would make it a pattern again."""
    source = pattern.span.source
    if source.column_of(pattern.span.start) == 1:
        end = "\r\n" if "\r\n" in source.text else "\n"
        yield Fix.unsafe("give the comment a line of its own", Edit.replace(pattern, f"{comment}{end}{text}"))
