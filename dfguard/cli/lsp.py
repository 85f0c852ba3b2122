"""`dfguard lsp`: the language server, for editors; speaks on standard input and output."""

from __future__ import annotations

from collections.abc import Sequence

from dfguard.cli.options import Parser
from dfguard.errors import EXIT_CLEAN, EXIT_FINDINGS, UsageError


def parser() -> Parser:
    """The options of `lsp`."""
    p = Parser("lsp", "Serve an editor on standard input and output (docs/editors/).")
    p.add_argument("--stdio", action="store_true", help="what it does anyway; some editors say so")
    return p


def run(arguments: Sequence[str]) -> int:
    """Serve until the editor leaves; 1 if it did not say so, as the protocol asks.

    Raises UsageError where the packages that it needs are not installed.
    """
    parser().parse_args(arguments)
    try:
        import pygls  # noqa: F401
    except ImportError:
        raise UsageError("the language server needs further packages: pip install 'dockerfile-guard[lsp]'") from None
    from dfguard.lsp.serving import serve

    return EXIT_CLEAN if serve() else EXIT_FINDINGS
