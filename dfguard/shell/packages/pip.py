"""pip. Source: `pip --help`, `pip install --help` of pip 25.0; PEP 508 for requirements."""

from __future__ import annotations

from dfguard.shell.packages.table import Table, actions, words

TABLE = Table(
    verbs=actions(install="install", remove="uninstall", clean="cache_purge cache_remove", other="cache config"),
    valued=words(
        "-C -b -c -d -e -f -i -r -t -w --abi --build --build-constraint --build-option --cache-dir --cert --client-cert"
        " --config-settings --constraint --dest --download --editable --exists-action --extra-index-url --find-links"
        " --global-option --group --implementation --index-url --install-option --keyring-provider --log"
        " --no-binary --only-binary --platform --prefix --progress-bar --proxy --pypi-url --python --python-version"
        " --report --requirement --requirements-from-script --resume-retries --retries --root --root-user-action --src"
        " --target --timeout --trusted-host --upgrade-strategy --use-deprecated --use-feature --wheel-dir"
    ),
    switches=words(
        "--break-system-packages --check-build-dependencies --compile --debug --disable-pip-version-check --dry-run"
        " --force-reinstall --ignore-installed --ignore-requires-python --isolated --no-build-isolation --no-cache-dir"
        " --no-clean --no-color --no-compile --no-deps --no-index --no-input --no-python-version-warning"
        " --no-use-pep517 --no-user --no-warn-conflicts --no-warn-script-location --pre --prefer-binary --quiet"
        " --require-hashes --require-virtualenv --upgrade --use-pep517 --user --verbose --yes"
    ),
    abbreviates=True,
    spellings=(
        ("-r", "--requirement"),
        ("-c", "--constraint"),
        ("-e", "--editable"),
        ("-t", "--target"),
        ("-i", "--index-url", "--pypi-url"),
        ("-f", "--find-links"),
        ("-U", "--upgrade"),
        ("-I", "--ignore-installed"),
        ("-q", "--quiet"),
        ("-v", "--verbose"),
        ("-y", "--yes"),
        ("-C", "--config-settings"),
        ("-w", "--wheel-dir"),
        ("-d", "--dest", "--download"),
    ),
    package=r"(?P<name>[A-Za-z0-9$][\w.${}-]*)\s*(?:\[[^\]]*\])?\s*(?P<version>(?:===?|~=|!=|[<>]=?)[^;@]*)?(?:\s*;.*)?",
    file=r"~?/|\.{1,2}(?:/|\[|$)|[^@]*\.(?:whl|zip|tgz|tar\.gz|tar\.bz2|tar\.xz)(?:\[|$)|[\w.-]+/",
    address=r"(?:[\w.\[\],-]+\s*@\s*)?(?:[A-Za-z][\w+.-]*://|git@)",
    package_options={"-e": "", "--editable": ""},
)
