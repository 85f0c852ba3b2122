"""cargo. Source: cargo-install(1) of Cargo 1.89; `cargo binstall --help` 1.14."""

from __future__ import annotations

from dfguard.shell.packages.table import Table, actions, words

TABLE = Table(
    verbs=actions(install="install binstall", upgrade="update", remove="uninstall"),
    prefixes=((r"\+", 1),),
    valued=words(
        "-C -F -Z -j --bin --bin-dir --branch --color --config --disable-strategies --example --features --git --index"
        " --install-path --jobs --log-level --manifest-path --message-format --path --pkg-fmt --pkg-url --profile"
        " --registry --rev --root --strategies --tag --target --target-dir --targets --vers --version"
    ),
    package_options={"--git": "url", "--path": "file"},
    replacing=words("--git --path"),
    version_options=words("--vers --version"),
    spellings=(
        ("--version", "--vers"),
        ("-j", "--jobs"),
        ("-F", "--features"),
        ("-f", "--force"),
        ("-q", "--quiet"),
        ("-y", "--no-confirm"),
    ),
    package=r"(?P<name>[^\s@]+)(?:@(?P<version>.+))?",
    file=r"~?/|\.{1,2}(?:/|$)",
)
