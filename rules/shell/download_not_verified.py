"""A download is run or unpacked, and nothing has checked what it is: no checksum, no signature.

The address tells who sends it, not what: a release that is replaced, a domain that is taken over or a mirror that is
broken into puts code into the image, and the build goes well. Over plain http, or without a look at the certificate,
anybody on the way can do that too: that is a warning.

```dockerfile bad
FROM debian:12.8-slim
RUN curl -fsSLo /usr/local/bin/tool https://example.com/v1.2.3/tool && chmod +x /usr/local/bin/tool
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
```

```dockerfile bad
FROM debian:12.8-slim
RUN curl -fsSL https://example.com/v1.2.3/tool.tar.gz | tar -xz -C /opt
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
```

```dockerfile good
FROM debian:12.8-slim
RUN curl -fsSLo /usr/local/bin/tool https://example.com/v1.2.3/tool \\
 && echo "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4  /usr/local/bin/tool" | sha256sum -c - \\
 && chmod +x /usr/local/bin/tool
```

Quiet for files that are only stored, keys and lists of package managers among them, and for stages that check
something between the download and its use. An address that names a git commit always gives the same: shown with
`--pedantic` only. What is piped into a shell is told by DG601, ADD of an address by DG606.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.api import (
    Command,
    Confidence,
    Found,
    HasSpan,
    Pipeline,
    Script,
    Severity,
    Stage,
    StageCommands,
    address_of,
    pipelines,
    regex,
    rule,
)

HOST = regex(r"[a-z][a-z0-9+.-]*://(?:[^/@]*@)?([^/:?#\s'\"@$]+)(?![^/\s]*@)", re.I)
LOCAL = regex(r"(?:[a-z]+://)?(?:localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0)(?:[:/]|\Z)|file:", re.I)
COMMIT = regex(r"(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])")
CHECKS = regex(
    r"sha\d*sum|shasum|md5sum|b2sum|sha-?(?:1|256|384|512)|md5|checksum|digest|openssl\s+dgst|gpg|--verify|cosign"
    r"|minisign|signify|slsa|checksig|jarsigner|attestation|Get-FileHash|rekor",
    re.I,
)
RUNNERS = frozenset("sh bash ash dash zsh ksh python python2 python3 perl ruby node php . source".split())
UNPACKERS = frozenset("tar bsdtar unzip 7z 7za gunzip zcat unxz xzcat cpio dpkg".split())
MODE_X = regex(r"[ugoa]*\+[rwst]*x|[0-7]*[1357][0-7]{0,2}|[ugoa]*=[rwst]*x[rwst,ugoa=]*")
MOST = 500  # downloads of a stage; each is looked for among the commands behind it


@rule(
    "DG605",
    "download-not-verified",
    severity="info",
    no_fix="the checksum of what was meant to be downloaded is known to its author only",
)
def check(stage: Stage, commands: StageCommands) -> Iterator[Found]:
    """Visit the stages, and name each download that is used unchecked."""
    scripts = [script for run, script in commands.scripts if not run.onbuild]
    seen = 0
    for at, script in enumerate(scripts):
        for download in script.commands:
            if download.program not in ("curl", "wget") or seen == MOST:
                continue
            address = address_of(download)
            if not address or LOCAL.match(address):
                continue
            seen += 1
            use = piped(download, script) or used(download, scripts[at:])
            if use is not None and not checked(scripts[at:], use[0]):
                yield found(download, address, *use)


def found(download: Command, address: str, use: HasSpan, way: str) -> Found:
    """What is said of a download; never a password in its address."""
    host = HOST.match(address) if "://" in address else None
    plain = address.lower().startswith("http://")
    unchecked = download.has("-k", "--insecure", "--no-check-certificate")
    how = " over plain http" if plain else " without a look at the certificate" if unchecked else ""
    what = f"what {host[1]!r} sends{how}" if host and host[1] else f"a download{how}"
    return Found(
        download,
        f"{what} is {way} as it comes: expected a checksum or a signature to be looked at before",
        related=((use, f"is {way} here"),),
        severity=Severity.WARNING if plain or unchecked else None,
        confidence=Confidence.LOW if COMMIT.search(address) else Confidence.HIGH,
    )


def piped(download: Command, script: Script) -> tuple[HasSpan, str] | None:
    """The program of the pipe behind a download that unpacks it."""
    pipe = next((pipe for pipe in pipelines(script) if download in pipe.left), None)
    if pipe is None or pipe.parts[-1][0] is download:
        return None
    return next(((c, "unpacked") for c in behind(download, pipe) if unpacks(c)), None)


def behind(download: Command, pipe: Pipeline) -> list[Command]:
    """The commands of a pipe behind one of them."""
    at = next(i for i, part in enumerate(pipe.parts) if download in part)
    return [command for part in pipe.parts[at + 1 :] for command in part]


def unpacks(command: Command) -> bool:
    """Whether a command unpacks what it reads into files."""
    if command.program in ("tar", "bsdtar"):
        first = command.arguments[0].text if command.arguments else ""
        return command.has("-x", "--extract", "--get") or (not first.startswith("-") and "x" in first)
    return command.program == "cpio" and command.has("-i", "--extract")


def used(download: Command, scripts: list[Script]) -> tuple[HasSpan, str] | None:
    """The first command behind a download that runs its file, or unpacks it."""
    name = stored(download)
    if not name:
        return None
    for script in scripts:
        for command in script.commands:
            if command.span.start > download.span.start:
                way = use_of(name, command)
                if way:
                    return command, way
    return None


def stored(download: Command) -> str:
    """The last part of the path that a download is written to; "" for none, and for one that is not known."""
    output = download.option("-o", "--output") if download.program == "curl" else None
    if download.program == "wget":
        output = download.option("-O", "--output-document")
    if output is None:
        target = next((r.target for r in download.redirects if r.operator in (">", ">|") and r.descriptor != 2), None)
        output = target
    if output is not None:
        return last(output.text)
    if download.program == "curl" and not download.has("-O", "--remote-name", "-J", "-OJ"):
        return ""
    return last(address_of(download).partition("?")[0].partition("#")[0])


def last(text: str) -> str:
    """The last part of a path, as it is written."""
    name = text.strip("\"'").rstrip("/").rpartition("/")[2]
    return "" if name in ("-", "", "stdout", "null", ".") else name


def use_of(name: str, command: Command) -> str:
    """How a command uses a file of that name: "run", "unpacked", "installed", "made executable", or ""."""
    if last(command.program_span.text) == name and "/" in command.program_span.text:
        return "run"
    names = [last(operand.text) for operand in command.operands]
    if name not in names:
        return ""
    if command.program in RUNNERS:
        return "run" if names[:1] == [name] else ""
    if command.program == "java":
        return "run" if command.has("-jar") else ""
    if command.program == "dpkg":
        return "installed" if command.has("-i", "--install", "-x") else ""
    if command.program in UNPACKERS:
        return "unpacked" if command.program not in ("tar", "bsdtar") or unpacks(command) else ""
    if command.program == "chmod":
        return "made executable" if any(MODE_X.fullmatch(operand.text) for operand in command.operands[:1]) else ""
    return ""


def checked(scripts: list[Script], use: HasSpan) -> bool:
    """Whether something on the way from the download to its use, or later in that RUN, looks like a check."""
    before = (script for script in scripts if script.span.start <= use.span.start)
    return any(CHECKS.search(script.span.text) for script in before)
