"""The last thing that a RUN does is `cd`, `export`, `source` or the start of a daemon: none of it outlives the RUN.

Every RUN is a new shell in a new container. Only files and the settings of other instructions pass from one
to the next; the working directory, variables, limits, aliases and running processes do not.

```dockerfile bad
FROM python:3.12.7-slim
RUN cd /srv
#   ^^^^^^^
RUN python -m venv venv
```

```dockerfile fixed
FROM python:3.12.7-slim
WORKDIR /srv
#   ^^^^^^^
RUN python -m venv venv
```

```dockerfile bad
FROM python:3.12.7-slim
RUN python -m venv /venv && . /venv/bin/activate
#                           ^^^^^^^^^^^^^^^^^^^^
RUN pip install --no-cache-dir flask
RUN service postgresql start
#   ^^^^^^^^^^^^^^^^^^^^^^^^
```

```dockerfile good
FROM python:3.12.7-slim
WORKDIR /srv
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
RUN cd /tmp && pip install --no-cache-dir flask
```

Not reported: whatever a later command of the same RUN may use, and a `cd` back to where the RUN came from. A file
that is sourced may do lasting work: only those that are known to set variables are reported, the others with
`--pedantic`. The fixes, WORKDIR and ENV for a RUN that does nothing else, are unsafe, since all that follows sees
what did not happen before.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Command, Confidence, Edit, Fix, Found, Run, Script, lost_state, regex, rule

MESSAGES = {
    "directory": "{} ends with this RUN: expected WORKDIR",
    "variable": "{} is set for this RUN only: expected ENV, or ARG if the build alone needs it",
    "sourced": "what {!r} sets is gone when this RUN ends: expected ENV, or the commands that need it here",
    "activated": "{} is for this RUN only: expected ENV, or the commands that need it here",
    "limit": "{} is for this RUN only, and nothing in it makes use of it",
    "process": "what is started here ends with this RUN: start it in the RUN that needs it, or by the image's CMD",
}
PLAIN = regex(r"[^`(\n]*")


@rule("DG603", "state-lost-between-runs", peers=("DL3003", "DS-0013", "DS013", "DF008"))
def check(script: Script, run: Run) -> Iterator[Found]:
    """Visit the scripts, and look from their end for commands that leave nothing behind."""
    lost = lost_state(script)
    if lost is not None:
        sure = Confidence.MEDIUM if lost.kind == "process" else Confidence.HIGH
        whole = lost.alone and not run.flags and not run.heredocs and not lost.command.wrappers
        yield Found(
            lost.command,
            MESSAGES[lost.kind].format(lost.name),
            confidence=sure if lost.certain else Confidence.LOW,
            fixes=tuple(fix(lost.command, run)) if whole else (),
        )


def fix(command: Command, run: Run) -> Iterator[Fix]:
    """The instruction that does for good what a RUN of one command does in vain."""
    text = None
    if command.program == "cd" and len(command.arguments) == 1 and "~" not in command.arguments[0].raw[:2]:
        text = f"WORKDIR {command.arguments[0].raw}"
    elif command.program in ("", "export") and len(command.arguments) in (0, len(command.assignments)):
        keyword = "ARG" if [each.name for each in command.assignments] == ["DEBIAN_FRONTEND"] else "ENV"
        text = " ".join((keyword, *(assignment.span.text for assignment in command.assignments)))
    if text and PLAIN.fullmatch(text) and not any(each.append for each in command.assignments):
        yield Fix.unsafe(f"replace it by {text.split()[0]}", Edit.replace(run, text))
