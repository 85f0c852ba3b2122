"""conda, mamba and micromamba. Source: the command reference of conda 25, mamba(1) 2; MatchSpec of conda.

https://docs.conda.io/projects/conda/en/stable/user-guide/concepts/pkg-specs.html
"""

from __future__ import annotations

from dfguard.shell.packages.table import Table, actions, words

TABLE = Table(
    verbs=actions(
        install="install create env_create env_update",
        upgrade="update upgrade",
        remove="remove uninstall env_remove",
        clean="clean",
        other="env",
    ),
    lists=frozenset(("env create", "env update")),
    valued=words(
        "-c -n -p -r --category --channel --channel-alias --channel-priority --clone --console --environment-specifier"
        " --file --name --platform --prefix --rc-file --repodata-fn --revision --root-prefix --solver --subdir"
    ),
    spellings=(
        ("-y", "--yes"),
        ("-q", "--quiet"),
        ("-c", "--channel"),
        ("-n", "--name"),
        ("-p", "--prefix"),
        ("-f", "--file"),
        ("-a", "--all"),
    ),
    package=r"(?:[^\s:]+::)?(?P<name>[^\s=<>!~\[:]+)"
    r"(?:\s*(?P<version>[=<>!~]=?[^\[]+)|\s+(?P<constraint>[\d*][^\[]*))?(?:\[.*\])?",
    file=r"~?/|\.{1,2}/|.*\.(?:conda|tar\.bz2)$",
)
# `-f FILE` of micromamba, and of `conda env`; elsewhere in conda `-f` takes no value.
MICROMAMBA = TABLE.but(valued=TABLE.valued | {"-f"})
