"""The image has no health check: the engine can't tell whether its containers do their work.

Of a service that hangs nobody knows. Set HEALTHCHECK where Docker or Swarm runs it; Kubernetes has probes of its own
and does not look at this one, and images of commands need none.

```image bad
ADD rootfs.tar /
  /etc/os-release = ID=debian
EXPOSE 8080
CMD ["/bin/sh"]
```

```image good
ADD rootfs.tar /
  /etc/os-release = ID=debian
CMD ["/bin/sh"]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Confidence, Found, Image, ImagePlace, rule


@rule(
    "DG918",
    "health-check-missing",
    severity="hint",
    peers=("CIS-DI-0006",),
    no_fix="it is found in an image; only its makers know what tells that it works",
)
def check(image: Image) -> Iterator[Found]:
    """Visit an image; one that exposes no port is taken for one of a command."""
    if image.config.exposed and image.config.healthcheck is None:
        ports = ", ".join(image.config.exposed[:3])
        place = ImagePlace(image.name, "config.Healthcheck")
        yield Found(place, f"exposes {ports} and has no health check", confidence=Confidence.LOW)
