"""Rust: a program that links no library of the system but that of C runs wherever a libc at least as new is."""

from __future__ import annotations

import posixpath
import re

from dfguard.edit import Refusal
from dfguard.restructure.multistage.recipe import (
    Recipe,
    builds_of,
    folder_of,
    same,
    sources_say,
    started,
    taken_along,
    text_of,
)
from dfguard.restructure.surroundings import Surroundings
from dfguard.shell.commands import Command
from dfguard.toolchains.languages import language

_NAME = re.compile(r"^\[package\][^\[]*?^name\s*=\s*\"([^\"]+)\"", re.M | re.S)
_SYSTEM = re.compile(r"^name = \"([\w-]+-sys)\"", re.M)
_CARGO_BIN = "/usr/local/cargo/bin"
_OWN = ("CARGO_HOME", "RUSTFLAGS", "CARGO_TARGET_DIR", "SQLX_OFFLINE", "CARGO_NET_GIT_FETCH_WITH_CLI", "RUSTUP_HOME")


def recipe(around: Surroundings) -> Recipe | Refusal:
    """How a Rust program is built apart."""
    data, start, context = language("rust"), started(around), around.context
    builds = builds_of(around, "cargo", ("build", "install"))
    if not builds or start is None or context is None:
        return Refusal("expected one `cargo build`, and a CMD or ENTRYPOINT")
    folder = folder_of(builds[-1], around)
    manifest = _file(around, folder, "Cargo.toml")
    lock = _file(around, folder, "Cargo.lock")
    if folder is None or manifest is None or lock is None or "[workspace]" in manifest:
        return Refusal("expected Cargo.toml and Cargo.lock of one package")
    system = [name for name in _SYSTEM.findall(lock) if name not in data.words("allowed")]
    told = system[0] if system else sources_say(context, (".rs",), data.words("starts"))
    if told:
        return Refusal(f"the sources say {told}: the program may need more than itself")
    name = _NAME.search(manifest)
    made = _made(builds[-1], folder, name[1]) if name and "[[bin]]" not in manifest else None
    words, by_shell = start
    if made is None or not _starts(words[0], made, around):
        return Refusal(f"the container starts {words[0]}, which may not be what cargo makes")
    along = taken_along(around, data, folder)
    if isinstance(along, Refusal):
        return along
    musl = "alpine" in around.stage.from_.image.raw
    runtime = data.text("musl_runtime" if musl else "shell_runtime" if by_shell else "runtime")
    assumptions = ("no library of the system is loaded at run time",)
    return Recipe(data, runtime, (made, *same(along)), ("cargo", "rustup"), assumptions=assumptions, own=_OWN)


def _starts(word: str, made: tuple[str, str], around: Surroundings) -> bool:
    """Whether a start word leads to what cargo made, now and where it goes."""
    if made[0] != made[1]:
        return word == posixpath.basename(made[1])
    return "/" in word and posixpath.normpath(posixpath.join(around.flow.workdir, word)) == made[0]


def _made(command: Command, folder: str, name: str) -> tuple[str, str] | None:
    """Where cargo puts the program, and where it goes."""
    if command.option("--target") or command.option("--target-dir") or command.option("--profile"):
        return None
    if any(operand.text == "install" for operand in command.operands):
        if command.option("--path") is None or command.option("--root") is not None:
            return None
        return f"{_CARGO_BIN}/{name}", f"/usr/local/bin/{name}"
    path = f"{folder}/target/{'release' if command.has('--release', '-r') else 'debug'}/{name}"
    return path, path


def _file(around: Surroundings, folder: str | None, name: str) -> str | None:
    added = around.flow.view.get(f"{folder}/{name}") if folder else None
    if added is None or added.origin.file is None or around.context is None:
        return None
    return text_of(around.context, added.origin.path)
