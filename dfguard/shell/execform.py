"""Shell syntax in words that no shell reads: those of an exec form such as `CMD ["node", "$FILE"]`.

https://docs.docker.com/reference/dockerfile/#exec-form
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dfguard.regex import regex
from dfguard.struct import Struct

SHELLS = frozenset("sh bash ash dash zsh ksh mksh fish csh tcsh rbash".split())
_WINDOWS_SHELLS = frozenset(("cmd", "powershell", "pwsh"))
_READS_IT_ITSELF = frozenset(
    "awk gawk mawk sed grep egrep jq yq find xargs test [ [[ expr envsubst watch parallel rsync execlineb "
    "with-contenv importas dockerize".split()
)
_SHELL_SCRIPT = regex(r"-[a-zA-Z]*c[a-zA-Z]*|/[ckCKsS]|-(?i:command|encodedcommand|file)")
# Options whose value is a program or a query, by the interpreter: `$` and `*` have their own meaning there.
_PROGRAM_TEXT = {
    **dict.fromkeys(("python", "pypy"), ("-c",)),
    **dict.fromkeys(("node", "nodejs", "bun", "deno"), ("-e", "-p", "--eval", "--print")),
    **dict.fromkeys(
        ("perl", "ruby", "lua", "rscript", "julia", "groovy", "clojure", "logstash"), ("-e", "-E", "-ne", "-pe")
    ),
    **dict.fromkeys(("psql", "vim", "nvim"), ("-c", "--command")),
    **dict.fromkeys(("mysql", "mariadb", "mongo", "mongosh"), ("-e", "--execute", "--eval")),
    "php": ("-r",),
    "nginx": ("-g",),
}
_CLASS_PATHS = frozenset("-cp -classpath --class-path -p --module-path".split())
_BUILT_IN = frozenset("cd export source . set unset eval alias ulimit umask pushd popd".split())
_OPERATOR = regex(r"&&|\|\|?|\|&|;;?|&|\d?(?:>>?|>\||<)&?\d?|&>>?|<<<?|\d?>>?(?:&\d|/\S*)|&>>?/\S*")
_VARIABLE = regex(r"(?<![$\\])\$(?:[A-Za-z_]\w*|\{[A-Za-z_]\w*(?:[:#%/^,+?=-][^}]*)?\}|\([^)\s][^)]*\)|[@*#])|`[^`]+`")
_PERCENT = regex(r"%[A-Za-z_]\w*%")
_ASSIGNMENT = regex(r"[A-Za-z_]\w*=")
_PATH = regex(r"[\w./*-]+")
_NAME = regex(r"[A-Za-z][\w.+-]*")
_TAKES_A_SIGN = regex(r"-[A-Za-z]|--?[\w-]*(?:delim|sep|char|format)[\w-]*")


class ShellSyntax(Struct):
    """What a shell would have done to a word: `index` counts words from 0, `text` is the part of it.

    `kind`: `variable`, `placeholder` (`--a=${B}`, which some programs replace themselves), `percent`
    (`%VAR%`), `operator`, `home` (`~`), `jar` (a pattern behind -jar), `pattern`, `assignment` (as the
    program), `builtin` (as the program), `command-line` (several words in one, as the program).
    """

    index: int
    text: str
    kind: str


def shell_syntax(words: Sequence[str]) -> Iterator[ShellSyntax]:
    """Find it in the words of an exec form, the program first; programs that expect such text are left out."""
    end = _read_by_nobody(words)
    if end > 0:
        yield from _program(words[0], end)
    texts: tuple[str, ...] = ()
    for index in range(end):
        word, before = words[index], words[index - 1] if index else ""
        texts = texts or _PROGRAM_TEXT.get(program_name(word).rstrip("0123456789."), ())
        kind = "" if before in texts else _kind(word, before)
        if kind:
            part = _VARIABLE.search(word) if kind in ("variable", "placeholder") else None
            yield ShellSyntax(index, part[0] if part else word, kind)


def program_name(word: str) -> str:
    """The name of a program without its folder and `.exe`, in lower case."""
    return word.replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe")


def _read_by_nobody(words: Sequence[str]) -> int:
    """How many words stand before the text that a shell, or a program with a language of its own, reads."""
    for index, word in enumerate(words):
        name = program_name(word)
        if name in _READS_IT_ITSELF:
            return index
        if name in SHELLS or name in _WINDOWS_SHELLS or name in ("su", "runuser", "busybox"):
            script = next((i for i in range(index + 1, len(words)) if _SHELL_SCRIPT.fullmatch(words[i])), None)
            if script is not None or name == "powershell":
                return index
    return len(words)


def _program(word: str, count: int) -> Iterator[ShellSyntax]:
    """What can't be started."""
    if word in _BUILT_IN:
        yield ShellSyntax(0, word, "builtin")
    elif _ASSIGNMENT.match(word):
        yield ShellSyntax(0, word, "assignment")
    elif " " in word.strip() and _NAME.fullmatch(word.split()[0].rpartition("/")[2]) and not _is_path(word, count):
        yield ShellSyntax(0, word, "command-line")


def _is_path(word: str, count: int) -> bool:
    """Whether a word with blanks is rather a path: of Windows, or with a slash in its last part only."""
    drive = word[1:2] == ":" or "\\" in word
    return drive or (count > 1 and word.startswith("/") and not re.search(r"\s[-/$]", word))


def _kind(word: str, before: str) -> str:
    if _OPERATOR.fullmatch(word):
        return "" if word in (";", "|", "<", ">", "&") and _TAKES_A_SIGN.fullmatch(before) else "operator"
    if _VARIABLE.search(word):
        return "placeholder" if "=${" in word or "={$" in word else "variable"
    if word == "~" or word.startswith("~/"):
        return "home"
    if "*" in word and before not in _CLASS_PATHS and _is_pattern(word):
        return "jar" if before == "-jar" else "pattern"
    return "percent" if _PERCENT.search(word) else ""


def _is_pattern(word: str) -> bool:
    """Whether a word looks like a pattern of file names, and not like an address, an option or a plain star."""
    return (
        not word.startswith("-") and "://" not in word and bool(_PATH.fullmatch(word)) and ("/" in word or "." in word)
    )
