"""`dfguard pin`: images by digest, from a registry, from an engine's store or from the lock."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from dfguard.buffers import ON_DISK
from dfguard.cli import check
from dfguard.cli.builds import add_build_options
from dfguard.cli.main import printable
from dfguard.cli.options import Parser, write_report
from dfguard.context.invocation import Invocation
from dfguard.discovery import looks_like_dockerfile, template_mark
from dfguard.dockerfile.nodes import Dockerfile
from dfguard.dockerfile.parse import parse
from dfguard.errors import EXIT_CLEAN, EXIT_FINDINGS, EXIT_NOTHING_TO_CHECK, InputError, SyntaxRefused, UsageError
from dfguard.image.sources.engine import ENGINES
from dfguard.pinning.lock import Lock, find_lock, read_lock, render
from dfguard.pinning.pin import FilePins, Pinned, Remark, Resolver, check_file, pin_file, shorten
from dfguard.pinning.places import STAGE
from dfguard.pinning.sources import Mirror, OfEngine, OfRegistry, Source
from dfguard.reference import DOCKER_HUB
from dfguard.regex import regex
from dfguard.source import Span

LOCK, REGISTRY = "lock", "registry"
_HOST = regex(r"[A-Za-z0-9.-]+(?::\d{1,5})?|\[[0-9a-fA-F:]+\](?::\d{1,5})?")
_PREFIX = regex(r"[a-z0-9._/-]*")
_HUB = ("index.docker.io", "registry-1.docker.io")
_QUIET = (STAGE, "scratch")


def parser() -> Parser:
    """The options of `pin`."""
    p = Parser("pin", "Pin the images of FROM, COPY --from and mounts by digest. PATHS are files and folders.")
    p.add_argument("paths", nargs="*", metavar="PATHS", help="files and folders (default: .)")
    p.add_argument("--check", action="store_true", help="exit with 1 for a digest that is not what the tag stands for")
    p.add_argument("--update", action="store_true", help="look up anew what has a digest, too")
    p.add_argument("--diff", action="store_true", help="print what would be changed; nothing is written")
    p.add_argument("-o", "--output", metavar="FILE", help="write the report or the diff to a file")
    where = p.add_argument_group("where digests come from")
    where.add_argument(
        "--from", dest="origin", choices=(REGISTRY, *ENGINES, LOCK),
        help="a registry, the store of an engine, or the lock alone (default: the lock, then the registry)",
    )  # fmt: skip
    where.add_argument("--lock", metavar="FILE", help="the lock (default: dfguard.lock, here or above)")
    where.add_argument("--no-lock", action="store_true", help="neither read nor write a lock")
    where.add_argument(
        "--mirror", metavar="HOST=HOST", action="append", default=[],
        help="ask this host (or HOST/FOLDER) before the registry, such as docker.io=mirror.example.com",
    )  # fmt: skip
    add_build_options(p)
    files = p.add_argument_group("files")
    files.add_argument("--exclude", metavar="GLOB", action="append", default=[], help="leave out matching paths")
    files.add_argument("--config", metavar="FILE", help="use this configuration file")
    files.add_argument("--isolated", action="store_true", help="use no configuration file")
    absent = ("select", "extend_select", "ignore", "preset", "fail_on", "min_confidence", "stdin_filename")
    p.set_defaults(**dict.fromkeys(absent))
    return p


def run(arguments: Sequence[str]) -> int:
    """Pin or check, and report; the exit code is that of docs/exit-codes.md."""
    options = parser().parse_args(arguments)
    resolver = resolver_of(options)
    task = check.task_of(options)
    todo = task.plan(ON_DISK)
    errors: list[InputError] = [*task.discovery.errors, *todo.errors]
    for note in (*task.discovery.notes, *todo.notes):
        say(note)
    jobs: dict[str, tuple[str, list[Invocation]]] = {}
    for job in todo.jobs:
        if job.inline is not None:
            say(f"{job.path}: a Dockerfile that stands in another file is left alone")
        elif not job.absent:
            builds = [*job.invocations] or [task.flags.invocation(job.path, None, "command line")]
            jobs.setdefault(os.path.realpath(job.path), (job.path, []))[1].extend(builds)
    files: list[FilePins] = []
    for path, builds in jobs.values():
        try:
            dockerfile = read(path)
            if dockerfile is None:
                continue
            if options.check:
                files.append(check_file(dockerfile, builds, resolver))
            else:
                files.append(pin_file(dockerfile, builds, resolver, update=options.update))
        except InputError as error:
            errors.append(error)
    if options.check:
        changed = any(each.drifted for each in files)
        write_report("".join(told_of_check(files)), options.output)
    else:
        changed = finish(files, resolver, options, errors)
    return code_of(files, errors, changed=changed and (options.check or options.diff), any_found=bool(jobs))


def read(path: str) -> Dockerfile | None:
    """A Dockerfile, None for what is none, or none yet, which is said.

    Raises InputError for one that can't be read, SyntaxRefused for one that BuildKit's parser refuses.
    """
    dockerfile = parse(ON_DISK.read_source(path))
    if not looks_like_dockerfile(dockerfile.source.text):
        say(f"{path}: not a Dockerfile: it holds no instruction")
        return None
    first = next((problem for problem in dockerfile.problems if problem.refused and not problem.late), None)
    if first is None:
        return dockerfile
    line = first.span.start_line
    mark = template_mark(dockerfile.source.line_text(line)) or template_mark(first.message)
    if not mark:
        raise SyntaxRefused(path, f"line {line}: {first.message}: not pinned")
    say(f"{path}: a template, not a Dockerfile yet (`{mark}` on line {line}): render it first")
    return None


def finish(
    files: Sequence[FilePins], resolver: Resolver, options: argparse.Namespace, errors: list[InputError]
) -> bool:
    """Write or show what has changed, and report it; whether anything has."""
    day = time.strftime("%Y-%m-%d", time.gmtime())
    entries = resolver.learned([place for each in files for place in each.kept], day)
    lock = resolver.lock
    known = dict(lock.entries) if lock is not None else {}
    text = render(entries.values()) if lock is not None and entries != known else None
    changed = any(each.pinned for each in files)
    if options.diff:
        write_report("".join(diff(files, lock, text)), options.output)
        return changed or text is not None
    from dfguard.pinning.writing import write

    try:
        write(files, lock, text)
    except OSError as error:
        errors.append(InputError(str(error.filename or "."), f"can't be written: {error.strerror or error}"))
        return False
    write_report("".join(told(files, lock if text is not None else None)), options.output)
    return changed


def resolver_of(options: argparse.Namespace) -> Resolver:
    """What looks tags up; raises DfguardError for options that contradict one another, and for a wrong lock."""
    for one, other in (("check", "diff"), ("check", "update"), ("no_lock", "lock")):
        if getattr(options, one) and getattr(options, other):
            raise UsageError(f"--{one.replace('_', '-')}: expected no --{other} beside it")
    if options.no_lock and options.origin == LOCK:
        raise UsageError("--no-lock: expected no --from lock beside it")
    mirrors = mirrors_of(options.mirror)
    lock: Lock | None = None
    if not options.no_lock:
        lock = read_lock(options.lock or find_lock("."), named=options.lock is not None)
        if options.origin == LOCK and lock.data is None:
            raise InputError(lock.path, "does not exist; expected a lock that `dfguard pin` wrote")
    offline = options.check and options.origin is None and lock is not None and lock.data is not None
    source: Source | None
    if offline or options.origin == LOCK:
        source = None
    elif options.origin in ENGINES:
        source = OfEngine(options.origin)
    else:
        source = OfRegistry(mirrors, proves=not options.check)
    asks_anew = options.update or (options.check and options.origin not in (None, LOCK))
    return Resolver(lock, source, update=asks_anew)


def mirrors_of(texts: Iterable[str]) -> dict[str, list[Mirror]]:
    """The mirrors of each registry; raises UsageError for what is none."""
    found: dict[str, list[Mirror]] = {}
    for text in texts:
        host, equals, mirror = text.partition("=")
        server, _, prefix = mirror.removesuffix("/").partition("/")
        if not equals or not _HOST.fullmatch(host) or not _HOST.fullmatch(server) or not _PREFIX.fullmatch(prefix):
            raise UsageError(f"--mirror {text}: expected HOST=HOST, such as docker.io=mirror.example.com")
        found.setdefault(DOCKER_HUB if host in _HUB else host, []).append(Mirror(server, prefix))
    return found


# -- what is said


def say(text: str) -> None:
    """A remark, on standard error."""
    sys.stderr.write(f"dfguard: {printable(text)}\n")


def told(files: Sequence[FilePins], lock: Lock | None) -> Iterator[str]:
    """The report on what was pinned and what was left alone."""
    for each in files:
        lines = [(pinned.place.span.start, line_of(pinned)) for pinned in each.pinned]
        lines += [(r.span.start, remark(r, "left alone: ")) for r in each.left if r.message not in _QUIET]
        yield from (line for _, line in sorted(lines))
    counted = Counter(r.message for each in files for r in each.left if r.message in _QUIET)
    count = sum(len(each.pinned) for each in files)
    kept = sum(len(each.kept) for each in files)
    left = sum(len(each.left) for each in files) - counted.total()
    more = f", {counted[STAGE]:,} name stages, {counted['scratch']:,} name scratch"
    written = f"; {printable(lock.path)} is written" if lock is not None else ""
    yield f"pinned {count:,}, {kept:,} had their digest, {left:,} left alone{more}{written}\n"


def line_of(pinned: Pinned) -> str:
    """The line on an image that was pinned."""
    old = f"{shorten(pinned.old)} -> " if pinned.old else ""
    name = pinned.place.reference.text.partition("@")[0]
    return f"{at(pinned.place.span)}: {printable(name)}: {old}{shorten(pinned.new)} ({pinned.source})\n"


def told_of_check(files: Sequence[FilePins]) -> Iterator[str]:
    """The report on what has drifted."""
    for each in files:
        yield from (remark(drifted) for drifted in each.drifted)
    drifts = sum(len(each.drifted) for each in files)
    yield f"{sum(len(each.kept) for each in files):,} as pinned, {drifts:,} not\n"


def remark(found: Remark, before: str = "") -> str:
    """The line on a place."""
    return f"{at(found.span)}: {before}{printable(found.text)} {printable(found.message)}\n"


def at(span: Span) -> str:
    """A place as `path:line`."""
    return f"{printable(span.path)}:{span.start_line}"


def diff(files: Sequence[FilePins], lock: Lock | None, text: bytes | None) -> Iterator[str]:
    """What would change, as a unified diff without lines around, with secrets masked."""
    from dfguard.report.diff import unified
    from dfguard.report.mask import mask_secrets

    texts = [(each.source.path, each.source.text, each.text) for each in files]
    if lock is not None and text is not None:
        texts.append((lock.path, (lock.data or b"").decode("utf-8", "replace"), text.decode()))
    yield from unified(((printable(path), mask_secrets(old), mask_secrets(new)) for path, old, new in texts), around=0)


def code_of(files: Sequence[FilePins], errors: Sequence[InputError], *, changed: bool, any_found: bool) -> int:
    """Say what went wrong, each image once, and give the exit code."""
    for error in errors:
        say(str(error))
    said: set[str] = set()
    for failed in (failed for each in files for failed in each.failed):
        if failed.message not in said:
            say(f"{at(failed.span)}: {failed.message}")
        said.add(failed.message)
    codes = [error.exit_code for error in errors] + [InputError.exit_code for _ in said]
    if codes:
        return min(codes)
    return EXIT_FINDINGS if changed else EXIT_CLEAN if any_found else EXIT_NOTHING_TO_CHECK
