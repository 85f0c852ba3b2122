"""What an executable file needs to run, read from its first bytes: ELF header or `#!` line."""

from __future__ import annotations

import struct

_MACHINES = {
    3: "386", 8: "mips", 20: "ppc", 21: "ppc64", 22: "s390x", 40: "arm", 62: "amd64", 183: "arm64", 243: "riscv64",
    258: "loong64",
}  # fmt: skip
_PT_INTERP = 3
_MAX_HEADERS = 64


def interpreter_of(head: bytes) -> str:
    """What runs a program, of which `head` are the first 4 KiB or all.

    `#!/bin/sh -e` for a script, `elf:amd64:/lib64/ld-linux-x86-64.so.2` for a dynamic ELF program,
    `elf:amd64:` for a static one (or one whose loader is named further behind), `pe` for one of Windows,
    "" for what is neither. A script with CRLF keeps its `\\r`, since the kernel does. Source: elf(5), execve(2).
    """
    if head[:2] == b"#!":
        line = head[:256].partition(b"\n")[0]
        return line.decode("utf-8", "surrogateescape")
    if head[:4] == b"\x7fELF":
        return _elf(head)
    return "pe" if head[:2] == b"MZ" else ""


def _elf(head: bytes) -> str:
    if len(head) < 64 or head[4] not in (1, 2) or head[5] not in (1, 2):
        return "elf::"
    order = "<" if head[5] == 1 else ">"
    (machine,) = struct.unpack_from(order + "H", head, 18)
    wide = head[4] == 2
    (table,) = struct.unpack_from(order + ("Q" if wide else "I"), head, 32 if wide else 28)
    size, count = struct.unpack_from(order + "HH", head, 54 if wide else 42)
    name = _MACHINES.get(machine, str(machine))
    for index in range(min(count, _MAX_HEADERS)):
        at = table + index * size
        if at + (56 if wide else 32) > len(head):
            break
        (kind,) = struct.unpack_from(order + "I", head, at)
        if kind == _PT_INTERP:
            offset = struct.unpack_from(order + ("Q" if wide else "I"), head, at + (8 if wide else 4))[0]
            loader = head[offset : offset + 256].partition(b"\0")[0] if offset < len(head) else b""
            return f"elf:{name}:{loader.decode('utf-8', 'replace')}"
    return f"elf:{name}:"
