"""Which fixes may be applied: by class, by rule, and by the user who is asked."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from dfguard.config import Config
from dfguard.edit import UNSAFE, Fix
from dfguard.errors import UsageError
from dfguard.finding import Finding
from dfguard.report.cells import escape
from dfguard.report.mask import mask_values
from dfguard.report.preview import changed_lines
from dfguard.settle import Accept, Change, path_of
from dfguard.source import Span


def accept_of(options: argparse.Namespace, config_of: Callable[[str], Config], *, stdin: bool) -> Accept:
    """Which fixes the options, and each file's configuration, allow; raises UsageError when nobody can be asked."""

    def accept(finding: Finding, offered: Fix) -> bool:
        allowed = config_of(path_of(finding.place)).may_fix(finding.code)
        return bool(allowed and (options.unsafe_fixes or offered.kind != UNSAFE))

    if not options.interactive:
        return accept
    if stdin or not sys.stdin.isatty():
        raise UsageError("--interactive asks on the terminal; expected one as standard input")
    return _Asking(accept).accept


class _Asking:
    """Asks about each fix once."""

    def __init__(self, accept: Accept) -> None:
        self._accept = accept
        self._answers: dict[tuple[str, ...], bool] = {}
        self._rest: bool | None = None

    def accept(self, finding: Finding, offered: Fix) -> bool:
        """Whether the user wants a fix that may be applied."""
        if not self._accept(finding, offered):
            return False
        key = Change(finding, offered).identity
        if key not in self._answers:
            self._answers[key] = self._ask(finding, offered) if self._rest is None else self._rest
        return self._answers[key]

    def _ask(self, finding: Finding, offered: Fix) -> bool:
        place = finding.place
        where = f"{place.path}:{place.start_line}: " if isinstance(place, Span) else ""
        lines = [f"{where}{finding.code} {finding.name}: {finding.message}", f"  {offered.title} [{offered.kind}]"]
        secret = [finding.place.text] if finding.secret and isinstance(finding.place, Span) else []
        lines += [f"  {line}" for line in changed_lines(offered, lambda source: mask_values(source.text, secret))]
        lines += [f"  {note}" for note in offered.notes]
        sys.stderr.write("".join(f"{escape(line, unicode=True)}\n" for line in lines))
        while True:
            sys.stderr.write("apply this fix? [y]es, [n]o, [a]ll of them, [q]uit asking: ")
            sys.stderr.flush()
            answer = sys.stdin.readline().strip().lower()[:1] or "q"
            if answer in ("a", "q"):
                self._rest = answer == "a"
            if answer in ("y", "n", "a", "q"):
                return answer in ("y", "a")
