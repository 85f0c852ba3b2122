"""A password, token or key is written into a Python file that reaches the image.

Whoever can pull the image can read its files, and `git log` keeps what was ever committed. The credential must be
replaced, not only moved. What counts is the format of a token wherever it stands in a string, and a value that stands
where a credential stands: a variable, a key of a dict, an argument, a default, a header, a URL.

```context
app.py = import psycopg2\\n\\nconnection = psycopg2.connect(host="db", user="shop", password="kT7-wq2.Zb")\\n
```

```dockerfile bad
FROM python:3.12.7-slim
WORKDIR /srv
COPY app.py ./
CMD ["python", "app.py"]
```

Read it from the environment, or from a file that is mounted when the container runs:

```context
app.py = import os\\nimport psycopg2\\n\\nconnection = psycopg2.connect(password=os.environ["DB_PASSWORD"])\\n
```

```dockerfile good
FROM python:3.12.7-slim
WORKDIR /srv
COPY app.py ./
CMD ["python", "app.py"]
```

`dfguard check --preview-fixes` shows that rewrite, with the import it needs. The finding stands in the Python file; the
line of the Dockerfile that brings the file in is named beside it. What `.dockerignore` drops, and files of stages
that do not ship, are left alone, as are tests, examples, stubs and third-party code, look-ups of the environment,
placeholders, fields, labels and hashes. Passwords that are a plain word, and defaults of look-ups, need `--pedantic`.
A comment on the line keeps a value that is known: `# dfguard: ignore[DG120] -- reason`, and what other tools read
(`# noqa: S105`, `# nosec`, `# pragma: allowlist secret`, `# gitleaks:allow`). Files that can't be parsed, Python 2
among them, are judged by their plain text only (DG102).
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Fix, Found, InstructionId, LayerHoldsPythonSecret, PythonSecret, Refusal, from_environment, rule


@rule("DG120", "credential-in-python", severity="error", peers=("S105", "S106", "S107", "B105", "B106", "B107"))
def check(secret: PythonSecret) -> Iterator[Found]:
    """Visit the credentials of Python files in the image but the keys that frameworks sign with."""
    credential, removed = secret.credential, secret.removed
    if credential.kind != "credential":
        return
    holder = f" in {credential.holder!r}" if credential.holder else ""
    fate = "stays in a layer though a later one removes it" if removed else "reaches the image"
    related = [(secret.entry, "it enters the image here")]
    if removed:
        related.append((removed.place, "removed here: the layer above still holds it"))
    yield Found(
        secret,
        f"{credential.what}{holder} is written out in this file, which {fate}: "
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
