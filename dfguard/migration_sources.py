"""The configurations of other tools, read as wishes: what they switch off, weigh otherwise, or ask for besides."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from dfguard.config_file import read
from dfguard.errors import InputError, SyntaxRefused
from dfguard.regex import regex
from dfguard.source import Source
from dfguard.struct import Struct

_Keys = tuple["str | int", ...]
OFF, ONLY, SEVERITY, SETTING, LOST = "off", "only", "severity", "setting", "lost"
NAMES = {
    ".hadolint.yaml": "hadolint", ".hadolint.yml": "hadolint", "hadolint.yaml": "hadolint", "hadolint.yml": "hadolint",
    ".tally.toml": "tally", "tally.toml": "tally", "droast.toml": "droast", ".trivyignore": "trivy",
    ".trivyignore.yaml": "trivy", ".checkov.yaml": "checkov", ".checkov.yml": "checkov",
}  # fmt: skip
_DIRECTIVE = regex(r"#\s*check\s*=\s*(.*?)\s*\Z", re.IGNORECASE)
_ANY_DIRECTIVE = regex(r"#\s*[a-z]+\s*=", re.IGNORECASE)
_EXPIRES = regex(r"\bexp:(\d{4}-\d{2}-\d{2})\b")
# Severities elsewhere, and what they are here; "" switches a check off.
_SEVERITIES = {"error": "error", "warning": "warning", "info": "info", "style": "hint", "off": "", "ignore": ""}


class Wish(Struct):
    """One thing that a file of another tool asks for.

    `kind` is one of OFF (the check `subject`), ONLY (run `subject`, and nothing that is not named), SEVERITY (`value`
    for the check `subject`), SETTING (our key `subject` is `value`) and LOST (why `subject` has no like here).
    `files` are the globs of the files that it is for, none for all.
    """

    tool: str
    path: str
    line: int
    kind: str
    subject: str
    value: Any = None
    files: tuple[str, ...] = ()


class _Document(Struct):
    """What a file holds, and the lines of its keys."""

    tool: str
    path: str
    data: dict[str, Any]
    lines: Mapping[_Keys, int]

    def wish(self, keys: _Keys, kind: str, subject: str, value: Any = None, files: tuple[str, ...] = ()) -> Wish:
        line = next((self.lines[keys[:end]] for end in range(len(keys), 0, -1) if keys[:end] in self.lines), 0)
        return Wish(self.tool, self.path, line, kind, subject, value, files)

    def each(self, *keys: str) -> Iterator[tuple[_Keys, str]]:
        """The texts of a list, or of one text with commas; none for anything else."""
        value: Any = self.data
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, str):
            yield from ((keys, word.strip()) for word in value.split(",") if word.strip())
        elif isinstance(value, list):
            for at, word in enumerate(value):
                if isinstance(word, str):
                    yield (*keys, at), word.strip()

    def table(self, *keys: str) -> dict[str, Any]:
        """A table, an empty one for anything else."""
        value: Any = self.data
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        return value if isinstance(value, dict) else {}


def tool_of(path: str) -> str:
    """Whose file this is, by its name; any other is taken for a Dockerfile with BuildKit's directive."""
    return NAMES.get(os.path.basename(path), "buildkit")


def wishes_of(path: str) -> tuple[Wish, ...]:
    """What a file asks for; raises InputError, or ConfigError, for one that can't be read or understood."""
    try:
        return tuple(_wishes(path, tool_of(path), read(path)))
    except SyntaxRefused as error:  # which is said of Dockerfiles only
        raise InputError(path, error.reason) from None


def _wishes(path: str, tool: str, data: bytes) -> Iterator[Wish]:
    if tool == "buildkit" or path.endswith(".trivyignore"):
        text = Source.from_bytes(path, data).text
        return _directives(path, text) if tool == "buildkit" else _trivy_lines(path, text)
    document = _toml(tool, path, data) if path.endswith(".toml") else _yaml(tool, path, data)
    return _READERS[tool](document)


def _toml(tool: str, path: str, data: bytes) -> _Document:
    from dfguard.config_file import document_of
    from dfguard.toml_lines import lines_of

    return _Document(tool, path, document_of(path, data), lines_of(data.decode("utf-8-sig")))


def _yaml(tool: str, path: str, data: bytes) -> _Document:
    from dfguard.context.invocations.yaml_reader import read_yaml

    documents = read_yaml(Source.from_bytes(path, data), strict=False)
    lines: dict[_Keys, int] = {}
    found = _plain(documents[0], (), lines, 0) if documents else {}
    if found is not None and not isinstance(found, dict):
        raise InputError(path, "holds no settings; expected keys and values")
    return _Document(tool, path, found or {}, lines)


