"""Git's own files reach the image, and a secret with them: one of the history, or of the remote's URL.

A `.git` folder holds every version of every file, so that a secret stays in it that was removed years ago. Objects
and packs are opened and looked into, as whoever has the image can. `.git/config` keeps the password of a remote
that was cloned by `https://user:password@host`.

```context
app.py = print("hello")
.git/HEAD = ref: refs/heads/main
.git/config = [remote "origin"]\\n\\turl = https://ops:w7Kq-93mz-TTb2@git.acme.dev/app.git
```

```dockerfile bad
FROM python:3.12.7-slim
COPY . /app
#    ^
CMD ["python", "/app/app.py"]
```

Leave the folder out, and replace the secret.

```context
.dockerignore = .git
app.py = print("hello")
.git/HEAD = ref: refs/heads/main
.git/config = [remote "origin"]\\n\\turl = https://ops:w7Kq-93mz-TTb2@git.acme.dev/app.git
```

```dockerfile good
FROM python:3.12.7-slim
COPY . /app
CMD ["python", "/app/app.py"]
```

A `.git` folder without anything that looks like a secret is the matter of DG201. Stages that do not ship are left
alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, SecretCopy, Some, rule

SHOWN = 3


@rule(
    "DG105",
    "secret-in-git-history",
    severity="error",
    no_fix="no text of the build holds the secret: it lies in git's files, and has to be revoked",
)
def check(copy: SecretCopy) -> Iterator[Found]:
    """Visit the secrets that one COPY or ADD brings, and name those in Git's own files."""
    for confidence in dict.fromkeys(arrival.secret.confidence for arrival in copy.arrivals):
        left = [a for a in copy.arrivals if a.removed is None and a.secret.confidence is confidence]
        left = [a for a in left if a.secret.sort == "history"]
        if left:
            named = ", ".join(a.secret.told(a.added.origin.shown) for a in left[:SHOWN])
            more = f" and {len(left) - SHOWN} more" if len(left) > SHOWN else ""
            yield Found(
                copy.span,
                f"{named}{more} {'reaches' if len(left) == 1 else 'reach'} the image: expected `.git` to be ignored",
                confidence=confidence,
                claim=Some(tuple(arrival.claim for arrival in left)),
            )
