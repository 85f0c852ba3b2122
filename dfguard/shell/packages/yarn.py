"""yarn. Source: the CLI references of Yarn 1.22 (https://classic.yarnpkg.com/en/docs/cli) and 4."""

from __future__ import annotations

from dfguard.shell.packages import npm
from dfguard.shell.packages.table import Table, actions, words

TABLE = Table(
    verbs=actions(
        install="install add global_add workspaces_focus",
        upgrade="upgrade up upgrade-interactive global_upgrade",
        remove="remove global_remove",
        clean="cache_clean cache_clear",
        other="cache global workspaces",
    ),
    alone="install",
    lists=words("install") | {"workspaces focus"},
    prefixes=((r"workspace$", 2),),
    valued=words(
        "--cache-folder --cwd --global-folder --https-proxy --link-folder --mode --modules-folder --mutex"
        " --network-concurrency --network-timeout --otp --prefix --preferred-cache-folder --preset --proxy --registry"
        " --scope --tag --use-yarnrc"
    ),
    spellings=(
        ("-D", "--dev"),
        ("-E", "--exact"),
        ("-O", "--optional"),
        ("-s", "--silent"),
        ("--prod", "--production"),
    ),
    package=npm.TABLE.package,
    file=npm.TABLE.file,
    address=npm.TABLE.address,
    truth=True,
)
