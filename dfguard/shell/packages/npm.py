"""npm. Source: npm-install(1), npm-ci(1), config(7) of npm 11; npm-package-arg for package specs."""

from __future__ import annotations

from dfguard.shell.packages.table import Table, actions, words

TABLE = Table(
    verbs=actions(
        install="install i in ins inst insta instal isnt isnta isntal isntall add ci clean-install ic install-clean"
        " isntall-clean install-test it install-ci-test cit clean-install-test sit",
        upgrade="update up upgrade udpate",
        remove="uninstall un unlink remove rm r",
        clean="cache_clean cache_clear cache_rm",
        other="cache",
    ),
    lists=words("ci clean-install ic install-clean isntall-clean install-ci-test cit clean-install-test sit"),
    valued=words(
        "-C -w --access --also --arch --audit-level --auth-type --before --ca --cache --cafile --cert --cpu --depth"
        " --dist-url --disturl --fetch-retries --fetch-retry-factor --fetch-retry-maxtimeout --fetch-retry-mintimeout"
        " --fetch-timeout --globalconfig --https-proxy --include --install-strategy --key --libc --local-address"
        " --location --loglevel --logs-dir --maxsockets --node-options --noproxy --omit --only --os --otp"
        " --prefix --proxy --python --registry --replace-registry-host --save-prefix --scope --script-shell --shell"
        " --tag --target --target_arch --user-agent --userconfig --workspace"
    ),
    spellings=(
        ("-g", "--global"),
        ("-C", "--prefix"),
        ("-w", "--workspace"),
        ("-D", "--save-dev"),
        ("-E", "--save-exact"),
        ("-S", "--save", "-P", "--save-prod"),
        ("-O", "--save-optional"),
        ("-f", "--force"),
        ("-d", "--loglevel=info"),
        ("-s", "--silent", "--loglevel=silent"),
    ),
    package=r"(?P<name>(?:@[^/@\s]+/)?[^@/\s]+)(?:@(?P<version>.*))?",
    file=r"~?/|\.{1,2}(?:/|$)|file:|[^@]*\.(?:tgz|tar|tar\.gz)$",
    address=r"(?:(?:@[^/@\s]+/)?[^@/:\s]+@)?(?:[A-Za-z][\w+.-]*://|(?:github|gitlab|bitbucket|gist):|git@)|[^@./][^@/]*/[^@]+$",
    truth=True,
)
