"""A RUN gives files of an earlier layer another owner, mode or path: the image holds all of them twice.

A layer holds whole files. `chown -R`, `chmod -R` and `mv` change no byte of them, and yet all that they touch is
stored, pushed and pulled once more, even where the owner is the same as before. COPY and ADD set owner and mode
at once; what a RUN makes is best given away in that very RUN.

```context
model.bin [120 MB]
```

```dockerfile bad
FROM debian:12.8-slim
COPY model.bin /srv/
RUN useradd app && chown -R app:app /srv
#                  ^^^^^^^^^^^^^^^^^^^^^
USER app
```

```dockerfile bad
FROM node:22.11.0-slim
WORKDIR /app
COPY package.json ./
RUN npm install
RUN chown -R node:node /app
#   ^^^^^^^^^^^^^^^^^^^^^^^
USER node
```

```dockerfile good
FROM debian:12.8-slim
RUN useradd app
COPY --chown=app:app model.bin /srv/
USER app
```

Files that weigh less than the option `kilobytes` (1000) together are not worth a line. Quiet where the same RUN made
the files, for `chown --from`, and in stages whose layers do not ship.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import All, Command, Confidence, Copy, Found, Loss, Options, rule

MOST_CLAIMS = 20
NEEDS = {"chown": "their owner", "chgrp": "their group", "chmod": "their mode", "mv": "their path"}


class Threshold(Options):
    """`kilobytes`: what is too little to be told."""

    kilobytes: int = 1000


@rule(
    "DG512",
    "files-doubled-by-later-layer",
    peers=("DF034",),
    no_fix="the user may be made only by a line between both, and COPY can't give files to one who does not exist",
)
def check(loss: Loss, options: Threshold) -> Iterator[Found]:
    """Visit what a RUN moves, or gives another owner or mode."""
    command = loss.command
    if loss.how not in ("moved", "attributes") or command is None or command.has("--from"):
        return
    if loss.size < options.kilobytes * 1000 and not loss.program:
        return
    claims = loss.claims(MOST_CLAIMS)
    what = f"what {loss.program} wrote below {loss.path!r}" if loss.program else f"{loss.weight} of line {line(loss)}"
    changed = NEEDS.get(command.program, "their place")
    yield Found(
        command,
        f"changes only {changed}, and the image holds {what} twice: {cure(loss, command)}",
        related=((loss.place, "comes into the image here"),),
        confidence=Confidence.HIGH if loss.certain and not loss.program else Confidence.MEDIUM,
        claim=All(claims) if claims and loss.certain else None,
    )


def line(loss: Loss) -> int:
    """The line that brought the files."""
    return loss.place.start_line


def cure(loss: Loss, command: Command) -> str:
    """What to write instead."""
    word = next((argument.text for argument in command.operands), "")
    if not isinstance(loss.instruction, Copy):
        return f"do it in the RUN of line {line(loss)}"
    if command.program == "mv":
        return f"copy them to their place in line {line(loss)}"
    flag = "chmod" if command.program == "chmod" else "chown"
    value = f"={word}" if word and "$" not in word and (flag == "chown" or word.isdigit()) else ""
    return f"write COPY --{flag}{value} in line {line(loss)}"
