"""ADD fetches a file from an address, and nothing checks what came: `--checksum` does.

Whoever holds the server, the domain or, over plain http, the way decides what is in the image: that is a warning.
BuildKit compares the checksum before the file gets into a layer, and the same checksum also spares the download.

```dockerfile bad
FROM debian:12.8-slim
ADD https://example.com/v1.2.3/tool.tar.gz /tmp/
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
```

```dockerfile good
FROM debian:12.8-slim
ADD --checksum=sha256:8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4 \\
    https://example.com/v1.2.3/tool.tar.gz /tmp/
```

Quiet where a later RUN of the stage looks at checksums or signatures, for these files themselves and for keys, and
for git repositories, whose commit is a checksum. An address that names a git commit: `--pedantic` only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.api import Add, Confidence, Found, Scope, Severity, Stage, StageCommands, regex, rule

HOST = regex(r"[a-z][a-z0-9+.-]*://(?:[^/@]*@)?([^/:?#\s'\"@$]+)(?![^/\s]*@)", re.I)
COMMIT = regex(r"(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])")
LOCAL = regex(r"https?://(?:localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0)(?:[:/]|\Z)", re.I)
KEYS = regex(r"\.(?:asc|sig|sign|gpg|key|pub|pem|crt|minisig|sha\d+|sha\d+sum|md5)(?:[?#]|\Z)|sums?(?:\.txt)?\Z", re.I)
CHECKS = regex(r"sha\d*sum|shasum|md5sum|b2sum|openssl\s+dgst|gpgv?\b|--verify|cosign|minisign|signify", re.I)


@rule(
    "DG606",
    "remote-add-not-verified",
    severity="info",
    no_fix="the checksum of what was meant to be downloaded is known to its author only",
)
def check(add: Add, stage: Stage, scope: Scope, commands: StageCommands) -> Iterator[Found]:
    """Visit the ADDs of addresses."""
    if add.flag("checksum") is not None:
        return
    for source in add.sources:
        address = scope.expand(source.word.raw).value or ""
        if source.kind != "url" or not stage.reachable or KEYS.search(address) or LOCAL.match(address):
            continue
        if any(run.index > add.index and CHECKS.search(script.span.text) for run, script in commands.scripts):
            continue
        host = HOST.match(address)
        plain = address.lower().startswith("http://")
        what = f"what {host[1]!r} sends" if host else "what comes"
        yield Found(
            source,
            f"{what}{' over plain http' if plain else ''} goes into the image as it comes: expected --checksum",
            severity=Severity.WARNING if plain else None,
            confidence=Confidence.LOW if COMMIT.search(address) else Confidence.HIGH,
        )
