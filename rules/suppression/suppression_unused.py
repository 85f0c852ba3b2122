"""A comment silences a finding that does not exist, or names a rule that does not.

Who reads the comment believes that something is wrong here which is not, and one day the comment silences something
that nobody has looked at.

```dockerfile bad
FROM debian:12.8-slim
# dfguard: ignore[DG410,DG411] -- texlive is unusable without its recommended packages
#                 ^^^^^
RUN apt-get update && apt-get install -y --no-install-recommends texlive
USER 1000
```

```dockerfile fixed
FROM debian:12.8-slim
# dfguard: ignore[DG411] -- texlive is unusable without its recommended packages
#                 ^^^^^
RUN apt-get update && apt-get install -y --no-install-recommends texlive
USER 1000
```

```dockerfile bad
FROM debian:12.8-slim
# dfguard: ignore[final-user-rot] -- runs as root on purpose
#                 ^^^^^^^^^^^^^^
USER root
```

Only rules that looked at the file count: with `--select` or without a build context nothing is said of the others, and
nothing at all where the command line says how to build, as another build may need the comment. Where the rule looks at
files of the build context, another checkout may have them: then the confidence is low. Comments of other tools
(`# hadolint ignore=DL3008`) are for those tools, and left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Confidence, Fix, Found, UnusedWord, rule


@rule("DG802", "suppression-unused", severity="info")
def check(unused: UnusedWord) -> Iterator[Found]:
    """Visit every code or name in a comment that silences nothing."""
    name = unused.word.raw
    removal = unused.removal
    yield Found(
        unused.word,
        unused.why or f"`{name}` silences nothing here",
        confidence=Confidence.LOW if unused.on_files else Confidence.HIGH,
        fixes=(Fix.identical("take it out", removal),) if removal is not None else (),
    )
