"""Serves an editor on standard input and output."""

from __future__ import annotations

import os
import sys

from dfguard.lsp.features import register
from dfguard.lsp.server import Server


def make_server() -> Server:
    """A server that knows all that it can answer."""
    server = Server()
    register(server)
    return server


def serve() -> bool:
    """Serve on standard input and output until the client leaves; whether it said so before.

    What anything else prints goes to standard error, where it can't get between the messages.
    """
    server = make_server()
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out:
        sys.stdout = sys.stderr
        server.start_io(stdout=out)
    return server.ended
