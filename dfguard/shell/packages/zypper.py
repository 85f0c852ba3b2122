"""zypper. Source: zypper(8) 1.14. `-D` and `-C` in front of the verb take a value, behind it they take none."""

from __future__ import annotations

from dfguard.shell.packages.table import Table, actions, words

TABLE = Table(
    verbs=actions(
        install="install in source-install si",
        update="refresh ref refresh-services refs",
        upgrade="update up dist-upgrade dup patch",
        remove="remove rm",
        clean="clean cc",
    ),
    valued=words(
        "-R -c -p -r -t --cache-dir --config --download --from --installroot --pkg-cache-dir --plus-content"
        " --plus-repo --raw-cache-dir --releasever --repo --reposd-dir --root --solv-cache-dir --type --userdata"
    ),
    spellings=(
        ("-n", "--non-interactive"),
        ("-y", "--no-confirm"),
        ("-q", "--quiet"),
        ("-v", "--verbose"),
        ("-l", "--auto-agree-with-licenses"),
        ("-f", "--force"),
        ("-r", "--repo"),
        ("-t", "--type"),
        ("-R", "--root"),
    ),
    package=r"(?P<name>[^\s<>=]+)(?:\s*(?P<version>(?:==?|[<>]=?).+))?",
    file=r"~?/|\.{1,2}/|.*\.rpm$",
    left_out=r"[!~]",
)
