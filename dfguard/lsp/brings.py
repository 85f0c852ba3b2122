"""What COPY, ADD and FROM lines bring: in a few words beside the line, and at length."""

from __future__ import annotations

from collections.abc import Iterator

from dfguard import reference
from dfguard.amounts import amount, count
from dfguard.base.table import AS_OF, Base, lookup
from dfguard.cli.main import printable
from dfguard.context.entry import ContextFile
from dfguard.dockerfile.nodes import Add, Copy, From, Instruction
from dfguard.finding import Confidence
from dfguard.struct import Struct
from dfguard.unit import Unit

SHOWN = 8
LARGE = 5


class Brought(Struct):
    """The files that one line takes from a build context, and those among them that are secrets, with why."""

    files: tuple[ContextFile, ...]
    secrets: tuple[tuple[ContextFile, str], ...]

    @property
    def size(self) -> int:
        """All their bytes."""
        return sum(file.size for file in self.files)

    @property
    def summary(self) -> str:
        """`214 files, 3.1 MB, 1 secret`."""
        words = [count(len(self.files), "file"), amount(self.size)]
        return ", ".join([*words, *([count(len(self.secrets), "secret")] if self.secrets else [])])


def brought(unit: Unit, instruction: Instruction) -> Brought | None:
    """What a COPY or ADD takes from the build context; None where it takes nothing from it, or none is known."""
    takings = [taking for taking in unit.takings if taking.instruction.span == instruction.span]
    if unit.context is None or not takings or not isinstance(instruction, (Copy, Add)):
        return None
    files = {file.path: file for taking in takings for file in taking.files if file.kind != "dir"}
    found = ((file, unit.secret_finder.of_file(file)) for file in files.values())
    sure = ((file, secret) for file, secret in found if secret is not None and secret.confidence is not Confidence.LOW)
    secrets = tuple((file, secret.kind) for file, secret in sure)
    return Brought(tuple(files.values()), secrets)


def copy_page(unit: Unit, instruction: Instruction, root: str) -> str:
    """What a COPY or ADD brings from the context called `root`, in Markdown; "" where that is not known."""
    found = brought(unit, instruction)
    if found is None:
        return ""
    lines = [f"**{found.summary}** from the build context `{root}`"]
    if found.secrets:
        lines += ["", "Secrets:", *(f"- `{printable(f.path)}`: {printable(why)}" for f, why in found.secrets[:SHOWN])]
        lines += _more(len(found.secrets) - SHOWN)
    large = sorted(found.files, key=lambda file: -file.size)[:LARGE]
    if len(found.files) > 1:
        lines += ["", "Largest:", *(f"- `{printable(file.path)}` {amount(file.size)}" for file in large)]
    return "\n".join(lines)


def _more(number: int) -> list[str]:
    return [f"- and {number:,} more"] if number > 0 else []


def base_of(unit: Unit, instruction: From) -> tuple[str, Base | None]:
    """The image that a FROM starts with, and what is known of it; None for a stage, with the stage's name."""
    stage = next((one for one in unit.graph.stages if one.from_.span == instruction.span), None)
    if stage is None:
        return "", None
    if stage.parent is not None:
        return f"stage {unit.graph.stages[stage.parent].name or stage.parent}", None
    image = stage.image or ""
    return image, lookup(reference.parse(image)) if image else None


def base_summary(unit: Unit, instruction: From) -> str:
    """What a FROM starts with, in a few words; "" when nothing is known."""
    _, base = base_of(unit, instruction)
    if base is None or not base.known:
        return ""
    words = (base.family, f"user {base.user}" if base.user else None, base.package_manager)
    return ", ".join(word for word in words if word and word != "none")


def base_page(unit: Unit, instruction: From) -> str:
    """What is known of the image that a FROM names, in Markdown."""
    image, base = base_of(unit, instruction)
    if not image:
        return "An image that depends on variables without a value."
    if base is None:
        return f"Starts from `{printable(image)}`."
    if not base.known:
        return f"`{printable(image)}`: not in the table of base images, so nothing is assumed of it."
    rows = "\n".join(f"- {name}: `{value}`" for name, value in _facts(base))
    return f"`{printable(image)}` (table of {AS_OF})\n\n{rows}"


def _facts(base: Base) -> Iterator[tuple[str, str]]:
    for name in ("family", "user", "workdir", "shell", "package_manager", "libc", "sdk"):
        value = getattr(base, name)
        if value:
            yield name.replace("_", " "), value
    if base.tools:
        yield "has", " ".join(sorted(base.tools))
    if base.lacks:
        yield "lacks", " ".join(sorted(base.lacks))
