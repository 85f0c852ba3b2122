"""gem. Source: the command reference of RubyGems 3.6, https://guides.rubygems.org/command-reference/."""

from __future__ import annotations

from dfguard.shell.packages.table import Table, actions, words

TABLE = Table(
    verbs=actions(install="install i", upgrade="update", remove="uninstall cleanup"),
    valued=words(
        "-B -P -i -n -p -s -v --bindir --build-root --bulk-threshold --config-file --http-proxy --install-dir"
        " --platform --source --target-rbconfig --trust-policy --version"
    ),
    optional=words("-g --file --system"),
    version_options=words("-v --version"),
    dashes_end=True,
    spellings=(
        ("-v", "--version"),
        ("-N", "--no-document"),
        ("-s", "--source"),
        ("-i", "--install-dir"),
        ("-n", "--bindir"),
        ("-q", "--quiet"),
        ("-f", "--force"),
    ),
    package=r"(?P<name>[^\s:]+)(?::(?P<version>.+))?",
    file=r"~?/|\.{1,2}/|.*\.gem$",
)
