"""The command line: picks the command, and is the only place that turns errors into exit codes."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from dfguard import __version__
from dfguard.errors import EXIT_USAGE, DfguardError, UsageError

COMMANDS = {
    "baseline": "create or prune the file that leaves known findings out of reports",
    "check": "check Dockerfiles and their build contexts",
    "completion": "print what completes command lines in bash, zsh or fish",
    "config": "show what counts for a file and where it is from; carry over other tools' configurations",
    "context": "show which files the builder would see, and which of them ship",
    "layers": "foresee the image layer by layer, and what it would waste",
    "fix": "mend what can be mended safely; --diff shows it, --unsafe-fixes mends more",
    "image": "show what an image holds, layer by layer, and what it wastes",
    "lsp": "serve an editor: diagnostics, fixes, what each COPY brings (docs/editors/)",
    "man": "print the manual page, generated from the options",
    "parse": "show Dockerfiles as BuildKit reads them, for tool authors",
    "pin": "pin base images by digest, from registries, a local store or the lock; --check for drift",
    "rule": "explain a rule, by its code, its name or a peer's id",
    "rules": "list all rules",
    "suppressions": "list the comments that silence findings, with their reasons and age",
    "verify": "hold findings against the image that was built",
    "why": "tell the whole story of one file: which line drops, keeps, takes, ships or hides it",
}
USAGE = "usage: dfguard COMMAND [OPTIONS] [PATHS]"


def main(arguments: Sequence[str]) -> int:
    """Run a command and return the exit code (docs/exit-codes.md); errors are one line on stderr."""
    try:
        return _dispatch(list(arguments))
    except DfguardError as error:
        sys.stderr.write(f"dfguard: {printable(str(error))}\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("dfguard: interrupted\n")
        return 130
    except BrokenPipeError:
        # The reader (`| head`) has seen enough; keep the interpreter from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_USAGE


def _dispatch(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        sys.stdout.write(overview())
        return 0 if arguments else EXIT_USAGE
    if arguments[0] in ("-V", "--version"):
        sys.stdout.write(f"dfguard {__version__}\n")
        return 0
    name, *rest = arguments
    if name not in COMMANDS:
        raise UsageError(f"unknown command {name!r}{near(name, COMMANDS)}")
    result: int = import_module(f"dfguard.cli.{name}").run(rest)
    return result


def overview() -> str:
    """What `dfguard --help` prints."""
    rows = "".join(f"  {name:<12} {what}\n" for name, what in COMMANDS.items())
    return (
        f"{USAGE}\n\nWhich file of the build context reaches which layer of which stage, by which line.\n\n"
        f"commands:\n{rows}\n`dfguard COMMAND --help` tells more; exit codes: 0 clean, 1 findings,\n"
        "2 usage, configuration or input error, 3 nothing to check, 4 a file that BuildKit refuses.\n"
    )


def near(word: str, known: object, expected: str = "") -> str:
    """`; did you mean ...?`, or what was `expected` when nothing is near: without a text, all that is known."""
    from difflib import get_close_matches

    names = sorted(known)  # type: ignore[call-overload]
    close = get_close_matches(word, names, 1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; expected {expected or 'one of ' + ', '.join(names)}"


def printable(text: str) -> str:
    """A text that is safe on a terminal: one line, no control characters, no lone surrogates."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)
    return shown.encode("utf-8", "backslashreplace").decode()


def console() -> None:
    """The entry point of the command `dfguard`."""
    # Nearly all that a run makes lives until its end: looking for garbage often costs a sixth of the time.
    gc.set_threshold(50_000, 20, 50)
    code = main(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)
