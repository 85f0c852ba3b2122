"""Commands that change what is there, or write files anew: `>`, `tee`, `touch`, `sed -i`, `chmod`, `chown`, `rm`."""

from __future__ import annotations

from collections.abc import Callable

from dfguard.flow.events import COMMAND, HEREDOC, Added, Attributes, Filled, Origin, Removed
from dfguard.flow.ownership import changed_mode, new_owner, without_ids
from dfguard.flow.paths import join, plain_part, shell_names
from dfguard.flow.workplace import Act, Workplace
from dfguard.shell.argument import Argument
from dfguard.shell.effects import (
    Changes,
    ChangesMode,
    ChangesOwner,
    Clears,
    Fills,
    MakesDirectory,
    MakesHome,
    Removes,
    Replaces,
    Rewrites,
    Touches,
    Writes,
)
from dfguard.shell.effects.caches import COMPILED
from dfguard.source import Span


def remove(effect: Removes, work: Workplace, act: Act) -> None:
    """`rm`: what it names, folders only with -r; `rmdir`: an empty folder."""
    path, sure = work.path(effect.path, act.command)
    certain = sure and act.runs
    shown = work.shown(effect.path, path)
    entries = work.named(effect.path, path) if path is not None else []
    if path is not None and not entries and not effect.path.glob and not work.is_absent(path):
        act.missed = True
    if effect.folder and path is not None:
        _remove_empty(path, effect.path.span, work, act, certain)
        return
    removed = work.removed(shown, effect.path.span, certain, recursive=effect.recursive)
    for entry in entries:
        if effect.recursive or not work.filesystem(entry).tree.is_folder(entry):
            work.hide(entry, removed)
        else:
            act.missed = True
    if path is None:
        work.opaque(f"{act.command.program} in a folder that is not known", effect.path.span)
    elif not work.knows_all(effect.path, path):
        work.opaque("the pattern may match more than is known", effect.path.span, plain_part(path))


def _remove_empty(path: str, span: Span, work: Workplace, act: Act, certain: bool) -> None:
    tree = work.filesystem(path).tree
    if tree.is_absent(path):
        act.missed = True
        return
    if tree.is_folder(path) and not tree.is_empty(path):
        act.missed = True
        return
    removed = work.removed(path, span, certain and (act.required or tree.is_whole(path)))
    if tree.is_folder(path):
        work.hide(path, removed)


def make_directory(effect: MakesDirectory, work: Workplace, act: Act) -> None:
    """`mkdir`, `install -d`."""
    path, sure = work.path(effect.path, act.command)
    if path is None:
        work.opaque("it makes a folder that is not known", effect.path.span)
        return
    certain = sure and act.runs
    missing: list[str] = []
    at = path.rstrip("/")
    while at and not work.filesystem(at).tree.is_folder(at):
        missing.append(at)
        at = at.rpartition("/")[0]
    span = effect.path.span
    for each in reversed(missing[1:] if effect.parents else []):
        work.make_folder(each, span, Attributes(work.masked(0o777, act), work.owner_in(each, act)), certain)
    mode = work.masked(0o777, act)
    if effect.mode is not None:
        mode = changed_mode(effect.mode, mode if mode is not None else None, work.mask(act.command), folder=False)
    if missing:
        if not effect.parents and not work.is_absent(path):
            act.missed = True
        owner = work.owner_in(path, act)
        owner = new_owner(effect.owner, owner) if effect.owner else owner
        work.make_folder(path, span, Attributes(mode, owner), certain)
    elif not effect.parents:
        act.missed = True
    elif effect.mode is not None and act.command.program == "install":
        was = work.attributes(path)
        owner = new_owner(effect.owner, was.owner) if effect.owner else was.owner
        work.change(path, span, Attributes(mode, owner), certain)


