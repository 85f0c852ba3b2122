"""`dfguard rule CODE`: a rule's page."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from dfguard import catalog, peers
from dfguard.catalog import Entry
from dfguard.cli.main import near
from dfguard.cli.options import Parser
from dfguard.cli.rule_choice import EXPECTED
from dfguard.errors import UsageError
from dfguard.peers import PeerCheck


def parser() -> Parser:
    """The options of `rule`."""
    p = Parser("rule", "Explain a rule: why, what fires, what does not, how to mend it.")
    p.add_argument(
        "rules", nargs="+", metavar="RULE", help="a code, a name, or any id of another tool's check (DL3015)"
    )
    return p


def run(arguments: Sequence[str]) -> int:
    """Print the page of each rule that is asked for; raises UsageError for one that nobody knows."""
    options = parser().parse_args(arguments)
    sys.stdout.write("\n".join(page for word in options.rules for page in pages(word)))
    return 0


def pages(word: str) -> list[str]:
    """The pages that a word leads to: those of rules, or what is known of a check that no rule answers."""
    found = peers.rules_for(word)
    if found:
        return [text(entry) for entry in found]
    checks = peers.known(word)
    if checks:
        return [unanswered(word, check) for check in checks]
    ids = (each for check in peers.checks() for _, each in check.ids if "*" not in each)
    known = {*catalog.names(), *catalog.names().values(), *ids}
    raise UsageError(f"unknown rule {word!r}{near(word, known, EXPECTED)}")


def unanswered(word: str, check: PeerCheck) -> str:
    """What there is to say of a check that dfguard does not have."""
    ids = ", ".join(f"{tool} {each}" for tool, each in check.ids)
    return f"# {word}: {check.name}\n\n{check.what}\n\nKnown as: {ids}.\n\ndfguard has no rule for it.\n"


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
