"""The JSON schema of the configuration, made of the keys that there are, the rules and their options.

It is what editors ask for (taplo, SchemaStore): docs/dfguard.schema.json is the text of it.
"""

from __future__ import annotations

from typing import Any

from dfguard import catalog
from dfguard.config_keys import KEYS, OVERRIDABLE, SELECTORS
from dfguard.finding import Confidence, Severity
from dfguard.presets import PRESETS

_Schema = dict[str, Any]
_TYPES = {bool: "boolean", int: "integer", str: "string"}
_SAID = {
    "required-version": "The versions of dfguard that the file is for, such as `>=0.1, <1`.",
    "extends": "Files, relative to this one, or presets that this file builds on; the last is the strongest.",
    "preset": "Which rules run, and their default severities.",
    "preview": "Run rules in preview too.",
    "select": "Run only these rules: codes, beginnings of codes, or names.",
    "extend-select": "Run these rules as well.",
    "ignore": "Do not run these rules.",
    "severity": "Severities by code, beginning of a code, or name.",
    "fail-on": "The least severity that gives exit code 1.",
    "min-confidence": "The least confidence that gives exit code 1.",
    "pedantic": "Show findings of low confidence too.",
    "fixable": "`dfguard fix` applies the fixes of these rules only.",
    "unfixable": "`dfguard fix` does not apply the fixes of these rules.",
    "exclude": "Globs of files that are not checked; without a slash they match a name at any depth.",
    "rules": "Severity and options of single rules, by code or name.",
    "overrides": "Settings for some files only; of several that fit, the last is the strongest.",
    "files": "Globs of the files that the entry is for.",
}


def schema() -> _Schema:
    """The schema, of draft 7, which taplo and SchemaStore take."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "dfguard",
        "description": "The configuration of dfguard: dfguard.toml, .dfguard.toml or [tool.dfguard] in pyproject.toml.",
        "definitions": {
            "rule": {"type": "string", "enum": [word for pair in catalog.names().items() for word in pair]},
            "selector": {
                "anyOf": [{"$ref": "#/definitions/rule"}, {"type": "string", "pattern": "^[Dd][Gg]?[0-9]{0,3}$"}]
            },
            "severity": {"type": "string", "enum": [severity.value for severity in Severity]},
            "rules": _rules(),
        },
        "type": "object",
        "additionalProperties": False,
        "properties": {key: _property(key) for key in KEYS},
    }


def as_text() -> str:
    """The schema as it is printed and kept."""
    import json

    return json.dumps(schema(), indent=2) + "\n"


def _property(key: str) -> _Schema:
    return {"description": _SAID[key], **_value(key)}


def _value(key: str) -> _Schema:
    strings = {"type": "array", "items": {"type": "string"}}
    if key in SELECTORS:
        return {"type": "array", "items": {"$ref": "#/definitions/selector"}}
    if key == "overrides":
        properties = {each: _property(each) for each in OVERRIDABLE}
        items = {"type": "object", "additionalProperties": False, "required": ["files"], "properties": properties}
        return {"type": "array", "items": items}
    simple: dict[str, _Schema] = {
        "required-version": {"type": "string"},
        "extends": {"anyOf": [{"type": "string"}, strings]},
        "preset": {"type": "string", "enum": list(PRESETS), "default": "recommended"},
        "preview": {"type": "boolean", "default": False},
        "severity": {"type": "object", "additionalProperties": {"$ref": "#/definitions/severity"}},
        "fail-on": {"$ref": "#/definitions/severity"},
        "min-confidence": {"type": "string", "enum": [each.value for each in Confidence], "default": "medium"},
        "pedantic": {"type": "boolean", "default": False},
        "exclude": strings,
        "files": {**strings, "minItems": 1},
        "rules": {"$ref": "#/definitions/rules"},
    }
    return simple[key]


def _rules() -> _Schema:
    """A table for each rule under its code and its name, with its options and their defaults."""
    properties: _Schema = {}
    for entry in catalog.entries():
        options = catalog.load(entry).options_type
        defaults = options._defaults if options else {}
        table = {
            "description": entry.title,
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "severity": {"$ref": "#/definitions/severity"},
                **{
                    name.replace("_", "-"): {"type": _TYPES.get(type(default), "array"), "default": default}
                    for name, default in defaults.items()
                },
            },
        }
        properties |= {entry.code: table, entry.name: table}
    return {"type": "object", "additionalProperties": False, "properties": properties}
