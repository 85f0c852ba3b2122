"""apk. Source: apk(8), apk-add(8) and the apk-world syntax of apk-tools 2.14 and 3.0."""

from __future__ import annotations

from dfguard.shell.packages.table import Table, actions, words

TABLE = Table(
    verbs=actions(
        install="add", update="update", upgrade="upgrade", remove="del", clean="cache_clean cache_purge", other="cache"
    ),
    valued=words(
        "-X -p -t --arch --cache-dir --cache-max-age --keys-dir --logfile --progress-fd --repository"
        " --repositories-file --root --timeout --virtual --wait"
    ),
    spellings=(
        ("-U", "--update-cache", "--update"),
        ("-t", "--virtual"),
        ("-X", "--repository"),
        ("-p", "--root"),
        ("-q", "--quiet"),
        ("-u", "--upgrade"),
        ("-l", "--latest"),
    ),
    package=r"(?P<name>[^\s=<>~@]+)(?:@[\w.-]+)?(?:(?P<version>(?:=|~=|~|[<>]=?|><)[^@]+))?(?:@[\w.-]+)?",
    file=r"~?/|\.{1,2}/|.*\.apk$",
    left_out=r"!",
)
