"""dnf, dnf5, microdnf, yum and tdnf. Source: dnf(8) 4.18, dnf5(8), yum(8) 3.4, microdnf(8).

`name-version` can't be told from a name such as `gcc-toolset-12` or `dotnet-sdk-8.0` without the
repository, so a version is only read where it has three parts, a release or a pattern.
"""

from __future__ import annotations

from dfguard.shell.packages.table import Table, actions, words

TABLE = Table(
    verbs=actions(
        install="install reinstall localinstall groupinstall group_install module_install in",
        update="makecache check-update",
        upgrade="update upgrade upgrade-minimal update-minimal distro-sync dist-upgrade localupdate up",
        remove="remove erase autoremove rm module_remove group_remove groupremove",
        clean="clean",
        other="group module",
    ),
    valued=words(
        "-R -c -d -e -x --advisory --advisories --arch --bz --bzs --color --comment --config --cve --cves"
        " --debuglevel --destdir --disableexcludes --disableplugin --disablerepo --downloaddir --enableplugin"
        " --enablerepo --errorlevel --exclude --excludepkgs --forcearch --from-repo --installroot --randomwait"
        " --releasever --repo --repofrompath --repoid --rpmverbosity --sec-severity --setopt --setvar"
    ),
    spellings=(
        ("-y", "--assumeyes"),
        ("-q", "--quiet"),
        ("-c", "--config"),
        ("-x", "--exclude", "--excludepkgs"),
        ("--repo", "--repoid"),
        ("-b", "--best"),
        ("-C", "--cacheonly"),
    ),
    package=(
        r"(?P<name>[^\s<>=]+?)"
        r"(?:-(?P<version>(?:\d+:)?\d[\w.~^+]*(?:-[\w.~^+]*\d[\w.~^+*]*|[*])|\d+\.\d+\.\d[\w.~^+*]*)"
        r"|\s*[<>=]+\s*(?P<constraint>.+))?"
    ),
    file=r"~?/.*\.rpm$|\.{1,2}/|.*\.rpm$",
)
