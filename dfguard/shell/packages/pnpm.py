"""pnpm. Source: the CLI reference of pnpm 10, https://pnpm.io/pnpm-cli."""

from __future__ import annotations

from dfguard.shell.packages import npm
from dfguard.shell.packages.table import Table, actions, words

TABLE = Table(
    verbs=actions(
        install="install i add install-test it ci clean-install",
        upgrade="update up upgrade",
        remove="remove rm uninstall un",
        clean="store_prune cache_delete",
        other="store cache",
    ),
    lists=words("ci clean-install"),
    prefixes=((r"(?:recursive|multi|m)$", 1),),
    valued=words(
        "-C -F --allow-build --child-concurrency --cpu --dir --filter --filter-prod --global-bin-dir --global-dir"
        " --libc --lockfile-dir --loglevel --modules-dir --network-concurrency --node-linker --os"
        " --package-import-method --prefix --registry --reporter --store-dir"
        " --virtual-store-dir --workspace-concurrency"
    ),
    spellings=(
        ("-g", "--global"),
        ("-C", "--dir"),
        ("-F", "--filter"),
        ("-D", "--save-dev", "--dev"),
        ("-E", "--save-exact"),
        ("-P", "--save-prod", "--prod", "--production"),
        ("-O", "--save-optional"),
        ("-r", "--recursive"),
    ),
    package=npm.TABLE.package,
    file=npm.TABLE.file,
    address=npm.TABLE.address,
    truth=True,
)
