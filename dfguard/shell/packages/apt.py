"""apt-get and apt. Source: apt-get(8), apt(8), apt.conf(5) of apt 2.9."""

from __future__ import annotations

from dfguard.shell.packages.table import Table, actions, words

TABLE = Table(
    verbs=actions(
        install="install reinstall build-dep satisfy",
        update="update",
        upgrade="upgrade dist-upgrade full-upgrade dselect-upgrade",
        remove="remove purge autoremove autopurge auto-remove",
        clean="clean autoclean auto-clean distclean dist-clean",
    ),
    lists=words("build-dep satisfy"),
    valued=words(
        "-P -S -a -c -o -t --build-profiles --config-file --default-release --host-architecture --option --snapshot"
        " --solver --target-release"
    ),
    spellings=(
        ("-y", "--yes", "--assume-yes"),
        ("-q", "--quiet"),
        ("-t", "--target-release", "--default-release"),
        ("-o", "--option"),
        ("-c", "--config-file"),
        ("-s", "--simulate", "--just-print", "--dry-run", "--recon", "--no-act"),
        ("-d", "--download-only"),
        ("-m", "--ignore-missing", "--fix-missing"),
        ("-f", "--fix-broken"),
        ("-u", "--show-upgraded"),
        ("-V", "--verbose-versions"),
    ),
    package=r"(?P<name>[^\s=/:]+)(?::[\w-]+)?(?:=(?P<version>.+)|/.+)?",
    file=r"~?/|\.{1,2}/|.*\.deb$",
    left_out=r"[^=/]*-$",
)
