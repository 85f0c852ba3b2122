"""On which line of a TOML text a key or an element of a list stands.

tomli reads values and gives no positions. This scanner reads only what the positions need (keys,
brackets, strings, comments: https://toml.io/en/v1.0.0) of a text that tomli has accepted, and is
imported only when there is a mistake to report.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.regex import regex

Path = tuple[str | int, ...]

_STRINGS = (
    r'"""(?:[^"\\]|\\[\s\S]|"{1,2}(?!"))*"{3,5}',
    r"'''(?:[^']|'{1,2}(?!'))*'{3,5}",
    r'"(?:[^"\\\n]|\\.)*"',
    r"'[^'\n]*'",
)
_TOKEN = regex(
    rf"(?P<string>{'|'.join(_STRINGS)})"
    r"|(?P<blank>[ \t\r]+|\#[^\n]*)"
    r"|(?P<mark>[\n\[\]{},=.])"
    r"|(?P<bare>[^\s\[\]{},=.\"'#]+)"
)


def lines_of(text: str) -> dict[Path, int]:
    """The line, from 1, of every key path and list element of a valid TOML text.

    A path holds table names, keys and list indices; a table has the line of its first header, or
    of the first key that makes it. Members of an array of tables carry their index.
    """
    scanner = _Scanner()
    line = 1
    for match in _TOKEN.finditer(text):
        token = match[0]
        if match.lastgroup != "blank":
            scanner.take(token, line, match.lastgroup == "mark")
        line += token.count("\n")
    return scanner.lines


class _Scanner:
    """Follows the tokens: `_open` holds, per bracket around a value, its kind and its path."""

    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self._table: Path = ()
        self._open: list[tuple[str, Path]] = []
        self._counts: dict[Path, int] = {}
        self._key: list[str] = []
        self._header = 0
        self._in_value = False
        self._last = "\n"
        self._path: Path = ()

    def take(self, token: str, line: int, mark: bool) -> None:
        """One token that is no blank."""
        if self._header:
            self._take_header(token, line, mark)
        elif self._in_value:
            self._take_value(token, line, mark)
        elif mark and token == "[" and self._last == "\n" and not self._open:
            self._header = 1
        else:
            self._take_key(token, line, mark)
        if token != "\n" or not self._open:
            self._last = token if mark else ""

    def _take_header(self, token: str, line: int, mark: bool) -> None:
        if not mark:
            self._key += _parts(token)
        elif token == "[":
            self._header = 2
        elif token == "]" and self._last != "]":
            self._table = self._enter(line)
        elif token == "\n":
            self._header = 0

    def _enter(self, line: int) -> Path:
        """The path of the table whose header was read; parents that are arrays of tables mean their last member."""
        path: Path = ()
        for at, part in enumerate(self._key):
            path = (*path, part)
            self.lines.setdefault(path, line)
            last = at == len(self._key) - 1
            if last and self._header == 2:
                self._counts[path] = self._counts.get(path, -1) + 1
            if path in self._counts:
                path = (*path, self._counts[path])
                self.lines.setdefault(path, line)
        self._key = []
        return path

    def _take_key(self, token: str, line: int, mark: bool) -> None:
        if not mark:
            self._key += _parts(token)
        elif token == "=":
            path = self._open[-1][1] if self._open else self._table
            for part in self._key:
                path = (*path, part)
                self.lines.setdefault(path, line)
            self._key, self._path, self._in_value = [], path, True
        elif token == "}":
            self._close()

    def _take_value(self, token: str, line: int, mark: bool) -> None:
        kind, path = self._open[-1] if self._open else ("", ())
        if mark and token == "]":
            self._close()
        elif mark and token in ",}\n":
            self._end_of_value(token, kind)
        else:
            if kind == "[" and self._last in ("[", ","):
                self._path = self._element(path, line)
            if mark and token in "[{":
                self._open.append((token, self._path))
                self._in_value = token == "["
                if self._in_value:
                    self._counts[self._path] = -1

    def _element(self, path: Path, line: int) -> Path:
        self._counts[path] += 1
        element = (*path, self._counts[path])
        self.lines[element] = line
        return element

    def _end_of_value(self, token: str, kind: str) -> None:
        if token == "}":
            self._close()
        elif (token == "," and kind == "{") or (token == "\n" and not kind):
            self._in_value = False

    def _close(self) -> None:
        """Leave a bracket; what follows still belongs to the value around it."""
        self._open.pop()
        self._in_value = True


def _parts(token: str) -> Iterator[str]:
    if token[0] == "'":
        yield token[1:-1]
    elif token[0] == '"':
        import tomli

        yield from tomli.loads(f"{token} = 0")
    else:
        yield token
