"""A file with the name of a certificate or public key holds the private key, and reaches the image.

Certificates are copied without a second thought, and no scanner of names objects. Often the key was put behind the
certificate for a server that wants both in one file.

```context
tls/server.crt = -----BEGIN RSA PRIVATE KEY-----\\nbm90IGEga2V5bm90IGEga2V5bm90IGEga2V5\\n-----END RSA PRIVATE KEY-----
```

```dockerfile bad
FROM nginx:1.27.2
COPY tls/server.crt /etc/nginx/
#    ^^^^^^^^^^^^^^
```

Split the file: the certificate may stay in the image, the key is mounted when the container runs.

```context
tls/server.crt = -----BEGIN CERTIFICATE-----\\nMIIBszCCAVmgAwIBAgIUTm90IGEgcmVhbCBjZXJ0\\n-----END CERTIFICATE-----
```

```dockerfile good
FROM nginx:1.27.2
COPY tls/server.crt /etc/nginx/
```

Looked at are files that end in `.pub`, `.crt`, `.cer`, `.cert` and `.csr`. An encrypted key gives low confidence.
Stages that do not ship are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, SecretCopy, rule


@rule(
    "DG104",
    "private-key-with-public-name",
    severity="error",
    no_fix="the key has to be revoked; which file was meant is not written anywhere",
)
def check(copy: SecretCopy) -> Iterator[Found]:
    """Visit the secrets that one COPY or ADD brings, and name each private key under a public name."""
    for arrival in copy.arrivals:
        if arrival.removed is None and arrival.secret.sort == "misnamed":
            yield Found(
                copy.span,
                f"{arrival.added.origin.shown!r} holds a private key and reaches the image: "
                "expected what its name says",
                confidence=arrival.secret.confidence,
                claim=arrival.claim,
            )
