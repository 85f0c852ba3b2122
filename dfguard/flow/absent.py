"""Sources that are not there: why a COPY, an ADD or a bind mount takes nothing, and how sure that is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.context import glob
from dfguard.context.gitfolder import GitFolder
from dfguard.context.invocation import Invocation
from dfguard.context.tree import BuildContext, ContextFile
from dfguard.dockerfile.spelling import nearest
from dfguard.finding import Confidence
from dfguard.flow.takings import Taking
from dfguard.regex import regex
from dfguard.struct import Struct

MISSING, IGNORED, OTHER_CASE, NO_MATCH, LINK = "missing", "ignored", "other-case", "no-match", "link"
INFERRED = "inferred:"
# What a build before `docker build` makes; a checkout lacks it.
_BUILT = regex(
    r"(?i)(?:^|/)(?:dist|build|target|out|output|bin|release|publish|node_modules|vendor|artifacts?|_site|public|coverage"
    r"|\.next|\.output|pkg|rootfs|staging|tmp)(?:/|\Z)"
    r"|\.(?:jar|war|ear|whl|deb|rpm|apk|exe|dll|so|tar|tgz|gz|xz|bz2|zip|zst|bin|img|iso|crt|pem|key|pub|p12|jks)\Z"
)
_OTHERS = regex(r"(?:^|/)(?:vendor|node_modules|third_party|bower_components)/")  # brought along, built elsewhere


class Absent(Struct):
    """A line that takes nothing, though it names something.

    `kind` is `missing` (nothing is at `path`; for a pattern that is the folder before its first wildcard),
    `ignored` (the ignore file drops all of `found`), `other-case` (`found` differs in its letters' case only),
    `no-match` (a pattern matches nothing, which BuildKit does not mind) or `link` (a link that leads to
    nothing inside of the context). `near` is a name beside it that may be meant. `git_ignores`: what is
    missing may be there on other machines.
    """

    taking: Taking
    kind: str
    path: str
    found: tuple[ContextFile, ...]
    near: str | None
    git_ignores: bool
    confidence: Confidence


def find_absent(
    takings: tuple[Taking, ...], context: BuildContext, git: GitFolder, invocation: Invocation
) -> Iterator[Absent]:
    """The absent sources of a build; none where not all of the context could be looked at."""
    if not context.complete:
        return
    inferred = invocation.source.startswith(INFERRED)
    foreign = _OTHERS.search(invocation.dockerfile.replace("\\", "/")) is not None
    for taking in takings:
        if taking.source and not taking.selected:
            kind, path, found = _why(taking.source, context)
            hidden = kind in (MISSING, NO_MATCH) and git.ignores(_sample(taking.source))
            near = _near(path, context) if kind == MISSING else None
            made_before = hidden or bool(_BUILT.search(taking.source)) or _tracked(path, git)
            confidence = Confidence.LOW if foreign else _confidence(taking, kind, near, made_before, inferred)
            yield Absent(taking, kind, path, found, near, hidden, confidence)


def _confidence(taking: Taking, kind: str, near: str | None, made_before: bool, inferred: bool) -> Confidence:
    """How sure it is that the author does not know.

    A context that is only inferred may be another folder, or one that a script fills before the build.
    """
    if not taking.stage.reachable:
        return Confidence.LOW
    if kind == IGNORED:
        return Confidence.HIGH
    if kind == OTHER_CASE:
        return Confidence.MEDIUM if inferred else Confidence.HIGH
    if near:
        return Confidence.MEDIUM if inferred or made_before else Confidence.HIGH
    return Confidence.LOW if made_before or inferred else Confidence.MEDIUM


def _why(source: str, context: BuildContext) -> tuple[str, str, tuple[ContextFile, ...]]:
    parts = source.split("/")
    plain = next((at for at, part in enumerate(parts) if glob.has_wildcard(part)), len(parts))
    path = "/".join(parts[:plain])
    entry = context.get(path) if path else None
    if plain < len(parts):
        matches = glob.read(source).matches
        ignored = tuple(dropped for dropped in context.dropped if matches(dropped.path))
        if ignored:
            return IGNORED, source, ignored
        if not path or (entry is not None and entry.kept):
            return NO_MATCH, source, ()
    if entry is not None:
        return (LINK if entry.kept else IGNORED), path, (entry,)
    other = next((file for file in context.files if file.path.lower() == path.lower()), None)
    return (OTHER_CASE, path, (other,)) if other is not None else (MISSING, path, ())


def _tracked(path: str, git: GitFolder) -> bool:
    """Whether git tracks what is missing: the checkout is a partial one, then."""
    return any(name == path or name.startswith(path + "/") for name in git.tracked or ())


def _sample(source: str) -> str:
    """A path that a pattern matches."""
    return re.sub(r"[*?]|\[[^]]*\]", "x", source)


def _near(path: str, context: BuildContext) -> str | None:
    folder, _, name = path.rpartition("/")
    beside = [file.name for file in context.below(folder) if file.path.rpartition("/")[0] == folder]
    return nearest(name, beside)
