"""`dfguard rules`: all rules in a list."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec

from dfguard import catalog
from dfguard.atomic import write_atomically
from dfguard.cli.options import Parser


def run(arguments: Sequence[str]) -> int:
    """Print all rules, or write the index of the rules (for authors of rules)."""
    parser = Parser("rules", "List all rules.")
    parser.add_argument("--format", choices=("plain", "json"), default="plain")
    parser.add_argument("--write", action="store_true", help="write the index anew after a rule changed")
    options = parser.parse_args(arguments)
    if options.write:
        spec = find_spec("dfguard.rule_index")
        assert spec is not None and spec.origin is not None
        write_atomically(spec.origin, catalog.render_index().encode())
        return 0
    sys.stdout.write(as_json() if options.format == "json" else as_text())
    return 0


def as_text() -> str:
    """One line a rule: code, severity, name, title."""
    width = max(len(entry.name) for entry in catalog.entries())
    return "".join(f"{e.code}  {e.severity.value:<8} {e.name:<{width}}  {e.title}\n" for e in catalog.entries())


def as_json() -> str:
    """An array with one object a rule."""
    import json

    rows = [
        {"code": e.code, "name": e.name, "severity": e.severity.value, "title": e.title, "peers": list(e.peers)}
        for e in catalog.entries()
    ]
    return json.dumps(rows, indent=2) + "\n"
