"""What a plain YAML value turns into when Go prints it: `3.10` becomes `3.1`, `017` becomes `15`.

Compose reads numbers before it hands them over as text. https://github.com/go-yaml/yaml/blob/v3/resolve.go
and the verb %v of https://pkg.go.dev/fmt
"""

from __future__ import annotations

from dfguard.context.invocations.nodes import Scalar
from dfguard.regex import regex

_BASES = {"0x": 16, "0o": 8, "0b": 2}
_DATE = regex(r"(\d{4})-(\d\d?)-(\d\d?)\Z")
MOST_DIGITS = 400  # of a number; a longer text is left alone


def go_text(scalar: Scalar) -> str | None:
    """The text that Compose hands over for a scalar, None for null and for what is not known."""
    text = scalar.text
    if text is None or scalar.kind == "string" or len(text) > MOST_DIGITS:
        return _go_date(scalar) if text is not None and scalar.kind == "string" else text
    if scalar.kind == "bool":
        return text.lower()
    plain = text.replace("_", "")
    if scalar.kind == "int":
        number = _go_int(plain)
        if number is not None:
            return str(number)
    try:
        return _go_float(float(plain))
    except (ValueError, OverflowError):
        return text


def _go_date(scalar: Scalar) -> str | None:
    date = _DATE.match(scalar.text or "") if scalar.span.text == scalar.text else None
    if date is None:
        return scalar.text
    return f"{date[1]}-{int(date[2]):02}-{int(date[3]):02} 00:00:00 +0000 UTC"


def _go_int(text: str) -> int | None:
    """As strconv.ParseInt with base 0, None where it fails or the number needs more than 64 bits."""
    sign, digits = (text[0], text[1:]) if text[:1] in ("+", "-") else ("", text)
    base = _BASES.get(digits[:2].lower(), 8 if digits.startswith("0") and len(digits) > 1 else 10)
    try:
        number = int(sign + digits, base)
    except ValueError:
        return None
    return number if -(2**63) <= number < 2**64 else None


def _go_float(number: float) -> str:
    sign = "-" if str(number).startswith("-") else ""
    mantissa, _, power = f"{abs(number)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(power or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if not digits:
        return sign + "0"
    exponent = point - 1
    if exponent < -4 or exponent >= 6:
        rest = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{rest}e{'-' if exponent < 0 else '+'}{abs(exponent):02}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if len(digits) <= point:
        return sign + digits + "0" * (point - len(digits))
    return f"{sign}{digits[:point]}.{digits[point:]}"
