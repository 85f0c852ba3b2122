"""The key that Django or Flask signs with is written into a Python file that reaches the image.

Sessions, password reset links and messages are signed with SECRET_KEY. Whoever has it writes their own: they log in as
anybody, and with a pickle serializer run code. A key that can be guessed ("supersecret") is as bad as one that can be
read. A key that was ever committed or shipped must be replaced; SECRET_KEY_FALLBACKS keeps old sessions alive.

```context
settings.py = SECRET_KEY = "w0#7k$-mf2!v9xq^t4&z_hb6(3r8@ynde5+ju1lcg*pso"\\nDEBUG = False\\n
```

```dockerfile bad
FROM python:3.12.7-slim
WORKDIR /srv
COPY . .
CMD ["gunicorn", "shop.wsgi"]
```

```context
settings.py = import os\\n\\nSECRET_KEY = os.environ["SECRET_KEY"]\\nDEBUG = False\\n
```

```dockerfile good
FROM python:3.12.7-slim
WORKDIR /srv
COPY . .
CMD ["gunicorn", "shop.wsgi"]
```

`dfguard check --preview-fixes` shows that rewrite. A key that `django-admin startproject` made (`django-insecure-...`)
counts as one: nothing says that another is used. Settings whose name says that they are for development are shown
with `--pedantic`, tests are left alone. See DG120 for what else is passed over, and for comments that keep a value.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Fix, Found, InstructionId, LayerHoldsPythonSecret, PythonSecret, Refusal, from_environment, rule


@rule("DG122", "signing-key-in-python", severity="error", peers=("S105", "S106", "B105", "B106"))
def check(secret: PythonSecret) -> Iterator[Found]:
    """Visit the keys that frameworks sign with."""
    credential = secret.credential
    if credential.kind != "signing-key":
        return
    fate = "stays in a layer though a later one removes it" if secret.removed else "reaches the image"
    related = [(secret.entry, "it enters the image here")]
    if secret.removed:
        related.append((secret.removed.place, "removed here: the layer above still holds it"))
    yield Found(
        secret,
        f"the signing key {credential.holder!r} is written out in this file, which {fate}: "
        f'expected os.environ["{credential.variable}"]',
        related=tuple(related),
        confidence=credential.confidence,
        claim=LayerHoldsPythonSecret(
            secret.added.path,
            InstructionId(secret.added.stage, secret.added.instruction.index),
            credential.holder,
        ),
        secret=True,
    )


@check.fix
def fix(secret: PythonSecret) -> Iterator[Fix | Refusal]:
    """Read it from the environment."""
    edits = from_environment(secret.credential)
    title = f"read it from the environment variable {secret.credential.variable}"
    yield edits if isinstance(edits, Refusal) else Fix.unsafe(title, *edits)
