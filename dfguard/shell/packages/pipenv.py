"""pipenv. Source: the CLI reference of pipenv 2024, https://pipenv.pypa.io/en/latest/cli.html."""

from __future__ import annotations

from dfguard.shell.packages import pip
from dfguard.shell.packages.table import Table, actions, words

TABLE = Table(
    verbs=actions(install="install sync", upgrade="update upgrade", remove="uninstall", clean="clean"),
    lists=words("sync"),
    valued=words("-e -i -r --categories --editable --extra-pip-args --index --pypi-mirror --python --requirements"),
    spellings=(("-r", "--requirements"), ("-e", "--editable"), ("-i", "--index"), ("-d", "--dev")),
    package=pip.TABLE.package,
    file=pip.TABLE.file,
    address=pip.TABLE.address,
    package_options={"-e": "", "--editable": ""},
)
