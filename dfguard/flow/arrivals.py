"""Files that reach the image: by which word they come, and whether anything of them is left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dfguard.flow.events import Added, Removed
from dfguard.flow.play import Flow
from dfguard.source import Span
from dfguard.struct import Struct


class Arrival(Struct):
    """One file of the context, heredoc or command, and all that COPY, `mv` and `cp` made of it (`forms`, in order).

    `added` is the form that is left in the image, else the first one; `removed` is what hides the last of them
    from the image, None when one is left.
    """

    forms: tuple[Added, ...]
    added: Added
    removed: Removed | None

    @property
    def entry(self) -> Span:
        """The word that brings it into the stages of the image."""
        return self.forms[0].entry


def arrivals(flow: Flow, wanted: Iterable[Added]) -> Iterator[Arrival]:
    """Of files that shipped stages write those that are wanted, one for each word that brings them, word by word."""
    groups: dict[Span, dict[tuple[str, str], list[Added]]] = {}
    for added in wanted:
        named = added.origin.named
        key = named.name if named is not None else "", added.origin.path
        groups.setdefault(added.entry, {}).setdefault(key, []).append(added)
    if not groups:
        return
    hidden = {id(removal.added): removal.removed for stage in flow.shipped for removal in stage.removals}
    view = flow.target.view if flow.target else {}
    for place in sorted(groups, key=lambda span: span.start):
        for forms in groups[place].values():
            left = next((form for form in forms if view.get(form.path) is form and id(form) not in hidden), None)
            removed = next((hidden[id(form)] for form in reversed(forms) if id(form) in hidden), None)
            yield Arrival(tuple(forms), left or forms[0], None if left else removed)
