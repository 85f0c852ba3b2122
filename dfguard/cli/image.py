"""`dfguard image`: what an image holds, layer by layer, and what it wastes."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from dfguard.cli.options import Parser, write_report
from dfguard.discovery import read_source
from dfguard.errors import EXIT_CLEAN, EXIT_FINDINGS
from dfguard.image.opening import open_image
from dfguard.report.image.gates import Gates, read_dive_ci, read_gates
from dfguard.report.image.summary import summarize


def parser() -> Parser:
    """The options of `image`."""
    p = Parser("image", "Show what an image holds, layer by layer, and what it wastes.")
    p.add_argument("image", metavar="IMAGE", help="an archive, an OCI folder, or - for standard input")
    p.add_argument("--tag", metavar="TAG", default="", help="the image of this tag, of several in an archive")
    p.add_argument("--platform", metavar="OS/ARCH", default="", help="the image of this platform")
    gates = p.add_argument_group("gates", "dive's, by its own formula; the exit code is 1 if one is not passed")
    gates.add_argument("--lowest-efficiency", metavar="N", help="least efficiency, from 0 to 1")
    gates.add_argument("--highest-wasted-bytes", metavar="SIZE", help="most bytes wasted, such as 20MB")
    gates.add_argument(
        "--highest-user-wasted-percent", metavar="N", help="most of what is above the first layer, 0 to 1"
    )
    gates.add_argument("--dive-ci", metavar="FILE", help="read the gates from a .dive-ci file")
    out = p.add_argument_group("output")
    out.add_argument("--format", choices=("plain", "json"), default="plain", help="the report's format")
    out.add_argument("--largest", metavar="N", type=int, default=10, help="so many of the largest wasted files (10)")
    out.add_argument("--output", metavar="FILE", help="write the report to a file")
    return p


def run(arguments: Sequence[str]) -> int:
    """Print the report; the exit code is 1 for an image that does not pass its gates."""
    options = parser().parse_args(arguments)
    gates = gates_of(options)
    summary = summarize(open_image(options.image, tag=options.tag, platform=options.platform))
    breaches = gates.breaches(summary.dive)
    if options.format == "json":
        from dfguard.report.image.as_json import render as render_json

        text = render_json(summary, breaches)
    else:
        from dfguard.report.image.plain import render

        text = render(summary, breaches, largest=max(options.largest, 0))
    write_report(text, options.output)
    return EXIT_FINDINGS if breaches else EXIT_CLEAN


def gates_of(options: argparse.Namespace) -> Gates:
    """The gates: those of a `.dive-ci` file, under the options. Raises UsageError and ConfigError for wrong ones."""
    given = read_gates(options.lowest_efficiency, options.highest_wasted_bytes, options.highest_user_wasted_percent)
    if options.dive_ci is None:
        return given
    file = read_dive_ci(options.dive_ci, read_source(options.dive_ci).text)
    return Gates(
        *(own if own is not None else other for own, other in zip(_values(given), _values(file), strict=True))  # type: ignore[arg-type]
    )


def _values(gates: Gates) -> tuple[float | None, int | None, float | None]:
    return gates.efficiency, gates.wasted_bytes, gates.user_wasted
