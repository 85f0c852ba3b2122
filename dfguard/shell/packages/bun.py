"""bun. Source: `bun install --help`, `bun add --help` of Bun 1.2, https://bun.sh/docs/cli/install."""

from __future__ import annotations

from dfguard.shell.packages import npm
from dfguard.shell.packages.table import Table, actions, words

TABLE = Table(
    verbs=actions(install="install i add a ci", upgrade="update", remove="remove rm", clean="pm_cache_rm", other="pm"),
    lists=words("ci"),
    valued=words(
        "--backend --ca --cache-dir --cafile --concurrent-scripts --config --cpu --cwd --env-file --filter --linker"
        " --network-concurrency --omit --os --registry"
    ),
    spellings=(
        ("-g", "--global"),
        ("-d", "-D", "--dev", "--development"),
        ("-E", "--exact"),
        ("-p", "--production"),
        ("-y", "--yarn"),
        ("-f", "--force"),
    ),
    package=npm.TABLE.package,
    file=npm.TABLE.file,
    address=npm.TABLE.address,
)
