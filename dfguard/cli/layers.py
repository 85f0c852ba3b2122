"""`dfguard layers`: the image that a build would make, layer by layer, without building it."""

from __future__ import annotations

from collections.abc import Sequence

from dfguard.cli.builds import add_build_options, builds_of
from dfguard.cli.context import files_of
from dfguard.cli.options import Parser, write_report
from dfguard.cli.progress import ProgressLine
from dfguard.errors import EXIT_CLEAN
from dfguard.report.layers.view import LayersView, view
from dfguard.secrets.redact import without_secrets_of, without_tokens


def parser() -> Parser:
    """The options of `layers`."""
    p = Parser("layers", "Foresee the image, layer by layer: what each holds, where it is from, what is wasted.")
    p.add_argument("dockerfile", nargs="?", metavar="DOCKERFILE", help="a Dockerfile or its folder (default: .)")
    add_build_options(p)
    p.add_argument("--format", choices=("plain", "json", "html"), default="plain", help="the report's format")
    p.add_argument("--files", metavar="N", type=int, default=10, help="so many files of each layer (10), in plain text")
    p.add_argument("--output", metavar="FILE", help="write the report to a file")
    return p


def run(arguments: Sequence[str]) -> int:
    """Print the report; what it says is no finding, so the exit code is 0."""
    options = parser().parse_args(arguments)
    with ProgressLine() as progress:
        views = [view(unit) for unit in builds_of(options, files_of(options), progress)]
    write_report(render(views, options.format, max(options.files, 0)), options.output)
    return EXIT_CLEAN


def render(views: Sequence[LayersView], form: str, most: int) -> str:
    """The builds in the format asked for; secrets that variables bring into paths are masked."""
    text = without_tokens(_render(views, form, most))
    for view_ in views:
        text = without_secrets_of(view_.graph.dockerfile.source.text, text)
    return text


def _render(views: Sequence[LayersView], form: str, most: int) -> str:
    if form == "json":
        from dfguard.report.layers.as_json import render as render_json

        return render_json(views)
    if form == "html":
        from dfguard.report.layers.html import render as render_html

        return render_html(views)
    from dfguard.report.layers.plain import render as render_plain

    return "\n".join(render_plain(each, most=most) for each in views)
