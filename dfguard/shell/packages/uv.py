"""uv. Source: the CLI reference of uv 0.8, https://docs.astral.sh/uv/reference/cli/."""

from __future__ import annotations

from dfguard.shell.packages import pip
from dfguard.shell.packages.table import Table, actions, words

TABLE = Table(
    verbs=actions(
        install="pip_install pip_sync add sync tool_install",
        upgrade="tool_upgrade",
        remove="pip_uninstall remove tool_uninstall",
        clean="cache_clean cache_prune clean",
        other="pip tool cache",
    ),
    lists=words("sync") | {"pip sync"},
    valued=words(
        "-C -P -b -c -f -i -m -o -p -r -t -w --allow-insecure-host --bounds --branch --build-constraint"
        " --build-constraints --cache-dir --color --config-file --config-setting --config-settings --constraint"
        " --constraints --default-index --directory --editable --env-file --exclude --exclude-newer --excludes --extra"
        " --extra-index-url --find-links --fork-strategy --group --index --index-strategy --index-url"
        " --keyring-provider --link-mode --marker --no-binary --no-binary-package --no-build-isolation-package"
        " --no-build-package --no-extra --no-group --only-binary --only-group --optional --output-file --override"
        " --overrides --package --prefix --prerelease --project --python --python-platform --python-version"
        " --refresh-package --reinstall-package --requirement --requirements --resolution --rev --script --tag"
        " --target --torch-backend --trusted-host --upgrade-package --with --with-editable --with-executables-from"
        " --with-requirements"
    )
    | {"-e"},
    spellings=(
        ("-r", "--requirement", "--requirements"),
        ("-c", "--constraint", "--constraints"),
        ("-e", "--editable"),
        ("-i", "--index-url", "--default-index"),
        ("-f", "--find-links"),
        ("-U", "--upgrade"),
        ("-n", "--no-cache", "--no-cache-dir"),
        ("-p", "--python"),
        ("-q", "--quiet"),
        ("-w", "--with"),
        ("-t", "--target"),
    ),
    package=r"(?P<name>[A-Za-z0-9$][\w.${}-]*)\s*(?:\[[^\]]*\])?\s*"
    r"(?:(?P<version>(?:===?|~=|!=|[<>]=?)[^;@]*)|@(?P<constraint>[^:/]+))?(?:\s*;.*)?",
    file=pip.TABLE.file,
    address=pip.TABLE.address,
    package_options={"-e": "", "--editable": "", "-w": "", "--with": "", "--with-editable": ""},
)
