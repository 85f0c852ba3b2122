"""`dfguard context` for people: sums, the lines that take, a folded tree, secrets, the largest files."""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.amounts import amount, count
from dfguard.context.ignore import IgnorePattern
from dfguard.context.named import NamedFolder
from dfguard.context.tree import ContextFile
from dfguard.dockerfile.stages import Stage
from dfguard.flow.takings import Taking
from dfguard.report.cells import escape, width
from dfguard.report.context.choice import Choice
from dfguard.report.context.folded import DROPPED, Row, State, grow, rows
from dfguard.report.context.view import HIDDEN, SENT, SHIPS, STAGE, UNSENT, ContextView, weigh
from dfguard.secrets.names import NamedSecret
from dfguard.source import Span

MOST_SECRETS = 20
_PATH_CELLS = 44
_MOST_PLACES = 4
_RANKS = (SHIPS, HIDDEN, STAGE, SENT, UNSENT)


def render(view: ContextView, choice: Choice) -> str:
    """The report of one build as text."""
    return "\n".join(_View(view, choice).lines()) + "\n"


class _View:
    """The words for one build."""

    def __init__(self, view: ContextView, choice: Choice) -> None:
        self.view = view
        self.choice = choice

    def lines(self) -> Iterator[str]:
        """All parts, with an empty line between them."""
        parts = [self.head(), self.sums(), self.takers(), self.tree(), self.secrets(), self.largest()]
        for number, part in enumerate(part for part in map(list, parts) if part):
            if number:
                yield ""
            yield from part

    def head(self) -> Iterator[str]:
        invocation, ignore = self.view.invocation, self.view.context.ignore
        yield f"Dockerfile   {escape(invocation.dockerfile)}"
        if self.view.folder is not None:
            yield f"named        {escape(self.view.folder.name)}, a further context of this build"
        yield f"context      {escape(self.view.context.root)} ({escape(invocation.source)})"
        patterns = count(len(ignore.patterns), "pattern")
        yield f"ignore file  {f'{escape(ignore.path)}, {patterns}' if ignore.path else 'none'}"
        if invocation.target:
            yield f"target       {escape(invocation.target)}"
        for stage in self.view.stages:
            if stage.reachable and stage.unknown:
                names = ", ".join(f"${escape(name)}" for name in stage.unknown)
                yield f"note         {self.stage(stage.index)} is FROM what hangs on {names}: see --build-arg"
        for error in self.view.context.errors:
            where = f"{self.where(error.span)}: " if error.span else f"{escape(error.path)}: " if error.path else ""
            yield f"note         {where}{escape(error.message)}"

    def sums(self) -> Iterator[str]:
        view = self.view
        dropped = [entry for entry in view.context.dropped if entry.kind != "dir"]
        pruned = sum(entry.pruned for entry in view.context.dropped)
        more = f"and {count(pruned, 'folder')} not entered" if pruned else ""
        table = [
            ("in the context", view.files(), ""),
            ("dropped", dropped, more),
            ("sent to the builder", view.files(SENT, STAGE, HIDDEN, SHIPS), "what lines of needed stages ask for"),
        ]
        for stage in view.stages:
            if stage.reachable and not stage.ships:
                held = [f for f in view.files(STAGE, HIDDEN, SHIPS) if stage.index in view.fate(f).stages]
                if held:
                    table.append((f"reach {self.stage(stage.index)}", held, "not shipped"))
        table.append(("ship in the image", view.files(SHIPS), ""))
        hollow = [file for file in view.context.files if file.hollow]
        if hollow:
            table.append(("arrive empty", hollow, "listed and not opened by the builder: see dfguard why"))
        hidden = view.files(HIDDEN)
        if hidden:
            table.append(("hidden in the image", hidden, "a layer has them, a later one removes them"))
        for name, files, note in table:
            weight = weigh(files)
            noun = "file " if weight.files == 1 else "files"
            yield f"{name:<24}{weight.files:>9,} {noun} {amount(weight.size):>10}  {note}".rstrip()

    def takers(self) -> Iterator[str]:
        yield "taken by"
        if not self.view.takings:
            yield f"  no line: the build needs {'no context' if self.view.folder is None else 'nothing of it'}"
        for taking in self.view.takings:
            weight = weigh({entry.path: entry for entry in taking.files}.values())
            line = f"{self.where(taking.place)}  {_what(taking, self.view.folder)}"
            said = f"{count(weight.files, 'file')}, {amount(weight.size)}" if taking.source is not None else "not known"
            yield f"  {line:<{_PATH_CELLS}}  {self.stage(taking.stage.index)}, {needed(taking.stage)}: {said}"

    def tree(self) -> Iterator[str]:
        choice, context = self.choice, self.view.context
        entries: list[ContextFile] = list(context.dropped)
        if choice.stage is not None:
            entries = [f for f in context.files if choice.stage in self.view.fate(f).stages]
        elif not choice.dropped:
            entries += context.files
        root = grow(self.view, entries)
        if not root.children:
            yield "nothing is dropped" if choice.dropped else "nothing is there"
            return
        yield f"{'size':>10} {'files':>8}  path"
        for row in rows(root, everything=choice.all):
            yield self.row(row).rstrip()

    def row(self, row: Row) -> str:
        name = f"… {row.rest:,} more" if row.rest else escape(row.name) + "/" * row.folder
        pruned = row.entry is not None and row.entry.pruned
        size, files = ("-", "-") if pruned else (amount(row.size), f"{row.files:,}" if row.folder or row.rest else "")
        cell = "  " * row.depth + name
        pad = " " * max(0, _PATH_CELLS - width(cell))
        return f"{size:>10} {files:>8}  {cell}{pad}  {self.fares(row)}{self.mark(row)}"

    def mark(self, row: Row) -> str:
        if row.folder or row.rest:
            return f"  secrets: {row.secrets}" if row.secrets and (row.folded or row.rest) else ""
        if row.entry is not None and row.entry.hollow:
            return "  arrives empty"
        secret = self.view.secrets.get(row.path)
        return f"  secret: {secret.kind}" if secret else ""

    def fares(self, row: Row) -> str:
        """What becomes of a file, or of the files in a folder."""
        states = row.states
        if row.folder and not row.folded and not (row.entry is not None and row.entry.pruned):
            return ""
        if len(states) == 1:
            return self.state(next(iter(states)))
        named: dict[str, int] = {}
        for state, number in states.items():
            named[self.short(state)] = named.get(self.short(state), 0) + number
        if len(named) == 1:
            return next(iter(named))
        return ", ".join(f"{number:,} {name}" for name, number in named.items())

    def short(self, state: State) -> str:
        if state[0] == STAGE:
            return f"in {self.stages(state[2])}"  # type: ignore[arg-type]
        return {SHIPS: "ship", HIDDEN: "hidden", SENT: "mounted", UNSENT: "not sent"}.get(str(state[0]), DROPPED)

    def state(self, state: State) -> str:
        kind, by = state[0], state[1]
        if kind == DROPPED:
            assert isinstance(by, int)
            pattern = self.view.context.ignore.patterns[by] if by >= 0 else None
            return f"dropped by {described(pattern)}{', not entered' if state[2] else ''}"
        assert isinstance(by, tuple)
        places = list(dict.fromkeys(self.where(self.view.takings[index].place) for index in by))
        if len(places) > _MOST_PLACES:
            places[_MOST_PLACES:] = [f"{len(places) - _MOST_PLACES} more"]
        said = {UNSENT: "not sent", SENT: "mounted", SHIPS: "ships", HIDDEN: "in a layer, hidden later"}.get(str(kind))
        if kind == STAGE:
            said = f"only in {self.stages(state[2])}"  # type: ignore[arg-type]
        return f"{said}: {', '.join(places)}" if places else str(said)

    def secrets(self) -> Iterator[str]:
        found = sorted(self.view.secrets.items(), key=self.urgency)
        if not found:
            return
        yield f"secrets in the context ({len(found)})"
        for path, secret in found[:MOST_SECRETS]:
            fate = self.view.fates.get(path)
            state = (fate.reach, fate.takers, fate.stages) if fate else (UNSENT, (), ())
            yield f"  {escape(path)}: {secret.kind} ({secret.confidence.value} confidence), {self.state(state)}"
        if len(found) > MOST_SECRETS:
            yield f"  and {len(found) - MOST_SECRETS:,} more"

    def urgency(self, found: tuple[str, NamedSecret]) -> tuple[int, int, str]:
        """What ships comes first, then what is sure."""
        path, secret = found
        fate = self.view.fates.get(path)
        return secret.confidence.rank, _RANKS.index(fate.reach if fate else UNSENT), path

    def largest(self) -> Iterator[str]:
        files = self.view.context.dropped if self.choice.dropped else self.view.files()
        if self.choice.stage is not None:
            files = [f for f in self.view.files() if self.choice.stage in self.view.fate(f).stages]
        top = sorted((f for f in files if f.kind == "file" and f.size), key=lambda f: (-f.size, f.path))
        if not top or not self.choice.largest:
            return
        yield "largest files"
        for file in top[: self.choice.largest]:
            fate = self.view.fate(file)
            state: State = (fate.reach, fate.takers, fate.stages)
            if not file.kept:
                state = (DROPPED, file.pattern.index if file.pattern else -1, False)
            yield f"{amount(file.size):>10}  {escape(file.path)}  {self.state(state)}"

    def where(self, span: Span) -> str:
        """A place in the Dockerfile by its line alone, one in an ignore file by name and line."""
        if span.path == self.view.invocation.dockerfile:
            return f"line {span.start_line}"
        return f"{escape(span.path.rpartition('/')[2])}:{span.start_line}"

    def stage(self, index: int) -> str:
        return f"stage {escape(self.view.stages[index].name or str(index))}"

    def stages(self, indices: tuple[int, ...]) -> str:
        return ", ".join(self.stage(index) for index in indices)


def _what(taking: Taking, folder: NamedFolder | None) -> str:
    """The line in short: keyword and source."""
    keyword = {"copy": "COPY", "add": "ADD", "mount": "RUN --mount", "from": "FROM"}[taking.kind]
    source = taking.place.text if taking.kind != "mount" or taking.source is None else taking.source or "."
    flag = f"--from={escape(folder.name)} " if folder is not None and taking.kind == "copy" else ""
    return f"{keyword} {flag}{escape(source)}"


def described(pattern: IgnorePattern | None) -> str:
    """A line of an ignore file by file name, number and text."""
    if pattern is None:
        return "its folder"
    span = pattern.span
    return f"{escape(span.path.rpartition('/')[2])}:{span.start_line} `{escape(span.text)}`"


def needed(stage: Stage) -> str:
    """Whether a stage ends up in the image."""
    return "ships" if stage.ships else "not shipped" if stage.reachable else "not needed"
