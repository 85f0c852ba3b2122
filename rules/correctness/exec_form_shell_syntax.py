"""The exec form holds what only a shell would understand: `$VAR`, `&&`, `>`, `~`, `*`.

`CMD ["node", "$FILE"]` starts the program directly. No shell stands between, so the program gets the five
letters `$FILE`, and `&&` is an argument like any other.

```dockerfile bad
FROM eclipse-temurin:21.0.5_11-jre
COPY app.jar /app.jar
ENTRYPOINT ["java", "$JAVA_OPTS", "-jar", "/app.jar"]
#                   ^^^^^^^^^^^^
```

```dockerfile bad
FROM node:22.11.0-slim
CMD ["npm", "run", "migrate", "&&", "npm", "start"]
#                             ^^^^
```

```dockerfile fixed
FROM node:22.11.0-slim
CMD ["sh", "-c", "npm run migrate && npm start"]
#                             ^^^^
```

```dockerfile good
FROM eclipse-temurin:21.0.5_11-jre
HEALTHCHECK CMD ["sh", "-c", "wget -q localhost:$PORT || exit 1"]
RUN ["find", "/tmp", "-name", "*.log", "-exec", "rm", "{}", ";"]
ENTRYPOINT ["sh", "-c", "exec java $JAVA_OPTS -cp '/app/*' Main"]
```

With `exec` in front, the program gets the signals of `docker stop`, as without a shell. Also reported: a
whole command line as one word (`["npm start"]`), and words of the shell as the program (`cd`, `A=1`).
Programs that read such text themselves are left alone (shells with -c, awk, jq, find, `psql -c`, class
paths of java). Where a script or an unknown ENTRYPOINT may still hand the words to a shell, the confidence
is medium; patterns and `--name=${VALUE}`, which some programs replace, are for `--pedantic`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import (
    Base,
    Cmd,
    Confidence,
    Edit,
    Entrypoint,
    Fix,
    Found,
    Healthcheck,
    Instruction,
    Run,
    ShellSyntax,
    Stage,
    StageGraph,
    regex,
    rule,
    shell_syntax,
)

SAYS = {
    "operator": "{0!r} is an argument here, as the exec form starts no shell",
    "jar": "no shell expands {0!r} in the exec form",
    "pattern": "no shell expands {0!r} in the exec form",
    "assignment": "{0!r} is taken for the program, as the exec form starts no shell",
    "builtin": "{0!r} is no program but a word of the shell, and the exec form starts none",
    "command-line": "{0!r} is taken for the name of one program: the exec form splits no words",
}
LOW = ("pattern", "placeholder")
PLAIN = regex(r"[\w@%+=:,./${}~*?()-]+")
OPERATORS = regex(r"[&|;<>/\w]+")


@rule("DG712", "exec-form-shell-syntax")
def check(stage: Stage, graph: StageGraph, base: Base | None) -> Iterator[Found]:
    """Visit the stages: every RUN, and the CMD, ENTRYPOINT and HEALTHCHECK that count."""
    counts = {type(i): i for i in stage.instructions if isinstance(i, (Cmd, Entrypoint, Healthcheck))}
    for instruction in (*(i for i in stage.instructions if isinstance(i, Run)), *counts.values()):
        before = entrypoint(stage, graph) if isinstance(instruction, Cmd) else []
        if instruction.exec_form and before is not None:
            yield from judge(instruction, before, windows=base is not None and base.family == "windows")


def judge(instruction: Instruction, before: list[str], *, windows: bool) -> Iterator[Found]:
    """One finding for an exec form, the surest; `before` are the words of an ENTRYPOINT in front of a CMD's."""
    form = instruction.exec_form or ()
    words = before + [word.value for word in form]
    found = [one for one in shell_syntax(words) if one.index >= len(before) and (one.kind != "percent" or windows)]
    if not found:
        return
    script = next((i for i, word in enumerate(words) if word.endswith((".sh", "entrypoint"))), len(words))
    unknown = isinstance(instruction, Cmd) and not before
    rated = [(certainty(one, words[0], unknown or script < one.index), one) for one in found]
    confidence, one = min(rated, key=lambda pair: pair[0].rank)
    text = SAYS.get(one.kind, "no shell replaces {0!r} in the exec form").format(one.text)
    yield Found(
        form[one.index - len(before)],
        f'{text}: use ["sh", "-c", ...] or the shell form' if one.kind != "command-line" else text,
        confidence=confidence,
        fixes=() if windows or before else mend(instruction, words, one),
    )


def certainty(one: ShellSyntax, program: str, handed_on: bool) -> Confidence:
    """How sure it is that nobody else reads the text as a shell would; a script may have got it as an argument."""
    if one.kind in ("operator", "jar"):
        return Confidence.HIGH
    if one.kind in LOW:
        java = program.rpartition("/")[2] in ("java", "elasticsearch", "catalina.sh")
        return Confidence.LOW if one.kind == "pattern" or java else Confidence.MEDIUM
    return Confidence.MEDIUM if handed_on or one.kind == "home" else Confidence.HIGH


def entrypoint(stage: Stage, graph: StageGraph) -> list[str] | None:
    """The words that an ENTRYPOINT of this file puts before a CMD; None when it drops the CMD."""
    at: Stage | None = stage
    while at is not None:
        for other in reversed(at.instructions):
            if isinstance(other, Entrypoint):
                return [w.value for w in other.exec_form] if other.exec_form is not None else None
        at = graph.stages[at.parent] if at.parent is not None else None
    return []


def mend(instruction: Instruction, words: list[str], one: ShellSyntax) -> tuple[Fix, ...]:
    """Let a shell read the words, or split them; nothing for ENTRYPOINT, as a shell would drop its arguments."""
    import json

    form = instruction.exec_form
    if not form:
        return ()
    place = form[0].span.to(form[-1].span)
    if one.kind == "command-line":
        split = words[0].split()
        plain = all(PLAIN.fullmatch(word) and not shell_in(word) for word in split)
        text = ", ".join(json.dumps(word) for word in split + words[1:])
        return (Fix.unsafe("make each word one of its own", Edit.replace(place, text)),) if plain else ()
    if isinstance(instruction, Entrypoint) or not all(
        PLAIN.fullmatch(word) or OPERATORS.fullmatch(word) for word in words
    ):
        return ()
    line = " ".join(words)
    exec_ = "" if any(other.kind != "variable" for other in shell_syntax(words)) else "exec "
    return (Fix.unsafe("let a shell read it", Edit.replace(place, f'"sh", "-c", {json.dumps(exec_ + line)}')),)


def shell_in(word: str) -> bool:
    """Whether a shell would have changed a word."""
    return any(word.count(character) for character in "$~*?&|;<>")
