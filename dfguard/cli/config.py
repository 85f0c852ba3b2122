"""`dfguard config`: what counts for a file and where it is from, the schema, and moving over from other tools."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from dfguard.cli.options import Parser, chosen_action, write_report
from dfguard.errors import EXIT_CLEAN

ACTIONS = {
    "show": "show the settings that count for a file, each with the place it is from",
    "schema": "print the JSON schema of the configuration, for editors",
    "migrate": "write a dfguard.toml of the configurations of other tools",
}


def parser(action: str = "show") -> Parser:
    """The options of an action."""
    if action != "schema":
        made: Parser = import_module(f"dfguard.cli.config_{action}").parser()
        return made
    p = Parser("config schema", "Print the JSON schema of the configuration, for editors.")
    p.add_argument("-o", "--output", metavar="FILE", help="write the schema to a file")
    return p


def run(arguments: Sequence[str]) -> int:
    """Do what the first argument says."""
    chosen = chosen_action("config", ACTIONS, arguments)
    if chosen is None:
        return EXIT_CLEAN
    action, rest = chosen
    if action != "schema":
        return int(import_module(f"dfguard.cli.config_{action}").run(rest))
    options = parser(action).parse_args(rest)
    from dfguard.config_schema import as_text

    write_report(as_text(), options.output)
    return EXIT_CLEAN
