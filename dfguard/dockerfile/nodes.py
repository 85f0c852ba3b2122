"""The parts of a Dockerfile, as immutable data with exact places.

Instruction nodes are siblings of one another: a rule subscribes to one of them, never to a family.
Words keep their quotes and variables as written; `dockerfile.words` expands them in a Scope.
"""

from __future__ import annotations

from dfguard.source import Source, Span
from dfguard.struct import Struct


class Word(Struct):
    """One word of an instruction, `raw` as written (quotes, escapes and `$VAR` kept)."""

    span: Span
    raw: str


class JsonWord(Struct):
    """One string of a JSON (exec) form: `span` includes the quotes, `value` is the decoded string."""

    span: Span
    value: str


class Flag(Struct):
    """`--name=value` or `--name`; `value` is None without `=`."""

    span: Span
    name: str
    value: str | None
    value_span: Span | None


class Mount(Struct):
    """`RUN --mount=type=secret,id=x`: `options` holds each `key=value` in order (no `=`: value `true`)."""

    flag: Flag
    type: str
    options: tuple[tuple[str, str], ...]

    @property
    def span(self) -> Span:
        """The whole flag."""
        return self.flag.span

    @property
    def target(self) -> str | None:
        """The folder or file that the command sees; None when the builder chooses."""
        return self.option("target", "dst", "destination")

    @property
    def source(self) -> str | None:
        """The path inside the build context or the stage named by `from`."""
        return self.option("source", "src")

    @property
    def from_(self) -> str | None:
        """The stage, image or named context that the mount comes from."""
        return self.option("from")

    @property
    def secret(self) -> str | None:
        """The id of the secret that a `type=secret` asks for.

        https://github.com/moby/buildkit/blob/master/frontend/dockerfile/dockerfile2llb/convert_secrets.go
        """
        wanted = self.source or self.option("id")
        return wanted or (self.target or "").rpartition("/")[2] or None

    @property
    def required(self) -> bool:
        """Whether the build stops where the secret or the agent is not given."""
        return (self.option("required") or "false").lower() in ("1", "t", "true")

    def option(self, *names: str) -> str | None:
        """The value of the first option that has one of these names."""
        return next((value for key, value in self.options if key in names), None)


class Heredoc(Struct):
    """A here-document: `opener` is the `<<EOF` word, `body` the text between, `terminator` its line.

    `expand` is false when the name is quoted; `chomp` is true for `<<-` (leading tabs are cut).
    `terminator` is None when the file ends first, which BuildKit refuses.
    """

    opener: Span
    body: Span
    terminator: Span | None
    name: str
    expand: bool
    chomp: bool

    @property
    def span(self) -> Span:
        """The body, which is what findings are about."""
        return self.body


class KeyValue(Struct):
    """`KEY=value` of ENV, LABEL or ARG; `value` is None for `ARG KEY`. `legacy`: `ENV KEY value`."""

    span: Span
    key: Word
    value: Word | None
    legacy: bool = False

    @property
    def name(self) -> str:
        """The key as written."""
        return self.key.raw


class CopySource(Struct):
    """One source of COPY or ADD.

    `kind` is `local`, `glob`, `variable`, `url`, `git`, `heredoc` or `stage` (taken --from another
    stage, image or named context). `word` is the word as written; `heredoc` is set for that kind.
    """

    word: Word
    kind: str
    heredoc: Heredoc | None = None

    @property
    def span(self) -> Span:
        """The word."""
        return self.word.span

    @property
    def raw(self) -> str:
        """The word as written."""
        return self.word.raw


class Instruction(Struct):
    """What every instruction has; not a thing to subscribe to, but the fields are shared.

    `span` runs from the keyword to the last character of the logical line, heredocs included, without
    the line end. `arguments` is all behind keyword and flags on the logical line, heredoc bodies left
    out; it may be empty. `index` counts instructions of the file from 0; `stage_index` is -1 before the
    first FROM. `exec_form` holds the strings of a JSON form, else None. `onbuild` is true for the
    trigger inside ONBUILD, which has the index of its ONBUILD.
    """

    span: Span
    keyword: Span
    arguments: Span
    flags: tuple[Flag, ...]
    heredocs: tuple[Heredoc, ...]
    exec_form: tuple[JsonWord, ...] | None
    index: int
    stage_index: int
    onbuild: bool

    @property
    def name(self) -> str:
        """The keyword in upper case."""
        return self.keyword.text.upper() if isinstance(self, Unknown) else type(self).__name__.upper()

    @property
    def start_line(self) -> int:
        """The line, from 1, of the keyword."""
        return self.span.start_line

    @property
    def end_line(self) -> int:
        """The last line, from 1, as BuildKit counts it (heredocs and unfinished continuations included)."""
        return self.span.end_line

    def flag(self, name: str) -> Flag | None:
        """The flag of that name, the last one when given twice."""
        return next((flag for flag in reversed(self.flags) if flag.name == name), None)


