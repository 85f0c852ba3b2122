"""bundle. Source: bundle(1), bundle-install(1), bundle-add(1) of Bundler 2.6."""

from __future__ import annotations

from dfguard.shell.packages.table import Table, actions, words

TABLE = Table(
    verbs=actions(install="install i add", upgrade="update", remove="remove", clean="clean"),
    alone="install",
    lists=words("install i"),
    valued=words(
        "-P -g -j -r -s -v --binstubs --branch --gemfile --git --github --glob --group --jobs --path --ref --require"
        " --retry --shebang --source --target-rbconfig --trust-policy --version --with --without"
    ),
    version_options=words("-v --version"),
    spellings=(("-j", "--jobs"), ("-g", "--group"), ("-v", "--version"), ("-P", "--trust-policy")),
    package=r"(?P<name>[^\s:]+)(?::(?P<version>.+))?",
    file=r"~?/|\.{1,2}/|.*\.gem$",
)
