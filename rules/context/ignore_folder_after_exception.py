"""A folder is named after an exception that reaches into it, and files in it pass all the same.

The builder does not compare a line with a path that is dropped already, and a line that was not compared with
a folder does not hold for what lies in it. So after `*` and `!**/*.js` the line `node_modules` is passed
over at the folder, and compared with `node_modules/a/b.js` as a whole, which it does not match: the file is
in the context. Docker Engine 26 lists such files and does not open them: they arrive empty, which breaks what
should not have been there in the first place. A builder without that step sends them whole.

```context
Dockerfile = FROM node:22.11.0\\nCOPY . .
server.js = console.log(1)
node_modules/a/index.js = module.exports = 1
node_modules/b/index.js = module.exports = 2
```

```dockerignore bad
*
!**/*.js
node_modules
# <- ^^^^^^^^^^^^
```

With `/**` behind it the line speaks about everything in the folder:

```dockerignore fixed
*
!**/*.js
node_modules/**
# <- ^^^^^^^^^^^^
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import ContextFile, Edit, Fix, Found, IgnoreEffects, IgnorePattern, rule

SHOWN = 3


@rule("DG220", "ignore-folder-after-exception")
def check(pattern: IgnorePattern, effects: IgnoreEffects) -> Iterator[Found]:
    """Visit every line that drops something."""
    passing = effects.of(pattern).shown
    if not passing:
        return
    exception = next((entry.pattern for entry in passing if entry.pattern is not None), None)
    shown = pattern.span.text.rstrip("/")
    yield Found(
        pattern,
        f"{len(passing)} file{'s' if len(passing) > 1 else ''} below it "
        f"{'pass' if len(passing) > 1 else 'passes'} all the same ({said(passing)}): "
        f"the builder passes this line over on a folder that is dropped already; write {shown}/**",
        related=((exception, "this exception lets them in"),) if exception is not None else (),
        fixes=(Fix.unsafe("speak about all that lies in it", Edit.replace(pattern, f"{shown}/**")),),
    )


def said(entries: list[ContextFile]) -> str:
    """The first few paths, and how many more there are."""
    more = len(entries) - SHOWN
    paths = ", ".join(entry.path for entry in (entries if more <= 1 else entries[:SHOWN]))
    return f"{paths} and {more} more" if more > 1 else paths
