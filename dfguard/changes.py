"""What a change touches: the lines between a commit and the files as they lie there, told by git.

git is run so that nothing of a checked tree, nor of its `.git/config`, is: no hooks, no file system monitor, no
external diff, text converters or filters, no locks, no network. Paths are relative to the top of the repository.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator, Sequence

from dfguard.errors import UsageError
from dfguard.gitignored import repository_root
from dfguard.regex import regex
from dfguard.struct import Struct

_SAFE = (
    "--no-pager", "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", "core.quotePath=true",
    "-c", "protocol.allow=never",
)  # fmt: skip
_ENVIRONMENT = {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
_HUNK = regex(rb"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,(\d+))? @@")
_FILTER = regex(r"(filter\..+)\.(?:clean|smudge|process|required)", re.DOTALL)


class Hunk(Struct):
    """Lines of the new file from `first` on: `olds` has the number that each had before, None for new ones.

    `bare` are places where lines are gone: the numbers of the lines behind them.
    """

    first: int
    olds: tuple[int | None, ...]
    bare: tuple[int, ...] = ()

    def holds(self, first: int, last: int) -> bool:
        """Whether the lines from `first` to `last` all lie in it."""
        return self.first <= first <= last < self.first + len(self.olds)

    def old(self, line: int) -> int | None:
        """The number that a line of it had before, None for a new one."""
        return self.olds[line - self.first]

    def touches(self, first: int, last: int) -> bool:
        """Whether one of these lines is new, or lines between them are gone."""
        low, high = max(first, self.first), min(last, self.first + len(self.olds) - 1)
        return any(self.old(line) is None for line in range(low, high + 1)) or any(
            first < line <= last for line in self.bare
        )


class FileChange(Struct):
    """A file that changed: `old` is its path before, None for a new file; `path` None for one that is gone.

    `hunks` is None for a file that git does not track yet: all of it is new.
    """

    path: str | None
    old: str | None
    hunks: tuple[Hunk, ...] | None


class Changes(Struct):
    """All that changed since `base`, the newest common ancestor of `start` (the commit that was named) and `head`."""

    top: str
    base: str
    start: str
    head: str
    files: tuple[FileChange, ...]

    def hunk(self, path: str, first: int, last: int) -> Hunk | None:
        """The hunk that holds these lines of a file wholly."""
        found = (hunk for file in self.files if file.path == path for hunk in file.hunks or ())
        return next((hunk for hunk in found if hunk.holds(first, last)), None)

    def touches(self, path: str, first: int, last: int) -> bool:
        """Whether the change is in these lines of a file."""
        return any(
            file.hunks is None or any(hunk.touches(first, last) for hunk in file.hunks)
            for file in self.files
            if file.path == path
        )

    def old_path(self, path: str) -> str:
        """The path that a file had before, the same one for a new file."""
        return next((file.old for file in self.files if file.path == path and file.old), path)

    @property
    def came_or_went(self) -> tuple[str, ...]:
        """The paths of files that are new, gone, or had another name."""
        moved = (path for file in self.files if file.path != file.old for path in (file.path, file.old))
        return tuple(path for path in moved if path)


def read_changes(reference: str) -> Changes:
    """What changed since a commit; raises UsageError outside of a repository, without git, or for an unknown one."""
    top = repository_root(".")
    if top is None:
        raise UsageError(f"--diff-base {reference}: expected to be run in a git repository")
    git = Git(os.path.realpath(top))
    start = git.line("rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}")
    if start is None:
        raise UsageError(f"--diff-base {reference}: expected a commit of this repository (was it fetched?)")
    head = git.line("rev-parse", "--verify", "--quiet", "HEAD^{commit}") or start
    base = git.line("merge-base", start, head)
    if base is None:
        raise UsageError(f"--diff-base {reference}: has no commit in common with HEAD (is the clone shallow?)")
    options = ("--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=all", "--no-relative")
    text = ("--unified=3", "--inter-hunk-context=0", "--find-renames", "--src-prefix=a/", "--dst-prefix=b/")
    patch = git.output("diff", *options, *text, base, "--")
    others = git.output("ls-files", "--others", "--exclude-standard", "-z").split(b"\0")
    new = (FileChange(os.fsdecode(path), None, None) for path in others if path)
    return Changes(git.top, base, start, head, (*_files(patch), *new))


def old_texts(changes: Changes) -> dict[str, str]:
    """What stood in the changed files before, by the absolute path that they have now."""
    pairs = [
        (file.path, file.old)
        for file in changes.files
        if file.path is not None and file.old is not None and "\n" not in file.old
    ]
    asked = "".join(f"{changes.base}:{old}\n" for _, old in pairs)
    answer = Git(changes.top).output("cat-file", "--batch", given=os.fsencode(asked))
    texts: dict[str, str] = {}
    at = 0
    for path, _ in pairs:
        end = answer.find(b"\n", at)
        line, at = (answer[at:end], end + 1) if end >= 0 else (b"", at)
        kind, size = (*line.split(b" ")[1:3], b"", b"")[:2]
        if kind == b"blob":
            data = answer[at : at + int(size)]
            texts[os.path.join(changes.top, path)] = data.decode("utf-8", "surrogateescape")
        if size.isdigit():
            at += int(size) + 1
    return texts


class Git:
    """Runs git in one folder."""

    def __init__(self, top: str) -> None:
        self.top = top
        self._options: tuple[str, ...] = _SAFE
        names = self.output("config", "--list", "--name-only", "-z").decode("utf-8", "replace").split("\0")
        filters = {found[1] for found in map(_FILTER.fullmatch, names) if found}
        for name in sorted(filters):
            for key in ("clean=", "smudge=", "process=", "required=false"):
                self._options += ("-c", f"{name}.{key}")

    def line(self, *arguments: str) -> str | None:
        """The first line of what a command prints, None when it fails."""
        code, out, _ = self._run(arguments)
        return os.fsdecode(out).partition("\n")[0] if code == 0 and out else None

    def output(self, *arguments: str, given: bytes = b"") -> bytes:
        """What a command prints; raises UsageError when it fails."""
        code, out, said = self._run(arguments, given)
        if code:
            raise UsageError(f"git {arguments[0]}: {os.fsdecode(said).strip().partition(chr(10))[0] or 'failed'}")
        return out

    def _run(self, arguments: Sequence[str], given: bytes = b"") -> tuple[int, bytes, bytes]:
        import subprocess

        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        command = ["git", *self._options, *arguments]
        try:
            ran = subprocess.run(
                command, cwd=self.top, env={**kept, **_ENVIRONMENT}, input=given, capture_output=True, check=False
            )
        except OSError as error:
            raise UsageError(f"git can't be run: {error.strerror}") from None
        return ran.returncode, ran.stdout, ran.stderr


def _files(patch: bytes) -> Iterator[FileChange]:
    for part in re.split(rb"^diff --git ", patch, flags=re.MULTILINE)[1:]:
        head, found, _ = part.partition(b"\n@@ ")
        lines = head.split(b"\n")
        old, new = _named(lines, b"--- ", b"rename from "), _named(lines, b"+++ ", b"rename to ")
        if old or new:
            yield FileChange(new, old, tuple(_hunks(part[len(head) + 1 :].split(b"\n"))) if found else ())
        else:  # no line changed: an empty file came or went, or only the mode changed
            path = _same(lines[0])
            came, went = (any(line.startswith(word) for line in lines) for word in (b"new file", b"deleted file"))
            yield FileChange(None if went else path, None if came else path, ())


def _named(lines: Sequence[bytes], plain: bytes, renamed: bytes) -> str | None:
    for line in lines:
        if line.startswith(plain):
            return _path(line[len(plain) :], 2)
        if line.startswith(renamed):
            return _path(line[len(renamed) :], 0)
    return None


def _same(names: bytes) -> str | None:
    """The path of `a/PATH b/PATH`, quoted or not."""
    return _path(names[: len(names) // 2], 2)


def _path(name: bytes, prefix: int) -> str | None:
    """A path as git prints it, without `a/` or `b/`; None for no file."""
    name = name.rstrip(b"\t")
    if name.startswith(b'"'):
        name = ast.literal_eval("b" + name.decode("ascii", "replace"))
    return None if prefix and name == b"/dev/null" else os.fsdecode(name[prefix:])


def _hunks(lines: Sequence[bytes]) -> Iterator[Hunk]:
    """The hunks of one file; a line of its text never starts as one of git's own does, but for its sign."""
    at = 0
    while at < len(lines):
        match = _HUNK.match(lines[at])
        at += 1
        if match is None:
            continue
        old, first = int(match[1]), int(match[2]) + (match[3] == b"0")  # none: git names the line before
        olds: list[int | None] = []
        bare: list[int] = []
        while at < len(lines) and (sign := lines[at][:1]) in (b" ", b"+", b"-", b"\\"):
            if sign == b"-":
                bare.append(first + len(olds))
                old += 1
            elif sign != b"\\":
                olds.append(old if sign == b" " else None)
                old += sign == b" "
            at += 1
        yield Hunk(first, tuple(olds), tuple(dict.fromkeys(bare)))
