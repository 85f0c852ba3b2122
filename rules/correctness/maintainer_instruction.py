"""MAINTAINER is deprecated: a label says the same, and tools can read it.

BuildKit still takes it and warns of it in every build (`MaintainerDeprecated`). It sets a field of the image that
only `docker inspect` shows; a label can be asked for, and takes several.

```dockerfile bad
FROM debian:12.8-slim
MAINTAINER Jane Doe <jane@example.com>
# <- ^^^^^^^^^^
```

```dockerfile fixed
FROM debian:12.8-slim
LABEL org.opencontainers.image.authors="Jane Doe <jane@example.com>"
# <- ^^^^^^^^^^
```

```dockerfile good
FROM debian:12.8-slim
LABEL org.opencontainers.image.authors="jane@example.com"
```

The fix declares the label, and that the field is empty. None where the file sets that label already, and where a
stage has several MAINTAINERs.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Configured, Edit, Fix, Found, Label, Maintainer, Stage, rule

LABEL = "org.opencontainers.image.authors"


@rule(
    "DG750",
    "maintainer-instruction",
    severity="info",
    peers=("DL4000", "MaintainerDeprecated", "DS-0022", "DS022", "DF019", "CKV_DOCKER_6", "DEPRECATED_MAINTAINER"),
)
def check(stage: Stage) -> Iterator[Found]:
    """Visit the stages."""
    found = [node for node in stage.instructions if isinstance(node, Maintainer)]
    for node in found:
        yield Found(
            node.keyword,
            f"MAINTAINER is deprecated: write LABEL {LABEL}",
            fixes=tuple(label(node, stage)) if len(found) == 1 else (),
        )


def label(node: Maintainer, stage: Stage) -> Iterator[Fix]:
    """The label instead; none for a text that would mean something else in quotes."""
    text = node.arguments.text.strip()
    if text[:1] == text[-1:] and text[:1] in ("'", '"') and len(text) > 1:
        text = text[1:-1]
    named = any(LABEL in other.span.text for other in stage.instructions if isinstance(other, Label))
    if not text or named or any(char in text for char in '"\\$`\n\r'):
        return
    keyword = "label" if node.keyword.text.islower() else "LABEL"
    yield Fix.declared(
        f"write it as a label {LABEL}",
        Edit(node.span, f'{keyword} {LABEL}="{text}"'),
        differences=(Configured(("author",), None), Configured(("config", "Labels", LABEL), text)),
    )
