"""Which version of Docker's frontend first reads a piece of syntax, and which one a file asks for.

The versions are those of the tags `dockerfile/1.N.0` and `dockerfile/1.N.0-labs` of
https://github.com/moby/buildkit: its flags in frontend/dockerfile/instructions, its build tags in
frontend/dockerfile/release, its substitutions in frontend/dockerfile/shell/lex.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.dockerfile import nodes
from dfguard.dockerfile.directives import frontend, is_foreign
from dfguard.dockerfile.nodes import Dockerfile, Instruction
from dfguard.dockerfile.uses import VariableUse, variable_uses
from dfguard.regex import regex
from dfguard.source import Span
from dfguard.struct import Struct

Version = tuple[int, int]

_OFFICIAL_TAG = regex(r"(?:docker\.io/)?docker/dockerfile(?:-upstream)?:([\w.-]+)(?:@.*)?", re.ASCII)
_VERSION = regex(r"(1)\.(\d{1,4})(?:\.\d+)?(?:-rc\d+)?(-labs|-experimental)?(?:-rc\d+)?", re.ASCII)
_OCTAL = regex(r"[0-7]+")


class Feature(Struct):
    """A piece of syntax: `since` is the first stable version, None for labs only; `labs` the first labs version."""

    name: str
    since: Version | None
    labs: Version | None = None

    def is_in(self, version: Version, labs: bool) -> bool:
        """Whether a frontend of that version and channel reads it."""
        stable = self.since is not None and version >= self.since
        return stable or (labs and self.labs is not None and version >= self.labs)


class FeatureUse(Struct):
    """A place that uses a feature."""

    span: Span
    feature: Feature


class Frontend(Struct):
    """The image of `# syntax=`: `image` as written, `span` its place.

    `foreign`: it is not Docker's own. `version` is what the tag says (1.4 in `1.4`, `1.4.2-labs`), None
    when the tag moves over the minor versions (`1`, `latest`), or says nothing. `labs`: a labs or
    experimental one.
    """

    span: Span
    image: str
    foreign: bool
    version: Version | None
    labs: bool


_MOUNT = Feature("RUN --mount", (1, 2), (1, 0))
FLAG_FEATURES: dict[tuple[str, str], Feature] = {
    ("RUN", "mount"): _MOUNT,
    ("RUN", "network"): Feature("RUN --network", (1, 3), (1, 2)),
    ("RUN", "security"): Feature("RUN --security", (1, 20), (1, 2)),
    ("RUN", "device"): Feature("RUN --device", None, (1, 14)),
    ("COPY", "chmod"): Feature("COPY --chmod", (1, 2)),
    ("COPY", "link"): Feature("COPY --link", (1, 4)),
    ("COPY", "exclude"): Feature("COPY --exclude", (1, 19), (1, 7)),
    ("COPY", "parents"): Feature("COPY --parents", (1, 20), (1, 7)),
    ("ADD", "chmod"): Feature("ADD --chmod", (1, 2)),
    ("ADD", "link"): Feature("ADD --link", (1, 4)),
    ("ADD", "exclude"): Feature("ADD --exclude", (1, 19), (1, 7)),
    ("ADD", "keep-git-dir"): Feature("ADD --keep-git-dir", (1, 6), (1, 5)),
    ("ADD", "checksum"): Feature("ADD --checksum", (1, 6), (1, 5)),
    ("ADD", "unpack"): Feature("ADD --unpack", (1, 17)),
    ("HEALTHCHECK", "start-interval"): Feature("HEALTHCHECK --start-interval", (1, 6)),
}
HEREDOC = Feature("a heredoc", (1, 4), (1, 3))
BLANK_OPENER = Feature("a heredoc with a blank behind <<", (1, 16))
GIT_SOURCE = Feature("ADD of a git repository", (1, 6), (1, 5))
SECRET_ENV = Feature("env= of a secret mount", (1, 10))
CHMOD_VARIABLE = Feature("a variable in --chmod", (1, 10))
CHMOD_SYMBOLIC = Feature("a symbolic mode in --chmod", (1, 14), (1, 11))
ONBUILD_FROM = Feature("ONBUILD COPY --from", (1, 11))
POSIX_SUBSTITUTION = Feature("${name-default} without a colon", (1, 6))
PATTERN_SUBSTITUTION = Feature("a substitution by pattern", (1, 7))


def read_frontend(dockerfile: Dockerfile) -> Frontend | None:
    """The frontend that `# syntax=` names, None for the one that is built into the builder."""
    source = dockerfile.source
    image = frontend(source)
    if not image:
        return None
    start = source.text.index(image)
    tag = _OFFICIAL_TAG.fullmatch(image)
    match = _VERSION.fullmatch(tag[1]) if tag else None
    version = (int(match[1]), int(match[2])) if match else None
    labs = bool(match[3]) if match else "labs" in image or "experimental" in image
    return Frontend(source.span(start, start + len(image)), image, is_foreign(image), version, labs)


def feature_uses(dockerfile: Dockerfile) -> tuple[FeatureUse, ...]:
    """Every place of a file that the first frontends did not read, in order of the file."""
    found: list[FeatureUse] = []
    for node in dockerfile.instructions:
        found += _of_instruction(node, dockerfile.escape)
        trigger = node.trigger if isinstance(node, nodes.Onbuild) else None
        if trigger is not None:
            found += _of_instruction(trigger, dockerfile.escape)
            if isinstance(trigger, nodes.Copy) and trigger.from_ is not None:
                found.append(FeatureUse(trigger.from_.span, ONBUILD_FROM))
    found.sort(key=lambda use: use.span.start)
    return tuple(found)


def _of_instruction(node: Instruction, escape: str) -> Iterator[FeatureUse]:
    for flag in node.flags:
        feature = FLAG_FEATURES.get((node.name, flag.name))
        if feature:
            yield FeatureUse(flag.span, feature)
        if flag.name == "chmod" and flag.value and isinstance(node, (nodes.Copy, nodes.Add)):
            yield from _of_mode(flag.span, flag.value)
    for heredoc in node.heredocs:
        blank = any(character in heredoc.opener.text for character in " \t")
        yield FeatureUse(heredoc.opener, BLANK_OPENER if blank else HEREDOC)
    if isinstance(node, nodes.Run):
        secrets = (mount for mount in node.mounts if mount.type == "secret" and mount.option("env") is not None)
        yield from (FeatureUse(mount.span, SECRET_ENV) for mount in secrets)
    if isinstance(node, nodes.Add):
        yield from (FeatureUse(source.span, GIT_SOURCE) for source in node.sources if source.kind == "git")
    for use in variable_uses(node, escape):
        feature = _of_substitution(use)
        if feature:
            yield FeatureUse(use.span, feature)


def _of_mode(span: Span, mode: str) -> Iterator[FeatureUse]:
    if "$" in mode:
        yield FeatureUse(span, CHMOD_VARIABLE)
    elif not _OCTAL.fullmatch(mode):
        yield FeatureUse(span, CHMOD_SYMBOLIC)


def _of_substitution(use: VariableUse) -> Feature | None:
    if use.modifier in ("-", "+", "?"):
        return POSIX_SUBSTITUTION
    return PATTERN_SUBSTITUTION if use.modifier[:1] in ("#", "%", "/") else None
