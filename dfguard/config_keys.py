"""What each key of the configuration may hold; imported only when there is a configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dfguard.finding import Confidence, Severity

PRESETS = ("recommended", "strict")

_KEYS = (
    "preset",
    "select",
    "extend-select",
    "ignore",
    "severity",
    "fail-on",
    "min-confidence",
    "pedantic",
    "exclude",
    "rules",
)


class Mistake(Exception):
    """A wrong value or key, at `keys`: the path of keys and list indices inside the dfguard table."""

    def __init__(self, keys: tuple[str | int, ...], message: str) -> None:
        super().__init__(message)
        self.keys = keys


def read_keys(table: dict[str, object], known: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """The fields of `dfguard.config.Config` that a table sets, where `rules` are the fields of RuleOptions.

    `known` maps codes of rules to names. Raises Mistake.
    """
    for key, value in table.items():
        if key in ("select", "extend-select", "ignore"):
            strings = _strings(key, value)
            yield (
                key.replace("-", "_"),
                tuple(_selector((key, at), entry, known) for at, entry in enumerate(strings)),
            )
        elif key == "exclude":
            yield key, _strings(key, value)
        elif key == "pedantic":
            if not isinstance(value, bool):
                raise _wrong_type((key,), value, "true or false")
            yield key, value
        elif key == "preset":
            yield key, _choice((key,), value, PRESETS)
        elif key == "fail-on":
            yield "fail_on", _severity((key,), value)
        elif key == "min-confidence":
            yield "min_confidence", Confidence(_choice((key,), value, tuple(c.value for c in Confidence)))
        elif key == "severity":
            yield "severities", tuple(_severities(value, known))
        elif key == "rules":
            yield key, tuple(_rules(value, known))
        else:
            raise Mistake((key,), f"unknown key `{key}`{_hint(key, _KEYS)}")


def _severities(value: object, known: Mapping[str, str]) -> Iterator[tuple[str, Severity]]:
    for key, severity in _table("severity", value, 'a table such as { DG302 = "error" }').items():
        yield _selector(("severity", key), key, known), _severity(("severity", key), severity)


def _rules(value: object, known: Mapping[str, str]) -> Iterator[tuple[str, str, tuple[tuple[str, object], ...]]]:
    """Code, key as written and options of each table."""
    set_by: dict[str, str] = {}
    for key, options in _table("rules", value, "tables such as [rules.DG205]").items():
        code = _code(("rules", key), key, known)
        if not isinstance(options, dict):
            raise _wrong_type(("rules", key), options, "a table of options")
        if code in set_by:
            raise Mistake(("rules", key), f"`{key}` and `{set_by[code]}` are the same rule")
        set_by[code] = key
        yield code, key, tuple(options.items())


def _table(key: str, value: object, expected: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _wrong_type((key,), value, expected)
    return value


def _strings(key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _wrong_type((key,), value, "a list of strings")
    for at, entry in enumerate(value):
        if not isinstance(entry, str):
            raise _wrong_type((key, at), entry, "a string")
    return tuple(value)


def _severity(keys: tuple[str | int, ...], value: object) -> Severity:
    return Severity(_choice(keys, value, tuple(severity.value for severity in Severity)))


def _choice(keys: tuple[str | int, ...], value: object, choices: tuple[str, ...]) -> str:
    expected = ", ".join(f"`{choice}`" for choice in choices)
    if not isinstance(value, str):
        raise _wrong_type(keys, value, f"one of {expected}")
    if value not in choices:
        raise Mistake(keys, f"`{keys[-1]}` is `{value}`; expected one of {expected}")
    return value


def _selector(keys: tuple[str | int, ...], text: str, known: Mapping[str, str]) -> str:
    """A code, the beginning of codes (`DG1`), or the code of a rule that is given by name."""
    begin = text.upper()
    if begin and any(code.startswith(begin) for code in known):
        return begin
    return _code(keys, text, known)


def _code(keys: tuple[str | int, ...], text: str, known: Mapping[str, str]) -> str:
    if text.upper() in known:
        return text.upper()
    for code, name in known.items():
        if name == text:
            return code
    raise Mistake(keys, f"no rule is called `{text}`{_hint(text, (*known, *known.values()))}")


def resolve_selector(text: str, known_codes: Mapping[str, str]) -> str:
    """The code, or beginning of codes, that `text` (a code, its beginning or a name) stands for.

    Raises ValueError, with the nearest right name, when it stands for no rule.
    """
    try:
        return _selector((), text, known_codes)
    except Mistake as mistake:
        raise ValueError(str(mistake)) from None


_TYPES = (
    (bool, "a boolean"),
    (int, "a number"),
    (float, "a number"),
    (str, "a string"),
    (list, "a list"),
    (dict, "a table"),
)


def _wrong_type(keys: tuple[str | int, ...], value: object, expected: str) -> Mistake:
    kind = next((name for known, name in _TYPES if isinstance(value, known)), "a date or time")
    named = [str(key) for key in keys if isinstance(key, str)]
    what = f"an entry of `{'.'.join(named)}`" if isinstance(keys[-1], int) else f"`{'.'.join(named)}`"
    return Mistake(keys, f"{what} is {kind}; expected {expected}")


def _hint(wrong: str, right: tuple[str, ...]) -> str:
    """The nearest right word, or all of them when there are few."""
    from difflib import get_close_matches

    near = get_close_matches(wrong, right, n=1) or get_close_matches(wrong.upper(), right, n=1)
    if near:
        return f"; did you mean `{near[0]}`?"
    return f"; expected one of {', '.join(f'`{word}`' for word in right)}" if len(right) <= 12 else ""
