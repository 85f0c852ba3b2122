"""What the command line says of a build, in the words of `docker build`.

https://docs.docker.com/reference/cli/docker/buildx/build/
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping

from dfguard.context.invocation import FOLDER, IMAGE, REMOTE, TARGET, BuildArg, BuildSecret, Invocation, NamedContext
from dfguard.errors import UsageError
from dfguard.source import Source, Span
from dfguard.struct import Struct

COMMAND_LINE = "command line"
_SCHEMES = {"docker-image": IMAGE, "oci-layout": IMAGE}


class Flags(Struct):
    """The flags that describe a build; empty when none is given. `builder` holds for builds of files too."""

    context: str | None = None
    target: str | None = None
    arguments: tuple[BuildArg, ...] = ()
    named_contexts: tuple[NamedContext, ...] = ()
    secrets: tuple[BuildSecret, ...] = ()
    builder: str = "buildkit"

    @property
    def given(self) -> bool:
        """Whether any is given that says how to build, so that no other file is asked."""
        return self.but(builder=_NONE.builder) != _NONE

    def invocation(self, dockerfile: str, context: str | None, source: str) -> Invocation:
        """The build of a Dockerfile as the flags have it; `context` and `source` are used as they are."""
        places = {"context": _place(f"--context {self.context}"), "target": _place(f"--target {self.target}")}
        given = {"context": self.context, "target": self.target}
        return Invocation(
            self.target or "default",
            dockerfile,
            context,
            self.target,
            self.arguments,
            self.named_contexts,
            self.secrets or None,
            source=source,
            places=tuple((what, place) for what, place in places.items() if given[what] is not None),
        )


_NONE = Flags()


def read_flags(
    *,
    context: str | None,
    target: str | None,
    build_args: Iterable[str],
    build_contexts: Iterable[str],
    secrets: Iterable[str],
    environment: Mapping[str, str],
    builder: str = "buildkit",
) -> Flags:
    """Read the values of the flags; raises UsageError for what `docker build` would not take.

    A build argument without a value takes it from `environment`, as `docker build` has it, and is not
    given at all if there is none. A target without a name is the last stage, as there.
    """
    if context is not None and not os.path.isdir(context):
        raise UsageError(f"--context {context}: is not a folder")
    return Flags(
        context,
        target or None,
        tuple(_build_arg(text, environment) for text in build_args if "=" in text or text in environment or not text),
        tuple(_named_context(text) for text in build_contexts),
        tuple(_secret(text) for text in secrets),
        builder,
    )


def _place(flag: str) -> Span:
    return Source(COMMAND_LINE, flag).whole


def _build_arg(text: str, environment: Mapping[str, str]) -> BuildArg:
    name, equals, value = text.partition("=")
    if not name:
        shown = "=..." if equals else ""  # what stands behind may be a secret
        raise UsageError(f"--build-arg {shown!r}: expected NAME=VALUE, or NAME")
    place = _place(f"--build-arg {text}")
    start = len("--build-arg ")
    return BuildArg(name, value if equals else environment[name], place.sub(start, start + len(name)))


def _named_context(text: str) -> NamedContext:
    name, equals, value = text.partition("=")
    if not equals or not name or not value:
        raise UsageError(f"--build-context {text}: expected NAME=VALUE")
    kind = context_kind(value)
    if kind == FOLDER and not os.path.isdir(value):
        raise UsageError(f"--build-context {text}: {value} is not a folder")
    return NamedContext(name, kind, value, _place(f"--build-context {text}"))


def context_kind(value: str) -> str:
    """What the text of a context is: IMAGE, TARGET, REMOTE, or FOLDER for all that is no address.

    `service:NAME` (Compose) and `target:NAME` (bake) are other builds.
    https://github.com/docker/buildx/blob/master/build/opt.go
    """
    if value.startswith(("service:", "target:")):
        return TARGET
    scheme = re.match(r"([a-z-]+)://", value)
    if scheme:
        return _SCHEMES.get(scheme[1], REMOTE)
    return REMOTE if value.startswith(("git@", "github.com/")) else FOLDER


def _secret(text: str) -> BuildSecret:
    """The id of `--secret id=NAME,src=FILE`; https://docs.docker.com/reference/cli/docker/buildx/build/#secret"""
    pairs = [field.strip().partition("=") for field in text.split(",")]
    wanted = [value for key, _, value in pairs if key.lower() == "id"]
    if not wanted or not wanted[-1]:
        raise UsageError(f"--secret {text}: expected id=NAME, and maybe src=FILE or env=NAME")
    return BuildSecret(wanted[-1], _place(f"--secret {text}"))
