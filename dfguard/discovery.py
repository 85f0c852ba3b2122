"""Which files to check: named files, and Dockerfiles found in folders; and the folder a build would use.

Nothing is executed, no link to a folder is followed, no file is opened but by `read_source`.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from dfguard.errors import InputError
from dfguard.gitignored import GitIgnored, repository_root
from dfguard.source import MAX_BYTES, Source
from dfguard.struct import Struct

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

# Every spelling in use; the second one takes back what only looks like it (Dockerfile.md, dockerfile.py).
_DOCKERFILE = r"(?i)(?:(?:dockerfile|containerfile)(?:[._-][^/]*)?|[^/]+\.(?:dockerfile|containerfile))\Z"
_OTHER = r"(?i).*\.(?:py|go|js|ts|rs|rb|java|c|h|md|rst|txt|html|png|svg|orig|rej|bak|swp)\Z|.*~\Z"
# Jinja and Go, ERB, Docker's own scripts, Puppet and Ruby, Maven, VS Code; words in capitals between @, # or __.
_PLACEHOLDER = (
    r"\{\{|\{%|<%|%%[A-Za-z_]+%%|%\{\w+\}|\$\{[A-Za-z_]\w*\.[\w.-]+\}|\$\{templateOption:\w+\}"
    r"|@[A-Z_]{2,}@|#[A-Z_]{2,}#|__[A-Z][A-Z_]*__|\bREPLACE[-_]?ME\b|\bTO_BE_REPLACED\b"
)
_TEMPLATE = r"(?i).*\.(?:template|tmpl|tpl|j2|jinja2?|erb|in|mustache)\Z"
_IGNORE_FILE = r"(?i)(?:[^/]*\.)?(?:docker|container)ignore\Z"
_BUILD_FILE = (
    r"(?i)(?:.*[._-])?compose(?:[._-].*)?\.ya?ml\Z|(?:.*[._-])?bake(?:[._-].*)?\.hcl\Z"
    r"|docker-bake(?:\.override)?\.json\Z|\.?devcontainer\.json\Z"
)
_OF_BUILDS = r"(?i).*\.(?:ya?ml|hcl|json)\Z"  # no Dockerfile has such a name
_INSTRUCTION = (
    r"(?im)^[ \t]*(?:ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL"
    r"|STOPSIGNAL|USER|VOLUME|WORKDIR)(?=[ \t\r\\]|$)"
)

# Code of others, by the convention of the tool that puts it there.
SKIPPED_FOLDERS = frozenset((".git", ".hg", ".svn", ".bzr", ".jj", "node_modules", ".venv", ".tox", ".nox"))
VERSION_CONTROL = frozenset((".git", ".hg", ".svn", ".bzr", ".jj"))
MAX_SOURCES = 50  # of one Dockerfile, looked up to find its build context
MAX_ANCESTORS = 20

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class Discovery(Struct):
    """What there is to check.

    `dockerfiles` and `ignore_files` are paths in the order of the arguments, sorted within a folder,
    each once, and so are `build_files`, which say how images are built (compose files and the like).
    `notes` are sentences about what was left out, `errors` what could not be looked at.
    """

    dockerfiles: tuple[str, ...]
    ignore_files: tuple[str, ...]
    notes: tuple[str, ...]
    errors: tuple[InputError, ...]
    build_files: tuple[str, ...] = ()


def is_dockerfile_name(name: str) -> bool:
    """Whether a file name (without folders) is one of those that Dockerfiles have."""
    return bool(re.match(_DOCKERFILE, name)) and not is_ignore_file_name(name) and not re.match(_OTHER, name)


def is_ignore_file_name(name: str) -> bool:
    """Whether a file name is `.dockerignore`, `<Dockerfile>.dockerignore` or the same of containers."""
    return bool(re.match(_IGNORE_FILE, name))


def is_build_file_name(name: str) -> bool:
    """Whether a file name is that of a compose or bake file, or of a devcontainer."""
    return bool(re.match(_BUILD_FILE, name))


def looks_like_dockerfile(text: str) -> bool:
    """Whether any line starts with an instruction's keyword."""
    return re.search(_INSTRUCTION, text) is not None


def template_mark(line: str) -> str:
    """The first thing in a line that waits for a renderer (`{{`, `<%`, `%%NAME%%`, `${a.b}` ...), "" for none."""
    match = re.search(_PLACEHOLDER, line)
    return match[0] if match else ""


