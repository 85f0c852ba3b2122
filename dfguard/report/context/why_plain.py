"""`dfguard why` for people: the story of one path, from the ignore file to the image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dfguard.amounts import amount, count
from dfguard.context.ignore import IgnorePattern
from dfguard.report.cells import escape
from dfguard.report.context.plain import described, needed
from dfguard.report.context.story import MISSING, Step, Story, Verdict
from dfguard.report.context.view import HIDDEN, SENT, SHIPS, STAGE, UNSENT, ContextView
from dfguard.report.mask import mask_secrets
from dfguard.secrets.names import with_article
from dfguard.source import Span

_KINDS = {"file": "file", "dir": "folder", "symlink": "symbolic link", "other": "neither file nor folder"}
_MOST = 10
_MOST_IDLE = 3
_WIDE = 80


def render_all(stories: Sequence[tuple[ContextView, Story]]) -> str:
    """The stories of one path in some builds; many of those in which no line takes it are only named."""
    idle = [(view, story) for view, story in stories if not story.takers]
    if len(idle) <= _MOST_IDLE:
        return "\n".join(render(view, story) for view, story in stories)
    shown = [(view, story) for view, story in stories if story.takers] or idle[:1]
    others = [view for view, story in idle if (view, story) not in shown]
    names = list(dict.fromkeys(escape(view.invocation.dockerfile) for view in others))
    more = f" and {len(names) - _MOST:,} more" if len(names) > _MOST else ""
    said = f"no line takes it in {count(len(others), 'other build')}: {', '.join(names[:_MOST])}{more}\n"
    return "\n".join([*(render(view, story) for view, story in shown), said])


def render(view: ContextView, story: Story) -> str:
    """The story as text."""
    return "\n".join(_Told(view, story).lines()) + "\n"


class _Told:
    """The words for one story."""

    def __init__(self, view: ContextView, story: Story) -> None:
        self.view = view
        self.story = story

    def lines(self) -> Iterator[str]:
        """All parts."""
        yield f"{escape(self.story.path) or '.'}: {self.what()}"
        folder, root = self.view.folder, escape(self.view.context.root)
        context = f"context {root}" if folder is None else f"the named context {escape(folder.name)} ({root})"
        given = self.view.invocation
        who = f" ({escape(given.source)})" if given.place("build") is not None else ""
        yield f"in the build of {escape(given.dockerfile)} with {context}{who}"
        for part in (self.ignore(), self.takers(), self.image(), self.secrets()):
            lines = list(part)
            yield from ("", *lines) if lines else ()

    def what(self) -> str:
        story, entry = self.story, self.story.entry
        if story.kind == MISSING:
            near = f"; did you mean {', '.join(map(escape, story.near))}?" if story.near else ""
            return f"there is no such file in this checkout{near}"
        said = _KINDS[story.kind]
        if story.kind == "dir":
            return f"{said}, {count(story.weight.files, 'kept file')}, {amount(story.weight.size)}"
        if entry is not None and entry.path == story.path:
            said += f", {amount(entry.size)}" + ", executable" * (entry.kind == "file" and bool(entry.mode & 0o111))
            if entry.link_target is not None:
                said += f", leads to {escape(entry.link_target)}"
        return said

    # -- the ignore file

    def ignore(self) -> Iterator[str]:
        verdict, ignore = self.story.verdict, self.view.context.ignore
        if verdict is None:
            yield f"the builder refuses {escape(ignore.path or 'the ignore file')}, so there is no build"
            return
        missing = self.story.kind == MISSING
        kept = "would be kept" if missing else "kept"
        dropped = "would be dropped" if missing else "dropped"
        yield f"{kept if verdict.kept else dropped}: {self.because(verdict)}"
        for pattern in verdict.skipped:
            yield f"  {self.line(pattern)} matches too, and does not count: {_SKIPPED}"
        if self.story.entry is not None and self.story.entry.hollow and self.story.entry.path == self.story.path:
            yield f"  it arrives empty: {_HOLLOW}"
        if not verdict.kept:
            yield from self.to_keep(verdict)

    def because(self, verdict: Verdict) -> str:
        if self.view.context.ignore.source is None:
            return "there is no ignore file"
        if verdict.pruned_by is not None:
            return f"{self.line(verdict.deciding)} drops {escape(verdict.pruned_by)}/, which is not entered"
        if verdict.deciding is None:
            return f"no line of {escape(self.view.context.ignore.path or '')} speaks about it"
        if verdict.kept and not verdict.deciding.negated:
            return f"something below it is kept, though {self.line(verdict.deciding)} drops the folder"
        return f"{self.line(verdict.deciding)} decides"

    def to_keep(self, verdict: Verdict) -> Iterator[str]:
        if verdict.remedies:
            where = escape(self.view.context.ignore.path or "")
            yield f"  to keep it: add `{escape(verdict.remedies[0])}` at the end of {where}"
        if verdict.removing:
            yield f"  or remove {self.line(verdict.deciding)}"

    def line(self, pattern: IgnorePattern | None) -> str:
        return described(pattern)

    # -- lines and stages

    def takers(self) -> Iterator[str]:
        story = self.story
        if not story.takers:
            yield "no line takes it: it is not sent to the builder"
            return
        there = story.kind != MISSING and story.verdict is not None and story.verdict.kept
        yield (
            "taken by"
            if there
            else "if it were there and kept, it would be taken by"
            if story.kind == MISSING
            else ("if it were kept, it would be taken by")
        )
        for index in story.takers:
            taking = self.view.takings[index]
            yield f"  {self.at(taking.place)}  {self.stage(taking.stage.index)}, {needed(taking.stage)}"

    def image(self) -> Iterator[str]:
        story = self.story
        if not story.steps:
            return
        yield "in the layers of"
        for step in story.steps:
            yield from self.step(step)
        yield self.verdict()

    def step(self, step: Step) -> Iterator[str]:
        stage = self.view.stages[step.stage]
        many = f" ({count(step.files, 'file')})" if self.story.kind == "dir" else ""
        unsure = "" if step.certain else ", as far as that is known"
        yield f"  {self.stage(step.stage)}, {needed(stage)}: {escape(step.path)}{many} by {self.at(step.line)}{unsure}"
        if step.removed is not None:
            hides = "hides it again: the layer still has it" if stage.ships else "removes it"
            yield f"    {self.at(step.removed.place)} {hides}"

    def verdict(self) -> str:
        reaches = {fate.reach for fate in self.story.fates}
        total = sum(self.story.fates.values())
        shipped = sum(number for fate, number in self.story.fates.items() if fate.reach == SHIPS)
        if SHIPS in reaches:
            return "it ships" if shipped == total else f"{shipped:,} of {count(total, 'file')} ship"
        if HIDDEN in reaches:
            return "it ships, though hidden: whoever has the image can read it in its layer"
        return {STAGE: "it does not ship", SENT: "it does not ship", UNSENT: "it is not sent"}[min(reaches or {UNSENT})]

    def secrets(self) -> Iterator[str]:
        found = list(self.story.secrets.items())
        for path, secret in found[:_MOST]:
            yield f"secret: {escape(path)} is {with_article(secret.kind)} ({secret.confidence.value} confidence)"
        if len(found) > _MOST:
            yield f"and {len(found) - _MOST:,} more secrets"
        verdict = self.story.verdict
        if found and verdict is not None and verdict.kept and verdict.remedies:
            where = self.view.context.ignore.path or os_join(self.view.context.root, ".dockerignore")
            yield f"  to drop it: add `{escape(verdict.remedies[0])}` at the end of {escape(where)}"

    def at(self, span: Span) -> str:
        """A line of the Dockerfile, with what is written there."""
        text = " ".join(span.source.line_text(span.start_line).removesuffix(self.view.graph.dockerfile.escape).split())
        return f"line {span.start_line} `{escape(mask_secrets(text))[:_WIDE]}`"

    def stage(self, index: int) -> str:
        return f"stage {escape(self.view.stages[index].name or str(index))}"


_SKIPPED = "the folder was dropped or kept already where it matches, and it was not compared there"
_HOLLOW = "the builder lists it by the line that keeps it, and does not open it by the last line that matches"


def os_join(folder: str, name: str) -> str:
    """The path of a file in a folder, without `./` in front."""
    return name if folder in ("", ".") else f"{folder.rstrip('/')}/{name}"
