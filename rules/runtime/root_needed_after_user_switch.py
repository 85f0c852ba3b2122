"""A step needs root, and USER has switched to another user before it: the build stops with `permission denied`.

Package managers write to the system's folders, `chown` gives files away, and what `COPY` brings belongs to root,
whatever USER says.

```dockerfile bad
FROM debian:12.8-slim
RUN useradd --create-home app
USER app
RUN apt-get update && apt-get install -y curl
#   ^^^^^^^^^^^^^^
#                     ^^^^^^^^^^^^^^^^^^^^^^^
```

```context
package.json = {}
```

```dockerfile bad
FROM node:22.11.0-slim
WORKDIR /app
COPY package.json ./
USER node
RUN npm install
#   ^^^^^^^^^^^
```

```dockerfile bad
FROM alpine:3.20
RUN adduser -D app
USER app
COPY package.json /srv/
RUN chown app /srv/package.json
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^
```

```dockerfile good
FROM node:22.11.0-slim
RUN apt-get update && apt-get install -y curl && mkdir /app && chown node /app
WORKDIR /app
USER node
COPY --chown=node package.json ./
RUN npm install
```

Quiet where the user is not known, behind `sudo`, where a failure is caught by `||`, and where a command that is not
understood may have changed the owner.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.api import (
    Added,
    AddedFolder,
    Base,
    Changed,
    Command,
    Confidence,
    Found,
    Opaque,
    Run,
    Script,
    Stage,
    StageFlow,
    StageGraph,
    User,
    Workdir,
    rule,
)

MANAGERS = {
    "apt-get": ("install", "update", "upgrade", "dist-upgrade", "remove", "purge", "autoremove"),
    "apt": ("install", "update", "upgrade", "full-upgrade", "remove", "purge", "autoremove"),
    "apk": ("add", "del", "update", "upgrade"),
    "dnf": ("install", "update", "upgrade", "remove"),
    "yum": ("install", "update", "upgrade", "remove"),
    "microdnf": ("install", "update", "upgrade", "remove"),
    "tdnf": ("install", "update", "upgrade", "remove"),
    "zypper": ("install", "in", "update", "up", "refresh"),
}
NODE_INSTALLS = {"npm": ("install", "i", "ci"), "yarn": ("install", ""), "pnpm": ("install", "i")}
ROOT = ("root", "0", "")
ELEVATES = frozenset(("sudo", "doas", "su", "gosu", "su-exec", "fakeroot", "runuser", "setpriv"))
# Folders of base images that belong to root, and that nobody else may write to.
OF_ROOT = frozenset(
    "/ /bin /boot /etc /home /lib /mnt /opt /root /sbin /srv /usr /usr/bin /usr/lib /usr/local /usr/local/bin"
    " /usr/local/lib /usr/sbin /usr/share /var /var/lib /var/cache".split()
)
OF_OTHERS = ("/", "/opt", "/srv", "/mnt")  # base images hold nothing in there that a Dockerfile makes
MOST_LOOKS = 4_000_000  # events times instructions
SYSTEMS = ("debian", "ubuntu", "alpine", "rhel", "fedora", "amazon", "suse", "wolfi", "azurelinux")


@rule(
    "DG748",
    "root-needed-after-user-switch",
    severity="error",
    no_fix="whether the step or the user is out of place is for the author to say",
)
def check(script: Script, run: Run, stage: Stage, graph: StageGraph, base: Base, played: StageFlow) -> Iterator[Found]:
    """Visit the scripts of RUNs."""
    switch, name = user_at(run, stage, graph)
    if switch is None or name is None or name.partition(":")[0] in ROOT or base.family == "windows":
        return
    commands = script.commands
    before = Before(played, run, base.known) if base.family in SYSTEMS and is_followed(played) else None
    for at, command in enumerate(commands):
        caught = at + 1 < len(commands) and commands[at + 1].operator == "||"
        if caught or command.conditional or command.subshells or ELEVATES & set(command.wrappers):
            continue
        if command.program in ELEVATES or command.function:
            return
        why = system_needs_root(command, base)
        confidence = Confidence.HIGH
        if why is None and before is not None and not before.unclear:
            why, confidence = files_need_root(command, run, stage, base, before), Confidence.MEDIUM
        if why is not None:
            yield Found(
                command.span,
                f"{why}, and this runs as {name.partition(':')[0]}",
                related=((switch, "the user is switched here"),),
                confidence=confidence,
            )


def user_at(run: Run, stage: Stage, graph: StageGraph) -> tuple[User | None, str | None]:
    """The USER in force at a RUN, with its value; (None, None) for that of the base image."""
    current: Stage | None = stage
    while current is not None:
        nodes = [
            i for i in current.instructions if isinstance(i, User) and (current is not stage or i.index < run.index)
        ]
        if nodes:
            word = nodes[-1].user
            expanded = graph.scope_at(nodes[-1]).expand(word.raw) if word is not None else None
            known = expanded is not None and not expanded.unknown and not expanded.error
            return nodes[-1], expanded.value.strip("\"'") if expanded is not None and known else None
        current = graph.stages[current.parent] if current.parent is not None else None
    return None, None


def system_needs_root(command: Command, base: Base) -> str | None:
    """Why a package manager of the system needs root; None for what does not."""
    verbs = MANAGERS.get(command.program)
    operands = command.operands
    if verbs is None or not operands or base.package_manager not in (command.program, "apt-get", "dnf", "yum", None):
        return None
    if not any(operand.value in verbs for operand in operands[:2]):
        return None
    if command.has("-s", "--simulate", "--dry-run", "--download-only", "--installroot", "--root", "-p"):
        return None
    return f"{command.program} {next(o.text for o in operands if o.value in verbs)} needs root"


def is_followed(played: StageFlow) -> bool:
    """Whether the events can be looked at anew for each RUN; in a stage of very many that would take too long."""
    return len(played.events) * len(played.played) <= MOST_LOOKS


def files_need_root(command: Command, run: Run, stage: Stage, base: Base, before: Before) -> str | None:
    """Why a command needs root for the files that it changes; None where it does not, or that is not known."""
    mine = [event for event in before.made if (command.statement or command.span).contains(event.place)]
    if command.program in ("chown", "chgrp", "chmod"):
        for event in mine:
            if isinstance(event, Changed) and before.owner(event.path) == "0:0":
                return f"{command.program} of {event.path}, which belongs to root, needs root"
        return None
    verbs = NODE_INSTALLS.get(command.program)
    if verbs is not None:
        return install_needs_root(command, verbs, run, stage, before)
    if command.program in ("pip", "pip3"):
        return editable_needs_root(command, run, stage, before)
    for event in mine:
        folder = event.path.rpartition("/")[0] or "/"
        if isinstance(event, Changed):
            if rewrites(command, event, folder, base, before):
                return f"{command.program} rewrites {event.path}, which belongs to root"
            continue
        if event.path in before.owners and before.may_write(event.path):
            continue
        made = isinstance(event, AddedFolder) and command.program == "mkdir" and before.owner(folder) == "0:0"
        new = event.certain or folder in OF_OTHERS or made
        if new and before.belongs_to_root(folder, base):
            return f"{command.program} writes to {folder}, which belongs to root"
    return None


def rewrites(command: Command, event: Changed, folder: str, base: Base, before: Before) -> bool:
    """Whether a command surely fails to change a file: sed puts another in its place, touch opens it."""
    if command.program == "sed":
        return before.owner(event.path) == "0:0" and before.belongs_to_root(folder, base)
    return command.program == "touch" and before.owner(event.path) == "0:0" and not before.may_write(event.path)


def editable_needs_root(command: Command, run: Run, stage: Stage, before: Before) -> str | None:
    """Why `pip install -e .` needs root: setuptools makes a folder beside setup.py."""
    if not re.search(r"\sinstall\s(?:--?[\w-]+\s+)*(?:-e|--editable)\s+\.(?:\s|$)", command.span.text):
        return None
    folder = working_folder(run, stage)
    if folder is None or before.owner(f"{folder}/setup.py") != "0:0" or before.owner(folder) != "0:0":
        return None
    return f"pip install -e writes to {folder}, which belongs to root"


def working_folder(run: Run, stage: Stage) -> str | None:
    """The folder that WORKDIR gives a RUN that stays in it."""
    folders = [i for i in stage.instructions if isinstance(i, Workdir) and i.index < run.index]
    folder = folders[-1].path.raw.rstrip("/") if folders and folders[-1].path is not None else ""
    return folder if folder.startswith("/") and "cd " not in run.arguments.text else None


def install_needs_root(command: Command, verbs: tuple[str, ...], run: Run, stage: Stage, before: Before) -> str | None:
    """Why an install into node_modules of the working directory needs root."""
    verb = next((operand.text for operand in command.operands), "")
    if verb not in verbs or command.has("-g", "--global", "--prefix", "--cwd", "-C", "--dir"):
        return None
    folder = working_folder(run, stage)
    if folder is None or before.owner(folder) != "0:0":
        return None
    return f"{command.program} {verb} writes to {folder}, which belongs to root"


class Before:
    """The owners of what instructions made before a RUN, and what it made; `unclear` when not all is followed."""

    def __init__(self, played: StageFlow, run: Run, known: bool) -> None:
        self.owners: dict[str, str | None] = {}
        self.modes: dict[str, int | None] = {}
        self.unclear = played.stage.parent is not None
        self.made: list[Added | AddedFolder | Changed] = []
        for event in played.events:
            if event.instruction.index > run.index:
                break
            if event.instruction is run:
                if isinstance(event, (Added, AddedFolder, Changed)):
                    self.made.append(event)
            elif isinstance(event, Opaque):
                self.unclear = self.unclear or event.scope == "/"
                self.owners[event.scope.rstrip("/")] = None
            elif isinstance(event, (Added, AddedFolder)):
                new = isinstance(event, AddedFolder) and known and event.path not in self.owners
                self.owners[event.path] = event.attributes.owner if event.certain or new else None
                self.modes[event.path] = event.attributes.mode
            elif isinstance(event, Changed):
                self.owners[event.path] = event.after.owner if event.certain else None
                self.modes[event.path] = event.after.mode

    def owner(self, path: str) -> str | None:
        """Who owns a path; None when that is not known, and when no instruction made it."""
        return self.owners.get(path)

    def may_write(self, path: str) -> bool:
        """Whether others than root may be able to write to a file."""
        mode = self.modes.get(path)
        return self.owners.get(path) != "0:0" or mode is None or bool(mode & 0o022)

    def belongs_to_root(self, folder: str, base: Base) -> bool:
        """Whether a folder surely belongs to root, and only root writes there."""
        if folder in self.owners:
            return self.owners[folder] == "0:0"
        return folder in OF_ROOT and base.known and base.workdir != folder and base.user in ("root", "0")
