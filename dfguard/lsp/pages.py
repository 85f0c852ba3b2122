"""The pages of rules: as texts, and as files that an editor can open without a network."""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module

from dfguard import catalog
from dfguard.catalog import Entry
from dfguard.cli.rule import text
from dfguard.lsp.documents import uri_of


@cache
def rule_url(code: str) -> str:
    """The address of a rule's file, whose docstring is its page; "" for no rule."""
    found = catalog.find(code)
    if not found:
        return ""
    return uri_of(os.path.join(import_module(catalog.PACK).__path__[0], *found[0].module.split(".")) + ".py")


def rule_page(word: str) -> str:
    """The pages, in Markdown, of the rules that a code, name or peer's id means; "" for none."""
    return "\n".join(map(text, catalog.find(word)))


def rule_title(entry: Entry) -> str:
    """A rule in one line."""
    return f"{entry.code} {entry.name}: {entry.title}"
