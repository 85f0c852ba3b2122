"""What package managers of languages leave beside the code: METADATA, package.json, gemspecs."""

from __future__ import annotations

import re
from typing import Any

from dfguard.image.packages.found import GEM, NPM, PYPI, Package, Unreadable
from dfguard.regex import regex

_MOST_TEXT = 120  # people put the whole text of a license where its name belongs
_GEM_NAME = regex(r"""^\s*s\.name\s*=\s*["']([^"']+)""", re.MULTILINE)
_GEM_VERSION = regex(r"""^\s*s\.version\s*=\s*(?:Gem::Version\.new\(?\s*)?["']([^"']+)""", re.MULTILINE)
_GEM_PLATFORM = regex(r"""^\s*s\.platform\s*=\s*["']([^"']+)""", re.MULTILINE)
_GEM_TERMS = regex(r"""^\s*s\.licenses?\s*=\s*\[?([^\]\n]*)""", re.MULTILINE)
_QUOTED = regex(r"""["']([^"']+)["']""")


def python(data: bytes) -> tuple[Package, ...]:
    """The package of a METADATA or PKG-INFO file (Python's core metadata).

    Raises Unreadable for one without name or version.
    """
    fields: dict[str, list[str]] = {}
    for line in data.decode("utf-8", "replace").splitlines():
        if not line.strip():
            break  # the description follows
        name, colon, value = line.partition(":")
        if colon and not line.startswith((" ", "\t")):
            fields.setdefault(name.lower(), []).append(value.strip())
    name, version = (fields.get(key, [""])[0] for key in ("name", "version"))
    if not name or not version:
        raise Unreadable("names no package and version")
    return (Package(PYPI, name, version, licenses=_python_terms(fields)),)


def _python_terms(fields: dict[str, list[str]]) -> tuple[str, ...]:
    for key in ("license-expression", "license"):
        told = [text for text in fields.get(key, ()) if text and len(text) <= _MOST_TEXT and text != "UNKNOWN"]
        if told:
            return (told[0],)
    classified = (text.split(" :: ") for text in fields.get("classifier", ()) if text.startswith("License :: "))
    return tuple(parts[-1] for parts in classified if parts[-1] != "OSI Approved")


def node(data: bytes) -> tuple[Package, ...]:
    """The package of a package.json below node_modules; none for one without name and version.

    Raises Unreadable for what is no JSON object.
    """
    document = _json(data)
    name, version = document.get("name"), document.get("version")
    if not isinstance(name, str) or not isinstance(version, str) or not name or not version:
        return ()
    return (Package(NPM, name, version, licenses=_node_terms(document)),)


def _node_terms(document: dict[str, Any]) -> tuple[str, ...]:
    told = document.get("license", document.get("licenses"))
    each = told if isinstance(told, list) else [told]
    names = (one.get("type") if isinstance(one, dict) else one for one in each)
    return tuple(name[:_MOST_TEXT] for name in names if isinstance(name, str) and name)


def _json(data: bytes) -> dict[str, Any]:
    import json

    try:
        document = json.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):
        raise Unreadable("holds no JSON") from None
    if not isinstance(document, dict):
        raise Unreadable("holds no JSON object")
    return document


def gem(data: bytes) -> tuple[Package, ...]:
    """The package of an installed gemspec, which RubyGems writes one assignment a line. Raises Unreadable."""
    text = data.decode("utf-8", "replace")
    name, version, platform, told = (
        pattern.search(text) for pattern in (_GEM_NAME, _GEM_VERSION, _GEM_PLATFORM, _GEM_TERMS)
    )
    if not name or not version:
        raise Unreadable("names no gem and version")
    arch = platform[1] if platform and platform[1] != "ruby" else ""
    return (Package(GEM, name[1], version[1], arch, tuple(_QUOTED.findall(told[1])) if told else ()),)
