"""A credential that is handed over as a build argument: mounted for the RUNs that use it instead.

`env=` of a secret mount (dockerfile/1.10) makes it a variable; older frontends mount a file, which the RUN reads first.
https://docs.docker.com/reference/dockerfile/#run---mounttypesecret
"""

from __future__ import annotations

import re

from dfguard.dockerfile.nodes import Arg, Instruction, Run
from dfguard.edit import Edit, Fix, Refusal
from dfguard.flow.values import ValueFlow
from dfguard.restructure.frontends import MOUNT, knows_secret_env, reads
from dfguard.restructure.layout import flag_of, line_end
from dfguard.restructure.surroundings import Surroundings
from dfguard.restructure.users import user_at
from dfguard.rewrite import drop
from dfguard.source import Span

_KEPT = ("config", "log", "layer")
_SHELLS = ("sh", "bash", "dash", "ash", "zsh", "ksh")
# Programs that read no credential from the environment; every other one may.
_INDIFFERENT = frozenset(
    """
    apt-get apt apk dnf yum microdnf zypper apt-key dpkg rpm echo printf mkdir rm rmdir chmod chown chgrp cp mv ln ls
    cat touch true false : set test [ [[ export cd useradd groupadd adduser addgroup usermod sed grep awk tr cut sort
    head tail tee find xargs tar unzip gzip gunzip ldconfig update-ca-certificates locale-gen sleep which id whoami
    uname date install sha256sum ln dirname basename
    """.split()
)


def mounted_argument(flow: ValueFlow, around: Surroundings) -> Fix | Refusal:
    """The fix that mounts a build argument for the RUNs that use it, or may."""
    value, arg = flow.value, flow.instruction
    if not isinstance(arg, Arg) or arg.onbuild or arg.stage_index < 0:
        return Refusal("it is declared in front of FROM")
    reason = _refused(flow, value.name, around)
    if reason:
        return Refusal(reason)
    runs = [run for run in around.runs if run.index > arg.index and _may_use(run, value.name, around)]
    if not runs:
        return Refusal("no RUN uses it")
    syntax = reads(around, MOUNT)
    if isinstance(syntax, Refusal):
        return syntax
    edits: list[Edit] = [*syntax, _without_argument(arg, value.place, around)]
    for run in runs:
        made = _mounted(run, value.name, around)
        if isinstance(made, Refusal):
            return made
        edits += made
    name = value.name.lower()
    return Fix.structural(
        f"mount {value.name} as a secret instead of declaring it",
        *edits,
        assumptions=[f"no build gives it with --build-arg {value.name} any longer"],
        build_options=[f"--secret id={name},env={value.name}"],
        brings=["DG730", "DG734"],
    )


def _refused(flow: ValueFlow, name: str, around: Surroundings) -> str:
    """Why it can't be mounted: something but a RUN of this stage needs it, or keeps it."""
    kept = next((sink for sink in flow.sinks if sink.kind in _KEPT), None)
    if kept is not None:
        return f"line {kept.instruction.start_line} keeps it elsewhere, too"
    if any(stage.parent == around.stage.index for stage in around.graph.stages):
        return "a stage that is FROM this one may use it, too"
    pattern = re.compile(rf"\b{re.escape(name)}\b")
    for node in around.dockerfile.instructions:
        if node is flow.instruction or (isinstance(node, Run) and node.stage_index == around.stage.index):
            continue
        own = node.stage_index == around.stage.index
        if pattern.search(node.span.text) and (own or (isinstance(node, Arg) and node.stage_index < 0)):
            return f"line {node.start_line} names it, too"
    return ""


def _may_use(run: Run, name: str, around: Surroundings) -> bool:
    """Whether a RUN names the argument, or calls a program that may read it from its environment."""
    if re.search(rf"\b{re.escape(name)}\b", run.span.text):
        return True
    script = around.script(run)
    if script is None or not script.understood or script.gaps:
        return True
    return any(command.program not in _INDIFFERENT for command in script.commands if command.program)


def _mounted(run: Run, name: str, around: Surroundings) -> list[Edit] | Refusal:
    secret = name.lower()
    if any(mount.type == "secret" and mount.secret == secret for mount in run.mounts):
        return Refusal(f"line {run.start_line} mounts a secret of that name")
    if knows_secret_env(around):
        return [flag_of(run, f"--mount=type=secret,id={secret},env={name}")]
    script = around.script(run)
    if script is None or script.interpreter not in _SHELLS or run.exec_form is not None or run.heredocs:
        return Refusal(
            f"the RUN on line {run.start_line} can't read a file first; # syntax=docker/dockerfile:1 would do"
        )
    options = f"id={secret}"
    if not around.runs_as_root(run):
        user = (user_at(run, around.stage, around.graph, around.base) or "").partition(":")[0]
        options += f",uid={user}" if user.isdigit() else ",mode=0444"
    start = run.arguments.start
    line = around.dockerfile.escape + line_end(run.span.source)
    read = f'export {name}="$(cat /run/secrets/{secret})" {line} && '
    return [flag_of(run, f"--mount=type=secret,{options}"), Edit(Span(run.span.source, start, start), read)]


def _without_argument(arg: Instruction, pair: Span, around: Surroundings) -> Edit:
    """The ARG without this name, or no ARG."""
    pairs = getattr(arg, "pairs", ())
    if len(pairs) == 1:
        return drop(around.dockerfile, arg)
    source = pair.source
    blank = re.compile(r"(?:[ \t]|\\\r?\n|`\r?\n)+")
    behind = blank.match(source.text, pair.end)
    if behind and behind.end() < arg.span.end:
        return Edit(Span(source, pair.start, behind.end()), "")
    start = pair.start - (len(source.text[: pair.start]) - len(source.text[: pair.start].rstrip(" \t\r\n\\`")))
    return Edit(Span(source, start, pair.end), "")
