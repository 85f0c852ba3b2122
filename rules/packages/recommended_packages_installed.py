"""`apt-get install` also pulls recommended packages.

Recommended packages are seldom needed in an image: they add size and attack surface.

```dockerfile bad
FROM debian:12.8-slim
RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*
#                             ^^^^^^^
```

```dockerfile fixed
FROM debian:12.8-slim
RUN apt-get update && apt-get install --no-install-recommends -y curl && rm -rf /var/lib/apt/lists/*
#                             ^^^^^^^
```

The fix is unsafe because the program may need a recommended package (`ca-certificates` is a usual one):
name such a package yourself. Not reported where apt's configuration switches recommends off, nor for a
simulation (`-s`), which installs nothing; stages that do not ship give a hint only.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Confidence, Edit, Fix, Found, Install, Run, Severity, Stage, StageFlow, rule


@rule(
    "DG410",
    "recommended-packages-installed",
    severity="info",
    programs=("apt-get", "apt"),
    peers=("DL3015", "DS-0029", "DS029", "DF016"),
)
def check(install: Install, run: Run, stage: Stage, flow: StageFlow) -> Iterator[Found]:
    """Visit the installs of apt."""
    if not install.packages or install.has("--no-install-recommends", "--simulate"):
        return
    if (install.config("APT::Install-Recommends") or "").lower() in ("false", "no", "0"):
        return
    configured = any(path.startswith("/etc/apt/apt.conf") for path in flow.view)
    fix = Fix.unsafe("add --no-install-recommends", Edit.after(install.verb, " --no-install-recommends"))
    yield Found(
        install.verb,
        f"{install.manager} install without --no-install-recommends also pulls whatever these packages recommend",
        severity=None if stage.ships else Severity.HINT,
        confidence=Confidence.LOW if configured else Confidence.HIGH,
        fixes=(fix,) if run.exec_form is None else (),
    )
