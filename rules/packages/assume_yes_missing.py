"""A package manager is called without its option for "yes": the build stops at the first question.

Nobody answers during a build. As soon as more than the named packages must be installed, or something must
be removed or upgraded, the manager asks, reads the end of its input, and gives up.

```dockerfile bad
FROM debian:12.8-slim
RUN apt-get update && apt-get install --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
#                             ^^^^^^^
```

```dockerfile fixed
FROM debian:12.8-slim
RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
#                             ^^^^^^^
```

```dockerfile good
FROM debian:12.8-slim
RUN apt-get update -qq && apt-get install -qq curl
RUN apt-get -o APT::Get::Assume-Yes=true install git
RUN yes | apt-get install make
```

For apt-get, `-qq` means yes, too (not for aptitude). `DEBIAN_FRONTEND=noninteractive` silences the questions of
packages, not this one. Not reported: calls that only simulate, and calls whose input is a pipe or a file. With
`--pedantic` only: microdnf, most versions of which take yes for granted, and stages with a configuration of apt
that may say yes.

Where the RUN stops with the first command that fails, every build that there is got along without a question: the fix
leaves its image as it is. Elsewhere (`;`, `||`) a call that failed unnoticed would begin to work: unsafe.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.api import Confidence, Copy, Edit, Fix, Found, PackageCommand, Script, Stage, pipelines, regex, rule

_APT = ("-y", "--yes", "--assume-yes", "--assume-no", "-s", "--simulate", "--print-uris")
_DNF = ("-y", "--assumeyes", "--assumeno")
SETTLED = {
    "apt-get": _APT,
    "apt": _APT,
    "aptitude": ("-y", "--assume-yes", "-s", "--simulate"),
    "yum": _DNF,
    "dnf": _DNF,
    "microdnf": _DNF,
    "zypper": ("-n", "--non-interactive", "-y", "--no-confirm", "-D", "--dry-run"),
}
CONFIGURED = regex(r"""assume-yes["']?\s+["'\\]*(?:true|yes|1)|assumeyes\s*=\s*(?:true|yes|1)""", re.I)
OPTIONS = regex(r"\$\{?\w*(?:opt|arg|flag|yes|assume)", re.I)


@rule(
    "DG402",
    "assume-yes-missing",
    programs=("apt-get", "apt", "aptitude", "yum", "dnf", "microdnf", "zypper"),
    peers=("DL3014", "DL3030", "DL3034", "DL3038", "DS-0021", "DS021", "DF015", "DF027"),
)
def check(command: PackageCommand, script: Script, stage: Stage) -> Iterator[Found]:
    """Visit the calls that change packages."""
    verb = command.verb
    asks = command.action in ("install", "upgrade", "remove") or verb.text == "build-dep"
    if not asks or says_yes(command) or is_answered(command, script):
        return
    doubtful = command.manager == "microdnf" or may_be_configured(command, stage)
    make = Fix.identical if stops_at_failure(script) else Fix.unsafe
    usual = Confidence.HIGH if command.packages else Confidence.MEDIUM
    yield Found(
        verb,
        f"{command.manager} {verb.text} without -y stops the build as soon as it has a question",
        confidence=Confidence.LOW if doubtful else usual,
        fixes=(make("add -y", Edit.after(verb, " -y")),) if verb.raw == verb.value else (),
    )


def stops_at_failure(script: Script) -> bool:
    """Whether a script is one plain chain of `&&`."""
    return all(command.operator in ("", "&&") and not command.depth for command in script.commands)


def says_yes(command: PackageCommand) -> bool:
    """Whether an option answers the questions, or leaves none."""
    if command.has(*SETTLED[command.manager], "-h", "--help", "--version"):
        return True
    if any(argument.value is None and OPTIONS.search(argument.raw) for argument in command.command.arguments):
        return True
    if command.config("APT::Get::Assume-Yes") == "true" or command.config("assumeyes") in ("1", "true", "True", "yes"):
        return True
    quiet = [option for option in command.options if "--quiet" in option.spellings]
    level = next((option.value.text for option in reversed(quiet) if option.value), str(len(quiet)))
    return command.manager in ("apt-get", "apt") and level not in ("0", "1")


def is_answered(command: PackageCommand, script: Script) -> bool:
    """Whether something else than an empty input can answer: `yes |`, a file, a here-document."""
    call = command.command
    if "xargs" in call.wrappers:
        return False  # which keeps the pipe to itself
    inputs = [redirect for redirect in call.redirects if redirect.operator.startswith("<")]
    if any(redirect.target is None or redirect.target.text != "/dev/null" for redirect in inputs):
        return True
    if call.operator != "|" and not call.subshells:
        return False
    behind = (part for pipe in pipelines(script) for part in pipe.parts[1:])
    return any(call.span == other.span for part in behind for other in part)


def may_be_configured(command: PackageCommand, stage: Stage) -> bool:
    """Whether a file of settings, written or copied above, may say yes."""
    if CONFIGURED.search(command.span.source.text, 0, command.span.start):
        return True
    targets = (i.destination.raw for i in stage.instructions if isinstance(i, Copy) and i.destination)
    return any(target.startswith(("/etc/apt", "/etc/yum", "/etc/dnf", "/etc/zypp")) for target in targets)
