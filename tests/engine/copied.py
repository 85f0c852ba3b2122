"""What a real builder copies of a context, beside what dfguard says: used by a test and by benchmarks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path

from dfguard.context.tree import BuildContext, ContextFile, Selected

Copied = dict[str, tuple[str, object]]  # path below the destination -> kind, and size or link target


def build(root: str, ignore_path: str | None, sources: Sequence[str], scratch: Path) -> list[Copied]:
    """Copy each source of a context into a folder of its own, with the engine; what is in these folders.

    Raises RuntimeError with what the builder says when it refuses.
    """
    dockerfile = scratch / "copies.Dockerfile"
    lines = ["FROM scratch"]
    lines += [f"COPY {json.dumps([_literal(source), f'/{number}/'])}" for number, source in enumerate(sources)]
    dockerfile.write_text("\n".join(lines) + "\n", encoding="utf-8", errors="surrogateescape")
    beside = scratch / "copies.Dockerfile.dockerignore"
    beside.unlink(missing_ok=True)
    if ignore_path is not None:
        shutil.copyfile(ignore_path, beside)
    found = _built(["--file", str(dockerfile), root], scratch)
    return [found.get(str(number), {}) for number in range(len(sources))]


def build_named(roots: dict[str, str], scratch: Path) -> dict[str, Copied]:
    """Copy all of several contexts, each through its own ignore file: named contexts of one build."""
    main = scratch / "main"
    main.mkdir(exist_ok=True)
    lines = ["FROM scratch", *(f"COPY --from={name} . /{name}/" for name in roots)]
    (main / "Dockerfile").write_text("\n".join(lines) + "\n")
    contexts = [text for name, root in roots.items() for text in ("--build-context", f"{name}={root}")]
    found = _built([*contexts, str(main)], scratch)
    return {name: found.get(name, {}) for name in roots}


def _built(arguments: list[str], scratch: Path) -> dict[str, Copied]:
    out = scratch / "copies.tar"
    command = ["docker", "buildx", "build", "--network", "none", "--provenance=false"]
    output = ["--output", f"type=tar,dest={out}"]
    run = subprocess.run([*command, *output, *arguments], capture_output=True, text=True, errors="replace")
    if run.returncode:
        raise RuntimeError(" ".join(run.stderr.split())[-400:])
    return _read(out)


def _literal(source: str) -> str:
    return source.replace("\\", "\\\\").replace("$", "\\$") or "."


def _read(out: Path) -> dict[str, Copied]:
    """What is in each folder at the top."""
    found: dict[str, Copied] = {}
    with tarfile.open(out, errors="surrogateescape") as archive:
        for member in archive:
            top, _, path = member.name.removeprefix("./").strip("/").partition("/")
            if path:
                found.setdefault(top, {})[path] = _described(member)
    out.unlink()
    return found


def _described(member: tarfile.TarInfo) -> tuple[str, object]:
    if member.isdir():
        return "dir", 0
    if member.issym():
        return "symlink", member.linkname
    return ("file", member.size) if member.isreg() else ("other", 0)


def foretold(context: BuildContext, source: str) -> Copied:
    """What dfguard says that a source copies."""
    out: Copied = {}
    for selected in context.sources(source):
        for file in selected.below:
            path = _below(selected, file)
            out[path] = _entry(file)
            parents = path.split("/")[:-1]
            out.update({"/".join(parents[:end]): ("dir", 0) for end in range(1, len(parents) + 1)})
    return out


def _below(selected: Selected, file: ContextFile) -> str:
    if selected.entry is None:
        return file.path
    if selected.entry.kind == "dir":
        return file.path[len(selected.entry.path) + 1 :]
    return os.path.basename(selected.path)


def _entry(file: ContextFile) -> tuple[str, object]:
    if file.kind == "symlink":
        return "symlink", file.link_target
    return ("file", file.size) if file.kind == "file" else (file.kind, 0)


def differences(copied: Copied, said: Copied) -> list[str]:
    """What only one of the two has, or both have otherwise."""
    return [
        f"{path!r}: the builder has {copied.get(path)}, dfguard says {said.get(path)}"
        for path in sorted(set(copied) | set(said))
        if copied.get(path) != said.get(path)
    ]
