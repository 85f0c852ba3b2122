"""An ignore file that no build reads: all that it means to keep out comes along.

Docker reads `<name of the Dockerfile>.dockerignore` beside the Dockerfile if there is one, else `.dockerignore`
in the root of the build context, and nothing else: none in the Dockerfile's folder if the context is another one,
none in folders further down, and never two at once. One that the user may not read is taken as an empty one,
without a word.

```context
.git/HEAD = ref: refs/heads/main
docker/Dockerfile = FROM node:22.11.0\\nCOPY package.json src ./
package.json = {}
src/index.js = 1
```

```dockerignore bad docker/.dockerignore
node_modules
# <- ^^^^^^^^^^^^
```

```context
.git/HEAD = ref: refs/heads/main
docker/Dockerfile = FROM node:22.11.0\\nCOPY package.json src ./
package.json = {}
src/index.js = 1
```

```dockerignore good docker/Dockerfile.dockerignore
node_modules
```

Where the context is not told by a compose file or an option but by what COPY names, and where the ignore file of a
single Dockerfile stands in for the one of the context, the finding is of medium confidence.
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import basename, dirname, relpath

from dfguard.api import Confidence, Found, IgnoreFile, IgnoreUse, Severity, Span, rule

SUFFIX = ".dockerignore"


@rule("DG218", "ignore-file-not-read", no_fix="the file has to get another name, and a fix edits texts only")
def check(ignore: IgnoreFile, use: IgnoreUse | None) -> Iterator[Found]:
    """Visit every ignore file."""
    if ignore.unread:
        yield Found(place(ignore), f"{ignore.unread}: the builder takes it as empty, and leaves nothing out")
    elif use is not None and not use.readers:
        name = basename(use.path)
        if name.lower() in (SUFFIX, "dockerignore"):
            yield from of_context(ignore, use) if name == SUFFIX else misspelt(ignore, name)
        elif name == ".containerignore":
            yield from of_podman(ignore, use)
        elif name.lower().endswith(SUFFIX):
            yield from of_one_dockerfile(ignore, use, name[: -len(SUFFIX)])


def place(ignore: IgnoreFile) -> Span:
    """The first pattern, or all of an empty file."""
    assert ignore.source is not None
    return ignore.patterns[0].span if ignore.patterns else ignore.source.whole


def misspelt(ignore: IgnoreFile, name: str) -> Iterator[Found]:
    """A name that is nearly right."""
    yield Found(place(ignore), f"is not read: the builder looks for {SUFFIX}, not for {name}")


def of_context(ignore: IgnoreFile, use: IgnoreUse) -> Iterator[Found]:
    """A `.dockerignore`: read in the root of a context only."""
    if use.rooted:
        build = use.rooted[0].invocation
        yield Found(
            place(ignore),
            f"is not read by the build of {build.dockerfile}, which has an ignore file of its own",
            severity=Severity.INFO,
            confidence=Confidence.MEDIUM,
        )
        return
    elsewhere = [build.invocation for build in use.beside if build.invocation.context is not None]
    if elsewhere and len(elsewhere) == len(use.beside):
        told = [invocation for invocation in elsewhere if not invocation.source.startswith("inferred")]
        first = (told or elsewhere)[0]
        yield Found(
            place(ignore),
            f"is not read: {first.dockerfile} is built with the context {first.context}, "
            f"and the ignore file is looked for there, or as {basename(first.dockerfile)}{SUFFIX} here",
            confidence=Confidence.HIGH if told else Confidence.MEDIUM,
        )
    elif not use.beside:
        yield from of_subfolder(ignore, use)


def of_subfolder(ignore: IgnoreFile, use: IgnoreUse) -> Iterator[Found]:
    """A `.dockerignore` in a folder of somebody else's context."""
    for build in use.around:
        context = build.invocation.context or "."
        folder = relpath(dirname(use.path) or ".", context)
        taken = (take.pattern for take in build.takes if take.pattern is not None)
        if any(not pattern or f"{folder}/".startswith(f"{pattern}/") for pattern in taken):
            yield Found(
                place(ignore),
                f"is not read: {build.invocation.dockerfile} copies this folder from the context {context}, "
                "and only the ignore file in the root of the context counts",
                confidence=Confidence.MEDIUM,
            )
            return


def of_podman(ignore: IgnoreFile, use: IgnoreUse) -> Iterator[Found]:
    """A `.containerignore`: podman and buildah read it, Docker does not, and has nothing else to read."""
    build = next(
        (b.invocation for b in use.rooted if basename(b.invocation.dockerfile).lower().startswith("docker")), None
    )
    if build is not None and not use.instead:
        yield Found(
            place(ignore),
            f"podman and buildah read it, Docker does not: {build.dockerfile} is built there without it "
            "(--builder podman if Docker is not used)",
            severity=Severity.INFO,
            confidence=Confidence.MEDIUM,
        )


def of_one_dockerfile(ignore: IgnoreFile, use: IgnoreUse, wanted: str) -> Iterator[Found]:
    """The ignore file of a Dockerfile that is not there."""
    names = sorted({basename(build.invocation.dockerfile) for build in use.beside})
    if wanted not in names:
        there = f"; here {'is' if len(names) == 1 else 'are'} {', '.join(names[:4])}" if names else ""
        yield Found(
            place(ignore),
            f"is not read: it belongs to a Dockerfile called {wanted} in this folder, and there is none{there}",
            confidence=Confidence.MEDIUM if names else Confidence.LOW,
        )
