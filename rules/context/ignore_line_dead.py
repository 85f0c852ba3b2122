"""A line of the ignore file that matches nothing in the context.

What the line is meant to keep out is called otherwise, lies elsewhere, or is gone; and a line that is believed to
keep something out is worse than none.

```context
Dockerfile = FROM node:22.11.0\\nCOPY . .
package.json = {}
Backups/2024.sql = x
```

```dockerignore bad
backups
# <- ^^^^^^^
```

```dockerignore fixed
Backups
# <- ^^^^^^^
```

```dockerignore bad
Backups
../private
# <- ^^^^^^^^^^
```

```dockerignore fixed
Backups
# <- ^^^^^^^^^^
```

```dockerignore good
Backups
```

Certain are a name that differs in its letters' case from one that is there, a path that leads out of the context,
and the comment of another language (`// all but the sources`). All else is a hint for `--pedantic`: the
next checkout, or a build, may put there what is absent today (`node_modules`, `dist`, `.env`). Quiet where the line
may match something in a folder that the builder does not enter, and where the context could not be read in full.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Confidence, Edit, Fix, Found, IgnoreEffects, IgnorePattern, IgnoreUse, Severity, regex, rule

# What DG211, DG212, DG217 and DG221 are about.
OTHER_READING = regex(
    r"\[!|\{.*,.*\}|[ \t]#|^#|[@?+!*]\([^)]*\||\\\w|^(['\"]).*\1$|[\0-\x1f\u200b\u2060\ufeff\udc80-\udcff]"
)

COMMENT = regex(r"(//|;|--)[ \t]")


@rule("DG213", "ignore-line-dead", severity="hint")
def check(pattern: IgnorePattern, effects: IgnoreEffects, use: IgnoreUse | None) -> Iterator[Found]:
    """Visit every exclusion."""
    if pattern.negated or pattern.fault or not effects.known or effects.of(pattern).matches:
        return
    if OTHER_READING.search(pattern.span.text) or is_unread(use):
        return
    if pattern.text == ".." or pattern.text.startswith("../"):
        yield Found(
            pattern,
            "matches nothing: what lies outside the context is never in it",
            fixes=(Fix.identical("remove the line", Edit.delete_line(pattern)),),
        )
        return
    if effects.may_match_unseen(pattern):
        return
    other = effects.other_case(pattern)
    if other is None and COMMENT.match(pattern.span.text):
        yield Found(pattern, "is a pattern that matches nothing, not a comment: a comment starts with `#`")
    elif other is None:
        yield Found(pattern, "matches nothing that is there", confidence=Confidence.LOW)
    elif other.kept:
        yield Found(
            pattern,
            f"matches nothing: {other.path} is spelled otherwise, and letter case counts",
            severity=Severity.INFO,
            fixes=(Fix.unsafe("spell it as it is there", Edit.replace(pattern, other.path)),),
        )


def is_unread(use: IgnoreUse | None) -> bool:
    """Whether builds are known near the ignore file, and none reads it: then its context is a guess."""
    return use is not None and not use.readers and bool(use.beside or use.rooted or use.around)
