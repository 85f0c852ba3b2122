"""A comment silences findings and does not say why.

The next reader can't tell a considered exception from a way to get the pipeline green. It is a hint of low confidence,
which only `--pedantic` shows, until the configuration asks for reasons:

```toml
[rules.DG803]
require-reason = true
```

```dockerfile bad
FROM debian:12.8-slim
# dfguard: ignore[DG410]
RUN apt-get update && apt-get install -y texlive
USER 1000
```

```dockerfile good
FROM debian:12.8-slim
# dfguard: ignore[DG410] -- texlive is unusable without its recommended packages
RUN apt-get update && apt-get install -y texlive
USER 1000
```

Comments of other tools that silence findings here, such as `# hadolint ignore=DL3015`, need a reason as well; those
tools that have no place for one are told it in a comment of ours beside theirs.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Confidence, Found, Options, Severity, Suppression, rule


class Reasons(Options):
    """`require-reason`: whether every comment that silences must say why."""

    require_reason: bool = False


@rule("DG803", "suppression-without-reason", no_fix="the reason is known to whoever wrote the comment")
def check(suppression: Suppression, options: Reasons) -> Iterator[Found]:
    """Visit every comment that silences."""
    if not suppression.reason:
        yield Found(
            suppression,
            "silences findings without a reason: expected `-- reason` behind the brackets",
            severity=None if options.require_reason else Severity.HINT,
            confidence=Confidence.HIGH if options.require_reason else Confidence.LOW,
        )