def write(effect: Writes, work: Workplace, act: Act, *, again: bool = False) -> None:
    """`>`, `tee`, `curl -o`: a new file, or the old content and more. `again`: it is open for several commands."""
    path, sure = work.path(effect.path, act.command)
    if path is None:
        work.opaque("it writes to a path that is not known", effect.path.span)
        return
    path = work.real(path)
    if work.filesystem(path).tree.is_folder(path):
        act.missed = True
        return
    certain = sure and act.surely(work.can_write(path) and _surely_writes(act))
    tree = work.filesystem(path).tree
    old = tree.files.get(path)
    was = work.attributes(path)
    text = None if again else effect.text
    if effect.append or again:
        _append(path, effect, work, act, text, certain)
        return
    size = None if text is None else len(text.encode("utf-8", "surrogateescape"))
    if old is not None:
        after = Attributes(was.mode, was.owner, size)
    elif tree.is_absent(path):
        after = work.new_file(path, act).but(size=size)
    else:
        after = Attributes(None, None, size)
    source = _content_of(effect.source, work, act) if effect.source is not None else None
    if source is None:
        work.put(path, effect.path.span, work.unknown_content(path, effect.path, text), after, certain, in_place=True)
        return
    added, size, known = source
    work.put(path, effect.path.span, added.origin, after.but(size=size), certain, added.hops, in_place=True)
    if not known:
        work.filesystem(path).tree.rewritten.add(path)
        work.filesystem(path).tree.changed[path] = after


def _surely_writes(act: Act) -> bool:
    """Whether the file is there in any case: a redirection, `tee`; not `curl -o`, which may fail before."""
    return act.command.program not in ("curl", "wget")


def _content_of(source: Argument, work: Workplace, act: Act) -> tuple[Added, int | None, bool] | None:
    path, _ = work.path(source, act.command)
    if path is None:
        return None
    path = work.real(path)
    tree = work.filesystem(path).tree
    added = tree.files.get(path)
    if added is None:
        return None
    known = path in tree.sure and path not in tree.rewritten
    return added, work.attributes(path).size if known else None, known


def _append(path: str, effect: Writes, work: Workplace, act: Act, text: str | None, certain: bool) -> None:
    """`>>`: what was there stays, so that the origin stays too."""
    tree = work.filesystem(path).tree
    old, was = tree.files.get(path), work.attributes(path)
    more = None if text is None else len(text.encode("utf-8", "surrogateescape"))
    if old is None:
        absent = tree.is_absent(path)
        after = work.new_file(path, act).but(size=more) if absent else Attributes()
        origin = work.unknown_content(path, effect.path, text if absent else None)
        work.put(path, effect.path.span, origin, after, certain)
        return
    sure, rewritten = path in tree.sure, path in tree.rewritten
    origin = old.origin
    if origin.text is not None and text is not None and not rewritten:
        kind = origin.kind if origin.kind == HEREDOC else work.unknown_content(path, effect.path).kind
        origin = Origin(kind, origin.path, origin.place, None, origin.heredoc, origin.text + text)
        rewritten = False
    elif text != "":
        rewritten = True
    size = was.size + more if was.size is not None and more is not None else None
    after = Attributes(was.mode, was.owner, size)
    work.put(path, effect.path.span, origin, after, old.certain and certain, old.hops, in_place=True)
    if not sure:
        tree.sure.discard(path)
    if rewritten:
        tree.changed[path] = after
        tree.rewritten.add(path)


def touch(effect: Touches, work: Workplace, act: Act) -> None:
    """`touch`: a new, empty file; of one that is there only the times change, but the layer holds it anew."""
    path, sure = work.path(effect.path, act.command)
    if path is None:
        work.opaque("it creates a file that is not known", effect.path.span)
        return
    path = work.real(path)
    tree = work.filesystem(path).tree
    certain = sure and act.surely(work.can_write(path))
    if path in tree.files or tree.is_folder(path):
        if path in tree.files or path in tree.folders:
            kept = path in tree.sure
            work.change(path, effect.path.span, work.attributes(path), certain)
            if kept:
                tree.sure.add(path)
        return
    absent = tree.is_absent(path)
    after = work.new_file(path, act) if absent else Attributes()
    work.put(path, effect.path.span, work.unknown_content(path, effect.path, "" if absent else None), after, certain)
    if not absent:
        tree.sure.discard(path)


