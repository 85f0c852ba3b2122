"""Which variables an instruction sees, with their values.

ARG before the first FROM is seen by FROM lines only, until a stage declares it again; ARG and ENV of
a stage are seen below them and in stages built FROM it; the later of two wins, as in BuildKit, where
both set the build's environment. An instruction sees the state before it.
https://docs.docker.com/reference/dockerfile/#scope
"""

from __future__ import annotations

from collections.abc import Mapping

from dfguard.dockerfile.nodes import Arg, Env, Instruction
from dfguard.dockerfile.versions import Versions
from dfguard.dockerfile.words import Expanded, expand
from dfguard.struct import Struct

PLATFORM_ARGS = frozenset(
    side + name for side in ("BUILD", "TARGET") for name in ("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT")
)
"""Arguments whose values the builder gives, in FROM lines and where a stage declares them."""

PREDEFINED_ARGS = frozenset(
    spelled
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY")
    for spelled in (name, name.lower())
)
"""Arguments that may be given without an ARG; RUN sees them, expansion does not."""

_BUILDER_ARGS = PREDEFINED_ARGS | PLATFORM_ARGS | {"TARGETSTAGE", "SOURCE_DATE_EPOCH"}

MAX_KNOWN = 1 << 16  # characters; ENV A=$A$A doubles at every line


def is_builder_arg(name: str) -> bool:
    """Whether a build argument means something to the builder itself, without an ARG in the file.

    https://docs.docker.com/reference/dockerfile/#predefined-args
    """
    return name in _BUILDER_ARGS or name.startswith("BUILDKIT_")


class Variable(Struct):
    """What is known of a name: set by ENV, set by ARG, both (`latest` is what a lookup gives) or only declared.

    A value is None where there is none, or where it depends on something that is not in the file.
    """

    env: str | None = None
    arg: str | None = None
    latest: str | None = None
    is_env: bool = False
    is_arg: bool = False
    given: bool = False


class Scope(Struct):
    """ARG and ENV as an instruction sees them.

    `inherits` is true in a stage whose base image may define more variables than the file does.
    """

    variables: Versions[Variable]
    escape: str
    inherits: bool = False

    def get(self, name: str) -> str | None:
        """The value of a variable, None when it has none or none that the file tells."""
        variable = self.variables.get(name)
        return variable.latest if variable else None

    def is_given(self, name: str) -> bool:
        """Whether a variable without a known value may still have one: from the builder or the base image."""
        variable = self.variables.get(name)
        if variable is None:
            return self.inherits
        return variable.given

    def is_defined(self, name: str) -> bool:
        """Whether ARG or ENV name the variable here, or the builder does."""
        return self.variables.get(name) is not None

    def is_left_open(self, name: str) -> bool:
        """Whether the variable is a build argument without a value of its own, so that one may be given."""
        variable = self.variables.get(name)
        return variable is not None and variable.is_arg and not variable.is_env and not variable.latest

    def expand(self, raw: str, *, quotes: bool = True) -> Expanded:
        """Expand a word as the builder would at this instruction; see dfguard.dockerfile.words.expand."""
        return expand(raw, self.get, self.escape, quotes=quotes, given=self.is_given)

    @property
    def env(self) -> dict[str, str | None]:
        """The variables set by ENV, which the image keeps; a value is None when it is not known."""
        return {name: variable.env for name, variable in self.variables.items() if variable.is_env}

    @property
    def args(self) -> dict[str, str | None]:
        """The variables declared by ARG; a value is None for no default, or when it is not known."""
        return {name: variable.arg for name, variable in self.variables.items() if variable.is_arg}


def global_scope(escape: str, target: str, build_args: Mapping[str, str | None]) -> Scope:
    """What the first line sees: the builder's own arguments; `target` is the name of the built stage."""
    variables: Versions[Variable] = Versions()
    for name in sorted(PLATFORM_ARGS):
        value = build_args.get(name)
        variables = variables.set(name, Variable(arg=value, latest=value, given=value is None))
    stage = build_args.get("TARGETSTAGE", target or "default")
    variables = variables.set("TARGETSTAGE", Variable(arg=stage, latest=stage, given=stage is None))
    return Scope(variables, escape)


def stage_scope(escape: str, inherits: bool) -> Scope:
    """What a stage starts with that is FROM an image; `inherits` is false for scratch."""
    variables: Versions[Variable] = Versions()
    return Scope(variables.set("PATH", Variable(given=True)), escape, inherits)


def after(scope: Scope, instruction: Instruction, outer: Scope | None, build_args: Mapping[str, str | None]) -> Scope:
    """The scope below an instruction; `outer` is the scope of FROM lines, None for an ARG among those."""
    if isinstance(instruction, Env):
        return _after_env(scope, instruction)
    if isinstance(instruction, Arg):
        return _after_arg(scope, instruction, outer, build_args)
    return scope


def _known(scope: Scope, raw: str) -> str | None:
    """The value of a word; a variable that nothing defines and nobody can give is empty in it."""
    expanded = scope.expand(raw)
    if expanded.error or len(expanded.value) > MAX_KNOWN:
        return None
    open_ = any(scope.is_given(name) or scope.is_defined(name) for name in expanded.unknown)
    return None if open_ else expanded.value


def _after_env(scope: Scope, env: Env) -> Scope:
    variables = scope.variables
    for pair in env.pairs:
        name, raw = scope.expand(pair.name).value, pair.value.raw if pair.value else ""
        value = _known(scope, raw)
        old = variables.get(name) or Variable()
        variables = variables.set(name, old.but(env=value, latest=value, is_env=True, given=value is None))
    return scope.but(variables=variables)


def _after_arg(scope: Scope, arg: Arg, outer: Scope | None, build_args: Mapping[str, str | None]) -> Scope:
    for pair in arg.pairs:
        old = scope.variables.get(pair.name) or Variable()
        inherited = outer.variables.get(pair.name) if outer else None
        if pair.name in build_args:
            new = _declared(old, build_args[pair.name])
        elif pair.value is not None:
            new = _declared(old, _known(scope, pair.value.raw))
        elif inherited and (inherited.latest is not None or inherited.given):
            new = _declared(old, inherited.latest)
        else:
            new = old.but(is_arg=True)
        scope = scope.but(variables=scope.variables.set(pair.name, new))
    return scope


def _declared(old: Variable, value: str | None) -> Variable:
    return old.but(arg=value, latest=value, is_arg=True, given=value is None)
