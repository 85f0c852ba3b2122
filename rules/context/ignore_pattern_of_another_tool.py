"""A line that says something to git or to a shell, and something else, or nothing, to Docker.

- `[!x]` is a set that holds `!` and `x`; all but `x` is `[^x]`.
- `{a,b}` are those five characters; Docker wants two lines.
- `!*/` lets in everything that lies in the context, not its folders alone: a slash at the end means nothing.
- `[id]` is a set of two letters, and not the folder of that name.
- `docs\\build` is `docs` with an escape behind it; folders are separated by `/`, on Windows too.
- `"dist"` is a name with quotes, `dist coverage` one name with a blank in it.
- `@(a|b)` is no choice, `src**` is everything that starts with `src`, and `**modules` all that ends so.
- `build/` drops a file of that name as well as a folder.

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

Quiet where a file is called exactly so, and where a wider reading drops nothing more than the one that is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.api import BuildContext, Confidence, Found, IgnoreEffects, IgnorePattern, Severity, regex, rule

BRACES = regex(r"\{[^{}/]*,[^{}/]*\}")
CHOICE = regex(r"[@?+!*]\([^()]*\|[^()]*\)")
NEGATION = regex(r"\[![^\]]+\]")
SET = regex(r"\[([^\]!^-][^\]-]*)\]")
QUOTED = regex(r"(['\"])(.+)\1\Z")
BACKSLASH = regex(r"\\\w")
SHOWN = 2


@rule(
    "DG212", "ignore-pattern-of-another-tool", no_fix="a line that begins to work drops files that builds got until now"
)
def check(pattern: IgnorePattern, effects: IgnoreEffects, context: BuildContext) -> Iterator[Found]:
    """Visit every line."""
    text = pattern.text
    if pattern.fault or (context.get(text) is not None and "[" not in text):
        yield from slash_at_the_end(pattern, effects)
    elif NEGATION.search(text):
        yield Found(pattern, "`[!...]` is no negation here, but a set with `!` in it: write `[^...]`")
    elif pattern.negated and text == "*" and pattern.span.text.rstrip().endswith("/"):
        yield Found(pattern, "lets in everything, files too: a slash at the end does not mean folders only")
    elif effects.of(pattern).matches:
        yield from slash_at_the_end(pattern, effects)
        yield from too_wide(pattern, effects)
    elif SET.search(text):
        yield from literal_brackets(pattern, context)
    else:
        yield from without_match(pattern, effects, context)


def slash_at_the_end(pattern: IgnorePattern, effects: IgnoreEffects) -> Iterator[Found]:
    """`build/` where a file is called `build`."""
    if not pattern.span.text.rstrip().endswith("/") or pattern.negated or pattern.fault:
        return
    files = [entry.path for entry in effects.of(pattern).matches if entry.kind != "dir" and not entry.kept]
    if files:
        yield Found(
            pattern,
            f"drops {said(files)} too: a slash at the end does not mean folders only",
            severity=Severity.INFO,
        )


def too_wide(pattern: IgnorePattern, effects: IgnoreEffects) -> Iterator[Found]:
    """`**x` and `x**`, which stop at no slash, where that takes in more than the name `x`."""
    text = pattern.text
    name = text.strip("*")
    if pattern.negated or not re.fullmatch(r"[\w-][\w.-]*", name) or text not in (f"**{name}", f"{name}**"):
        return
    ends = text.startswith("*")
    paths = [entry.path for entry in effects.of(pattern).matches if not entry.kept]
    others = [path for path in paths if name not in path.split("/") and (not ends or "." not in name)]
    if others:
        meant = f"**/{name}" if ends else name
        yield Found(
            pattern,
            f"drops {said(others)} too: `{text}` is all that {'ends' if ends else 'starts'} so; "
            f"for what is called {name} write `{meant}`",
            severity=Severity.INFO,
        )


def literal_brackets(pattern: IgnorePattern, context: BuildContext) -> Iterator[Found]:
    """`[id]` where a folder is called so."""
    literal = context.get(pattern.text)
    if literal is not None and literal.path == pattern.text:
        escaped = pattern.text.replace("[", "\\[")
        yield Found(
            pattern,
            f"the brackets are a set of characters, so {pattern.text} itself is not matched: write {escaped}",
        )


def without_match(pattern: IgnorePattern, effects: IgnoreEffects, context: BuildContext) -> Iterator[Found]:
    """Lines that match nothing, and would in another language."""
    text = pattern.text
    quoted = QUOTED.match(text)
    words = text.split()
    if BRACES.search(text):
        yield Found(
            pattern,
            "`{a,b}` is no choice here, but these very characters, so nothing is matched: write a line for each",
        )
    elif CHOICE.search(text):
        yield Found(
            pattern,
            "`(a|b)` is no choice here, but these very characters, so nothing is matched: write a line for each",
        )
    elif BACKSLASH.search(text):
        meant = text.replace("\\", "/")
        yield Found(
            pattern,
            f"a backslash escapes here, it separates no folders, so nothing is matched: write {meant}",
            confidence=Confidence.HIGH if context.get(meant) is not None else Confidence.MEDIUM,
        )
    elif quoted:
        yield Found(pattern, f"the quotes are a part of the name, so nothing is matched: write {quoted[2]}")
    elif len(words) > 1 and "#" not in text and all(is_there(word, context) for word in words):
        yield Found(
            pattern,
            f"is one name with a blank in it, not {len(words)} names, so nothing is matched: write a line for each",
        )


def is_there(word: str, context: BuildContext) -> bool:
    """Whether a word by itself names something of the context."""
    found = context.get(word.strip("/"))
    return found is not None and found.path == word.strip("/")


def said(paths: list[str]) -> str:
    """The first few paths, and how many more there are."""
    more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
    return ", ".join(paths[:SHOWN]) + more