def rewrite(effect: Rewrites, work: Workplace, act: Act) -> None:
    """`sed -i`: a new content, made of the old one."""
    for path, sure in _targets((effect.path,), work, act, itself=True):
        tree = work.filesystem(path).tree
        old, was = tree.files.get(path), work.attributes(path)
        certain = sure and act.surely(path in tree.sure)
        span = effect.path.span
        if old is None:
            act.missed = True
            if not tree.is_absent(path):
                work.change(path, span, Attributes(), sure and act.runs and act.required, content=True)
            continue
        if was.link is not None:
            work.opaque("sed -i may replace a link", span, path)
            continue
        if effect.suffix:
            folder, _, name = path.rpartition("/")
            backup = effect.suffix.replace("*", name) if "*" in effect.suffix else name + effect.suffix
            copied = work.put(join(folder, backup), span, old.origin, was, certain, old.hops)
            if path in tree.rewritten:
                tree.changed[copied.path] = was
                tree.rewritten.add(copied.path)
        work.untie(path)
        work.change(path, span, Attributes(was.mode, was.owner), certain, content=True)


def replace(effect: Replaces, work: Workplace, act: Act) -> None:
    """`gzip`, `gunzip`: another file in the place of one."""
    for path, sure in _targets((effect.path,), work, act):
        suffix = next((end for end in effect.cut if path.endswith(end)), "")
        if effect.cut and not suffix:
            work.opaque("it unpacks a file of another name", effect.path.span)
            continue
        new = path[: len(path) - len(suffix)] + (".tar" if suffix == ".tgz" else effect.add)
        tree = work.filesystem(path).tree
        old, was = tree.files.get(path), work.attributes(path)
        certain = sure and act.surely(path in tree.sure)
        after = Attributes(was.mode, was.owner) if old is not None else Attributes()
        if not effect.keep:
            removed = work.removed(
                path, effect.path.span, sure and act.runs and (certain or act.required), recursive=False
            )
            if old is not None:
                work.hide(path, removed)
        work.put(new, effect.path.span, work.unknown_content(new, effect.path), after, certain)


def change_mode(effect: ChangesMode, work: Workplace, act: Act) -> None:
    """`chmod`; with -R links are left alone."""
    text, mask = effect.mode, work.mask(act.command)

    def of(folder: bool) -> Callable[[Attributes], Attributes]:
        def changed(was: Attributes) -> Attributes:
            mode = None if text is None else changed_mode(text, was.mode, mask, folder=folder)
            return Attributes(mode, was.owner, was.size)

        return changed

    _change(effect.paths, effect.recursive, work, act, (of(False), of(True)), links=False)


def change_owner(effect: ChangesOwner, work: Workplace, act: Act) -> None:
    """`chown`, `chgrp`; with -R a link itself gets the owner."""
    told = None if effect.owner is None else work.numbers(effect.owner)

    def of_folder(was: Attributes) -> Attributes:
        owner = None if told is None else new_owner(told, was.owner)
        return Attributes(was.mode, owner, was.size, was.link)

    def of_file(was: Attributes) -> Attributes:
        changed = of_folder(was)
        return changed if was.link is not None else changed.but(mode=without_ids(was.mode))

    itself = effect.itself or effect.recursive
    _change(effect.paths, effect.recursive, work, act, (of_file, of_folder), links=True, itself=itself)


_Changes = tuple[Callable[[Attributes], Attributes], Callable[[Attributes], Attributes]]


