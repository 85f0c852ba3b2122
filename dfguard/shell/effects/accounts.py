"""Programs that keep the files of the system: accounts, the linker's cache, certificates.

After useradd(8) of shadow 4.13, adduser(8) of Debian and of BusyBox 1.36, ldconfig(8), update-ca-certificates(8).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfguard.shell.effects.model import Changes, Effect, Fills, MakesHome, Opaque
from dfguard.shell.effects.use import read_use, words

if TYPE_CHECKING:
    from dfguard.shell.commands import Command

_VALUED = words(
    "-b -c -d -e -f -g -G -k -K -p -R -P -s -u -Z -h -a -r"
    " --base-dir --comment --home-dir --home --expiredate --inactive --gid --groups --skel --key --password --root"
    " --prefix --shell --uid --gecos --ingroup --firstuid --lastuid --conf --add-gid-for-subids --firstgid --lastgid"
)
_SYSTEM = words("-r --system -S")


def _files(program: str, *names: str) -> list[Effect]:
    backups: list[Effect] = [Fills(f"/etc/{name}-", program, certain=False) for name in names]
    lock = Fills("/etc/.pwd.lock", program, certain=False)
    return [*(Changes(f"/etc/{name}", program) for name in names), *backups, lock]


def useradd(command: Command) -> list[Effect]:
    """`useradd`: a home folder only with -m (or as login.defs says, which Debian's does not)."""
    use = read_use(command, _VALUED - words("-r -h -a"), frozenset())
    if use.has("-R", "--root", "-P", "--prefix", "-D", "--defaults"):
        return [Opaque(command.span, "useradd changes accounts elsewhere")]
    found = _files("useradd", "passwd", "shadow", "group", "gshadow")
    found += [
        Fills(path, "useradd", certain=False) for path in ("/etc/subuid*", "/etc/subgid*", "/var/log", "/var/mail")
    ]
    name = use.operands[-1].value if use.operands else None
    home, base = use.value("-d", "--home-dir"), use.value("-b", "--base-dir")
    if use.has("-M", "--no-create-home"):
        return found
    if use.has("-m", "--create-home"):
        path = home.value if home else f"{(base.value if base else '/home') or '?'}/{name}" if name else None
        return [*found, _home(path, name, command)]
    if use.has(*_SYSTEM):
        return found
    path = home.value if home else f"/home/{name}" if name else None
    return [*found, Opaque(command.span, "useradd may create a home folder", path)]


def _lock(command: Command) -> Effect:
    """Debian's adduser, deluser and their like keep other calls out."""
    return Fills("/run/adduser", command.program, certain=False)


def _home(path: str | None, name: str | None, command: Command) -> Effect:
    if path is None or "?" in path:
        return Opaque(command.span, f"{command.program} creates a home folder that is not known")
    return MakesHome(path, name)


def adduser(command: Command) -> list[Effect]:
    """`adduser` of Debian and of BusyBox: a home folder, unless told otherwise; Debian's none for `--system`."""
    use = read_use(command, _VALUED - words("-r -a -d"), frozenset())
    found = _files("adduser", "passwd", "shadow", "group")
    found += [Fills("/etc/gshadow*", "adduser", certain=False), _lock(command)]
    names = [word.value for word in use.operands]
    if len(names) == 2:
        return [*_files("adduser", "group", "gshadow"), _lock(command)]
    home = use.value("-h", "--home")
    if use.has("-H", "--no-create-home") or not names:
        return found
    path = home.value if home else f"/home/{names[0]}" if names[0] else None
    if use.has("--system"):
        return [*found, Opaque(command.span, "adduser may create a home folder", path)]
    return [*found, _home(path, names[0], command)]


def _group(command: Command) -> list[Effect]:
    program = command.program
    others = ("/etc/gshadow*", "/etc/group-", "/etc/.pwd.lock", "/run/adduser")
    return [Changes("/etc/group", program), *(Fills(path, program, certain=False) for path in others)]


def _passwords(command: Command) -> list[Effect]:
    if command.program == "usermod" and command.has("-m", "--move-home", "-d", "--home"):
        return [Opaque(command.span, "usermod moves a home folder")]
    if command.program in ("userdel", "deluser") and command.has(
        "-r", "--remove", "--remove-home", "--remove-all-files"
    ):
        return [Opaque(command.span, f"{command.program} removes the files of a user")]
    program = command.program
    names = ("passwd", "shadow", "group", "gshadow")
    found: list[Effect] = [*(Fills(f"/etc/{name}", program) for name in names)]
    found += (Fills(f"/etc/{n}-", program, False) for n in names)
    return [*found, _lock(command)] if program == "deluser" else found


def _ldconfig(command: Command) -> list[Effect]:
    if any(a.text in ("-p", "--print-cache", "-V", "--version") for a in command.arguments):
        return []
    if command.arguments:
        return [Opaque(command.span, "ldconfig works on other folders")]
    reason = "ldconfig makes links to libraries"
    links = [
        Opaque(command.span, reason, path) for path in ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib")
    ]
    return [Changes("/etc/ld.so.cache", "ldconfig"), Fills("/var/cache/ldconfig", "ldconfig", certain=False), *links]


def _certificates(command: Command) -> list[Effect]:
    program = command.program
    if program == "update-ca-trust":
        return [Opaque(command.span, f"{program} gathers certificates", "/etc/pki")]
    places = ("/etc/ssl/certs", "/etc/ca-certificates", "/usr/share/ca-certificates")
    return [Opaque(command.span, f"{program} gathers certificates", place) for place in places]


def _locales(command: Command) -> list[Effect]:
    if command.program == "localedef":
        return [Opaque(command.span, "localedef compiles a locale", "/usr/lib/locale")]
    files = [
        Opaque(command.span, f"{command.program} makes locales", path)
        for path in ("/usr/lib/locale", "/etc/locale.gen")
    ]
    return [*files, Opaque(command.span, f"{command.program} sets locales", "/etc/default/locale")]


PROGRAMS = {
    "useradd": useradd,
    "adduser": adduser,
    "groupadd": _group,
    "addgroup": _group,
    "groupdel": _group,
    "delgroup": _group,
    "groupmod": _group,
    "usermod": _passwords,
    "userdel": _passwords,
    "deluser": _passwords,
    "passwd": _passwords,
    "chpasswd": _passwords,
    "gpasswd": _passwords,
    "chsh": _passwords,
    "ldconfig": _ldconfig,
    "update-ca-certificates": _certificates,
    "update-ca-trust": _certificates,
    "locale-gen": _locales,
    "update-locale": _locales,
    "localedef": _locales,
}
