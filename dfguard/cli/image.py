"""`dfguard image`: what an image holds, layer by layer, and what it wastes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from dfguard import engine
from dfguard.check import select
from dfguard.cli.check import add_output_options, add_rule_options
from dfguard.cli.check import render as render_findings
from dfguard.cli.configurations import Configurations
from dfguard.cli.extract import extract
from dfguard.cli.main import printable
from dfguard.cli.options import PLAIN_AND_JSON, Parser, write_report
from dfguard.cli.progress import ProgressLine
from dfguard.cli.reading import IMAGE_HELP, add_reading_options, wanted_of
from dfguard.cli.sbom import Bills
from dfguard.cli.secret_options import add_secret_options, say_skipped, skips_of
from dfguard.discovery import read_source
from dfguard.errors import EXIT_CLEAN, EXIT_FINDINGS, EXIT_USAGE
from dfguard.image.base import base_of
from dfguard.image.opening import compare_base, open_image
from dfguard.image_unit import ImageUnit, skipped
from dfguard.report.formats import FORMATS, REVIEWS
from dfguard.report.image.gates import Breach, Gates, read_dive_ci, read_gates
from dfguard.report.image.summary import Summary, summarize
from dfguard.run import Result, exit_code, in_order, sure
from dfguard.secrets.redact import without_tokens

OF_FINDINGS = tuple(form for form in FORMATS if form not in (*PLAIN_AND_JSON, *REVIEWS))  # which tell nothing else


def parser() -> Parser:
    """The options of `image`."""
    p = Parser("image", "Show what an image holds, layer by layer, and what it wastes.")
    p.add_argument("image", metavar="IMAGE", help=IMAGE_HELP)
    p.add_argument("--tag", metavar="TAG", default="", help="the image of this tag, of several in an archive")
    p.add_argument("--platform", metavar="OS/ARCH", default="", help="the image of this platform")
    p.add_argument("--base", metavar="IMAGE", default="", help="what it was built on: is it still, and what was added")
    p.add_argument("--extract", metavar="LAYER:PATH", default="", help="only write this file of this layer (to -o)")
    gates = p.add_argument_group("gates", "dive's, by its own formula; the exit code is 1 if one is not passed")
    gates.add_argument("--lowest-efficiency", metavar="N", help="least efficiency, from 0 to 1")
    gates.add_argument("--highest-wasted-bytes", metavar="SIZE", help="most bytes wasted, such as 20MB")
    gates.add_argument(
        "--highest-user-wasted-percent", metavar="N", help="most of what is above the first layer, 0 to 1"
    )
    gates.add_argument("--dive-ci", metavar="FILE", help="read the gates from a .dive-ci file")
    add_rule_options(p)
    add_secret_options(p)
    add_reading_options(p)
    out = add_output_options(p, (*PLAIN_AND_JSON, "html", *OF_FINDINGS))
    p.set_defaults(exclude=[], preview_fixes=False)
    out.add_argument("--largest", metavar="N", type=int, default=10, help="so many of the largest wasted files (10)")
    out.add_argument(
        "--sbom",
        metavar="FORMAT[=FILE]",
        action="append",
        default=[],
        help="write a bill of materials, cyclonedx or spdx; without FILE in place of the report",
    )
    out.add_argument("--packages", action="store_true", help="list the packages of all layers")
    return p


def run(arguments: Sequence[str]) -> int:
    """Print the report; the exit code is 1 for findings and for an image that does not pass its gates."""
    options = parser().parse_args(arguments)
    if options.extract:
        extract(options.image, options.extract, options.output, tag=options.tag, platform=options.platform)
        return EXIT_CLEAN
    gates = gates_of(options)
    bills = Bills(options.sbom)
    config = Configurations(options).of(options.image)
    with ProgressLine() as progress:
        wanted = wanted_of(options, lambda path, count: progress.read(count), packages=True)
        image = open_image(options.image, wanted, tag=options.tag, platform=options.platform)
        base = compare_base(image, options.base) if options.base else base_of(image)
        summary = summarize(image, base)
        outcome = engine.run(ImageUnit(image, summary.view, base.layers or None), select(config))
    shown = sure(outcome.findings, options.pedantic or config.shows_all())
    result = Result(in_order(shown), len(outcome.findings) - len(shown), errors=outcome.errors, notes=skipped(image))
    for note in (*result.notes, *(error.message for error in result.errors)):
        sys.stderr.write(f"dfguard: {printable(note)}\n")
    say_skipped(skips_of(image) if options.show_skipped else ())
    breaches = gates.breaches(summary.dive)
    for breach in breaches if options.format in OF_FINDINGS else ():
        sys.stderr.write(f"dfguard: {breach}\n")
    bills.write(summary)
    write_report(bills.report(summary) or _render(options, summary, breaches, result), options.output)
    for form, file in options.outputs:
        write_report(_render(argparse.Namespace(**vars(options) | {"format": form}), summary, breaches, result), file)
    code = exit_code(result, fail_on=config.fail_on, min_confidence=config.min_confidence, nothing_found=False)
    failed = bool(breaches) or code == EXIT_FINDINGS
    return code if code == EXIT_USAGE else EXIT_FINDINGS if failed and not options.exit_zero else EXIT_CLEAN


def _render(options: argparse.Namespace, summary: Summary, breaches: tuple[Breach, ...], result: Result) -> str:
    """The report in its format; tokens in names of files and words of commands are masked."""
    return without_tokens(_in_format(options, summary, breaches, result))


def _in_format(options: argparse.Namespace, summary: Summary, breaches: tuple[Breach, ...], result: Result) -> str:
    if options.format == "json":
        from dfguard.report.image.as_json import render as render_json

        return render_json(summary, breaches, result, packages=options.packages)
    if options.format == "html":
        from dfguard.report.image.html import Explorer

        page = Explorer(summary, result.findings, breaches, hidden=result.hidden)
        if page.left_out:
            sys.stderr.write(f"dfguard: {printable(page.left_out)}\n")
        return page.render()
    if options.format in OF_FINDINGS:
        return render_findings(result, options)
    from dfguard.report.image.plain import render

    text = render(summary, breaches, largest=max(options.largest, 0), packages=options.packages)
    return f"{text}\n{render_findings(result, options)}" if result.findings or result.hidden else text


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
