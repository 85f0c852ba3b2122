"""poetry. Source: the command reference of Poetry 2.1, https://python-poetry.org/docs/cli/."""

from __future__ import annotations

from dfguard.shell.packages import pip
from dfguard.shell.packages.table import Table, actions, words

TABLE = Table(
    verbs=actions(
        install="install sync add self_add self_install self_sync",
        upgrade="update self_update",
        remove="remove self_remove",
        clean="cache_clear",
        other="self cache",
    ),
    lists=words("install sync") | {"self install", "self sync"},
    valued=words(
        "-C -E -G -P --directory --extras --group --markers --only --platform --project --python --source --with"
        " --without"
    ),
    spellings=(
        ("-n", "--no-interaction"),
        ("-q", "--quiet"),
        ("-E", "--extras"),
        ("-G", "--group"),
        ("-C", "--directory"),
        ("-D", "--dev"),
        ("-e", "--editable"),
    ),
    package=r"(?P<name>[A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*"
    r"(?:(?P<version>(?:===?|~=|!=|[<>]=?|[~^=]).*)|@(?P<constraint>[^:/]+))?",
    file=pip.TABLE.file,
    address=pip.TABLE.address,
)
