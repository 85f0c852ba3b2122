"""go install, go get and go mod download. Source: https://go.dev/ref/mod, `go help build` of Go 1.25.

A path whose first part has no dot is the standard library's or the main module's, never one of a host.
"""

from __future__ import annotations

from dfguard.shell.packages.table import Table, actions, words

TABLE = Table(
    verbs=actions(install="install get mod_download", clean="clean", other="mod"),
    valued=words(
        "-C -asmflags -buildmode -compiler -covermode -coverpkg -exec -gccgoflags -gcflags -installsuffix -ldflags -mod"
        " -modfile -o -overlay -p -pgo -pkgdir -reuse -tags -toolexec"
    ),
    single_dash=True,
    package=r"(?P<name>[^\s@]+)(?:@(?P<version>.+))?",
    file=r"~?/|\.{1,2}(?:/|$)|[^./@$]+(?:/[^@]*)?$|[^@]*\.go$",
    left_out=r"(?:all|cmd|std|tool|work)$",
)
