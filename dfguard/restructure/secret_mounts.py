"""A secret file that COPY brings and a later RUN removes: mounted for the RUNs between instead, so no layer has it.

https://docs.docker.com/reference/dockerfile/#run---mounttypesecret: a mounted secret can't be changed or removed, is
root's with mode 0400 if nothing else is said, and leaves nothing behind.
"""

from __future__ import annotations

import re

from dfguard.dockerfile.nodes import Copy, Instruction, Run
from dfguard.edit import Edit, Fix, Refusal
from dfguard.flow.events import CONTEXT, Added, Changed, Event, Removed
from dfguard.flow.secret_files import SecretCopy
from dfguard.regex import regex
from dfguard.restructure.commands import without_command, without_word
from dfguard.restructure.frontends import MOUNT, reads
from dfguard.restructure.layout import flag_of
from dfguard.restructure.surroundings import Surroundings
from dfguard.restructure.users import user_at
from dfguard.rewrite import drop
from dfguard.shell.commands import Command
from dfguard.source import Span

_NO_ID = regex(r"[^A-Za-z0-9_.-]+")
_SSH_KEY = regex(r"(?:^|/)(?:id_(?:rsa|dsa|ecdsa|ed25519)|[^/]*\.pem|[^/]*_rsa|deploy[_-]?key)\Z")


def secret_id(name: str) -> str:
    """A name for a secret: `npmrc` for `.npmrc`."""
    return _NO_ID.sub("-", name.rpartition("/")[2]).strip(".-") or "secret"


def mounted_file(copy: SecretCopy, around: Surroundings) -> Fix | Refusal:
    """The fix that mounts a secret for the RUNs between the COPY that brings it and the RUN that removes it."""
    if len(copy.arrivals) != 1:
        return Refusal("one source brings several secrets")
    added, removed = copy.arrivals[0].added, copy.arrivals[0].removed
    word = _own_word(copy, added, around)
    if isinstance(word, Refusal):
        return word
    if removed is None or not isinstance(removed.instruction, Run) or removed.path != added.path:
        return Refusal("it is not removed by its own path")
    if removed.instruction.stage_index != around.stage.index:
        return Refusal("it is removed in another stage")
    runs = [run for run in around.runs if word.index < run.index <= removed.instruction.index]
    cleared = _cleared(added, removed, runs, around)
    if isinstance(cleared, Refusal):
        return cleared
    edits, mode = cleared
    gone = {edit.span for edit in edits}
    kept = [run for run in runs if not any(span.contains(run.span) for span in gone)]
    options = _options(added, kept, mode, around)
    if isinstance(options, Refusal):
        return options
    syntax = reads(around, MOUNT)
    if isinstance(syntax, Refusal):
        return syntax
    flags = [flag_of(run, f"--mount=type=secret,{options}") for run in kept]
    name = secret_id(added.origin.path)
    return Fix.structural(
        f"mount {added.origin.path} as a secret instead of copying it",
        *syntax,
        _without_source(copy, word, around),
        *flags,
        *edits,
        assumptions=["nothing in the container needs the file when it runs"],
        build_options=[f"--secret id={name},src={added.origin.path}"],
        brings=["DG734"],
    )


def _own_word(copy: SecretCopy, added: Added, around: Surroundings) -> Copy | Refusal:
    """The COPY, if its word names this file and no other."""
    instruction = copy.instruction
    if not isinstance(instruction, Copy) or instruction.from_ is not None or instruction.onbuild:
        return Refusal("it is not copied by a COPY of the build context")
    if added.instruction is not instruction or added.hops or added.origin.kind != CONTEXT or "**" in added.path:
        return Refusal("it is moved after it was copied, or it is not known where to")
    source = next((source for source in instruction.sources if source.span == copy.span), None)
    path = added.origin.path
    if source is None or source.kind != "local" or source.raw.removeprefix("./").strip("\"'") != path:
        return Refusal("it comes with other files: keep it out of the build context")
    if any(sign in path for sign in " ,=\"'\\$"):
        return Refusal("its name can't be written as a secret's")
    return instruction


def _events(added: Added, around: Surroundings) -> list[Added | Changed | Removed]:
    """What else is done to the file in the stage."""
    every = (event for event in around.flow.events if isinstance(event, (Added, Changed, Removed)))
    return [event for event in every if event.path == added.path and event is not added]


