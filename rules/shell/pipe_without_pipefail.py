"""A pipe hides that one of its commands failed: the build goes on with nothing, or with half of it.

A shell looks at the last command of a pipe only. When the download on the left breaks off, whatever stands
on the right reads what there is, says yes, and the layer is cached as good. `set -o pipefail` makes the pipe
fail with any of its commands.

```dockerfile bad
FROM alpine:3.20.3
RUN wget -qO- https://example.com/schema.sql | tee /schema.sql
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
```

```dockerfile fixed
FROM alpine:3.20.3
RUN set -o pipefail && wget -qO- https://example.com/schema.sql | tee /schema.sql
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
```

The sh of Alpine (busybox) and of Red Hat's family (bash) knows the option. The sh of Debian and Ubuntu (dash)
does not: ask for bash there, for all RUNs that follow, also those of stages built FROM this one:

```dockerfile good
FROM debian:12.8-slim
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN wget -qO- https://example.com/schema.sql | tee /schema.sql
```

Not reported: pipes out of `echo`, `printf`, `yes` and the like, which do not fail; pipes whose end is asked
for (`if`, `||`) or dropped; PowerShell and cmd. Only with `--pedantic`: pipes into programs that themselves
fail on missing input (`tar`, `gpg`, `grep`), and listings of what is there (`ls | wc -l`). The fix is unsafe
since `grep` without a match and writers to a reader that leaves early (`| head -1`) count as failures then.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import (
    Command,
    Confidence,
    Edit,
    Fix,
    Found,
    Pipeline,
    Run,
    Script,
    Shell,
    pipelines,
    rule,
    status_counts,
)

KNOWS_PIPEFAIL = ("ash", "bash", "busybox", "ksh", "mksh", "zsh")
NEVER_FAIL = frozenset(
    "echo printf yes true false : seq pwd date uname arch nproc id whoami hostname env printenv set export sleep "
    "tr cut sort uniq head tail wc rev tac tee fold column xxd nl sync".split()
)
LISTS = frozenset(
    "cat ls find grep egrep fgrep sed awk gawk mawk which type command ldd scanelf readelf readlink dirname basename "
    "dpkg dpkg-query dpkg-architecture rpm apk apt-cache apt-mark getent lsb_release ps du df stat test [ [[ read cd "
    "while getconf locale ldconfig java gcc python python3 node npm ruby perl php go pip pip3 gem "
    "md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum cksum".split()
)
FAIL_WITHOUT_INPUT = frozenset(
    "tar bsdtar gtar gunzip zcat unxz xzcat bunzip2 bzcat unzstd zstdcat cpio gpg gpg2 gpgv apt-key grep egrep fgrep "
    "read unzip bsdcat".split()
)
DECOMPRESS = frozenset("gzip xz bzip2 zstd lzma pigz".split())


@rule("DG602", "pipe-without-pipefail", peers=("DL4006", "DF057"))
def check(script: Script, run: Run, shell: Shell | None) -> Iterator[Found]:
    """Visit the scripts; of all pipes of one that hide a failure, name the surest."""
    if shell is not None and any("pipefail" in word.value for word in shell.exec_form or ()):
        return
    hiding = [
        (confidence, pipe, command)
        for pipe in pipelines(script)
        for confidence, command in hidden(pipe, script.interpreter)
        if status_counts(script, pipe)
    ]
    if not hiding:
        return
    _, pipe, command = min(hiding, key=lambda each: (each[0].rank, each[2].span.start))
    knows = script.interpreter in KNOWS_PIPEFAIL
    cure = "set -o pipefail" if knows else 'SHELL ["/bin/bash", "-o", "pipefail", "-c"]'
    yield Found(
        command,
        f"this RUN goes on when {command.program!r} fails, because the pipe ends as {pipe.right[-1].program!r} ends: "
        f"expected {cure}",
        confidence=min((each[0] for each in hiding), key=lambda each: each.rank),
        fixes=tuple(fix(script, run)) if knows else (),
    )


def hidden(pipe: Pipeline, interpreter: str) -> Iterator[tuple[Confidence, Command]]:
    """The commands whose failure the pipe may hide, with how sure that is."""
    seen = any(fails_without_input(command) for command in pipe.right)
    for command in pipe.left:
        fed = any(redirect.operator.startswith("<<") for redirect in command.redirects)
        if command.program and command.program not in NEVER_FAIL and not fed and not command.state.pipefail:
            doubtful = seen or command.program in LISTS or command.conditional or command.state.pipefail is None
            usual = Confidence.MEDIUM if interpreter == "sh" else Confidence.HIGH
            yield (Confidence.LOW if doubtful else usual), command


def fails_without_input(command: Command) -> bool:
    """Whether a program at the end of a pipe fails when nothing, or only half of it, arrives."""
    program = command.program
    if program in DECOMPRESS:
        return command.has("-d", "--decompress", "-dc", "-cd")
    if program.endswith("sum"):
        return command.has("-c", "--check")
    if program.endswith("awk"):
        return any("exit" in argument.raw for argument in command.arguments)
    return program in FAIL_WITHOUT_INPUT and not (program.endswith("grep") and command.has("-v", "--invert-match"))


def fix(script: Script, run: Run) -> Iterator[Fix]:
    """`set -o pipefail` in front of the script, on a line of its own in a here-document."""
    document = script.span.start != run.arguments.start
    if script.commands and not (document and script.span.text.startswith("#!")):
        text = "set -o pipefail\n" if document else "set -o pipefail && "
        yield Fix.unsafe("set pipefail", Edit(script.span.sub(0, 0), text))
