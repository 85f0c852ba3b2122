"""A line of the ignore file whose whole effect another line has already.

```context
Dockerfile = FROM node:22.11.0\\nCOPY . .
package.json = {}
logs/app.log = x
npm.log = x
```

```dockerignore bad
**/*.log
npm.log
# <- ^^^^^^^
```

```dockerignore fixed
**/*.log
# <- ^^^^^^^
```

The context is walked again without the line, and nothing changes in it. Where the other line is the wider one by
what is written, whatever files there are, the line can go; where only the files that are there today make it so,
this is a hint for `--pedantic` without a fix. The same line twice is told by DG215. Quiet about lines that match
nothing, unless they lie in a folder that is not entered as a whole; quiet, too, in files of more than 1,000 lines.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Confidence, Edit, Fix, Found, IgnoreEffects, IgnoreFile, IgnorePattern, fixed_part, rule

EVERYTHING = frozenset(("*", "**", "**/*"))


@rule("DG214", "ignore-line-shadowed", severity="hint")
def check(pattern: IgnorePattern, ignore: IgnoreFile, effects: IgnoreEffects) -> Iterator[Found]:
    """Visit every exclusion."""
    if pattern.negated or pattern.fault:
        return
    if not effects.of(pattern).matches and not effects.is_below_pruned(pattern):
        return
    droppers = effects.without(pattern)
    if droppers is None:
        return
    lines = [other for other in ignore.patterns if not other.negated and not other.fault and other is not pattern]
    if any(other.text == pattern.text for other in lines):
        return
    wider = [other for other in lines if covers(other, pattern)]
    wider = [other for other in wider if other.index < pattern.index or not covers(pattern, other)]
    if wider and not any(may_meet(other, pattern) for other in ignore.patterns if other.negated):
        first = wider[0]
        yield Found(
            pattern,
            f"changes nothing: line {first.span.start_line}, {first.span.text.strip()}, drops all that it matches",
            related=((first, "the wider line"),),
            fixes=(Fix.identical("remove the line", Edit.delete_line(pattern)),),
        )
    elif droppers:
        numbers = ", ".join(str(other.span.start_line) for other in droppers)
        lines_said = f"line{'s' * (len(droppers) > 1)} {numbers}"
        yield Found(
            pattern,
            f"changes nothing today: all that it matches is dropped by {lines_said} as well",
            related=tuple((other, "drops it as well") for other in droppers),
            confidence=Confidence.LOW,
        )


def covers(other: IgnorePattern, pattern: IgnorePattern) -> bool:
    """Whether `other` matches all that `pattern` matches, or a folder above it, whatever files there are."""
    text = pattern.text
    if other.text in EVERYTHING or text.startswith(other.text + "/") or other.text == f"**/{text}":
        return True
    parts = fixed_part(text).split("/")
    return any(other.matches("/".join(parts[:end])) for end in range(1, len(parts) + 1) if parts[0])


def may_meet(exception: IgnorePattern, pattern: IgnorePattern) -> bool:
    """Whether an exception may match what the pattern matches."""
    one, two = fixed_part(exception.text), fixed_part(pattern.text)
    return not one or not two or f"{one}/".startswith(f"{two}/") or f"{two}/".startswith(f"{one}/")
