"""A line that says something to git or to a shell, and something else, or nothing, to Docker.

- `[!x]` is a set that holds `!` and `x`; all but `x` is `[^x]`.
- `{a,b}` are those five characters; Docker wants two lines.
- `!*/` lets in everything that lies in the context, not its folders alone: a slash at the end means nothing.
- `[id]` is a set of two letters, and not the folder of that name.

```context
Dockerfile = FROM node:22.11.0\\nCOPY . .
src/a.log = 1
src/b.tmp = 1
```

```dockerignore bad
**/*.{log,tmp}
# <- ^^^^^^^^^^^^^^
```

```dockerignore good
**/*.log
**/*.tmp
```

Quiet where a file is called exactly so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.api import BuildContext, Found, IgnoreEffects, IgnorePattern, Severity, rule

BRACES = re.compile(r"\{[^{}/]*,[^{}/]*\}")
NEGATION = re.compile(r"\[![^\]]+\]")
SET = re.compile(r"\[([^\]!^-][^\]-]*)\]")


@rule("DG212", "ignore-pattern-of-another-tool")
def check(pattern: IgnorePattern, effects: IgnoreEffects, context: BuildContext) -> Iterator[Found]:
    """Visit every line."""
    text = pattern.text
    if pattern.fault or (context.get(text) is not None and "[" not in text):
        return
    if NEGATION.search(text):
        yield Found(pattern, "`[!...]` is no negation here, but a set with `!` in it: write `[^...]`")
    elif BRACES.search(text) and not effects.of(pattern).matches:
        yield Found(pattern, "`{a,b}` is no choice here, but these very characters: write a line for each")
    elif pattern.negated and text == "*" and pattern.span.text.rstrip().endswith("/"):
        yield Found(pattern, "lets in everything, files too: a slash at the end does not mean folders only")
    else:
        literal = context.get(text) if SET.search(text) else None
        if literal is not None and literal.path == text and literal not in effects.of(pattern).matches:
            escaped = text.replace("[", "\\[")
            yield Found(
                pattern,
                f"the brackets are a set of characters, so {text} itself is not matched: write {escaped}",
                severity=Severity.WARNING,
            )