class From(Instruction):
    """`FROM [--platform=...] image [AS alias]`."""

    image: Word
    alias: Word | None = None


class Run(Instruction):
    """`RUN`: `exec_form` or a shell script (`arguments` and `heredocs`)."""

    mounts: tuple[Mount, ...] = ()


class Cmd(Instruction):
    """`CMD`."""


class Entrypoint(Instruction):
    """`ENTRYPOINT`."""


class Healthcheck(Instruction):
    """`HEALTHCHECK [flags] CMD ...` or `HEALTHCHECK NONE`; `test` is the text behind CMD, None for NONE."""

    test: Span | None = None


class Shell(Instruction):
    """`SHELL ["executable", "arguments"]`."""


class Copy(Instruction):
    """`COPY`: `destination` is None when it is missing; `from_` is the --from flag."""

    sources: tuple[CopySource, ...] = ()
    destination: Word | None = None
    from_: Flag | None = None


class Add(Instruction):
    """`ADD`: as Copy, plus URLs and git references as sources."""

    sources: tuple[CopySource, ...] = ()
    destination: Word | None = None
    from_: Flag | None = None


class Env(Instruction):
    """`ENV`."""

    pairs: tuple[KeyValue, ...] = ()


class Label(Instruction):
    """`LABEL`."""

    pairs: tuple[KeyValue, ...] = ()


class Arg(Instruction):
    """`ARG`."""

    pairs: tuple[KeyValue, ...] = ()


class Expose(Instruction):
    """`EXPOSE`."""

    ports: tuple[Word, ...] = ()


class Volume(Instruction):
    """`VOLUME`; `paths` also holds the strings of a JSON form."""

    paths: tuple[Word, ...] = ()


class User(Instruction):
    """`USER`."""

    user: Word | None = None


class Workdir(Instruction):
    """`WORKDIR`."""

    path: Word | None = None


class Stopsignal(Instruction):
    """`STOPSIGNAL`."""

    signal: Word | None = None


class Maintainer(Instruction):
    """`MAINTAINER`, deprecated."""


class Onbuild(Instruction):
    """`ONBUILD`; `trigger` is the instruction behind it, None when it is missing."""

    trigger: Instruction | None = None


class Unknown(Instruction):
    """A keyword that BuildKit does not know."""


class Comment(Struct):
    """A comment line outside of instructions: `span` from `#` to the end of the line."""

    span: Span

    @property
    def text(self) -> str:
        """The comment without `#` and outer blanks."""
        return self.span.text[1:].strip()


class Blank(Struct):
    """An empty line (or one of blanks only) outside of instructions."""

    span: Span


class Directive(Struct):
    """A parser directive: `# name=value` at the top of the file; `name` in lower case."""

    span: Span
    name: str
    value: str
    value_span: Span


class Problem(Struct):
    """Something that BuildKit refuses or misreads; the rest of the file is still read.

    `kind` names it (`unknown-instruction`, `unterminated-heredoc`, `no-stage`, `bad-flag`, ...);
    `refused` is true when BuildKit stops there. `suggestion` is what may have been meant in the place of
    `span`, None when nothing is near. `late`: it is part of an ONBUILD, and refused in builds that run that.
    """

    span: Span
    kind: str
    message: str
    refused: bool
    suggestion: str | None = None
    late: bool = False


class Dockerfile(Struct):
    """A parsed file. `items` are all lines in order: directives, comments, blanks, instructions."""

    source: Source
    escape: str
    directives: tuple[Directive, ...]
    items: tuple[Directive | Comment | Blank | Instruction, ...]
    instructions: tuple[Instruction, ...]
    problems: tuple[Problem, ...]

    @property
    def span(self) -> Span:
        """The first instruction, or the whole text when there is none."""
        return self.instructions[0].span if self.instructions else self.source.whole

    def directive(self, name: str) -> Directive | None:
        """The directive of that name (`syntax`, `escape`, `check`)."""
        return next((d for d in self.directives if d.name == name), None)
