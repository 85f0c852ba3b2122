"""What a rule is: a function whose signature says what it visits and what it needs.

The first parameter's type is the subject: the engine calls the function once for each one of them.
The further ones say what else is needed; `T` is required (without it the rule does not run, and the
report says so), `T | None` is used if known. The docstring of the rule's module is its page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from dfguard.edit import Fix, Refusal
from dfguard.finding import Found, Severity
from dfguard.struct import Struct

Check = Callable[..., Iterator[Found]]
Make = Callable[..., Iterator[Fix | Refusal]]


class Options(Struct):
    """Base of a rule's options: fields with defaults, set by `[rules.CODE]` of the configuration."""


class Need(Struct):
    """One further parameter of a rule: the type's name, and whether the rule can do without it."""

    type: str
    optional: bool


class Rule(Struct):
    """A rule: identity, subscription and function.

    `subjects` are the names of the types that the first parameter takes. `programs` narrows a rule
    on commands or installs to those programs. `presets` maps a preset to the severity there.
    `onbuild`: it also visits triggers under ONBUILD. `peers` are the ids of like checks elsewhere.
    `preview`: it runs only where rules in preview are asked for, and may still change.
    `no_fix`: why nothing mends what it finds, a sentence without capital and full stop; "" where something does.
    """

    code: str
    name: str
    severity: Severity
    subjects: tuple[str, ...]
    needs: tuple[Need, ...]
    check: Check
    programs: tuple[str, ...] = ()
    peers: tuple[str, ...] = ()
    presets: tuple[tuple[str, Severity], ...] = ()
    onbuild: bool = False
    no_fix: str = ""
    preview: bool = False

    def fix(self, make: Make) -> Fixer:
        """Decorate the function `fix` of the rule's file: it makes fixes that are too costly to make unasked.

        It takes one of the rule's subjects, and needs as `check` does; `Found` is what is to be mended.
        Raises TypeError for another subject.
        """
        subjects, needs = signature(make)
        if not set(subjects) <= set(self.subjects):
            raise TypeError(f"{self.code}: the fix is for {' | '.join(subjects)}, which the rule does not visit")
        return Fixer(self, make, subjects, needs)

    @property
    def group(self) -> str:
        """The first letters and digit of the code, such as `DG4`."""
        return self.code[:3]

    @property
    def options_type(self) -> type[Options] | None:
        """The Options class that the rule asks for, None when it has none."""
        scope = self.check.__globals__
        found = (scope.get(need.type) for need in self.needs)
        return next((t for t in found if isinstance(t, type) and issubclass(t, Options)), None)


class Fixer(Struct):
    """How what a rule finds is mended, on request, one finding at a time: `make` is given the subject again."""

    rule: Rule
    make: Make
    subjects: tuple[str, ...]
    needs: tuple[Need, ...]


def rule(
    code: str,
    name: str,
    *,
    severity: str = "warning",
    programs: tuple[str, ...] = (),
    peers: tuple[str, ...] = (),
    presets: dict[str, str] | None = None,
    onbuild: bool = False,
    no_fix: str = "",
    preview: bool = False,
) -> Callable[[Check], Rule]:
    """Make a Rule of a generator function; `name` names the bad thing in kebab case, never the cure.

    A rule that offers no fix says in `no_fix` why; docs/rules-without-fix.md lists them.
    """

    def decorate(check: Check) -> Rule:
        subjects, needs = signature(check)
        by_preset = tuple((key, Severity(value)) for key, value in (presets or {}).items())
        return Rule(
            code, name, Severity(severity), subjects, needs, check, programs, peers, by_preset, onbuild, no_fix, preview
        )  # fmt: skip

    return decorate


def signature(check: Callable[..., Any]) -> tuple[tuple[str, ...], tuple[Need, ...]]:
    """Read (subjects, needs) off the annotations; raises TypeError where one is missing.

    Annotations are strings: rule modules start with `from __future__ import annotations`.
    """
    code = check.__code__
    names = code.co_varnames[: code.co_argcount]
    hints = check.__annotations__
    if not names or any(not isinstance(hints.get(name), str) for name in names):
        where = f"{check.__module__}.{check.__name__}"
        raise TypeError(f"{where}: every parameter needs an annotation, and `from __future__ import annotations`")
    first, *rest = (hints[name].replace(" ", "").split("|") for name in names)
    needs = tuple(Need(next(t for t in union if t != "None"), "None" in union) for union in rest)
    return tuple(first), needs
