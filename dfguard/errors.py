"""Errors that end a command or one file of it.

    DfguardError
    ├── UsageError    the command line asks for something that does not exist   exit code 2
    ├── ConfigError   a configuration file is wrong, at path and line           exit code 2
    └── InputError    a file or folder can't be read or understood
        └── SyntaxRefused   BuildKit's parser refuses the file                  exit code 4

A rule that crashes is no exception to callers: the engine turns it into an error of the run
(exit code 2) and goes on with the next rule. Messages are one line and never hold a traceback.
"""

from __future__ import annotations

EXIT_CLEAN = 0
EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_NOTHING_TO_CHECK = 3
EXIT_SYNTAX = 4


class DfguardError(Exception):
    """The base of all; `exit_code` is what the process ends with."""

    exit_code = EXIT_USAGE


class UsageError(DfguardError):
    """The command line names an unknown option, file, format, rule or target."""


class ConfigError(DfguardError):
    """A configuration file is wrong; `path` and `line` (from 1, 0 for the whole file) say where."""

    def __init__(self, path: str, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}" if line else f"{path}: {message}")
        self.path = path
        self.line = line


class InputError(DfguardError):
    """A file or folder can't be read; `path` names it, `reason` says what was found and expected."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class SyntaxRefused(InputError):
    """BuildKit's parser refuses the file, so no build of it can start."""

    exit_code = EXIT_SYNTAX
