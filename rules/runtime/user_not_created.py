"""USER names somebody whom neither the base image nor any instruction creates.

The next RUN, or the container, stops with `unable to find user app: no matching entries in passwd file`. A number needs
no entry there.

```dockerfile bad
FROM debian:12.8-slim
USER app
#    ^^^
```

```dockerfile bad
FROM scratch
COPY app /app
USER nobody
#    ^^^^^^
ENTRYPOINT ["/app"]
```

```dockerfile good
FROM debian:12.8-slim
RUN useradd --system app
USER app
```

```dockerfile good
FROM scratch
COPY app /app
USER 65534:65534
ENTRYPOINT ["/app"]
```

Only base images are judged whose accounts are known. Quiet where a package, a script or a copied `/etc/passwd` may
create the user.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.api import Base, Command, Confidence, Flow, Found, Stage, StageCommands, StageGraph, User, may_hold, rule

# /etc/passwd of the images, https://salsa.debian.org/debian/base-passwd and alpine-baselayout.
ACCOUNTS = {
    "debian": frozenset(
        "root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats nobody _apt".split()
    ),
    "ubuntu": frozenset(
        "root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats nobody _apt ubuntu"
        " libuuid syslog".split()
    ),
    "alpine": frozenset(
        "root bin daemon adm lp sync shutdown halt mail news uucp operator man postmaster cron ftp sshd at squid xfs"
        " games cyrus vpopmail ntp smmsp guest nobody utmp".split()
    ),
    "scratch": frozenset[str](),
}
OWN = {"node": "node", "gradle": "gradle", "nginx": "nginx", "httpd": "www-data", "erlang": "", "elixir": ""}
PLAIN_IMAGES = ("alpine", "debian", "golang", "node", "php", "python", "ruby", "rust", "scratch", "ubuntu")
MANAGERS = ("apt-get", "apt", "apk")
PLAIN = frozenset(
    "mkdir chmod chown chgrp rm rmdir cp mv ln touch echo printf cd set export npm yarn pnpm pip pip3 go cargo bundle"
    " gem composer true : test [ ls cat sed grep find tee date update-ca-certificates ldconfig env curl wget tar unzip"
    " python python3 node git sleep addgroup groupadd make".split()
)


@rule(
    "DG749",
    "user-not-created",
    severity="error",
    no_fix="the user's name, number and home are for the author to choose",
)
def check(user: User, stage: Stage, graph: StageGraph, base: Base, flow: Flow, own: StageCommands) -> Iterator[Found]:
    """Visit the USERs."""
    expanded = graph.scope_at(user).expand(user.user.raw) if user.user is not None else None
    if user.user is None or expanded is None or expanded.unknown or expanded.error or not stage.reachable:
        return
    name = expanded.value.strip("\"'").partition(":")[0]
    known = ACCOUNTS.get(base.family or "")
    image = (graph.root_of(stage).image or "").partition("@")[0].partition(":")[0].rpartition("/")[2]
    if not re.fullmatch(r"[a-z_][\w.-]*", name) or known is None or image not in PLAIN_IMAGES:
        return
    if name in known or name == OWN.get(image) or (image == "php" and name == "www-data"):
        return
    if stage.parent is not None or may_hold(flow, stage, "/etc/passwd", runs=False):
        return
    if "/etc/passwd" in flow.stages[stage.index].view or not all(is_plain(c, name) for c in own.commands):
        return
    if any(not script.understood or script.gaps or name in run.arguments.text for run, script in own.scripts):
        return
    yield Found(
        user.user,
        f"no instruction creates the user {name}, and the base image has none of that name",
        related=((stage.from_.image, f"without {name}"),),
        confidence=Confidence.HIGH if not own.commands else Confidence.MEDIUM,
    )


def is_plain(command: Command, name: str) -> bool:
    """Whether a command surely creates no such user."""
    words = [argument.text for argument in command.arguments]
    if any(name[:5] in word for word in words):
        return False
    if command.program in MANAGERS:
        return True
    if command.program in ("useradd", "adduser"):
        return not any("$" in word for word in words)
    return command.program in PLAIN or not command.program
