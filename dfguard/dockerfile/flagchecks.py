"""Which flags each instruction knows, and what BuildKit says of others.

https://github.com/moby/buildkit/blob/master/frontend/dockerfile/instructions/bflag.go
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.dockerfile.directives import BOOLEANS
from dfguard.dockerfile.mounts import BadFields, fields
from dfguard.dockerfile.nodes import Flag, Healthcheck, Instruction, Mount, Problem, Run, Unknown
from dfguard.dockerfile.spelling import did_you_mean, nearest
from dfguard.regex import regex

SWITCH, VALUE, VALUES = "switch", "value", "values"  # --link, --chown=x, --mount=x more than once
FLAGS: dict[str, dict[str, str]] = {
    "ADD": dict.fromkeys(("chown", "chmod", "checksum"), VALUE)
    | dict.fromkeys(("link", "keep-git-dir", "unpack"), SWITCH)
    | {"exclude": VALUES},
    "COPY": dict.fromkeys(("from", "chown", "chmod"), VALUE)
    | dict.fromkeys(("link", "parents"), SWITCH)
    | {"exclude": VALUES},
    "FROM": {"platform": VALUE},
    "HEALTHCHECK": dict.fromkeys(("interval", "timeout", "start-period", "start-interval", "retries"), VALUE),
    "RUN": {"mount": VALUES, "network": VALUE, "security": VALUE, "device": VALUES},
}
_IGNORING = ("ARG", "STOPSIGNAL")  # BuildKit does not look at their flags
_CHOICES = {"network": ("default", "none", "host"), "security": ("insecure", "sandbox")}
_GO_DURATION = regex(r"[-+]?(?:0|(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)")
_DURATION_PART = regex(r"([0-9]*\.?[0-9]*)(ns|us|µs|μs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_INTEGER = regex(r"[-+]?[0-9]+")


def flag_problems(node: Instruction, foreign: bool) -> Iterator[Problem]:
    """What is wrong with the flags of an instruction; `foreign` when another frontend may know more of them."""
    if not node.flags or isinstance(node, Unknown):
        return
    if node.name in _IGNORING or (isinstance(node, Healthcheck) and node.test is None and _is_none(node)):
        yield Problem(node.flags[0].span, "bad-flag", f"{node.name} takes no flags: BuildKit ignores them", False)
        return
    known = FLAGS.get(node.name, {})
    seen: set[str] = set()
    refused = not node.onbuild
    for flag in node.flags:
        if flag.name in seen and flag.name not in known:
            continue  # said once
        kind = known.get(flag.name)
        if kind is None:
            yield Problem(
                flag.span, "bad-flag", _unknown(node.name, flag, known), refused and not foreign, _meant(flag, known)
            )
        elif message := _flag_message(node.name, flag, kind, flag.name in seen):
            place = flag.value_span if flag.value and flag.value_span and flag.name not in seen else flag.span
            yield Problem(place, "bad-value", message, refused)
        seen.add(flag.name)
    if isinstance(node, Run):
        for mount in node.mounts:
            yield from _mount_problems(mount, refused)


def _is_none(node: Healthcheck) -> bool:
    return node.arguments.text.upper() == "NONE"


def _meant(flag: Flag, known: dict[str, str]) -> str | None:
    """The flag as written, but with the name of the nearest known one."""
    near = nearest(flag.name, known)
    return f"--{near}{flag.span.text[len(flag.name) + 2 :]}" if near and "--" + flag.name in flag.span.text else None


def _unknown(name: str, flag: Flag, known: dict[str, str]) -> str:
    owners = [owner for owner, options in FLAGS.items() if flag.name in options]
    near = did_you_mean("--" + flag.name, ["--" + option for option in known])
    hint = f": it is a flag of {' and '.join(owners)}" if owners else near
    listed = ", ".join("--" + option for option in known)
    return f"{name} knows no flag --{flag.name}{hint or (f' ({listed})' if known else '')}"


def _flag_message(name: str, flag: Flag, kind: str, twice: bool) -> str:
    if kind != VALUES and twice:
        return f"--{flag.name} is given twice"
    if kind == SWITCH:
        if flag.value is None or flag.value.lower() in ("true", "false"):
            return ""
        return f"--{flag.name}={flag.value}: the value is true or false"
    if flag.value is None:
        return f"--{flag.name} needs a value: --{flag.name}=..."
    return _value_message(name, flag, flag.value)


def _value_message(name: str, flag: Flag, value: str) -> str:
    choices = _CHOICES.get(flag.name)
    if choices and value not in choices:
        return f"--{flag.name}={value}: the value is one of {', '.join(choices)}{_near(value, choices)}"
    if name == "HEALTHCHECK":
        return _number_message(value) if flag.name == "retries" else _duration_message(flag.name, value)
    if flag.name == "device":
        return _device_message(value)
    return ""


def _near(value: str, choices: tuple[str, ...]) -> str:
    near = nearest(value, choices)
    return f" (did you mean {near}?)" if near else ""


def _number_message(value: str) -> str:
    if not value:
        return ""
    if not _INTEGER.fullmatch(value) or len(value) > 11 or not 0 <= int(value) < 1 << 31:
        return f"--retries={value}: the value is a whole number, 0 or more"
    return ""


def _duration_message(name: str, value: str) -> str:
    if not value:
        return ""
    if not _GO_DURATION.fullmatch(value):
        return f"--{name}={value}: the value is a duration with a unit, such as 30s, 5m or 1m30s"
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in _DURATION_PART.findall(value))
    if seconds and (value.startswith("-") or seconds < 0.001):
        return f"--{name}={value}: the value is at least 1ms"
    if seconds * 1e9 >= 1 << 63:
        return f"--{name}={value}: the value is too long"
    return ""


def _device_message(value: str) -> str:
    try:
        parts = fields(value)
    except BadFields as error:
        return f"--device={value}: {error}"
    named = False
    for part in parts:
        key, equals, content = part.partition("=")
        if key.lower() == "required":
            if equals and content not in BOOLEANS:
                return f"--device={value}: required is true or false"
        elif not named:
            named = True
        else:
            return f"--device={value}: {part} is no option (name, required)"
    return ""


def _mount_problems(mount: Mount, refused: bool) -> Iterator[Problem]:
    """What the parser itself refuses; dfguard.dockerfile.mountchecks has the rest."""
    value = mount.flag.value
    if value is None:
        return
    try:
        fields(value)
    except BadFields as error:
        yield Problem(mount.span, "bad-mount", f"--mount={value} can't be read: {error}", refused)
        return
    for key, content in mount.options:
        if key == "from" and "$" in content[:-1]:
            message = "from= takes no variables: name a stage (FROM $IMAGE AS name) and mount from that"
            yield Problem(mount.span, "bad-mount", message, refused)
            return
