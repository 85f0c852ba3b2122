"""An exception (`!`) that lets nothing in.

Nothing of that name is there; or nothing above the line drops it; or a later line drops it again; or the builder
never looks into the folder that it lies in. In a list of what is allowed (`*`, then `!` lines) the build lacks
what the author believes to be let in.

```context
Dockerfile = FROM node:22.11.0\\nCOPY . .
src/index.js = 1
Readme.md = x
```

```dockerignore bad
*
!src
!README.md
# <- ^^^^^^^^^^
```

```dockerignore good
*
!src
!Readme.md
```

What is not there at all is a hint for `--pedantic`, as the next checkout may have it, unless a name differs in
its letters' case only. Nothing is said of folders that the builder does not enter.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import BuildContext, Confidence, Found, IgnoreEffects, IgnorePattern, Severity, rule


@rule(
    "DG216", "exception-without-effect", no_fix="the line is meant to let something in, and what that is, is not known"
)
def check(pattern: IgnorePattern, effects: IgnoreEffects, context: BuildContext) -> Iterator[Found]:
    """Visit every exception."""
    if not pattern.negated or not effects.known or pattern.fault:
        return
    effect = effects.of(pattern)
    if not effect.matches:
        yield from absent(pattern, effects)
        return
    if effect.decides or any(entry.kept and entry.pattern is pattern for entry in context.files):
        return
    later = [number for number in effect.overruled if number > pattern.index]
    if later and len(later) == len(effect.overruled):
        line = context.ignore.patterns[later[0]]
        yield Found(
            pattern,
            f"lets nothing in: line {line.span.start_line} drops it again, and later lines win",
            related=((line, "dropped again here"),),
        )
    elif not any(not other.negated for other in context.ignore.patterns[: pattern.index]):
        yield Found(pattern, "lets nothing in: no line above it drops anything", severity=Severity.INFO)
    elif set(effect.overruled) == {-1}:
        yield Found(
            pattern, "lets nothing in: no line above drops it", severity=Severity.HINT, confidence=Confidence.LOW
        )


def absent(pattern: IgnorePattern, effects: IgnoreEffects) -> Iterator[Found]:
    """What to say of an exception that matches nothing that is there."""
    if effects.may_match_unseen(pattern):
        return
    other = effects.other_case(pattern)
    if other is not None:
        yield Found(pattern, f"lets nothing in: {other.path} is spelled otherwise, and letter case counts")
    else:
        yield Found(
            pattern,
            "lets nothing in: nothing of that name is there",
            severity=Severity.HINT,
            confidence=Confidence.LOW,
        )
