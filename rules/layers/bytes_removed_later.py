"""One line brings many bytes into the image, and a later one removes or replaces them: the image keeps both.

Every instruction makes a layer, and layers are only ever added: a removal is a marker above files that everybody
still stores, pushes and pulls. Remove in the RUN that brings, mount what only one command needs, or leave it in
a stage that does not ship.

```context
sdk.tar [80 MB]
```

```dockerfile bad
FROM debian:12.8-slim
COPY sdk.tar /tmp/
#    ^^^^^^^
RUN tar -xf /tmp/sdk.tar -C /opt
RUN rm /tmp/sdk.tar
```

```dockerfile bad
FROM debian:12.8-slim
RUN curl -fsSLo /tmp/tool.tar.gz https://example.com/tool.tar.gz
#               ^^^^^^^^^^^^^^^^
RUN tar -xzf /tmp/tool.tar.gz -C /opt && rm /tmp/tool.tar.gz
```

```dockerfile good
FROM debian:12.8-slim
RUN --mount=type=bind,source=sdk.tar,target=/tmp/sdk.tar tar -xf /tmp/sdk.tar -C /opt
RUN curl -fsSLo /tmp/tool.tar.gz https://example.com/tool.tar.gz \\
 && tar -xzf /tmp/tool.tar.gz -C /opt && rm /tmp/tool.tar.gz
```

What weighs less than the option `kilobytes` (1000) is not worth a line. Where no size is known, downloads that are
archives and the caches of package managers are told. Quiet in stages whose layers do not ship.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import All, Confidence, Found, Loss, Options, rule

WAYS = {"removed": "removes", "replaced": "replaces", "edited": "writes anew"}
LISTS = "/var/lib/apt/lists"
MOST_CLAIMS = 20


class Threshold(Options):
    """`kilobytes`: what is too little to be told."""

    kilobytes: int = 1000


@rule(
    "DG511",
    "bytes-removed-in-later-layer",
    no_fix="the lines that bring and that remove have to become one, or what is brought be mounted",
)
def check(loss: Loss, options: Threshold) -> Iterator[Found]:
    """Visit what layers hold in vain, but for what is only moved or gets another owner."""
    way = WAYS.get(loss.how)
    heavy = loss.heavy if loss.how == "removed" else ()
    if way is None or loss.path.startswith(LISTS):
        return
    if loss.size < options.kilobytes * 1000 and not heavy and not loss.program:
        return
    claims = loss.claims(MOST_CLAIMS)
    sure = loss.certain or not claims
    yield Found(
        loss.place,
        f"{weight(loss)} in this layer although line {loss.cause.start_line} {way} {them(loss)}: the image keeps both",
        related=((loss.cause, f"{way} {them(loss)}: only the view changes, not the layer below"),),
        confidence=Confidence.HIGH if loss.certain else Confidence.MEDIUM,
        claim=All(claims) if claims and sure else None,
    )


def them(loss: Loss) -> str:
    """What the later line acts on."""
    return "it" if len(loss.files) == 1 or loss.program else "them"


def weight(loss: Loss) -> str:
    """How much stays, in words: sizes that are known, else what it is."""
    if loss.program:
        return f"what {loss.program} keeps in {loss.path!r} stays"
    first = max(loss.files, key=lambda added: (added.attributes.size or 0, added in loss.heavy)).path
    more = len(loss.files) - 1
    named = repr(first) if not more else f"{first!r} and {more:,} more"
    stays = "stay" if more else "stays"
    if not loss.size:
        return f"{named} {stays}"
    return f"{loss.weight} ({named}) {'stay' if more else 'stays'}"