def _cleared(added: Added, removed: Removed, runs: list[Run], around: Surroundings) -> tuple[list[Edit], str] | Refusal:
    """The edits that take out of RUNs what can't be done to a mounted file, and the mode that it was given."""
    edits: list[Edit] = []
    mode = ""
    for event in _events(added, around):
        if isinstance(event, Added):
            return Refusal(f"line {event.place.start_line} brings the file as well")
        run = event.instruction
        command = _command(run, event, around) if isinstance(run, Run) and run in runs else None
        script = around.script(run) if isinstance(run, Run) else None
        if command is None or script is None or not isinstance(run, Run):
            return Refusal(f"line {event.instruction.start_line} changes the file")
        if isinstance(event, Changed):
            given = command.operands[0].text if command.program == "chmod" and command.operands else ""
            mode = given.zfill(4) if re.fullmatch(r"0?[0-7]{3}", given) else mode
        edit = _without(command, event, run, around)
        if edit is None:
            return Refusal(f"`{command.program}` on line {command.span.start_line} can't be taken out")
        edits.append(edit)
    if not any(_events_of_removal(event, removed) for event in _events(added, around)):
        return Refusal("what removes it is not understood")
    return edits, mode


def _events_of_removal(event: Event, removed: Removed) -> bool:
    return isinstance(event, Removed) and event.instruction is removed.instruction


def _command(run: Run, event: Changed | Removed, around: Surroundings) -> Command | None:
    """The `rm`, `chmod` or `chown` behind an event."""
    script = around.script(run)
    wanted = ("rm", "unlink", "shred") if isinstance(event, Removed) else ("chmod", "chown")
    found = [each for each in script.commands if each.span.contains(event.place)] if script else []
    return found[0] if len(found) == 1 and found[0].program in wanted else None


def _without(command: Command, event: Changed | Removed, run: Run, around: Surroundings) -> Edit | None:
    script = around.script(run)
    paths = command.operands if isinstance(event, Removed) else command.operands[1:]
    if script is None or any(path.glob or path.value is None for path in paths):
        return None
    if len(paths) == 1:
        return without_command(around.dockerfile, run, script, command)
    words = [path.span for path in paths if path.span == event.place]
    named = words or [path.span for path in paths if _names(path.text, event.path)]
    return without_word(command, named[0]) if len(named) == 1 else None


def _names(text: str, path: str) -> bool:
    return text == path or ("/" not in text.removeprefix("./") and path.endswith("/" + text.removeprefix("./")))


def _options(added: Added, runs: list[Run], mode: str, around: Surroundings) -> str | Refusal:
    """The options of the mount, the same for all RUNs."""
    if not runs:
        return Refusal("no RUN needs it: take the COPY away")
    options = f"id={secret_id(added.origin.path)},target={added.path},required=true"
    others = [run for run in runs if not around.runs_as_root(run)]
    users = {user_at(run, around.stage, around.graph, around.base) for run in others}
    number = next(iter(users)) if len(users) == 1 and len(others) == len(runs) else None
    if number is not None and number.partition(":")[0].isdigit():
        options += f",uid={number.partition(':')[0]}"
    elif others:
        if _SSH_KEY.search(added.path):
            return Refusal("a key must be its user's own, and the number of the user is not known")
        mode = "0444"
    return options + (f",mode={mode}" if mode and mode != "0400" else "")


def _without_source(copy: SecretCopy, instruction: Copy, around: Surroundings) -> Edit:
    """The COPY without the word, or no COPY."""
    if len(instruction.sources) == 1:
        return drop(around.dockerfile, instruction)
    if instruction.exec_form is not None:
        return _without_string(copy.span, instruction)
    source = copy.span.source
    behind = re.compile(r"(?:[ \t]|\\\r?\n|`\r?\n)*").match(source.text, copy.span.end)
    return Edit(Span(source, copy.span.start, behind.end() if behind else copy.span.end), "")


def _without_string(word: Span, instruction: Instruction) -> Edit:
    """A JSON array without one of its strings that is not the last one."""
    source = word.source
    behind = re.compile(r"[ \t]*,[ \t]*").match(source.text, word.end)
    return Edit(Span(source, word.start, behind.end() if behind else word.end), "")
