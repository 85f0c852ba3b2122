"""`dfguard config migrate`: a dfguard.toml of the configurations of other tools, and what it can't carry over."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence

from dfguard.cli.main import printable
from dfguard.cli.options import Parser, write_report
from dfguard.errors import EXIT_CLEAN, EXIT_NOTHING_TO_CHECK, UsageError


def parser() -> Parser:
    """The options of `config migrate`."""
    p = Parser(
        "config migrate",
        "Write a dfguard.toml of .hadolint.yaml (and HADOLINT_* variables), .tally.toml, droast.toml, .trivyignore, "
        ".trivyignore.yaml, .checkov.yaml and `# check=` directives, and say what of them can't be carried over.",
    )
    p.add_argument("paths", nargs="*", default=["."], metavar="PATHS", help="such files, Dockerfiles, or folders (.)")
    p.add_argument("-o", "--output", metavar="FILE", default="dfguard.toml", help="the file to write, - to print it")
    p.add_argument("--force", action="store_true", help="replace a file that is there")
    return p


def run(arguments: Sequence[str]) -> int:
    """Write the file and tell what is not in it; exit code 3 where there is nothing to carry over."""
    from dfguard.migration import migrate
    from dfguard.migration_sources import environment_wishes, wishes_of

    options = parser().parse_args(arguments)
    files = tuple(dict.fromkeys(file for path in options.paths for file in _files(path)))
    wishes = (*(wish for file in files for wish in wishes_of(file)), *environment_wishes(os.environ))
    if not files and not wishes:
        sys.stderr.write("dfguard: no configuration of another tool found\n")
        return EXIT_NOTHING_TO_CHECK
    if options.output != "-" and os.path.lexists(options.output) and not options.force:
        raise UsageError(f"{options.output} is there already; --force replaces it, -o - prints the new one")
    moved = migrate(wishes)
    write_report(moved.text, None if options.output == "-" else options.output)
    for remark in moved.remarks:
        sys.stderr.write(f"dfguard: {printable(remark)}\n")
    if options.output != "-":
        sys.stderr.write(f"dfguard: wrote {printable(options.output)} from {len(files):,} files\n")
    return EXIT_CLEAN


def _files(path: str) -> Iterator[str]:
    """The file itself, or what a folder holds of those that are known; raises UsageError for what is not there."""
    from dfguard.migration_sources import NAMES

    if not os.path.exists(path):
        raise UsageError(f"{path}: is not there; expected a file or a folder")
    if not os.path.isdir(path):
        yield path
        return
    for name in NAMES:
        file = os.path.join(path, name) if path != "." else name
        if os.path.isfile(file):
            yield file
