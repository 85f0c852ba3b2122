"""What is known of a package manager's command line, as data."""

from __future__ import annotations

from dfguard.struct import Struct

INSTALL, UPDATE, UPGRADE, REMOVE, CLEAN, OTHER = "install", "update", "upgrade", "remove", "clean", "other"


class Table(Struct):
    """The command line of one family of package managers.

    `verbs` gives the action of each verb; a verb of two words is written with a blank. `valued` options
    take a value; `spellings` are groups of options that mean the same. `package` is a regular
    expression with the groups `name` and `version` for what stands behind an install verb; `file` and
    `address` match what is a local file or lies elsewhere; `left_out` matches words that ask for no
    package (`!name`, `name-`). `package_options` are options whose value is a package.
    `abbreviates`: an unambiguous beginning of a long option stands for it; `switches` are the long
    options without a value, needed for that. `truth`: a switch may be followed by `true` or `false`.
    """

    verbs: dict[str, str]
    valued: frozenset[str]
    package: str
    file: str
    spellings: tuple[tuple[str, ...], ...] = ()
    address: str = r"[A-Za-z][\w+.-]*://"
    left_out: str = r"(?!)"
    package_options: frozenset[str] = frozenset()
    abbreviates: bool = False
    switches: frozenset[str] = frozenset()
    truth: bool = False


def words(text: str) -> frozenset[str]:
    """The words of a text, for tables that are easier to read without quotes and commas."""
    return frozenset(text.split())


def actions(**verbs: str) -> dict[str, str]:
    """`verbs` by action, each a text of words (`_` in a word stands for a blank), as one table."""
    return {verb.replace("_", " "): action for action, text in verbs.items() for verb in text.split()}
