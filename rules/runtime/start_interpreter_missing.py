"""The image has nothing that could run the script: the interpreter behind `#!`, or the shell of a shell form.

`#!/bin/bash` on Alpine, a script in an image of one binary: the container ends with `no such file or directory`, and
the file meant is not the script. Without a `#!` line the exec form ends with `exec format error`.

```context
entrypoint.sh [755] = #!/bin/bash\\nexec "$@"
plain.sh [755] = exec "$@"
```

```dockerfile bad
FROM alpine:3.20
COPY entrypoint.sh /entrypoint.sh
ENTRYPOINT ["/entrypoint.sh"]
#            ^^^^^^^^^^^^^^
```

```dockerfile bad
FROM gcr.io/distroless/static-debian12
COPY app /app
CMD /app --port 80
#   ^^^^^^^^^^^^^^
```

```dockerfile bad
FROM debian:12.8-slim
COPY plain.sh /
ENTRYPOINT ["/plain.sh"]
#            ^^^^^^^^^
```

```dockerfile good
FROM alpine:3.20
RUN apk add --no-cache bash
COPY entrypoint.sh /entrypoint.sh
ENTRYPOINT ["/entrypoint.sh"]
```

```dockerfile good
FROM gcr.io/distroless/static-debian12
COPY app /app
CMD ["/app", "--port", "80"]
```

Only base images are judged that are known to lack the interpreter. Quiet where a command, a package or a copy that is
not understood may have brought it.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import (
    All,
    Base,
    Command,
    Confidence,
    Entrypoint,
    Flow,
    Found,
    Not,
    Shell,
    StartProgram,
    ViewHolds,
    may_hold,
    rule,
)

# What packages bring is known of these alone: no bash and no language that is not named in them.
APK_PLAIN = frozenset(
    "ca-certificates curl wget git openssh openssh-client openssh-server tzdata tini dumb-init su-exec jq make gcc g++"
    " musl-dev libc-dev libffi-dev openssl openssl-dev nodejs npm yarn python3 py3-pip nginx libc6-compat gcompat"
    " build-base linux-headers postgresql-dev postgresql-libs libpq zip unzip rsync shadow sudo coreutils findutils"
    " redis sqlite socat netcat-openbsd bind-tools iptables iproute2 gettext".split()
)
APT_PLAIN = frozenset(
    "ca-certificates curl wget git gnupg openssl tini dumb-init gosu tzdata unzip zip jq make gcc g++ procps"
    " netcat-openbsd iproute2 locales".split()
)
# Commands that bring no program.
PLAIN = frozenset(
    "mkdir chmod chown chgrp rm rmdir cp mv ln touch echo printf cd set export addgroup adduser groupadd useradd"
    " usermod npm yarn pnpm pip pip3 go cargo bundle gem composer true : test [ id ls cat sed grep find tee date"
    " update-ca-certificates ldconfig passwd chpasswd env sync sleep docker-php-ext-install docker-php-ext-enable"
    " docker-php-ext-configure".split()
)
SHELL_NAMES = ("sh", "ash", "dash")
TEXT_PART = 2048  # a text without NUL up to here is no program


@rule(
    "DG746",
    "start-interpreter-missing",
    severity="error",
    no_fix="either an interpreter has to be installed, or the start be written without a shell",
)
def check(start: StartProgram, flow: Flow, base: Base, shell: Shell | None) -> Iterator[Found]:
    """Visit the programs that containers start with."""
    if start.instruction.exec_form is None and shell is None:
        yield from without_shell(start, flow, base)
    if start.added is None or not start.sure or start.reader or start.head is None:
        return
    shebang = start.shebang
    if shebang is None:
        yield from without_shebang(start)
        return
    path, name = interpreter(shebang)
    if not name or shebang.endswith("\r") or not is_missing(name, path, start, flow, base):
        return
    yield Found(
        start.span,
        f"{start.path} is run by {path if path.startswith('/') else name}, and nothing brings {name} into this image",
        related=((start.added.entry, "brought by this"), (start.stage.from_.image, "without it")),
        confidence=Confidence.LOW if start.passed else Confidence.HIGH,
        claim=All(tuple(Not(ViewHolds(p)) for p in paths_of(name))) if start.stage.ships else None,
    )


def without_shell(start: StartProgram, flow: Flow, base: Base) -> Iterator[Found]:
    """A shell form where the image has no shell."""
    if base.shell == "none" and is_missing("sh", "/bin/sh", start, flow, base):
        yield Found(
            start.instruction.arguments,
            f"a shell form is run by /bin/sh, and nothing brings a shell into this image: write {form(start)}",
            related=((start.stage.from_.image, "without a shell"),),
            claim=Not(ViewHolds("/bin/sh")) if start.stage.ships else None,
        )


def form(start: StartProgram) -> str:
    """What an exec form looks like."""
    return f'{start.instruction.name} ["..."]'


def without_shebang(start: StartProgram) -> Iterator[Found]:
    """A script without a `#!` line that the kernel is asked to run; execvp of an init, and shells, help out."""
    head, words = start.head or b"", start.instruction.exec_form
    if not isinstance(start.instruction, Entrypoint) or start.by_shell or not words or start.added is None:
        return
    part = head[:TEXT_PART]
    plain = bool(part.strip()) and b"\0" not in part and b"\n" in part
    if not plain or not words[0].span.contains(start.span):
        return
    yield Found(
        start.span,
        f"{start.path} is a text without a '#!' line, which the kernel refuses to run: exec format error",
        related=((start.added.entry, "brought by this"),),
        claim=ViewHolds(start.path) if start.stage.ships else None,
    )


def interpreter(shebang: str) -> tuple[str, str]:
    """The path behind `#!`, and the program that is wanted in the end: `env python3` wants python3."""
    words = shebang.split()
    path = words[0] if words else ""
    name = path.rpartition("/")[2]
    if name == "env":
        behind = (word for word in words[1:] if not word.startswith("-") and "=" not in word)
        name = next(behind, "")
    return path, name.rpartition("/")[2]


def paths_of(name: str) -> tuple[str, ...]:
    """Where a program is looked for."""
    return tuple(f"{folder}/{name}" for folder in ("/bin", "/usr/bin", "/usr/local/bin"))


def is_missing(name: str, path: str, start: StartProgram, flow: Flow, base: Base) -> bool:
    """Whether an image surely lacks a program: its base does, and nothing else brings it."""
    shell = name in SHELL_NAMES and base.shell == "none"
    if not (base.family == "scratch" or name in base.lacks or shell):
        return False
    view = flow.stages[start.stage.index].view
    wanted = (f"/{name}", "/busybox", f"/{name.rstrip('0123456789.')}")
    if any(file.endswith(wanted) for file in view):
        return False
    places = {path, *paths_of(name)} if path.startswith("/") else set(paths_of(name))
    if any(may_hold(flow, start.stage, place, runs=False) for place in places):
        return False
    return all(is_plain(command, name) for script in start.scripts for command in script.commands) and all(
        script.understood and not script.gaps for script in start.scripts
    )


def is_plain(command: Command, name: str) -> bool:
    """Whether a command surely brings no such program."""
    program, operands = command.program, [operand.text for operand in command.operands]
    if name in operands or any(name in wrapper for wrapper in command.wrappers):
        return False
    if program in ("apk", "apt-get", "apt"):
        known = APK_PLAIN if program == "apk" else APT_PLAIN
        packages = operands[1:] if operands[:1] in (["add"], ["install"]) else []
        return all(package.startswith(".") or package.partition("=")[0] in known for package in packages)
    return program in PLAIN or not program
