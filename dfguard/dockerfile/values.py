"""What BuildKit takes as a mode, a signal, a platform, a checksum or a size.

Each function returns what is wrong with a text, as the end of a sentence, "" when nothing is.
https://github.com/moby/buildkit/tree/master/frontend/dockerfile/dockerfile2llb
"""

from __future__ import annotations

import re

from dfguard.dockerfile.spelling import nearest
from dfguard.regex import regex

_OCTAL = regex(r"[0-7]+")
_SYMBOLIC = regex(r"[augo]*(?:[-+=][rstwXxugo]*)+(?:,[augo]*(?:[-+=][rstwXxugo]*)+)*")
_INTEGER = regex(r"[-+]?[0-9]+", re.ASCII)

_SIGNALS = (
    "ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM "
    "TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX"
).split()
_REALTIME = regex(r"RTMIN\+([1-9]|1[0-5])|RTMAX-([1-9]|1[0-4])")

_SYSTEM = regex(r"([A-Za-z0-9_-]+)(?:\([A-Za-z0-9_.%-]*(?:\+[A-Za-z0-9_.%-]+)*\))?")
_PLATFORM_PART = regex(r"[A-Za-z0-9_.-]+")
_SYSTEMS = frozenset(
    "aix android darwin dragonfly freebsd hurd illumos ios js linux macos nacl netbsd openbsd plan9 solaris windows "
    "zos".split()
)
_ARCHITECTURES = frozenset(
    "386 aarch64 amd64 amd64p32 arm arm64 arm64be armbe armel armhf i386 loong64 mips mips64 mips64le mips64p32 "
    "mips64p32le mipsle ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm x86-64 x86_64".split()
)

_DIGEST = regex(r"[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+")
_DIGEST_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}
_HEXADECIMAL = regex(r"[a-f0-9]+")

_SIZE = regex(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)? ?(?:b|[kmgtp]i?b?)?", re.ASCII | re.IGNORECASE)


def mode_fault(text: str) -> str:
    """--chmod: octal digits up to 7777, or symbols as chmod(1) takes them."""
    if _OCTAL.fullmatch(text):
        digits = text.lstrip("0") or "0"
        return "" if len(digits) <= 4 else "is out of range: modes go up to 7777"
    if _SYMBOLIC.fullmatch(text):
        return ""
    return "is no mode: expected octal digits such as 0755, or symbols such as u=rwX,go=rX"


def signal_fault(text: str) -> str:
    """STOPSIGNAL: a number other than 0, or the name of a signal with or without SIG."""
    if _INTEGER.fullmatch(text):
        return "" if abs(number_of(text)) in range(1, 1 << 63) else "is no signal: there is none of that number"
    name = text.upper().removeprefix("SIG")
    if name in _SIGNALS or _REALTIME.fullmatch(name):
        return ""
    return "is no signal: expected a name such as SIGTERM, or a number"


def near_signal(text: str) -> str | None:
    """The signal that was meant."""
    near = nearest(text.upper().removeprefix("SIG"), _SIGNALS)
    return f"SIG{near}" if near else None


def number_of(text: str) -> int:
    """The value of decimal digits with a sign or none; of thousands of them, a number that is too large."""
    digits = text.lstrip("+-0") or "0"
    value = int(digits) if len(digits) <= 40 else 1 << 128
    return -value if text.startswith("-") else value


def platform_fault(text: str) -> str:
    """--platform: `os`, `arch`, `os/arch` or `os/arch/variant`."""
    parts = text.split("/")
    system = _SYSTEM.fullmatch(parts[0])
    if len(parts) > 3 or system is None or any(not _PLATFORM_PART.fullmatch(part) for part in parts[1:]):
        return "is no platform: expected os/arch or os/arch/variant, such as linux/amd64"
    if len(parts) == 1 and system[1].lower() not in _SYSTEMS and parts[0].lower() not in _ARCHITECTURES:
        return "is no operating system or architecture: expected os/arch, such as linux/amd64"
    return ""


def digest_fault(text: str) -> str:
    """--checksum of a download: an algorithm and as many hexadecimal digits as it gives."""
    algorithm, _, digits = text.partition(":")
    length = _DIGEST_LENGTHS.get(algorithm)
    if length is None:
        known = ", ".join(_DIGEST_LENGTHS)
        unknown = _DIGEST.fullmatch(text)
        return f"names no algorithm that is known ({known})" if unknown else "is no checksum: expected sha256:..."
    if len(digits) != length or not _HEXADECIMAL.fullmatch(digits):
        return f"is no checksum: {algorithm}: and {length} lower-case hexadecimal digits are expected"
    return ""


def size_fault(text: str) -> str:
    """size= of a mount: a number with a unit or none."""
    return "" if _SIZE.fullmatch(text) else "is no size: expected a number with a unit, such as 64m or 1g"
