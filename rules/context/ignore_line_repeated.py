"""A line of the ignore file that stands there already.

The builder goes through the lines in order, and a line that comes again changes nothing unless an exception
(`!`) stands between the two.

```context
Dockerfile = FROM node:22.11.0\\nCOPY . .
package.json = {}
```

```dockerignore bad
node_modules
dist
node_modules/
# <- ^^^^^^^^^^^^^
```

```dockerignore fixed
node_modules
dist
# <- ^^^^^^^^^^^^^
```

A slash at the end, or in front, makes no difference to the builder. Quiet where a line of the other kind stands
between the two: then the second one may take back what the first did not.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Edit, Fix, Found, IgnoreFile, IgnorePattern, rule


@rule("DG215", "ignore-line-repeated", severity="hint")
def check(ignore: IgnoreFile) -> Iterator[Found]:
    """Visit every ignore file."""
    first: dict[str, IgnorePattern] = {}
    negated = False
    for pattern in ignore.patterns:
        if pattern.negated != negated:
            first.clear()
            negated = pattern.negated
        known = first.setdefault(pattern.text, pattern)
        if known is not pattern:
            yield Found(
                pattern,
                f"says again what line {known.span.start_line} says",
                related=((known, "said here"),),
                fixes=(Fix.identical("remove the line", Edit.delete_line(pattern)),),
            )
