"""Programs that change no file by themselves, whatever their arguments (redirections aside)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfguard.regex import regex
from dfguard.shell.effects.model import Effect, Ends, Fills, Opaque
from dfguard.shell.effects.use import words

if TYPE_CHECKING:
    from dfguard.shell.commands import Command

QUIET = words(
    """
    : [ [[ arch b2sum base32 base64 basename bc cat cksum cmp column comm command cut date dc declare df
    diff dir dirname dnsdomainname du echo egrep env expand export expr factor false fgrep file fmt fold free
    getconf getent getopts grep groups head hexdump hostid hostname id jobs join kill ldd let local locale logname look
    ls lsb_release lsblk lscpu md5sum nl nm nproc nslookup numfmt objdump od paste pathchk pgrep ping pkill
    pr printenv printf ps pwd read readelf readlink readonly realpath rev seq set sha1sum sha224sum sha256sum
    sha384sum sha512sum shift shopt shuf size sleep stat strings stty sum tac tail test times tput tr true
    tsort tty type typeset tzselect uname unexpand unset uptime users wait wc whereis which who whoami yes zcat bzcat
    xzcat zgrep bzgrep xzgrep continue break hash ulimit cal nologin mountpoint
    """
)
_AWK_WRITES = regex(r"[>|]|system\s*\(|close\s*\(")
_ASKS = words("--version --help -version -V -h")


def quiet(command: Command) -> list[Effect] | None:
    """The effects of a program that as a rule has none; None when the program is not one of those."""
    program = command.program
    if program in QUIET:
        return []
    reader = _READERS.get(program)
    return reader(command) if reader else None


def _awk(command: Command) -> list[Effect]:
    texts = [argument.text for argument in command.arguments]
    if any(_AWK_WRITES.search(text) or text in ("-i", "-f", "--include") for text in texts):
        return [Opaque(command.program_span, f"{command.program} may write files")]
    return []


def _sort(command: Command) -> list[Effect]:
    if command.has("-o", "--output"):
        return [Opaque(command.program_span, "sort writes a file", command.option("-o", "--output"))]
    return []


def _uniq(command: Command) -> list[Effect]:
    files = command.operands
    return [Opaque(command.program_span, "uniq writes a file", files[1])] if len(files) > 1 else []


def _ends(_command: Command) -> list[Effect]:
    return [Ends()]


def _jq(command: Command) -> list[Effect]:
    return []


def _openssl(command: Command) -> list[Effect]:
    verb = command.arguments[0].text if command.arguments else ""
    if verb in ("version", "dgst", "s_client", "enc", "passwd", "rand") and not command.has("-out"):
        return []
    return [Opaque(command.program_span, "openssl writes files")]


def _test_only(command: Command) -> list[Effect]:
    """`dpkg --print-architecture`, `rpm -q`: questions."""
    texts = [argument.text for argument in command.arguments]
    questions = ("--print-architecture", "--print-foreign-architectures", "-l", "-s", "-L", "-S", "--list", "--version")
    if texts and (texts[0] in questions or (command.program == "rpm" and texts[0].startswith(("-q", "-E")))):
        return []
    own = ("/var/lib/dpkg", "/var/log/dpkg.log") if command.program == "dpkg" else ("/var/lib/rpm", "/usr/lib/sysimage")
    kept = [Fills(path, command.program, certain=number == 0) for number, path in enumerate(own)]
    return [Opaque(command.program_span, f"{command.program} installs packages"), *kept]


_READERS = {
    "awk": _awk,
    "gawk": _awk,
    "mawk": _awk,
    "sort": _sort,
    "uniq": _uniq,
    "exit": _ends,
    "return": _ends,
    "jq": _jq,
    "openssl": _openssl,
    "dpkg": _test_only,
    "rpm": _test_only,
}
