"""What each key of the configuration may hold; imported only when there is a configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dfguard.finding import Confidence, Severity
from dfguard.presets import PRESETS
from dfguard.version_range import version_range

KEYS = (
    "required-version",
    "extends",
    "preset",
    "preview",
    "select",
    "extend-select",
    "ignore",
    "severity",
    "fail-on",
    "min-confidence",
    "pedantic",
    "fixable",
    "unfixable",
    "exclude",
    "rules",
    "overrides",
)
# What counts for a run or a whole file cannot count for some files only.
OVERRIDABLE = ("files", *(key for key in KEYS if key not in ("required-version", "extends", "exclude", "overrides")))
SELECTORS = ("select", "extend-select", "ignore", "fixable", "unfixable")


class Mistake(Exception):
    """A wrong value or key, at `keys`: the path of keys and list indices inside the dfguard table."""

    def __init__(self, keys: tuple[str | int, ...], message: str) -> None:
        super().__init__(message)
        self.keys = keys


def read_keys(
    table: dict[str, object], known: Mapping[str, str], allowed: tuple[str, ...] = KEYS
) -> Iterator[tuple[str, Any]]:
    """The fields of `dfguard.config.Config` that a table sets, where `rules` are the fields of RuleOptions.

    Beside them there may be `extends` as (keys, entry) pairs, `required_version`, and `overrides` as pairs of globs
    and fields. `known` maps codes of rules to names; `allowed` are the keys that the table may have. Raises Mistake.
    """
    severities: dict[str, Severity] = {}
    for key, value in table.items():
        if key not in allowed:
            why = " in [[overrides]]" if key in KEYS else ""
            raise Mistake((key,), f"unknown key `{key}`{why}{_hint(key, allowed)}")
        if key == "severity":
            severities = dict(_severities(value, known)) | severities
        elif key == "rules":
            tables = tuple(_rules(value, known))
            severities |= {code: severity for code, _, _, severity in tables if severity is not None}
            yield key, tuple(fields[:3] for fields in tables if fields[2])
        else:
            yield key.replace("-", "_"), _value(key, value, known)
    if severities:
        yield "severities", tuple(severities.items())


def _value(key: str, value: object, known: Mapping[str, str]) -> Any:
    """What a key is set to, but for `severity` and `rules`."""
    if key in SELECTORS:
        strings = _strings(key, value)
        return tuple(_selector((key, at), entry, known) for at, entry in enumerate(strings))
    if key in ("exclude", "files"):
        return _strings(key, value)
    if key in ("pedantic", "preview"):
        if not isinstance(value, bool):
            raise _wrong_type((key,), value, "true or false")
        return value
    if key == "preset":
        return _choice((key,), value, tuple(PRESETS))
    if key == "fail-on":
        return _severity((key,), value)
    if key == "min-confidence":
        return Confidence(_choice((key,), value, tuple(c.value for c in Confidence)))
    if key == "extends":
        return tuple(_extends(value))
    return tuple(_overrides(value, known)) if key == "overrides" else _version(value)


def _extends(value: object) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Each entry with its place."""
    if isinstance(value, str):
        yield ("extends",), value
        return
    if not isinstance(value, list):
        raise _wrong_type(("extends",), value, "a path, or a list of them")
    for at, entry in enumerate(_strings("extends", value)):
        yield ("extends", at), entry


def _version(value: object) -> Any:
    keys = ("required-version",)
    if not isinstance(value, str):
        raise _wrong_type(keys, value, 'a string such as ">=1.2, <2"')
    wanted = version_range(value)
    if wanted is None:
        raise Mistake(keys, f'`required-version` is `{value}`; expected conditions such as ">=1.2, <2"')
    return wanted


def _overrides(value: object, known: Mapping[str, str]) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """The globs and the fields of each table."""
    if not isinstance(value, list):
        raise _wrong_type(("overrides",), value, "tables such as [[overrides]]")
    for at, table in enumerate(value):
        here = ("overrides", at)
        if not isinstance(table, dict):
            raise _wrong_type(here, table, "a table with `files`")
        try:
            fields = dict(read_keys(table, known, OVERRIDABLE))
        except Mistake as mistake:
            raise Mistake((*here, *mistake.keys), str(mistake)) from None
        if not fields.get("files"):
            raise Mistake(here, "an entry of `overrides` has no `files`; expected a list of globs")
        yield fields.pop("files"), fields


def _severities(value: object, known: Mapping[str, str]) -> Iterator[tuple[str, Severity]]:
    for key, severity in _table("severity", value, 'a table such as { DG302 = "error" }').items():
        yield _selector(("severity", key), key, known), _severity(("severity", key), severity)


def _rules(
    value: object, known: Mapping[str, str]
) -> Iterator[tuple[str, str, tuple[tuple[str, object], ...], Severity | None]]:
    """Code, key as written, options and severity of each table."""
    set_by: dict[str, str] = {}
    for key, options in _table("rules", value, "tables such as [rules.DG205]").items():
        code = _code(("rules", key), key, known)
        if not isinstance(options, dict):
            raise _wrong_type(("rules", key), options, "a table of options")
        if code in set_by:
            raise Mistake(("rules", key), f"`{key}` and `{set_by[code]}` are the same rule")
        set_by[code] = key
        severity = _severity(("rules", key, "severity"), options["severity"]) if "severity" in options else None
        yield code, key, tuple((name, given) for name, given in options.items() if name != "severity"), severity


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
    raise Mistake(keys, f"no rule is called `{text}`{_of_a_peer(text) or _hint(text, (*known, *known.values()))}")


def _of_a_peer(text: str) -> str:
    """Which tool's check a word is, and which of our rules answer it; empty for any other word."""
    from dfguard import peers

    rules = peers.rules_for(text)
    ids = (pair for check in peers.known(text) for pair in check.ids)
    tools = dict.fromkeys(tool for tool, each in ids if peers.key(each) == peers.key(text))
    if not tools and not rules:
        return ""
    whose = f"{' and '.join(tools)}'s" if tools else "another tool's"
    here = f"here {' and '.join(entry.code for entry in rules)}" if rules else "no rule here answers it"
    return f"; that is {whose} {text}: {here}"


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
    return f"; expected one of {', '.join(f'`{word}`' for word in right)}" if len(right) <= 20 else ""
