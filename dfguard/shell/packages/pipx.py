"""pipx. Source: the CLI reference of pipx 1.7, https://pipx.pypa.io/stable/docs/."""

from __future__ import annotations

from dfguard.shell.packages import pip
from dfguard.shell.packages.table import Table, actions, words

TABLE = Table(
    verbs=actions(
        install="install inject",
        upgrade="upgrade upgrade-all upgrade-shared reinstall reinstall-all",
        remove="uninstall uninstall-all uninject",
    ),
    places={"inject": slice(1, None)},
    valued=words("-i -r --backend --index-url --pip-args --preinstall --python --requirement --spec --suffix"),
    spellings=(
        ("-i", "--index-url"),
        ("-r", "--requirement"),
        ("-e", "--editable"),
        ("-f", "--force"),
        ("-q", "--quiet"),
    ),
    package=pip.TABLE.package,
    file=pip.TABLE.file,
    address=pip.TABLE.address,
    package_options={"--preinstall": "", "--spec": ""},
)
