"""aptitude. Source: aptitude(8) 0.8.13."""

from __future__ import annotations

from dfguard.shell.packages.table import Table, actions, words

TABLE = Table(
    verbs=actions(
        install="install reinstall build-dep build-depends",
        update="update",
        upgrade="safe-upgrade full-upgrade upgrade dist-upgrade",
        remove="remove purge",
        clean="clean autoclean",
    ),
    lists=words("build-dep build-depends"),
    valued=words(
        "-F -O -S -o -t -w --add-user-tag --add-user-tag-to --display-format --group-by --log-file --log-level"
        " --remove-user-tag --remove-user-tag-from --show-package-names --sort --target-release --user-tag --width"
    ),
    spellings=(
        ("-y", "--assume-yes", "--yes"),
        ("-q", "--quiet"),
        ("-t", "--target-release"),
        ("-R", "--without-recommends", "--no-install-recommends"),
        ("-r", "--with-recommends"),
        ("-s", "--simulate"),
        ("-d", "--download-only"),
        ("-V", "--show-versions"),
    ),
    package=r"(?P<name>[^\s=/:]+)(?::[\w-]+)?(?:=(?P<version>.+)|/.+)?",
    file=r"~?/|\.{1,2}/|.*\.deb$",
    left_out=r"[^=/]*[-_]$",
)
