"""Checks of other tools, and which of our rules answer them.

A rule names its nearest peers itself (`@rule(peers=...)`). `peers.toml` has all checks of other tools, each once
whatever tools have it: a rule that names one id of such a check answers its other ids too.
"""

from __future__ import annotations

from functools import cache

from dfguard import catalog
from dfguard.catalog import Entry
from dfguard.regex import regex
from dfguard.struct import Struct

_PREFIX = regex(r"(?:hadolint|buildkit|tally|avd|id)[/-](?=.)")
_TRIVY = regex(r"ds-?0*(\d+)\Z")
_CKV = regex(r"ckv(\d?)_docker_0*(\d+)\Z")


class PeerCheck(Struct):
    """A check that other tools have: `ids` are (tool, id) pairs, `what` it looks for in a sentence."""

    name: str
    what: str
    ids: tuple[tuple[str, str], ...]


@cache
def checks() -> tuple[PeerCheck, ...]:
    """All checks of other tools."""
    import os

    import tomli

    with open(os.path.join(os.path.dirname(__file__), "peers.toml"), "rb") as file:
        tables = tomli.load(file)
    return tuple(
        PeerCheck(name, table.pop("what"), tuple((tool, each) for tool, ids in table.items() for each in ids))
        for name, table in tables.items()
    )


def key(word: str) -> str:
    """An id as it is compared: `AVD-DS-0002`, `DS-0002` and `DS002` are one, as `hadolint/DL3008` and `DL3008` are."""
    text = _PREFIX.sub("", word.strip().casefold(), count=1)
    trivy, checkov = _TRIVY.fullmatch(text), _CKV.fullmatch(text)
    if trivy:
        return f"ds-{trivy[1]}"
    return f"ckv{checkov[1]}-{checkov[2]}" if checkov else text


@cache
def _direct() -> dict[str, tuple[Entry, ...]]:
    """The rules that name an id themselves, by its key."""
    found: dict[str, list[Entry]] = {}
    for entry in catalog.entries():
        for peer in dict.fromkeys(map(key, entry.peers)):
            found.setdefault(peer, []).append(entry)
    return {peer: tuple(entries) for peer, entries in found.items()}


def known(word: str) -> tuple[PeerCheck, ...]:
    """The checks that have an id, none for a word that is no tool's."""
    wanted = key(word)
    return tuple(check for check in checks() if any(_is(wanted, key(each)) for _, each in check.ids))


def _is(wanted: str, known: str) -> bool:
    """Whether a key is that of a known id; `sc*` stands for all of ShellCheck's, which are followed by a number."""
    return known == wanted or (
        known[-1] == "*" and wanted.startswith(known[:-1]) and wanted[len(known) - 1 :].isdigit()
    )


@cache
def _shared() -> frozenset[str]:
    """The ids that stand for several checks, which tell nothing of any one of them."""
    every = [each for check in checks() for each in {key(each) for _, each in check.ids}]
    return frozenset(each for each in every if every.count(each) > 1)


def answered_by(check: PeerCheck) -> tuple[Entry, ...]:
    """The rules that name an id of this check, and of no other."""
    own = (key(each) for _, each in check.ids)
    return tuple(dict.fromkeys(entry for each in own if each not in _shared() for entry in _direct().get(each, ())))


def named_by(word: str) -> tuple[Entry, ...]:
    """The rules of a code or name, or those that name an id themselves; `peers.toml` is not read for it."""
    return catalog.named(word) or _direct().get(key(word), ())


@cache
def rules_for(word: str) -> tuple[Entry, ...]:
    """The rules that a word stands for: a code, a name, or the id of another tool's check; none for any other."""
    found = (entry for check in known(word) for entry in answered_by(check))
    return named_by(word) or tuple(dict.fromkeys(found))


@cache
def rules_of(tool: str) -> tuple[Entry, ...]:
    """The rules that answer any check of a tool."""
    ids = (each for check in checks() for owner, each in check.ids if owner == tool)
    return tuple(dict.fromkeys(entry for each in ids for entry in rules_for(each)))
