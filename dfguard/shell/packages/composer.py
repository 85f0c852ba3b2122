"""composer. Source: https://getcomposer.org/doc/03-cli.md of Composer 2.8."""

from __future__ import annotations

from dfguard.shell.packages.table import Table, actions, words

TABLE = Table(
    verbs=actions(
        install="install i require r create-project global_install global_require",
        upgrade="update u upgrade global_update",
        remove="remove rm uninstall global_remove",
        clean="clear-cache clearcache cc",
        other="global",
    ),
    lists=words("install i") | {"global install"},
    places={"create-project": slice(None, 3, 2)},
    valued=words(
        "-d -f -s --apcu-autoloader-prefix --audit-format --format --ignore-platform-req --prefer-install --repository"
        " --repository-url --stability --working-dir"
    ),
    spellings=(
        ("-n", "--no-interaction"),
        ("-q", "--quiet"),
        ("-d", "--working-dir"),
        ("-o", "--optimize-autoloader"),
        ("-a", "--classmap-authoritative"),
        ("-W", "--update-with-all-dependencies", "--with-all-dependencies"),
    ),
    package=r"(?P<name>[^\s:=]+)(?:[:=\s]\s*(?P<version>.+))?",
    version_word=r"[\^~<>=!v]*\s*\d[^/]*$|dev-[^/]+$|\*$|\$\{?\w*VERSION\w*\}?$",
    file=r"~?/|\.{1,2}(?:/|$)",
)
