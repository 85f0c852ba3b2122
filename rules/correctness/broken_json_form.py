"""What looks like a JSON (exec) form is no valid JSON, so BuildKit silently takes it as text.

`CMD ['npm', 'start']` is no JSON because of its single quotes: the container starts a shell that looks
for a program named `[npm,`. COPY takes such a list as file names, VOLUME as the name of a folder. A list
with numbers or other things than strings in it is refused.

```dockerfile bad
FROM node:22.11.0-slim
CMD ['npm', 'start']
#    ^
```

```dockerfile fixed
FROM node:22.11.0-slim
CMD ["npm", "start"]
#    ^
```

```dockerfile bad
FROM node:22.11.0-slim
ENTRYPOINT [ "node", "server.js", ]
#                                 ^
```

```dockerfile good
FROM node:22.11.0-slim
RUN [ -d /srv ] && rm -rf /srv
CMD ["node", "it's.js"]
```

The fix is unsafe, because it makes of shell text what was meant: no shell is left that would replace
`$VARIABLES`. Quiet: `[` as the shell's own test command.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Dockerfile, Fix, Found, Instruction, Onbuild, Problem, Volume, regex, repair_json_form, rule

# The shell's own command: `[ -f x ]`, `[ "$x" = y ]`, `[ x ] && y`; a form that starts with a quote is meant as JSON.
TEST = regex(
    r"""\[\s*(?!["'])|\[\s+(?:"[^"]*"|'[^']*')\s+(?:[=!]?=|=~|-(?:eq|ne|lt|le|gt|ge|nt|ot|ef))\s|\[\s+[^\]]*\s\]\s*[&|;]"""
)


@rule(
    "DG702",
    "broken-json-form",
    severity="error",
    peers=("tally/invalid-json-form", "JSON_IN_SINGLE_QUOTES", "SHELL_JSON_FORM"),
)
def check(problem: Problem, instruction: Instruction, dockerfile: Dockerfile) -> Iterator[Found]:
    """Visit the arguments that start with a bracket and are no JSON array of strings."""
    if problem.kind != "bad-json":
        return
    if isinstance(instruction, Onbuild) and instruction.trigger is not None:
        instruction = instruction.trigger
    form = instruction.arguments
    form = form.sub(max(form.text.find("["), 0), len(form.text))
    edits = repair_json_form(form, dockerfile.escape)
    if edits is None and not problem.refused and not isinstance(instruction, Volume) and TEST.match(form.text):
        return
    fixes = (Fix.unsafe("write a JSON array", *edits),) if edits else ()
    yield Found(problem, problem.message, fixes=fixes)
