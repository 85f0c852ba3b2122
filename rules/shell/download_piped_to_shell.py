"""A download is handed straight to a shell: whatever the server sends today runs as it comes.

Nobody has read the script, no checksum says that it is the one that was read, and a connection that breaks off
leaves it half run. A taken-over server, domain or account is enough to run code in your build. Over plain
http, anybody on the way can do that too: that is an error.

```dockerfile bad
FROM debian:12.8-slim
RUN curl -fsSL https://example.com/install.sh | sudo -E bash -
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
```

```dockerfile bad
FROM debian:12.8-slim
RUN bash -c "$(curl -fsSL https://example.com/install.sh)"
RUN bash <(wget -qO- http://example.com/install.sh)
```

Name a version, check its sum, and run the file; or have the builder check it:

```dockerfile good
FROM debian:12.8-slim
RUN curl -fsSLo /tmp/install.sh https://example.com/v1.2.3/install.sh \\
 && echo "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4  /tmp/install.sh" | sha256sum -c - \\
 && sh /tmp/install.sh
```

```dockerfile good
FROM debian:12.8-slim
ADD --checksum=sha256:8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4 \\
    https://example.com/v1.2.3/install.sh /tmp/
RUN sh /tmp/install.sh
```

Not reported: pipes that check a signature on the way (`gpg --decrypt`), pipes into a program that only reads
(`python -c`, `python -m json.tool`), and downloads from the machine itself. An address that names a git
commit always gives the same text: shown with `--pedantic` only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.api import Confidence, Found, Script, Severity, address_of, regex, rule, run_downloads

HOST = regex(r"(?:[a-z][a-z0-9+.-]*://)?(?:[^/@]*@)?([^/:?#\s'\"]+)", re.I)
COMMIT = regex(r"[/=@][0-9a-f]{40}(?![0-9a-f])")


@rule(
    "DG601",
    "download-piped-to-shell",
    peers=("DF021",),
    no_fix="the checksum of what was meant to be downloaded is known to its author only",
)
def check(script: Script) -> Iterator[Found]:
    """Visit the scripts, and name the host of each download that is run as it comes; never its password."""
    for found in run_downloads(script):
        address = address_of(found.download)
        host = HOST.match(address)
        plain = address.lower().startswith("http://")
        unchecked = found.download.has("-k", "--insecure", "--no-check-certificate")
        what = f"what {host[1]!r} sends" if host else "a download"
        how = " over plain http" if plain else " without a look at its certificate" if unchecked else ""
        yield Found(
            found,
            f"runs {what}{how} as it comes: expected a download of one version and a look at its checksum first",
            severity=Severity.ERROR if plain or unchecked else None,
            confidence=Confidence.LOW if COMMIT.search(address) else Confidence.HIGH,
        )
