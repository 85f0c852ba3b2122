"""What is known of a package manager's command line, as data."""

from __future__ import annotations

from dfguard.struct import Struct

INSTALL, UPDATE, UPGRADE, REMOVE, CLEAN, OTHER = "install", "update", "upgrade", "remove", "clean", "other"


class Table(Struct):
    """The command line of one family of package managers.

    `verbs` gives the action of each verb; a verb of several words is written with blanks. `alone` is the
    action of a call without a verb, "" when that is none; `prefixes` are patterns of words in front of the
    verb, with the number of words to pass over. `lists` are install verbs whose packages stand in files:
    words behind them are none. `places` says which words behind a verb are packages, when not all are.

    `valued` options take a value, `optional` ones take the next word unless it is an option; `spellings`
    are groups of options that mean the same. `package_options` are options whose value is a package, with
    its kind ("" to tell it from the value); with one of `replacing` the words behind the verb are none.
    The value of one of `version_options` is the version of the packages that have none of their own.
    `abbreviates`: an unambiguous beginning of a long option stands for it; `switches` are the long options
    without a value, needed for that. `truth`: a switch may be followed by `true` or `false`.
    `single_dash`: long options begin with one `-`. `dashes_end`: words behind `--` are no packages.

    `package` is a regular expression with the groups `name` and `version` for what stands behind an
    install verb; `file` and `address` match what is a local file or lies elsewhere; `left_out` matches
    words that ask for no package (`!name`, `name-`), `version_word` those that are the version of the
    package in front of them.
    """

    verbs: dict[str, str]
    valued: frozenset[str]
    package: str
    file: str
    spellings: tuple[tuple[str, ...], ...] = ()
    address: str = r"[A-Za-z][\w+.-]*://"
    left_out: str = r"(?!)"
    version_word: str = r"(?!)"
    package_options: dict[str, str] = {}
    replacing: frozenset[str] = frozenset()
    version_options: frozenset[str] = frozenset()
    abbreviates: bool = False
    switches: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    truth: bool = False
    single_dash: bool = False
    dashes_end: bool = False
    alone: str = ""
    prefixes: tuple[tuple[str, int], ...] = ()
    lists: frozenset[str] = frozenset()
    places: dict[str, slice] = {}


def words(text: str) -> frozenset[str]:
    """The words of a text, for tables that are easier to read without quotes and commas."""
    return frozenset(text.split())


def actions(**verbs: str) -> dict[str, str]:
    """`verbs` by action, each a text of words (`_` in a word stands for a blank), as one table."""
    return {verb.replace("_", " "): action for action, text in verbs.items() for verb in text.split()}