def _plain(node: Any, keys: _Keys, lines: dict[_Keys, int], depth: int) -> Any:
    """The plain value of a node, down to eight levels; `lines` gets those of all keys and entries."""
    from dfguard.context.invocations.nodes import Mapping as Pairs
    from dfguard.context.invocations.nodes import Scalar

    lines.setdefault(keys, node.span.start_line)
    if depth > 8:
        return None
    if isinstance(node, Scalar):
        return (node.text or "").lower() in ("true", "yes", "on") if node.kind == "bool" else node.text
    if not isinstance(node, Pairs):
        return [_plain(item, (*keys, at), lines, depth + 1) for at, item in enumerate(node.items)]
    found = {}
    for key, value in node.pairs:
        name = key.text or ""
        here = (*keys, name)
        lines[here] = key.span.start_line
        found[name] = _plain(value, here, lines, depth + 1)
    return found


_HADOLINT_LOST = {
    "trustedRegistries": "no rule here has a list of registries",
    "label-schema": "no rule here looks at labels",
    "strict-labels": "no rule here looks at labels",
    "disable-ignore-pragma": "comments always count here; `dfguard suppressions` lists them",
    "no-fail": "a configuration can't switch off failing; use --exit-zero",
    "format": "a report is of a run, not of a file; use --format or DFGUARD_FORMAT",
    "no-color": "use --color never, or NO_COLOR",
    "verbose": "there is no such mode",
}


def _hadolint(document: _Document) -> Iterator[Wish]:
    for keys, code in document.each("ignored"):
        yield document.wish(keys, OFF, code)
    for severity in document.table("override"):
        for keys, code in document.each("override", severity):
            yield _weighed(document, keys, code, severity)
    for key, value in document.data.items():
        if key in ("ignored", "override"):
            continue
        if key == "failure-threshold":
            yield _threshold(document, (key,), str(value))
        elif value not in (None, False, "false", [], {}):
            yield document.wish(
                (key,), LOST, f"`{key}`", _HADOLINT_LOST.get(key, "hadolint's documents do not have it")
            )


def _weighed(document: _Document, keys: _Keys, code: str, severity: Any, files: tuple[str, ...] = ()) -> Wish:
    known = _SEVERITIES.get(str(severity).lower())
    if known is None:
        return document.wish(keys, LOST, f"severity `{severity}` of {code}", "there is no like severity here")
    if not known:
        return document.wish(keys, OFF, code, files=files)
    return document.wish(keys, SEVERITY, code, known, files)


def _threshold(document: _Document, keys: _Keys, level: str) -> Wish:
    known = _SEVERITIES.get(level.lower())
    if known:
        return document.wish(keys, SETTING, "fail-on", known)
    return document.wish(
        keys, LOST, f"`{keys[-1]}` {level}", "a configuration can't switch off failing; use --exit-zero"
    )


def _tally(document: _Document) -> Iterator[Wish]:
    for keys, pattern in document.each("rules", "exclude"):
        if pattern.endswith("*"):
            yield document.wish(keys, LOST, f"`{pattern}`", "whole sets of another tool's checks have no like here")
        else:
            yield document.wish(keys, OFF, pattern)
    for keys, pattern in document.each("rules", "include"):
        if not pattern.endswith("*"):
            yield document.wish(keys, ONLY, pattern)
    for space, checks in document.table("rules").items():
        for name, options in (checks if isinstance(checks, dict) else {}).items():
            keys = ("rules", space, name)
            for option, value in (options if isinstance(options, dict) else {}).items():
                if option == "severity":
                    yield _weighed(document, (*keys, option), f"{space}/{name}", value)
                else:
                    why = "options of another tool's checks have no like here"
                    yield document.wish((*keys, option), LOST, f"`{option}` of {space}/{name}", why)
    level = document.table("output").get("fail-level")
    if level is not None:
        yield _threshold(document, ("output", "fail-level"), str(level))
    yield from _others(document, ("inline-directives",), {"require-reason": True}, ("enabled",))
    yield from _others(document, ("output",), {}, ("fail-level",))


def _others(
    document: _Document, keys: tuple[str, ...], reasons: dict[str, Any], done: tuple[str, ...]
) -> Iterator[Wish]:
    for key, value in document.table(*keys).items():
        if reasons.get(key) is value:
            yield document.wish((*keys, key), SETTING, "rules.DG803.require-reason", True)
        elif key not in done and value not in (None, False):
            yield document.wish((*keys, key), LOST, f"`{'.'.join((*keys, key))}`", "there is no like key here")


_DROAST_DONE = ("skip", "severity-overrides", "overrides", "paths", "require-suppression-reason", "no-roast")