def discover(paths: Sequence[str], *, exclude: Sequence[str] = (), base: str = ".") -> Discovery:
    """Find the files to check.

    A named file is taken whatever its name is. A folder is walked: hidden folders included, version
    control and installed packages left out, and inside a git work tree all that git ignores.
    `exclude` are gitignore patterns relative to the folder `base`; they hold for named files too.
    Errors are collected, not raised.
    """
    search = _Search(exclude, base)
    for path in paths:
        try:
            search.argument(path)
        except InputError as error:
            search.errors.append(error)
    return search.result()


class _Search:
    """The state of one `discover`."""

    def __init__(self, exclude: Sequence[str], base: str) -> None:
        self.base = os.path.abspath(base)
        self.exclude = _exclude_spec(exclude)
        self.dockerfiles: dict[str, None] = {}
        self.ignore_files: dict[str, None] = {}
        self.build_files: dict[str, None] = {}
        self.notes: dict[str, None] = {}
        self.skipped: dict[str, int] = {}
        self.errors: list[InputError] = []

    def result(self) -> Discovery:
        counted = (f"not entered: {count} folder(s) named {name}" for name, count in sorted(self.skipped.items()))
        notes = (*self.notes, *counted)
        files = tuple(self.build_files)
        return Discovery(tuple(self.dockerfiles), tuple(self.ignore_files), notes, tuple(self.errors), files)

    def argument(self, path: str) -> None:
        """One path of the command line."""
        mode = _mode(path)
        if stat.S_ISDIR(mode) and not is_dockerfile_name(os.path.basename(os.path.normpath(path))):
            if not os.access(path, os.R_OK | os.X_OK):
                raise InputError(path, "is a folder that can't be read: permission denied")
            self.folder(path)
            return
        if not stat.S_ISREG(mode):
            found = _KINDS.get(stat.S_IFMT(mode), "no regular file")
            raise InputError(path, f"is {found}; expected a Dockerfile")
        if not os.access(path, os.R_OK):
            raise InputError(path, "can't be read: permission denied")
        if self.excluded(path, folder=False):
            self.notes[f"{path}: excluded by the configuration"] = None
            return
        self.take(_plain(path), named=True)

    def take(self, path: str, *, named: bool = False) -> None:
        name = os.path.basename(path)
        if is_ignore_file_name(name):
            self.ignore_files[path] = None
        elif is_build_file_name(name) or (named and re.match(_OF_BUILDS, name) and not is_dockerfile_name(name)):
            self.build_files[path] = None
        elif named or is_dockerfile_name(name):
            self.dockerfiles[path] = None

    def excluded(self, path: str, *, folder: bool) -> bool:
        if self.exclude is None:
            return False
        relative = os.path.relpath(path, self.base).replace(os.sep, "/")
        return self.exclude.match_file(relative + "/" * folder)

    def folder(self, top: str) -> None:
        """Walk a folder, in the order of names."""
        rules = GitIgnored.at(top)
        boundary = os.path.realpath(repository_root(top) or top)
        pending = [(top, os.path.abspath(top), rules)]
        while pending:
            path, absolute, rules = pending.pop()
            if path != top:
                rules = rules.enter(absolute)
            inner = []
            for entry in self.entries(path):
                here, full = _plain(os.path.join(path, entry.name)), os.path.join(absolute, entry.name)
                if entry.is_dir(follow_symlinks=False):
                    if self.enters(entry.name, here, full, rules):
                        inner.append((here, full, rules))
                else:
                    self.found(entry, here, full, rules, boundary)
            pending += reversed(inner)
            self.notes.update(dict.fromkeys(rules.notes))

    def entries(self, path: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(path) as entries:
                return sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            self.errors.append(InputError(path, f"is a folder that can't be read: {error.strerror}"))
            return []

    def enters(self, name: str, path: str, full: str, rules: GitIgnored) -> bool:
        if name in SKIPPED_FOLDERS:
            if name not in VERSION_CONTROL:
                self.skipped[name] = self.skipped.get(name, 0) + 1
            return False
        return not self.excluded(path, folder=True) and not rules.ignores(full, folder=True)

    def found(self, entry: os.DirEntry[str], path: str, full: str, rules: GitIgnored, boundary: str) -> None:
        """A file of the walk: taken when its name and kind are right, and nothing excludes it."""
        name = entry.name
        known = is_dockerfile_name(name) or is_ignore_file_name(name) or is_build_file_name(name)
        if not known or self.excluded(path, folder=False):
            return
        if re.match(_TEMPLATE, name):
            self.notes[f"{path}: a template by its name, not checked"] = None
        elif rules.ignores(full, folder=False):
            self.notes[f"{path}: ignored by git, not checked"] = None
        elif entry.is_symlink() and not _leads_to_file_in(full, boundary):
            self.notes[f"{path}: a link that leads to no file inside of {os.path.basename(boundary)}, not followed"] = (
                None
            )
        elif not entry.is_file():
            self.errors.append(InputError(path, "is no regular file; expected a Dockerfile"))
        else:
            self.take(path)


def _exclude_spec(patterns: Sequence[str]) -> GitIgnoreSpec | None:
    if not patterns:
        return None
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns, backend="simple")


