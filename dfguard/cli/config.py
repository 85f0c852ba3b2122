"""`dfguard config`: what counts for a file and where it is from, the schema, and moving over from other tools."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from dfguard.cli.main import near
from dfguard.errors import EXIT_CLEAN, EXIT_USAGE, UsageError

_USAGE = (
    "usage: dfguard config show [PATH]       the settings that count for a file, each with the place it is from\n"
    "       dfguard config schema            the JSON schema of the configuration\n"
)


def run(arguments: Sequence[str]) -> int:
    """Do what the first argument says."""
    if not arguments or arguments[0] in ("-h", "--help"):
        sys.stdout.write(_USAGE)
        return EXIT_CLEAN if arguments else EXIT_USAGE
    action, *rest = arguments
    if action == "show":
        from dfguard.cli import config_show

        return config_show.run(rest)
    if action == "schema":
        return _schema(rest)
    raise UsageError(f"unknown action {action!r} of dfguard config{near(action, ('show', 'schema'))}")


def _schema(arguments: Sequence[str]) -> int:
    from dfguard.cli.options import Parser, write_report
    from dfguard.config_schema import as_text

    parser = Parser("config schema", "Print the JSON schema of the configuration, for editors.")
    parser.add_argument("-o", "--output", metavar="FILE", help="write the schema to a file")
    options = parser.parse_args(arguments)
    write_report(as_text(), options.output)
    return EXIT_CLEAN