def _change(
    arguments: tuple[Argument, ...],
    recursive: bool,
    work: Workplace,
    act: Act,
    changes: _Changes,
    *,
    links: bool,
    itself: bool = False,
) -> None:
    """Change what words name, and with `recursive` all below; `changes` are those of a file and of a folder."""
    for argument in arguments:
        for path, sure in _targets((argument,), work, act, itself=itself):
            tree, span = work.filesystem(path).tree, argument.span
            folder = tree.is_folder(path)
            required = sure and act.runs and act.required
            paths = [path] if path in tree.files or path in tree.folders else []
            if not paths:
                act.missed = act.missed or not folder
                _change_unknown(path, span, recursive, work, required)
            if recursive and folder:
                if not tree.is_whole_below(path):
                    work.opaque("more may be in this folder than is known", span, path)
                paths += [each for each in tree.folders_below(path) if each in tree.folders and each != path]
                paths += work.paths_in(path)
            if not links:
                if not recursive and path in tree.files and tree.link_of(path) is not None:
                    work.opaque("it changes what a link points to", span)
                paths = [each for each in paths if tree.link_of(each) is None]

            def change(each: str, files: dict[str, Added] = tree.files) -> Callable[[Attributes], Attributes]:
                return changes[0] if each in files else changes[1]

            work.change_all(path, paths, change, span, sure and act.runs, required)
            act.missed = act.missed or any(each not in tree.sure for each in paths[:1])


def _change_unknown(path: str, span: Span, recursive: bool, work: Workplace, required: bool) -> None:
    """A path that only the base image can have."""
    tree = work.filesystem(path).tree
    if tree.is_folder(path):
        work.change(path, span, Attributes(), required)
    elif not tree.is_absent(path):
        work.change(path, span, Attributes(), required)
        if recursive:
            work.opaque("what is in this folder is not known", span, path)


def _targets(
    arguments: tuple[Argument, ...], work: Workplace, act: Act, *, itself: bool = False
) -> list[tuple[str, bool]]:
    """The paths that words name, links followed; a path of which nothing is known too, when it is no pattern."""
    found: list[tuple[str, bool]] = []
    for argument in arguments:
        path, sure = work.path(argument, act.command)
        if path is None:
            work.opaque(f"{act.command.program} of a path that is not known", argument.span)
            continue
        entries = work.named(argument, path)
        if not work.knows_all(argument, path):
            work.opaque("the pattern may match more than is known", argument.span, plain_part(path))
        if not entries and not argument.glob:
            entries = [path]
        found += [(entry if itself else work.real(entry), sure) for entry in entries]
    return found


def fill(effect: Fills, work: Workplace, act: Act) -> None:
    """A program keeps files of its own below a path."""
    path = work.literal(effect.path, act.command)
    if path is not None and work.in_layer(plain_part(path)):
        span, stage = act.command.span, work.state.stage.index
        certain = effect.certain and act.runs and act.required
        if effect.path == COMPILED and work.variable("PYTHONDONTWRITEBYTECODE", act.command):
            certain = False
        work.state.fill(Filled(path, work.instruction, stage, span, effect.program, certain))


def change_content(effect: Changes, work: Workplace, act: Act) -> None:
    """A program changes a file of the system."""
    path = work.real(effect.path)
    tree = work.filesystem(path).tree
    certain, span = act.runs and act.required, act.command.span
    was = work.attributes(path)
    if path in tree.files or not tree.is_absent(path):
        work.change(path, span, Attributes(was.mode, was.owner), certain, content=True)
        return
    work.put(path, span, Origin(COMMAND, path, span), Attributes(None, act.owner), certain)


def clear(effect: Clears, work: Workplace, act: Act) -> None:
    """A program removes what matches a pattern: its own cache."""
    path = work.literal(effect.path, act.command)
    if path is None:
        return
    certain = act.runs and act.required
    removed = Removed(path, work.instruction, work.state.stage.index, act.command.span, certain, effect.recursive)
    if work.in_layer(plain_part(path)):
        work.state.events.append(removed)
    for entry in work.filesystem(plain_part(path)).tree.find(path, shell_names):
        if effect.recursive or not work.filesystem(entry).tree.is_folder(entry):
            work.hide(entry, removed)


def make_home(effect: MakesHome, work: Workplace, act: Act) -> None:
    """A new user's home folder, with files in it that are not known."""
    path = work.literal(effect.path, act.command)
    if path is None:
        return
    span = act.command.span
    for at in [i for i, char in enumerate(path) if char == "/" and i] + [len(path)]:
        work.make_folder(path[:at], span, Attributes(None, None), act.runs and act.required and at == len(path))
    work.opaque("a home folder may get files", span, path)
