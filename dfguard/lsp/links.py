"""What can be followed from a Dockerfile: images, the frontend, files that are copied, rules in comments."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator

from lsprotocol import types

from dfguard import catalog, reference
from dfguard.dockerfile.nodes import Directive
from dfguard.lsp.pages import rule_title, rule_url
from dfguard.lsp.positions import Ruler
from dfguard.reference import DOCKER_HUB
from dfguard.source import Source, Span
from dfguard.unit import Unit

_COMMENT = re.compile(r"#+[ \t]*dfguard[ \t]*:[ \t]*ignore(?:-file)?[ \t]*\[([^\]\n]*)\]", re.IGNORECASE)


def links(unit: Unit, ruler: Ruler, uri_of: Callable[[str], str]) -> Iterator[types.DocumentLink]:
    """The links of a Dockerfile."""
    source = unit.dockerfile.source
    for item in unit.dockerfile.items:
        if isinstance(item, Directive) and item.name == "syntax":
            yield from _image(item.value_span, item.value, ruler)
    for one in unit.graph.references:
        if one.image is not None:
            yield from _image(one.span, one.image, ruler)
    for taking in unit.takings:
        entry = taking.selected[0].entry if len(taking.selected) == 1 else None
        if entry is not None and entry.kind == "file" and unit.context is not None:
            target = uri_of(os.path.join(unit.context.root, entry.path))
            yield types.DocumentLink(ruler.range(taking.place), target)
    yield from code_links(source, ruler)


def code_links(source: Source, ruler: Ruler) -> Iterator[types.DocumentLink]:
    """The rules that comments name."""
    for comment in _COMMENT.finditer(source.text):
        for word in re.finditer(r"[A-Za-z][A-Za-z0-9-]*", comment[1]):
            found = catalog.find(word[0])
            if found:
                start = comment.start(1) + word.start()
                place = ruler.range(source.span(start, start + len(word[0])))
                yield types.DocumentLink(place, rule_url(found[0].code), rule_title(found[0]))


def _image(span: Span, text: str, ruler: Ruler) -> Iterator[types.DocumentLink]:
    parsed = reference.parse(text)
    if parsed is None or text == "scratch":
        return
    if parsed.registry == DOCKER_HUB:
        name = parsed.familiar
        target = f"https://hub.docker.com/{'r/' if '/' in name else '_/'}{name}"
    else:
        target = f"https://{parsed.familiar}"
    yield types.DocumentLink(ruler.range(span), target)
