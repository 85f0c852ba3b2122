"""`dfguard verify`: hold the findings of a Dockerfile against the image that was built from it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from dfguard import engine
from dfguard.check import select
from dfguard.claim import CONFIRMED, NOT_VERIFIABLE
from dfguard.cli.builds import add_build_options, builds_of
from dfguard.cli.check import add_output_options, add_rule_options, report
from dfguard.cli.configurations import Configurations
from dfguard.cli.context import files_of
from dfguard.cli.main import printable
from dfguard.cli.options import Parser
from dfguard.cli.progress import ProgressLine
from dfguard.cli.reading import IMAGE_HELP, add_reading_options, wanted_of
from dfguard.cli.secret_options import add_secret_options, say_skipped, skips_of
from dfguard.config import Config
from dfguard.errors import EXIT_CLEAN, EXIT_FINDINGS, EXIT_USAGE
from dfguard.finding import Finding
from dfguard.image.claim_paths import ClaimedFiles
from dfguard.image.opening import open_image
from dfguard.image_unit import skipped
from dfguard.report.formats import FORMATS, REVIEWS
from dfguard.report.verdicts import fit
from dfguard.run import Build, Result, fails, in_order, sure
from dfguard.suppress import read_suppressions, split
from dfguard.unit import Unit
from dfguard.verify import unforeseen, verify


def parser() -> Parser:
    """The options of `verify`."""
    p = Parser("verify", "Hold the findings of a Dockerfile against the image that was built from it.")
    p.add_argument("dockerfile", nargs="?", metavar="DOCKERFILE", help="a Dockerfile or its folder (default: .)")
    image = p.add_argument_group("image")
    image.add_argument("--image", metavar="IMAGE", required=True, help=IMAGE_HELP)
    image.add_argument("--tag", metavar="TAG", default="", help="the image of this tag, of several in an archive")
    image.add_argument("--platform", metavar="OS/ARCH", default="", help="the image of this platform")
    add_build_options(p)
    add_rule_options(p)
    add_secret_options(p)
    add_reading_options(p)
    out = add_output_options(p, tuple(form for form in FORMATS if form not in REVIEWS))
    out.add_argument("--fail-on-unverified", action="store_true", help="what can't be verified fails, too")
    p.set_defaults(exclude=[], preview_fixes=False)
    return p


def run(arguments: Sequence[str]) -> int:
    """Check, verify and report; the exit code is 1 for confirmed findings (docs/exit-codes.md)."""
    options = parser().parse_args(arguments)
    configs = Configurations(options)
    with ProgressLine() as progress:
        unit, *others = builds_of(options, files_of(options), progress)
        if others:
            other = ", ".join(dict.fromkeys(each.invocation.name for each in others))
            sys.stderr.write(f"dfguard: held against {unit.invocation.name}; --build NAME takes {printable(other)}\n")
        config = configs.of(unit.path)
        result = _checked(unit, config, pedantic=options.pedantic or config.shows_all())
        claimed = ClaimedFiles(finding.claim for finding in result.findings if finding.claim is not None)
        image = open_image(
            options.image, wanted_of(options, claimed=claimed), tag=options.tag, platform=options.platform
        )
        verified = verify(unit, result.findings, image)
        more = unforeseen(verified, image, select(config))
    result = result.but(
        findings=in_order((*verified.findings, *sure(more.findings, options.pedantic or config.shows_all()))),
        errors=(*result.errors, *more.errors),
        notes=skipped(image),
        verification=verified.verification,
    )
    fits = () if options.format in ("plain", "json") else fit(verified.verification)
    for note in (*fits, *result.notes):
        sys.stderr.write(f"dfguard: {printable(note)}\n")
    say_skipped(skips_of(image) if options.show_skipped else ())
    for error in result.errors:
        sys.stderr.write(f"dfguard: {printable(error.path)}: {printable(error.message)}\n")
    report(result, options)
    return _code(result, options, config)


def _checked(unit: Unit, config: Config, *, pedantic: bool) -> Result:
    """The findings of one build, suppressed ones left out."""
    outcome = engine.merge([engine.run(unit, select(config))])
    shown, silenced, _ = split(outcome.findings, read_suppressions(unit.dockerfile))
    kept = sure(shown, pedantic)
    invocation = unit.invocation
    build = Build(invocation.name, unit.path, invocation.context, invocation.target, invocation.source)
    return Result(kept, len(shown) - len(kept), len(silenced), outcome.not_run, outcome.errors, (unit.path,), (build,))


def _code(result: Result, options: argparse.Namespace, config: Config) -> int:
    if result.errors:
        return EXIT_USAGE
    counted = (CONFIRMED, NOT_VERIFIABLE) if options.fail_on_unverified else (CONFIRMED,)

    def counts(finding: Finding) -> bool:
        verdict = finding.verdict
        return verdict is not None and verdict.kind in counted and fails(finding, config.fail_on, config.min_confidence)

    strange = options.fail_on_unverified and result.verification is not None and not result.verification.belongs
    failed = not options.exit_zero and (strange or any(counts(finding) for finding in result.findings))
    return EXIT_FINDINGS if failed else EXIT_CLEAN
