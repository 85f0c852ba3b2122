"""An ignore file, or a line of it, in another encoding than UTF-8: its patterns match nothing.

Windows PowerShell 5 writes UTF-16 when output is redirected (`echo node_modules > .dockerignore`). The builder reads
every file as UTF-8. In UTF-16 there is a NUL byte beside each letter, so that no line is the name of anything;
and the build goes on without a word: all that the file is to keep out is copied.

The same happens to a line that starts with an invisible character, such as the byte order mark (BOM) of a file that
was appended to another one, and to names with umlauts or accents that were saved as Latin-1. A byte order mark of
UTF-8 at the very start of the file is fine.

```context
Dockerfile = FROM node:22.11.0\\nCOPY . .
.gitignore = dist
node_modules/a/index.js = 1
```

```dockerignore bad
dist
\ufeffnode_modules
# <- ^^^^^^^^^^^^^
```

```dockerignore good
dist
node_modules
```

In PowerShell, `"node_modules" | Out-File -Encoding utf8 .dockerignore` writes what the builder reads. UTF-16 without a
byte order mark ends the build of Docker Engine 26 instead (DG217 tells of single control characters).
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, IgnoreFile, IgnorePattern, Severity, regex, rule

WIDE = regex("\udcff\udcfe|\udcfe\udcff")  # the marks of UTF-16, bytes that are no UTF-8
INVISIBLE = {"\ufeff": "a byte order mark", "\u200b": "a zero width space", "\u2060": "a word joiner"}
HALF_NUL = 0.3  # the share of NUL characters in UTF-16 text is near a half


@rule(
    "DG221",
    "ignore-file-encoding",
    severity="error",
    no_fix="the whole file has to be written in another encoding, and a fix edits places of a text",
)
def check(ignore: IgnoreFile) -> Iterator[Found]:
    """Visit every ignore file."""
    text = ignore.source.text if ignore.source is not None else ""
    if not ignore.patterns:
        return
    if WIDE.match(text):
        yield Found(
            ignore.patterns[0],
            "the file is UTF-16, which the builder reads as UTF-8: no line of it matches anything, so nothing is "
            "dropped; save it as UTF-8",
        )
    elif text.count("\0") > HALF_NUL * len(text):
        yield Found(
            ignore.patterns[0],
            "the file is UTF-16 without a byte order mark, which the builder reads as UTF-8: Docker Engine 26 ends "
            "every build, complaining of non-printable characters; save it as UTF-8",
        )
    else:
        for pattern in ignore.patterns:
            yield from of_line(pattern)


def of_line(pattern: IgnorePattern) -> Iterator[Found]:
    """What a single line holds."""
    seen = INVISIBLE.get(pattern.text[:1]) or INVISIBLE.get(pattern.text[-1:])
    if seen is not None:
        code = next(char for char in (pattern.text[0], pattern.text[-1]) if char in INVISIBLE)
        yield Found(
            pattern,
            f"an invisible character (U+{ord(code):04X}, {seen}) is a part of the pattern, which matches nothing "
            "without it: type the line anew",
            severity=Severity.WARNING,
        )
    elif any("\udc80" <= char <= "\udcff" for char in pattern.span.text):
        yield Found(
            pattern,
            "holds bytes that are not UTF-8 (Latin-1, perhaps), so it does not match the name that is meant: "
            "save the file as UTF-8",
            severity=Severity.WARNING,
        )
