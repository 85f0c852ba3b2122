"""A line of the ignore file drops a name in the root of the context only, and the same name passes deeper down.

In `.gitignore` a name without a slash holds at every depth. In an ignore file of Docker it is a path from
the root of the context: `node_modules` says nothing about `web/node_modules`.

```context
Dockerfile = FROM node:22.11.0\\nCOPY . .
package.json = {}
node_modules/a/index.js = 1
web/node_modules/b/index.js = 1
```

```dockerignore bad
node_modules
# <- ^^^^^^^^^^^^
```

Two stars and a slash in front make it hold everywhere, the root included:

```dockerignore fixed
**/node_modules
# <- ^^^^^^^^^^^^
```

Quiet where no build takes what lies deeper, and where a COPY names it: then it is wanted. For names that say
nothing about what they hold (`README.md`, `docs`) this is a hint for `--pedantic`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Confidence, ContextFile, Edit, Fix, Found, IgnoreEffects, IgnorePattern, Severity, Taken, rule

JUNK = frozenset(
    (
        *("node_modules", "bower_components", ".venv", "venv", ".git", ".svn", ".hg", ".tox", ".nox", ".gradle"),
        *("__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".terraform", ".next", ".nuxt", ".turbo"),
        *(".parcel-cache", ".nyc_output", ".DS_Store", "Thumbs.db", "npm-debug.log", "yarn-error.log"),
        *("*.pyc", "*.pyo", "*.pyd", "*.py[cod]", "*.log", "*.tmp", "*.swp", "*.egg-info", "*.class"),
    )
)
SECRET = frozenset((".env", ".env.*", ".env*", "*.env", "*.pem", "*.key", ".netrc", ".aws", ".ssh"))
SHOWN = 3


@rule("DG210", "ignore-pattern-only-matches-root")
def check(pattern: IgnorePattern, effects: IgnoreEffects, taken: Taken) -> Iterator[Found]:
    """Visit the lines without a slash."""
    passing = [entry for entry in effects.deeper.get(pattern.index, ()) if taken.takes(entry.path)]
    if not passing or pattern.span.text.startswith(("/", "./")):
        return
    if any(taken.naming(entry.path) is not None for entry in passing):
        return
    known = pattern.text in JUNK or pattern.text in SECRET
    everywhere = f"**/{pattern.span.text.strip()}"
    fix = Fix.unsafe("match it at every depth", Edit.replace(pattern, everywhere))
    yield Found(
        pattern,
        f"matches in the root of the context only: {said(passing)} {'passes' if len(passing) == 1 else 'pass'}; "
        f"for every depth write {everywhere}",
        severity=None if known else Severity.INFO,
        confidence=Confidence.HIGH if known else Confidence.LOW,
        fixes=(fix,),
    )


def said(entries: list[ContextFile]) -> str:
    """The first few paths, and how many more there are."""
    more = len(entries) - SHOWN
    paths = ", ".join(entry.path for entry in (entries if more <= 1 else entries[:SHOWN]))
    return f"{paths} and {more} more" if more > 1 else paths
