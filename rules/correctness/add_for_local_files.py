"""ADD copies plain files of the build context: COPY says that better.

ADD also downloads URLs and unpacks archives. Whoever reads `ADD app.jar /` must know that a jar is not
unpacked, and that the same line does something else the day the file becomes a tar archive. BuildKit
looks at the content, never at the suffix.

```context
server.js = console.log(1)
```

```dockerfile bad
FROM node:22.11.0-slim
ADD server.js /srv/
# <- ^^^
```

```dockerfile fixed
FROM node:22.11.0-slim
COPY server.js /srv/
# <- ^^^
```

```dockerfile good
FROM scratch
ADD rootfs.tar.xz /
ADD https://example.com/tool.tgz /tmp/
ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.com/a /a
```

The fix leaves the image as it is where the files can be read; where the context is not known, the
suffix decides and the fix is unsafe.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Add, BuildContext, Confidence, CopySource, Edit, Fix, Found, InputError, rule, unpacks

ARCHIVES = (".tar", ".tgz", ".gz", ".bz2", ".tbz", ".tbz2", ".xz", ".txz", ".zst", ".tzst", ".lzma")
HEAD = 8192


@rule("DG710", "add-for-local-files", peers=("DL3020", "DS-0005", "DS005", "CKV_DOCKER_4", "CIS-DI-0009", "DF006"))
def check(add: Add, context: BuildContext | None) -> Iterator[Found]:
    """Visit every ADD, and ask of each source whether ADD does what COPY would do."""
    if not add.sources or add.from_ is not None or any(flag.name in ("checksum", "unpack") for flag in add.flags):
        return
    verdicts = [plain(source, context) for source in add.sources]
    if not all(sure is not None for sure in verdicts):
        return
    certain = all(verdicts)
    make = Fix.identical if certain else Fix.unsafe
    keyword = "copy" if add.keyword.text.islower() else "COPY"
    yield Found(
        add.keyword,
        "ADD does here what COPY does: COPY neither unpacks nor downloads",
        confidence=Confidence.HIGH if certain else Confidence.MEDIUM,
        fixes=(make("replace ADD by COPY", Edit.replace(add.keyword, keyword)),),
    )


def plain(source: CopySource, context: BuildContext | None) -> bool | None:
    """True: surely copied as it is; False: most likely; None: not, or not known."""
    if source.kind == "heredoc":
        return True
    if source.kind not in ("local", "glob"):
        return None
    files = [f for f in context.select(source.raw) if f.kind != "dir"] if context else []
    if context is None or not files:
        return None if source.raw.lower().endswith(ARCHIVES) or source.kind == "glob" else False
    root = context.get(source.raw.strip("./"))
    if (root is not None and root.kind == "dir") or source.raw in (".", "./"):
        return True
    try:
        return True if all(unpacks(context.head(f.path, HEAD)) is False for f in files) else None
    except InputError:  # may not be read here
        return None
