"""Parser directives: `# syntax=`, `# escape=` and `# check=` at the top of a Dockerfile.

https://docs.docker.com/reference/dockerfile/#parser-directives; the reading order is that of
https://github.com/moby/buildkit/blob/master/frontend/dockerfile/parser/directives.go
"""

from __future__ import annotations

import re

from dfguard.dockerfile.lines import SPACE
from dfguard.dockerfile.nodes import Directive, Problem
from dfguard.regex import regex
from dfguard.source import BOM, Source

NAMES = ("syntax", "escape", "check")
ESCAPES = ("\\", "`")
BOOLEANS = ("1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False")  # strconv.ParseBool
_GO_SPACE = "\t\n\f\r "  # \s of Go's regexp
_FORM = regex(r"([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=[\t\n\f\r ]*(.+)")
_OFFICIAL = regex(r"(?:docker\.io/)?docker/dockerfile[^/]*")


class DirectiveReader:
    """Takes the lines of a file from the top, until one is no directive.

    `found` and `problems` collect what was read; `escape` is the escape character so far.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.found: list[Directive] = []
        self.problems: list[Problem] = []
        self.escape = "\\"
        self.open = True

    def read(self, start: int, end: int) -> Directive | None:
        """Read a line, given by offsets without leading blanks and line end; None when it is no directive."""
        if not self.open:
            return None
        match = _match(self.source.text[start:end], "#")
        if match is None:
            self.open = False
            return None
        name, at = match[1].lower(), start + match.start(2)
        value = match[2].rstrip(_GO_SPACE) or match[2]
        value_span = self.source.span(at, at + len(value))
        directive = Directive(self.source.span(start, value_span.end), name, value, value_span)
        self._judge(directive)
        return directive

    def _judge(self, directive: Directive) -> None:
        name, value = directive.name, directive.value
        if any(other.name == name for other in self.found):
            message = f"a second {name} directive: BuildKit allows each directive once"
            self.problems.append(Problem(directive.span, "duplicate-directive", message, True))
            return
        self.found.append(directive)
        fault = ""
        if name == "check":
            fault = _check_fault(value)
        elif name == "escape" and value in ESCAPES:
            self.escape = value
        elif name == "escape":
            fault = f"escape={value}: the escape character is either \\ or `"
        if fault:
            self.problems.append(Problem(directive.value_span, "bad-directive", fault, True))


def _check_fault(value: str) -> str:
    """What BuildKit says of `# check=`; a blank ends it, and the names of checks are not looked at."""
    for part in value.split(" ")[0].strip(SPACE).split(";", 2):
        key, equals, setting = part.partition("=")
        key = key.strip(SPACE) if equals else part
        if not equals or key not in ("skip", "experimental", "error"):
            return f"check knows no option {key!r}: expected skip=..., error=true or experimental=..., with ; between"
        if key == "error" and setting.strip(SPACE) not in BOOLEANS:
            return f"error={setting.strip(SPACE)}: the value is true or false"
    return ""


def _match(line: str, comment: str) -> re.Match[str] | None:
    if not line.startswith(comment):
        return None
    at = len(line) - len(line[len(comment) :].lstrip(SPACE))
    match = _FORM.match(line, at)
    return match if match and match[1].lower() in NAMES else None


def frontend(source: Source) -> str | None:
    """The image that reads this file in place of the built-in frontend (`# syntax=`), or None.

    As BuildKit's DetectSyntax: in column 1, behind a shebang line or none, also as `// syntax=`.
    """
    rows = source.text.removeprefix(BOM).split("\n", 8)[:8]  # a shebang and three directives at most
    if rows[0].startswith("#!"):
        del rows[0]
    for comment in ("#", "//"):
        for row in rows:
            match = _match(row.rstrip("\r"), comment)
            if match is None:
                break
            if match[1].lower() == "syntax":
                return match[2].split(" ")[0].strip()
    return None


def is_foreign(image: str | None) -> bool:
    """Whether a frontend image is another than Docker's own, so that its instructions aren't known."""
    return image is not None and not _OFFICIAL.fullmatch(image)
