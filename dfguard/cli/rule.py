"""`dfguard rule CODE`: a rule's page."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from dfguard import catalog
from dfguard.catalog import Entry
from dfguard.cli.main import near
from dfguard.cli.options import Parser
from dfguard.errors import UsageError


def run(arguments: Sequence[str]) -> int:
    """Print the page of each rule that is asked for; raises UsageError for an unknown one."""
    parser = Parser("rule", "Explain a rule: why, what fires, what does not, how to mend it.")
    parser.add_argument("rules", nargs="+", metavar="RULE", help="a code, a name, or a peer's id (DL3015)")
    options = parser.parse_args(arguments)
    pages = []
    for word in options.rules:
        found = catalog.find(word)
        if not found:
            known = [*catalog.names(), *catalog.names().values(), *(p for e in catalog.entries() for p in e.peers)]
            raise UsageError(f"unknown rule {word!r}{near(word, known)}")
        pages += [text(entry) for entry in found]
    sys.stdout.write("\n".join(pages))
    return 0


def text(entry: Entry) -> str:
    """A rule's page in Markdown, under a heading with what the index knows."""
    presets = "".join(f", {severity.value} in the preset `{name}`" for name, severity in entry.presets)
    lines = [f"# {entry.code} {entry.name}", "", f"Severity: {entry.severity.value}{presets}."]
    if entry.peers:
        lines.append(f"Known elsewhere as: {', '.join(entry.peers)}.")
    missing = [name for name, optional in entry.needs if not optional and name == "BuildContext"]
    if missing:
        lines.append("Needs the build context.")
    why = catalog.load(entry).no_fix
    no_fix = ["", f"No fix: {why}."] if why else []
    silence = f"To silence it at one place, put `# dfguard: ignore[{entry.code}] -- reason` on the line above."
    return "\n".join([*lines, "", catalog.page(entry).rstrip(), *no_fix, "", silence, ""])
