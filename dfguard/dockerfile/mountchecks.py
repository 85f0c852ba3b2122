"""What BuildKit refuses of a `--mount` when it comes to the RUN.

https://github.com/moby/buildkit/blob/master/frontend/dockerfile/instructions/commands_runmount.go;
options are looked at in the order in which they are written, as there.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from dfguard.dockerfile.directives import BOOLEANS
from dfguard.dockerfile.mounts import FLAGS_WITHOUT_VALUE, OPTIONS, SHARING, TYPES, BadFields, fields
from dfguard.dockerfile.nodes import Mount
from dfguard.dockerfile.spelling import did_you_mean, nearest
from dfguard.dockerfile.values import number_of, size_fault
from dfguard.dockerfile.words import Expanded, Known
from dfguard.regex import regex
from dfguard.source import Span
from dfguard.struct import Struct

_OCTAL = regex(r"[0-7]+")
OF_BUILDAH = ("z", "u", "relabel", "tmpcopyup", "bind-propagation", "exec", "noexec", "dev", "suid", "nosuid", "nodev")
_OF_FILES = ("secret", "ssh", "cache")  # types with an owner and a mode
_SAME = {"src": "source", "dst": "target", "destination": "target", "ro": "readonly", "rw": "readwrite"}

Expand = Callable[[str], Expanded]
Know = Callable[[str], "Known | None"]


class MountFault(Struct):
    """What is wrong with a mount, and where.

    `error` is set when a value can't be expanded, `needs` names a build argument that would mend it.
    """

    span: Span
    message: str
    suggestion: str | None = None
    error: Expanded | None = None
    needs: str = ""


class _Refused(Exception):
    """The reading stops at option `index`, None for the mount as a whole."""

    def __init__(self, message: str, index: int | None = None, near: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.index = index
        self.near = near
        self.error: Expanded | None = None


class _Reader:
    """The options of one mount, one after another; a value that is not known is None.

    `needs` names a build argument without a value that one of them holds.
    """

    def __init__(self, expand: Expand, known: Know) -> None:
        self.expand = expand
        self.known = known
        self.needs = ""
        self.type: str | None = "bind"
        self.values: dict[str, str | None] = {}

    def read(self, index: int, field: str) -> None:
        """Take one option. Raises _Refused."""
        key, equals, raw = field.partition("=")
        key = key.lower()
        if not equals and not self._switch(key, index):
            raise _Refused(_stands_alone(field, key), index)
        if not equals:
            return
        expanded = self.expand(raw)
        if expanded.error:
            refused = _Refused(expanded.error, index)
            refused.error = expanded
            raise refused
        if key not in OPTIONS:
            near = nearest(key, OPTIONS)
            raise _Refused(_unknown(key), index, near and f"{near}={raw}")
        known = self.known(raw)
        value = known.value if known else None
        self.needs = self.needs or (known.needs if known else "")
        fault = "" if value is None else _value_fault(key, value)
        if fault:
            near = nearest(value or "", TYPES if key == "type" else SHARING) if key in ("type", "sharing") else None
            raise _Refused(fault, index, f"{key}={near}" if near else None)
        self._put(_SAME.get(key, key), value, index)

    def _switch(self, key: str, index: int) -> bool:
        """Whether an option may stand without a value."""
        if key == "required":
            self._needs_type(key, ("secret", "ssh"), index)
        return key in FLAGS_WITHOUT_VALUE

    def _needs_type(self, key: str, types: tuple[str, ...], index: int) -> None:
        if self.type is not None and self.type not in types:
            late = " (type= must stand before it)" if self.type == "bind" and "type" not in self.values else ""
            raise _Refused(f"{key} is an option of {' and '.join(types)} mounts, not of {self.type}{late}", index)

    def _put(self, key: str, value: str | None, index: int) -> None:
        if key == "required":
            self._needs_type(key, ("secret", "ssh"), index)
        elif key == "size":
            self._needs_type(key, ("tmpfs",), index)
        elif key == "type":
            self.type = value.lower() if value is not None else None
        self.values[key] = value

    def conclude(self, workdir: str | None) -> None:
        """Look at what the options are together. Raises _Refused."""
        if self.type is None:
            return
        if self.type not in _OF_FILES:
            for key in ("mode", "uid", "gid"):
                if key in self.values:
                    raise _Refused(f"{key} is no option of a {self.type} mount: only {', '.join(_OF_FILES)} have it")
        if self.type == "secret":
            self._secret()
        if self._has("sharing") and self.type != "cache":
            raise _Refused(f"sharing is an option of cache mounts, not of {self.type}")
        if self.type == "ssh" and self._has("source"):
            raise _Refused("an ssh mount has no source: id= names the socket")
        if self.type in ("bind", "cache", "tmpfs"):
            self._target(workdir)

    def _has(self, key: str) -> bool:
        """Whether an option has a value that is known not to be empty."""
        return bool(self.values.get(key))

    def _may_have(self, key: str) -> bool:
        return key in self.values and self.values[key] != ""

    def _secret(self) -> None:
        for key in ("from", "sharing"):
            if self._has(key):
                raise _Refused(f"{key} is no option of a secret mount")
        if not any(self._may_have(key) for key in ("source", "target", "id")):
            raise _Refused("a secret mount needs id= or target=: nothing says which secret is meant")
        if self._has("source") and self._has("id"):
            raise _Refused("source and id of a secret mount are the same thing: only one can be set")

    def _target(self, workdir: str | None) -> None:
        target = self.values.get("target", "")
        if target is None or target.startswith("/"):
            where = target
        else:
            where = posixpath.normpath(posixpath.join(workdir, target)) if workdir is not None else None
        if where != "/":
            return
        if not target:
            raise _Refused("the mount needs a target, as the working directory is /: target=/...")
        raise _Refused(f"a mount can't have the target {target}: name a folder below /")


def _unknown(key: str) -> str:
    if key in OF_BUILDAH:
        return f"{key} is an option of Podman and Buildah, which BuildKit does not know"
    return f"--mount knows no option {key}{did_you_mean(key, OPTIONS)}"


def _stands_alone(field: str, key: str) -> str:
    """What to say of an option without a value."""
    if key in OPTIONS:
        return f"{key} needs a value: {key}=..."
    return _unknown(key) if key in OF_BUILDAH else f"{field} stands alone: expected key=value"


def _value_fault(key: str, value: str) -> str:
    """What is wrong with the value of an option, taken alone."""
    if key == "type" and value.lower() not in TYPES:
        return f"{value} is no type of mount ({', '.join(TYPES)}){_near(value, TYPES)}"
    if key == "sharing" and value.lower() not in SHARING:
        return f"sharing={value}: the value is one of {', '.join(SHARING)}{_near(value, SHARING)}"
    if key in ("readonly", "ro", "readwrite", "rw", "required") and value not in BOOLEANS:
        return f"{key}={value}: the value is true or false"
    if key == "mode" and not (_OCTAL.fullmatch(value) and int(value.lstrip("0")[:20] or "0", 8) < 1 << 32):
        return f"mode={value}: the value is an octal number such as 0400"
    if key in ("uid", "gid") and not (value.isascii() and value.isdigit() and number_of(value) < 1 << 32):
        return f"{key}={value}: the value is a number, names are not looked up"
    if key == "size" and (fault := size_fault(value)):
        return f"size={value} {fault}"
    return ""


def _near(value: str, choices: tuple[str, ...]) -> str:
    near = nearest(value, choices)
    return f" (did you mean {near}?)" if near else ""


def mount_fault(mount: Mount, expand: Expand, known: Know, workdir: str | None) -> MountFault | None:
    """The first thing that BuildKit refuses of a mount, None for none.

    `expand` expands a word, `known` gives what is known of its value, and `workdir` is the working
    directory, None when it is not known.
    """
    try:
        written = fields(mount.flag.value or "")
    except BadFields:
        return None  # the parser says so
    reader = _Reader(expand, known)
    try:
        for index, field in enumerate(written):
            reader.read(index, field)
        reader.conclude(workdir)
    except _Refused as refused:
        return MountFault(
            _place(mount, written, refused.index), refused.message, refused.near, refused.error, reader.needs
        )
    return None


def _place(mount: Mount, written: list[str], index: int | None) -> Span:
    """The option at `index`, the whole flag where there is none or quotes hide it."""
    value = mount.flag.value_span
    if index is None or not written[index] or value is None or value.text != mount.flag.value or '"' in value.text:
        return mount.span
    start = sum(len(field) + 1 for field in written[:index])
    return value.sub(start, start + len(written[index]))
