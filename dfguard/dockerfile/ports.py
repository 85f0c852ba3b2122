"""What EXPOSE takes: `port`, `first-last`, with `/tcp`, `/udp` or `/sctp` behind it.

`ip:host:port` is taken too, though only the port counts.
https://github.com/moby/buildkit/blob/master/frontend/dockerfile/dockerfile2llb/convert_expose.go
"""

from __future__ import annotations

import re

from dfguard.regex import regex

PROTOCOLS = ("tcp", "udp", "sctp")
LAST = 65535
_NUMBER = regex(r"\+?[0-9]+", re.ASCII)


def port_fault(text: str) -> str:
    """What the builder says of one port, as the end of a sentence; "" when it takes it."""
    address, host, container = _split(text)
    number, _, protocol = container.partition("/")
    if not number:
        return "names no port: expected a number up to 65535, or a range such as 8000-8010"
    if protocol and protocol.lower() not in PROTOCOLS:
        return f"has an unknown protocol: expected one of {', '.join(PROTOCOLS)}"
    if address and not _is_address(address):
        return "has no IP address in front: expected the port alone"
    fault = range_fault(number) or (range_fault(host) if host else "")
    if fault or not host:
        return fault
    width, host_width = _width(number), _width(host)
    return "" if width in (0, host_width) else "maps a range to one of another length: expected the ports alone"


def _split(text: str) -> tuple[str, str, str]:
    """IP address, port of the host and port of the container."""
    parts = text.split(":")
    if len(parts) < 3:
        return "", "" if len(parts) == 1 else parts[0], parts[-1]
    return ":".join(parts[:-2]), parts[-2], parts[-1]


def _is_address(text: str) -> bool:
    from ipaddress import ip_address  # rare, and costs a few milliseconds

    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    try:
        ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def range_fault(text: str) -> str:
    """What the builder says of a number or a range, "" when it is fine."""
    first, dash, last = text.partition("-")
    parts = (first, last) if dash and last != first else (first,)
    if not all(_NUMBER.fullmatch(part) for part in parts):
        return "names no port: expected a number up to 65535, or a range such as 8000-8010"
    numbers = [_value(part) for part in parts]
    if max(numbers) > LAST:
        return f"is out of range: ports go up to {LAST}"
    return "is a range that runs backwards" if numbers[-1] < numbers[0] else ""


def _value(digits: str) -> int:
    return int(digits.lstrip("+0")[:6] or "0")


def _width(text: str) -> int:
    first, _, last = text.partition("-")
    return _value(last or first) - _value(first)
