r"""A RUN reads a file below `/run/secrets`, and no mount of that RUN puts it there.

A secret is there for the one RUN that mounts it, under its id or the given target. Without the mount `cat` fails; in
`$(cat ...)` that goes unnoticed, and the program works with an empty value.

```dockerfile bad
FROM node:22.11.0-slim
RUN --mount=type=secret,id=npm_token NPM_TOKEN=$(cat /run/secrets/npm-token) npm ci
#                                                    ^^^^^^^^^^^^^^^^^^^^^^
```

```dockerfile good
FROM node:22.11.0-slim
RUN --mount=type=secret,id=npm_token NPM_TOKEN=$(cat /run/secrets/npm_token) npm ci
```

Not reported where the script asks first whether the file is there, or goes on without it (`|| true`), and where a
COPY or a base image may have put a folder of that name.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Command, Found, HasSpan, Run, Script, StageFlow, nearest, rule

_FOLDER = "/run/secrets/"
_READERS = frozenset("cat cp install source . head tail base64 jq sed grep openssl gpg".split())
_TESTS = ("[", "[[", "test", "ls", "stat")


@rule("DG133", "secret-not-mounted", no_fix="which secret the build is given is not written in the Dockerfile")
def check(script: Script, run: Run, flow: StageFlow) -> Iterator[Found]:
    """Visit the RUNs, and compare what their commands read with what is mounted."""
    if _FOLDER not in run.span.text or any(path.startswith(_FOLDER) for path in flow.view):
        return
    mounted = mounts(run)
    asked = {path for command in script.commands if command.program in _TESTS for path, _ in named(command)}
    if mounted is None:
        return
    for at, command in enumerate(script.commands):
        following = script.commands[at + 1].operator if at + 1 < len(script.commands) else ""
        quiet = any(redirect.descriptor == 2 for redirect in command.redirects)
        if command.conditional or following == "||" or quiet:
            continue
        for path, place in reads(command):
            if path not in asked and not covers(mounted, path):
                near = nearest(path, list(mounted))
                yield Found(
                    place,
                    f"no mount of this RUN gives {path!r}" + (f": did you mean {near!r}?" if near else ""),
                )


def mounts(run: Run) -> list[str] | None:
    """The paths that mounts fill; None when one of them hangs on a variable."""
    found = []
    for mount in run.mounts:
        name = mount.option("id") or (mount.source or "").rpartition("/")[2]
        path = mount.target or (_FOLDER + name if mount.type == "secret" and not mount.option("env") else "")
        if "$" in path or "$" in name:
            return None
        found.append(path)
    return [path for path in found if path]


def covers(mounted: list[str], path: str) -> bool:
    """Whether a mount gives the path or a folder above it."""
    return any(path == target or path.startswith(target.rstrip("/") + "/") for target in mounted)


def reads(command: Command) -> Iterator[tuple[str, HasSpan]]:
    """The files of secrets that a command reads."""
    if command.program in _READERS:
        yield from named(command)
    for redirect in command.redirects:
        if redirect.operator == "<" and redirect.target and redirect.target.text.startswith(_FOLDER):
            yield redirect.target.text, redirect.target


def named(command: Command) -> Iterator[tuple[str, HasSpan]]:
    """The operands below /run/secrets, but for what is written to."""
    operands = command.operands[:-1] if command.program in ("cp", "install") else command.operands
    for operand in operands:
        if operand.value is not None and operand.value.startswith(_FOLDER) and not operand.glob:
            yield operand.value, operand
