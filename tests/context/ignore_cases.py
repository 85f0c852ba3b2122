"""Random build contexts and ignore files, with names and patterns that break naive readings."""

from __future__ import annotations

from random import Random

NAMES = (
    *("a", "b", "c", "ab", "foo", "bar", "x.txt", "x.log", ".env", ".git", "bar.foo", "a^b", "sp ace", "[x]", "é", "-"),
    *("$v", "(p)", "a+b", ".foo", "README.md", "node_modules", "b.", "*s", "q?", "new\nline", "caf\udce9", "\ufffd"),
    *("!bang", "#hash", " lead", "tail ", "back\\slash", "{x}", "aaaa", "aaab", "1", "_", "A", "a$"),
)
CLASSES = (
    "[a-c]",
    "[^x]",
    "[!a]",
    "[]",
    "[b",
    "[a-]",
    "[\\]]",
    "[[]",
    "[^/]",
    "[-a]",
    "[a^]",
    "[a*]",
    "[a?b]",
    "[a**]",
)
ESCAPES = tuple("\\" + char for char in "dDsSwWbBAzQEpPnxa01C._-é*?[]\\/ ")
WHOLE = (
    *("..", ".", "", "***", "**a", "a**", "\\d", "\\w*", "!", "^a", "a]", "{a,b}", "$v", "/", "!/", "!..", "../../x"),
    *(
        "\\Qa*\\E*",
        "\\pL*",
        "\\PN**",
        "\\x61*",
        "\\101*",
        "*\\z",
        "\\A*a",
        "[[:alpha:]]*",
        "[\\d]*",
        "a*a*a*b",
        "caf\udce9*",
    ),
)


def folder_tree(random: Random) -> list[str]:
    """Paths of files; those that end in a slash are empty folders."""
    found: list[str] = []
    for _ in range(random.randint(4, 14)):
        path = "/".join(random.choice(NAMES) for _ in range(random.randint(1, 4)))
        clash = any(
            f"{path}/".startswith(f"{other}/") or f"{other}/".startswith(f"{path}/") for other in map(_bare, found)
        )
        if not clash:
            found.append(path + "/" * (random.random() < 0.08))
    return found


def _bare(path: str) -> str:
    return path.rstrip("/")


def _segment(random: Random, files: list[str]) -> str:
    draw = random.random()
    base = random.choice(_bare(random.choice(files)).split("/"))
    at = random.randint(0, len(base))
    changes = (
        (0.42, base),
        (0.57, "*"),
        (0.69, "**"),
        (0.77, base[:at] + "*" + base[at + 1 :]),
        (0.82, base[:at] + "?" + base[at + 1 :]),
        (0.87, base[:at] + "**" + base[at:]),
        (0.91, base[:at] + random.choice(CLASSES) + base[at + 1 :]),
        (0.94, base[:at] + random.choice(ESCAPES) + base[at:]),
        (0.96, base + random.choice((" ", "\\", "/", "//", "/.", "\r", "\t#"))),
    )
    return next((text for limit, text in changes if draw < limit), random.choice(WHOLE))


def _pattern(random: Random, files: list[str]) -> str:
    if random.random() < 0.35:
        parts = _bare(random.choice(files)).split("/")
        parts = parts[: random.randint(1, len(parts))]
        if random.random() < 0.5:
            parts = [_segment(random, files) if random.random() < 0.4 else part for part in parts]
    else:
        parts = [_segment(random, files) for _ in range(random.randint(1, 3))]
    return random.choice(("", "", "", "/", "./", " ", "../", "/ ")) + "/".join(parts)


def case(random: Random) -> tuple[list[str], str]:
    """A tree and the text of an ignore file for it."""
    files = folder_tree(random)
    lines = []
    for number in range(random.randint(1, 6)):
        bang = "!" if number and random.random() < 0.45 else ""
        lines.append(bang + random.choice(("", "", "", " ")) + _pattern(random, files).replace("\n", ""))
    start = "\ufeff" if random.random() < 0.05 else ""
    return files, start + "\n".join(lines) + random.choice(("\n", "", "\r\n"))
