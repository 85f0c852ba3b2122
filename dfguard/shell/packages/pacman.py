"""pacman. Source: pacman(8) 7.0; yay and paru take the same words.

The verb is an option: `-Syu` synchronizes (`S`), refreshes the lists (`y`) and upgrades (`u`).
"""

from __future__ import annotations

from dfguard.shell.packages.table import CLEAN, INSTALL, OTHER, REMOVE, UPDATE, UPGRADE, Table, words

TABLE = Table(
    verbs={},
    valued=words(
        "-b -r --arch --ask --assume-installed --cachedir --color --config --dbpath --gpgdir --hookdir --ignore"
        " --ignoregroup --logfile --overwrite --print-format --root --sysroot"
    ),
    spellings=(
        ("-S", "--sync"),
        ("-R", "--remove"),
        ("-U", "--upgrade"),
        ("-y", "--refresh"),
        ("-u", "--sysupgrade"),
        ("-c", "--clean"),
        ("-w", "--downloadonly"),
        ("-s", "--search", "--recursive"),
    ),
    package=r"(?:[\w-]+/)?(?P<name>[^\s=<>/]+)(?P<version>(?:=|[<>]=?).+)?",
    file=r"~?/|\.{1,2}/|.*\.pkg\.tar(?:\.\w+)?$",
)
OPERATIONS = frozenset("DFQRSTUV")
_LONG = {"--sync": "S", "--remove": "R", "--upgrade": "U", "--query": "Q", "--database": "D", "--files": "F"}
_LONG |= {"--deptest": "T", "--refresh": "y", "--sysupgrade": "u", "--clean": "c", "--search": "s", "--info": "i"}
_LONG |= {"--list": "l", "--groups": "g", "--print": "p", "--downloadonly": "w"}


def action(names: list[str], has_packages: bool) -> str | None:
    """What the options of a call ask for; None when none of them is an operation."""
    letters = [_LONG.get(name, name[1:]) for name in names]
    operation = next((letter for letter in letters if letter in OPERATIONS), None)
    if operation in (None, "R", "U"):
        return {"R": REMOVE, "U": INSTALL}.get(operation or "")
    if operation != "S" or not {"g", "i", "l", "p", "s", "w"}.isdisjoint(letters):
        return OTHER
    if "c" in letters:
        return CLEAN
    if has_packages:
        return INSTALL
    return UPGRADE if "u" in letters else UPDATE if "y" in letters else OTHER