def _plain(path: str) -> str:
    """The path as it reads in reports: no `./` in front."""
    while path.startswith("./") and len(path) > 2:
        path = path[2:].lstrip("/")
    return path


def _mode(path: str) -> int:
    """The mode of what `path` leads to; raises InputError when that is nothing."""
    try:
        return os.stat(path).st_mode
    except (OSError, ValueError) as error:
        if os.path.islink(path):
            raise InputError(path, f"is a broken symbolic link to {os.readlink(path)}") from error
        if isinstance(error, FileNotFoundError):
            raise InputError(path, "no such file or folder") from error
        reason = error.strerror if isinstance(error, OSError) else "a NUL byte in the name"
        raise InputError(path, f"can't be read: {reason}") from error


def _leads_to_file_in(path: str, boundary: str) -> bool:
    real = os.path.realpath(path)
    return real.startswith(boundary.rstrip(os.sep) + os.sep) and os.path.isfile(real)


def read_source(path: str) -> Source:
    """Read a text file without ever blocking on it.

    Raises InputError for anything but a readable regular file of at most MAX_BYTES bytes, and
    SyntaxRefused for text that BuildKit can't read (UTF-16, NUL bytes).
    """
    return Source.from_bytes(path, read_bytes(path))


def read_bytes(path: str) -> bytes:
    """The content of a regular file of at most MAX_BYTES bytes; raises InputError for anything else."""
    mode = _mode(path)
    if not stat.S_ISREG(mode):
        raise InputError(path, f"is {_KINDS.get(stat.S_IFMT(mode), 'no regular file')}; expected a text file")
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))
        with os.fdopen(descriptor, "rb") as file:
            size = os.fstat(descriptor)
            if not stat.S_ISREG(size.st_mode):
                raise InputError(path, "is no regular file; expected a text file")
            if size.st_size > MAX_BYTES:
                raise InputError(path, f"is {size.st_size:,} bytes large; expected at most {MAX_BYTES:,}")
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(path, f"can't be read: {error.strerror}") from error


def infer_context(dockerfile_path: str, sources: Iterable[str]) -> tuple[str, str]:
    """The folder that a build of this Dockerfile most likely uses as its context, and why.

    `sources` are the local sources of its COPY and ADD instructions without quotes; those with
    variables are passed over. It is the Dockerfile's folder, unless some sources are missing there
    and all exist in an ancestor, up to the root of the repository (outside of one: up to the current
    folder, when the Dockerfile lies below it).
    """
    folder = os.path.dirname(dockerfile_path) or "."
    wanted = list(dict.fromkeys(filter(None, map(_fixed_part, sources))))[:MAX_SOURCES]
    missing = _missing(folder, wanted)
    if missing is None:
        return folder, "the Dockerfile's folder"
    for ancestor in _ancestors(folder):
        if _missing(ancestor, wanted) is None:
            return ancestor, f"{missing} is not in the Dockerfile's folder, but all copied files are here"
    return folder, f"the Dockerfile's folder, though {missing} is not in it"


def _missing(folder: str, wanted: list[str]) -> str | None:
    return next((source for source in wanted if not os.path.lexists(os.path.join(folder, source))), None)


def _fixed_part(source: str) -> str:
    """The folders and file of a source up to the first wildcard; "" when nothing can be looked up."""
    if "$" in source or "://" in source or "\0" in source:
        return ""
    parts: list[str] = []
    for part in source.split("/"):
        if any(char in part for char in "*?["):
            break
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _ancestors(folder: str) -> Iterator[str]:
    """The folders above, nearest first, up to the boundary; relative to the current folder if below it."""
    here, current = os.path.abspath(folder), os.path.abspath(".")
    boundary = repository_root(here)
    if boundary is None:
        boundary = current if _lies_in(here, current) else here
    for _ in range(MAX_ANCESTORS):
        if here == boundary:
            return
        here = os.path.dirname(here)
        yield os.path.relpath(here) if not os.path.isabs(folder) else here


def _lies_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
