"""An ENTRYPOINT takes the CMD's effect away: by its shell form, or by clearing what a stage above set.

A shell form runs as `/bin/sh -c "..."`. What CMD and `docker run image ...` give comes behind that text as
the shell's own arguments, which nothing looks at. An ENTRYPOINT of a stage also clears the CMD that the
stage would inherit.

```dockerfile bad
FROM node:22.11.0-slim
ENTRYPOINT node server.js
CMD ["--port", "8080"]
# <- ^^^
```

```dockerfile fixed
FROM node:22.11.0-slim
ENTRYPOINT ["node", "server.js"]
CMD ["--port", "8080"]
# <- ^^^
```

```dockerfile bad
FROM php:8.3.14-fpm AS base
CMD ["php-fpm"]
FROM base
COPY docker-entrypoint.sh /usr/local/bin/
ENTRYPOINT ["docker-entrypoint.sh"]
# <- ^^^^^^^^^^
```

```dockerfile good
FROM php:8.3.14-fpm AS base
CMD ["php-fpm"]
FROM base
COPY docker-entrypoint.sh /usr/local/bin/
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["php-fpm"]
```

The exec form starts no shell: the fix is unsafe, because variables and `&&` in the text would stay as they
are, and it is offered for plain words only. Quiet: a shell form that reads its arguments (`$@`, `$1`), and
Windows, where the words are joined to the command. An ENTRYPOINT that is no plain wrapper may well be
meant to replace an inherited CMD: low confidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeVar

from dfguard.api import (
    Base,
    Cmd,
    Confidence,
    Edit,
    Entrypoint,
    Fix,
    Found,
    Instruction,
    Severity,
    Shell,
    Stage,
    StageGraph,
    regex,
    rule,
)

T = TypeVar("T", bound=Instruction)

READS_ARGUMENTS = regex(r"\$\{?[@*0-9#]")
PLAIN = regex(r"(?:exec\s+)?([\w@%+:,./-]+(?:[ \t]+[\w@%+=:,./-]+)*)\s*")
WRAPPER = regex(r"(?:.*/)?(?:tini|dumb-init|docker-init|catatonit|my_init|init|[\w.-]*entrypoint[\w.-]*)")


@rule("DG713", "entrypoint-swallows-cmd")
def check(stage: Stage, graph: StageGraph, base: Base | None) -> Iterator[Found]:
    """Visit the stages that have an ENTRYPOINT or a CMD of their own."""
    chain = graph.chain(stage)[-2::-1]
    own_entrypoint, own_cmd = last(stage, Entrypoint), last(stage, Cmd)
    entrypoint = own_entrypoint or next((found for s in chain if (found := last(s, Entrypoint))), None)
    if entrypoint is None or not (own_entrypoint or own_cmd) or entrypoint.exec_form == ():
        return
    if own_cmd is not None:
        says_something = re.search(r"\w", own_cmd.arguments.text)
        if says_something and drops_arguments(entrypoint) and not windows([stage, *chain], base):
            yield Found(
                own_cmd.keyword,
                f"the shell form of ENTRYPOINT on line {entrypoint.start_line} ignores this CMD and the arguments of "
                "`docker run`: use its exec form",
                related=((entrypoint, "starts a shell that hands nothing on"),),
                fixes=exec_form(entrypoint),
            )
    elif own_entrypoint is not None and (cleared := inherited_cmd(chain)) is not None:
        wraps = own_entrypoint.exec_form is not None and all(
            WRAPPER.fullmatch(w.value) or w.value.startswith("-") for w in own_entrypoint.exec_form
        )
        yield Found(
            own_entrypoint.keyword,
            f"ENTRYPOINT clears the CMD inherited from line {cleared.start_line}: repeat the CMD here if it is wanted",
            related=((cleared, "no longer counts here"),),
            severity=None if wraps else Severity.INFO,
            confidence=Confidence.MEDIUM if wraps else Confidence.LOW,
        )


def last(stage: Stage, kind: type[T]) -> T | None:
    """The instruction of a kind that counts in a stage."""
    return next((i for i in reversed(stage.instructions) if isinstance(i, kind)), None)


def inherited_cmd(chain: list[Stage]) -> Cmd | None:
    """The CMD that stages hand down; an ENTRYPOINT without a CMD in between has cleared it already."""
    for stage in chain:
        cmd = last(stage, Cmd)
        if cmd is not None:
            return cmd if cmd.exec_form != () else None
        if last(stage, Entrypoint) is not None:
            return None
    return None


def drops_arguments(entrypoint: Entrypoint) -> bool:
    """Whether an ENTRYPOINT is a shell form that does nothing with arguments; a broken JSON form is another rule's."""
    text = entrypoint.arguments.text
    return entrypoint.exec_form is None and text[:1] not in ("", "[") and not READS_ARGUMENTS.search(text)


def windows(stages: list[Stage], base: Base | None) -> bool:
    """Whether the shell form starts a shell of Windows."""
    if base is not None and base.family == "windows":
        return True
    shells = (i for stage in stages for i in stage.instructions if isinstance(i, Shell))
    return any(re.search(r"(?i)cmd|powershell|pwsh", shell.arguments.text) for shell in shells)


def exec_form(entrypoint: Entrypoint) -> tuple[Fix, ...]:
    """The exec form of plain words."""
    plain = PLAIN.fullmatch(entrypoint.arguments.text)
    if plain is None:
        return ()
    text = ", ".join(f'"{word}"' for word in plain[1].split())
    return (Fix.unsafe("write the exec form", Edit.replace(entrypoint.arguments, f"[{text}]")),)
