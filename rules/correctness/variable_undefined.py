"""A variable that nothing defines: the builder puts nothing in its place.

FROM, COPY, ENV, WORKDIR and others see what ARG and ENV above them define, and what the base image's ENV
holds; nothing else. `HOME` is no such variable: it is set when a container runs, not for the builder. An
ENV with several pairs sees the state before it, so a pair does not see the one to its left.

```dockerfile bad
FROM debian:12.8-slim
ARG APP_VERSION=1.4
COPY app-${APP_VERSOIN}.tar /srv/
#        ^^^^^^^^^^^^^^
```

```dockerfile fixed
FROM debian:12.8-slim
ARG APP_VERSION=1.4
COPY app-${APP_VERSION}.tar /srv/
#        ^^^^^^^^^^^^^^
```

```dockerfile bad
FROM debian:12.8-slim
ENV APP=/opt/app PATH=$APP/bin:$PATH
#                     ^^^^
```

```dockerfile bad
FROM debian:12.8-slim
ENV PASSPHRASE=pa$$phrase
#                ^^
```

```dockerfile good
FROM python:3.12.7-slim
ARG EXTRA
ENV WHEELS=/wheels-$PYTHON_VERSION
ENV PYTHONPATH=/srv:$PYTHONPATH
COPY requirements.txt ${EXTRA:-more.txt} /srv/
COPY <<'EOF' /srv/run.sh
exec python "$@" $FLAGS
EOF
```

Sure are names that are nearly those of a known variable, variables of FROM, and all others where the
base image is known to set no variable of that name. An unknown base image might set it: then only what
is defined too late, or stands in a heredoc, is shown without `--pedantic`. Quiet: `${NAME:-default}`,
variables like `PYTHONPATH` that are appended to, and ARGs before FROM that the stage does not declare,
which DG706 tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from dfguard.api import (
    Arg,
    Base,
    Confidence,
    Edit,
    Env,
    Fix,
    Found,
    From,
    Scope,
    Severity,
    Stage,
    StageGraph,
    VariableUse,
    rule,
    variable_uses,
)

PROXIES = ("http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy")
LISTS = ("PATH", "FLAGS", "OPTS", "OPTIONS", "ARGS")  # mostly appended to, whether there is something or not
FAR, LONG = 300, 64  # names and instructions looked at, and their length


@rule("DG705", "variable-undefined", peers=("UndefinedVar", "UndefinedArgInFrom", "BASE_NAME_EMPTY"))
def check(use: VariableUse, scope: Scope, stage: Stage, base: Base | None, graph: StageGraph) -> Iterator[Found]:
    """Visit the variables that the builder replaces."""
    name = use.name
    if not name.isidentifier():
        yield from of_shell(use, scope)
        return
    known = scope.is_defined(name) or use.has_default or name.lower() in PROXIES
    in_from = isinstance(use.instruction, From)
    appends = use.pair is not None and use.pair.name == name
    if known or (not in_from and graph.scope_at(stage.from_).is_defined(name)) or (appends and name.endswith(LISTS)):
        return
    env = base.env if base is not None and not in_from else None
    if env is not None and name in env:
        return
    near = near_miss(name, scope)
    why = "" if near else reason(use, stage)
    told = bool(why) and not graph.root_of(stage).unknown
    unless = "" if near or in_from or env is not None or not scope.inherits else " unless the base image sets it"
    yield Found(
        use,
        f"nothing defines {name!r} here, so it is empty{unless}{f': did you mean {near}?' if near else why}",
        severity=Severity.ERROR if in_from else None,
        confidence=Confidence.LOW if appends else confidence(bool(near) or in_from or env is not None, told),
        fixes=(Fix.unsafe(f"write {near}", Edit.replace(use, use.span.text.replace(name, near, 1))),) if near else (),
    )


def of_shell(use: VariableUse, scope: Scope) -> Iterator[Found]:
    """`$1`, `$@`, `$$`: a shell's own, which are empty for the builder; in a heredoc the first one speaks for all."""
    text = use.span.text
    if use.modifier or use.form == "flag" or not text.startswith("$"):
        return
    if use.form == "heredoc":
        others = (other for other in variable_uses(use.instruction, scope.escape) if other.form == "heredoc")
        first = next((o for o in others if not o.modifier and not o.name.isidentifier()), use)
        hint = "quote the name of the heredoc (<<'EOF') if it is meant to stay"
        if first.span == use.span:
            yield Found(use, f"the builder takes {text} for a variable too, and it is empty: {hint}")
        return
    kept = scope.escape + text
    message = f"the builder takes {text} for a variable, and it is empty: write {kept} if the dollar is meant"
    yield Found(use, message, fixes=(Fix.unsafe(f"write {kept}", Edit.replace(use, kept)),))


def confidence(sure: bool, told: bool) -> Confidence:
    """High when nothing can define it, medium when the file itself gives a reason to think so."""
    return Confidence.HIGH if sure else Confidence.MEDIUM if told else Confidence.LOW


def reason(use: VariableUse, stage: Stage) -> str:
    """What else there is to say: where the variable is defined too late, or how to keep it as text."""
    node = use.instruction
    own = use.pair.name if use.pair is not None else ""
    if isinstance(node, Env) and own != use.name and any(pair.name == use.name for pair in node.pairs):
        return ": an ENV sees the state before it, so set it in an ENV of its own above"
    first = stage.instructions[0].index if stage.instructions else 0
    for later in islice(stage.instructions, node.index - first + 1, node.index - first + FAR):
        pairs = later.pairs if isinstance(later, (Arg, Env)) else ()
        if any(pair.name == use.name and use.name not in (pair.value.raw if pair.value else "") for pair in pairs):
            return f": {later.name} on line {later.start_line} comes too late"
    return ": quote the name of the heredoc (<<'EOF') if it is meant to stay" if use.form == "heredoc" else ""


def near_miss(name: str, scope: Scope) -> str | None:
    """The variable that was meant, when one differs by a letter, by the order of letters or by case."""
    if not 3 < len(name) < LONG:
        return None
    known = (key for key, _ in islice(scope.variables.items(), FAR) if abs(len(key) - len(name)) < 2)
    return min((key for key in known if similar(name.lower(), key.lower())), default=None)


def similar(left: str, right: str) -> bool:
    """Whether two names differ by a slip of the finger, and not by a digit."""
    if left[0] != right[0] and left[-1] != right[-1]:
        return False
    short, long = sorted((left, right), key=len)
    if len(short) == len(long):
        pairs = [(a, b) for a, b in zip(short, long, strict=True) if a != b]
        return sorted(short) == sorted(long) or (len(pairs) == 1 and not any(x.isdigit() for x in pairs[0]))
    return any(long[:i] + long[i + 1 :] == short and not long[i].isdigit() for i in range(len(long)))
