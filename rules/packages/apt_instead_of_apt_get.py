"""`apt` is made for people: what it prints and takes may change from one version to the next.

It says so itself: "apt does not have a stable CLI interface. Use with caution in scripts." `apt-get` and
`apt-cache` do the same and keep their options.

```dockerfile bad
FROM debian:12.8-slim
RUN apt-get update && apt install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
#                     ^^^
```

```dockerfile fixed
FROM debian:12.8-slim
RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
#                     ^^^
```

`apt upgrade` also installs new packages that an upgrade needs, as `apt-get upgrade --with-new-pkgs` does. Other
than `apt`, `apt-get` keeps what it downloads in /var/cache/apt/archives, unless the image says otherwise, as
those of Debian and Ubuntu do: on other bases the fix is unsafe. `apt list`, `apt show` and `apt search` have no
twin in apt-get; use dpkg-query or apt-cache.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Base, Command, Edit, Fix, Found, Script, rule

SAME = frozenset(
    "install reinstall update remove purge autoremove autopurge clean autoclean build-dep download".split()
)
ELSEWHERE = {
    "list": "dpkg-query",
    "show": "apt-cache",
    "search": "apt-cache",
    "policy": "apt-cache",
    "depends": "apt-cache",
}
CLEANER = "docker-clean"


@rule(
    "DG403",
    "apt-instead-of-apt-get",
    severity="info",
    programs=("apt",),
    peers=("DL3027", "CKV_DOCKER_9", "DF059"),
)
def check(command: Command, script: Script, base: Base | None) -> Iterator[Found]:
    """Visit the calls of apt."""
    verb = next(iter(command.operands), None)
    if verb is None:
        return
    cleans = base is not None and base.family in ("debian", "ubuntu") and CLEANER not in script.span.source.text
    better = ELSEWHERE.get(verb.text, "apt-get")
    fixes: tuple[Fix, ...] = ()
    written = command.program_span.text.rpartition("/")[2] == "apt"
    if verb.text in SAME and written:
        make = Fix.identical if cleans else Fix.unsafe
        fixes = (make("use apt-get", Edit(command.program_span, command.program_span.text + "-get")),)
    elif verb.text in ("upgrade", "full-upgrade") and written:
        more = () if verb.text == "full-upgrade" else (Edit.after(verb, " --with-new-pkgs"),)
        fixes = (Fix.unsafe("use apt-get", Edit(command.program_span, command.program_span.text + "-get"), *more),)
    yield Found(
        command.program_span,
        f"apt is for people, and its command line not stable: expected {better} in a script",
        fixes=fixes,
    )