def _droast(document: _Document) -> Iterator[Wish]:
    yield from _droast_table(document, document.data, (), ())
    overrides = document.data.get("overrides")
    for at, table in enumerate(overrides if isinstance(overrides, list) else ()):
        paths = table.get("paths") if isinstance(table, dict) else None
        files = tuple(path for path in paths if isinstance(path, str)) if isinstance(paths, list) else ()
        if files:
            yield from _droast_table(document, table, ("overrides", at), files)


def _droast_table(document: _Document, table: dict[str, Any], above: _Keys, files: tuple[str, ...]) -> Iterator[Wish]:
    skipped = table.get("skip")
    for at, code in enumerate(skipped if isinstance(skipped, list) else ()):
        yield document.wish((*above, "skip", at), OFF, str(code), files=files)
    weighed = table.get("severity-overrides")
    for code, severity in (weighed if isinstance(weighed, dict) else {}).items():
        yield _weighed(document, (*above, "severity-overrides", code), code, severity, files)
    for key, value in table.items():
        if key == "require-suppression-reason" and value is True:
            yield document.wish((*above, key), SETTING, "rules.DG803.require-reason", True, files)
        elif key not in _DROAST_DONE and value not in (None, False, [], {}):
            yield document.wish((*above, key), LOST, f"`{key}`", "there is no like key here")


def _trivy_lines(path: str, text: str) -> Iterator[Wish]:
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if words:
            yield Wish("trivy", path, number, OFF, words[0])
            until = _EXPIRES.search(line)
            if until:
                yield Wish("trivy", path, number, LOST, f"the end of {words[0]} on {until[1]}", _NO_DATES)


_NO_DATES = "a configuration has no dates; a comment `#trivy:ignore:ID:exp:DATE` has"


def _trivy(document: _Document) -> Iterator[Wish]:
    for section, entries in document.data.items():
        for at, entry in enumerate(entries if isinstance(entries, list) else ()):
            if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
                continue
            keys, name = (section, at, "id"), str(entry["id"])
            if section != "misconfigurations":
                yield document.wish(keys, LOST, name, f"{section} are not what rules here look for")
                continue
            paths = entry.get("paths")
            files = tuple(path for path in paths if isinstance(path, str)) if isinstance(paths, list) else ()
            yield document.wish(keys, OFF, name, files=files)
            if entry.get("expired_at"):
                yield document.wish((section, at, "expired_at"), LOST, f"the end of {name}", _NO_DATES)


def _checkov(document: _Document) -> Iterator[Wish]:
    for keys, name in document.each("skip-check"):
        yield document.wish(keys, OFF, name)
    for keys, name in document.each("check"):
        yield document.wish(keys, ONLY, name)
    for keys, path in document.each("skip-path"):
        yield document.wish(keys, SETTING, "exclude", path)
    for key, value in document.data.items():
        if key not in ("skip-check", "check", "skip-path", "framework") and value not in (None, False, [], {}):
            yield document.wish((key,), LOST, f"`{key}`", "there is no like key here")


def _directives(path: str, text: str) -> Iterator[Wish]:
    """The directive `check=` among those at the top of a Dockerfile."""
    for number, line in enumerate(text.splitlines(), 1):
        found = _DIRECTIVE.match(line.strip())
        if found:
            for part in found[1].split(";"):
                key, _, value = part.partition("=")
                if key.strip().lower() == "skip":
                    why = "the comment counts here as it stands"
                    yield Wish("buildkit", path, number, LOST, f"`skip={value.strip()}`", why)
                elif key.strip().lower() == "error" and value.strip().lower() == "true":
                    yield Wish("buildkit", path, number, SETTING, "fail-on", "hint", (path.replace(os.sep, "/"),))
        elif not _ANY_DIRECTIVE.match(line.strip()):
            return


def environment_wishes(environ: Mapping[str, str]) -> Iterator[Wish]:
    """What hadolint's environment variables ask for, as if they stood in its file."""
    data: dict[str, Any] = {}
    for name, value in environ.items():
        if name.startswith("HADOLINT_") and value:
            key = name.removeprefix("HADOLINT_").lower().replace("_", "-")
            if key.startswith("override-"):
                data.setdefault("override", {})[key.removeprefix("override-")] = value
            else:
                data[_VARIABLES.get(key, key)] = value
    yield from _hadolint(_Document("hadolint", "environment", data, {}))


_VARIABLES = {
    "ignore": "ignored", "nofail": "no-fail", "nocolor": "no-color", "trusted-registries": "trustedRegistries",
    "require-labels": "label-schema",
}  # fmt: skip
_READERS: dict[str, Callable[[_Document], Iterator[Wish]]] = {
    "hadolint": _hadolint, "tally": _tally, "droast": _droast, "trivy": _trivy, "checkov": _checkov,
}  # fmt: skip
