"""Turn bases.toml into generated.py: `python -m dfguard.base.generate`.

Reading TOML costs a plain check of one file more than 10 ms (the import of tomli alone); a module of
literals comes from bytecode in well under one. tests/base/test_generate.py holds the two together.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

_HEADER = '''"""Facts about base images; made from bases.toml by `python -m dfguard.base.generate`: do not edit."""

# fmt: off
# ruff: noqa: E501

from __future__ import annotations

from typing import Any

'''
_TEXTS = ("profile", "family", "user", "shell", "package_manager", "libc", "workdir", "sdk")
SOURCE = Path(__file__).with_name("bases.toml")
TARGET = Path(__file__).with_name("generated.py")


def render(text: str) -> str:
    """The Python source for the text of a bases.toml; ValueError says what is wrong with the table."""
    import tomli

    table = tomli.loads(text)
    groups: dict[str, list[str]] = table["tools"]
    profiles = {name: _fields(fields, groups) for name, fields in table["profile"].items()}
    systems = [(word, system["profile"]) for system in table["system"] for word in system["words"]]
    images = [_image(image, groups) for image in table["image"]]
    names = [(name, index) for index, image in enumerate(table["image"]) for name in image["names"]]
    _verify(profiles, systems, images, names)
    exact = {name: index for name, index in names if not name.endswith("*")}
    prefixes = tuple((name[:-1], index) for name, index in names if name.endswith("*"))
    return "".join(
        (
            _HEADER,
            f"AS_OF = {_literal(table['as_of'])}\n\n",
            f"PROFILES: dict[str, dict[str, Any]] = {{\n{_lines(profiles.items())}}}\n\n",
            f"SYSTEMS: tuple[tuple[str, str], ...] = (\n{_rows(systems)})\n\n",
            f"IMAGES: tuple[dict[str, Any], ...] = (\n{_rows(images)})\n\n",
            f"NAMES: dict[str, int] = {{\n{_lines(exact.items())}}}\n\n",
            f"PREFIXES: tuple[tuple[str, int], ...] = (\n{_rows(prefixes)})\n",
        )
    )


def _fields(source: dict[str, Any], groups: dict[str, list[str]]) -> dict[str, Any]:
    unknown = source.keys() - {
        *_TEXTS,
        "tools",
        "lacks",
        "env",
        "names",
        "systems",
        "variant",
        "tag",
        "drops_privileges",
    }
    if unknown:
        raise ValueError(f"unknown keys {sorted(unknown)} in {source}")
    fields: dict[str, Any] = {key: source[key] or None for key in _TEXTS if key in source}
    for key in ("tools", "lacks"):
        if key in source:
            fields[key] = tuple(sorted({tool for name in source[key] for tool in groups.get(name, [name])}))
    if "env" in source:
        fields["env"] = tuple(sorted(source["env"]))
    return fields


def _image(source: dict[str, Any], groups: dict[str, list[str]]) -> dict[str, Any]:
    image = _fields(source, groups)
    image["systems"] = source.get("systems", True)
    image["drops_privileges"] = source.get("drops_privileges", False)
    image["variants"] = tuple((tuple(line["tag"]), _fields(line, groups)) for line in source.get("variant", ()))
    return image


def _verify(
    profiles: dict[str, Any], systems: list[tuple[str, str]], images: list[dict[str, Any]], names: list[tuple[str, int]]
) -> None:
    used = {profile for _, profile in systems}
    for image in images:
        used |= {image["profile"]} | {fields.get("profile", image["profile"]) for _, fields in image["variants"]}
    if used != profiles.keys():
        raise ValueError(f"profiles used but not defined, or the reverse: {sorted(used ^ profiles.keys())}")
    if len(dict(names)) != len(names):
        raise ValueError("an image name appears twice")


def _lines(items: Any) -> str:
    return "".join(f"    {_literal(key)}: {_literal(value)},\n" for key, value in items)


def _rows(items: Any) -> str:
    return "".join(f"    {_literal(item)},\n" for item in items)


def _literal(value: Any) -> str:
    """The value as Python text with double quotes, which the formatter of the other modules wants."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_literal(key)}: {_literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (tuple, list)):
        inner = ", ".join(map(_literal, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return repr(value)


if __name__ == "__main__":
    TARGET.write_text(render(SOURCE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
