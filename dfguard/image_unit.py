"""An ImageUnit is one built image; its models are built on first use. It stands beside `unit.Unit`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

from dfguard.errors import InputError
from dfguard.image.additions import Addition, additions, base_layers_of
from dfguard.image.created_by import LayerNames, instruction_of
from dfguard.image.leftovers import Leftover, leftovers
from dfguard.image.model import Image
from dfguard.image.runtime import RuntimeFault, runtime_faults
from dfguard.image.secrets import ImageSecret, image_secrets
from dfguard.image.view import View, stack
from dfguard.secrets.skips import Limits
from dfguard.subjects import Site

IMAGE_LIMITS = Limits(file=1 << 34, run=1 << 40)  # an image is looked into wholly


class ImageUnit:
    """One image, and what its layers make together."""

    context_error: InputError | None = None
    builds: tuple[str, ...] = ()

    def __init__(self, image: Image, view: View | None = None, base_layers: int | None = None) -> None:
        self.image = image
        self.base_layers = base_layers_of(image) if base_layers is None else base_layers
        self.view = view or stack([layer.content for layer in image.layers])

    @property
    def path(self) -> str:
        """The name of the image."""
        return self.image.name

    @property
    def subjects(self) -> Mapping[str, Callable[[Any], Iterable[tuple[Any, Site]]]]:
        """What rules can visit here."""
        return SUBJECTS

    @property
    def needs(self) -> Mapping[str, Callable[[Any, Site], Any]]:
        """What rules can ask for here."""
        return NEEDS

    @cached_property
    def secrets(self) -> tuple[ImageSecret, ...]:
        """The secrets of layers, configuration and history."""
        return tuple(image_secrets(self.image, self.view))

    @cached_property
    def additions(self) -> tuple[Addition, ...]:
        """The permissions that the build added over its base."""
        return tuple(additions(self.image, self.view, self.base_layers))

    @cached_property
    def faults(self) -> tuple[RuntimeFault, ...]:
        """What containers of it stumble over; the account files must have been kept."""
        return tuple(runtime_faults(self.image, self.view))

    @cached_property
    def leftovers(self) -> tuple[Leftover, ...]:
        """What the build left behind."""
        return tuple(leftovers(self.image, self.view, self.base_layers))

    @cached_property
    def names(self) -> LayerNames:
        """How its layers are called."""
        return LayerNames(tuple(instruction_of(self.image, layer) for layer in self.image.layers))


def skipped(image: Image) -> tuple[str, ...]:
    """What was not looked into for secrets, one line a reason."""
    counts = Counter(skip.reason for layer in image.layers for skip in layer.content.skips)
    total = sum(counts.values())
    if not total:
        return ()
    reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items()))
    return (f"{image.name}: {total} file{'s' * (total != 1)} not looked into for secrets: {reasons}",)


_NOWHERE = Site()

SUBJECTS: dict[str, Callable[[ImageUnit], Iterable[tuple[Any, Site]]]] = {
    "Image": lambda unit: [(unit.image, _NOWHERE)],
    "Addition": lambda unit: ((added, _NOWHERE) for added in unit.additions),
    "RuntimeFault": lambda unit: ((fault, _NOWHERE) for fault in unit.faults),
    "Leftover": lambda unit: ((left, _NOWHERE) for left in unit.leftovers),
    "ImageSecret": lambda unit: ((secret, _NOWHERE) for secret in unit.secrets),
}

NEEDS: dict[str, Callable[[ImageUnit, Site], Any]] = {
    "Image": lambda unit, site: unit.image,
    "ImageView": lambda unit, site: unit.view,
    "LayerNames": lambda unit, site: unit.names,
}
