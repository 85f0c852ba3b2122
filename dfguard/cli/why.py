"""`dfguard why PATH`: the whole story of one file or folder of a build context."""

from __future__ import annotations

import os
from collections.abc import Sequence

from dfguard.cli.builds import add_build_options, builds_of
from dfguard.cli.context import all_seen, files_of
from dfguard.cli.options import Parser, write_report
from dfguard.cli.progress import ProgressLine
from dfguard.cli.secret_options import add_secret_options, say_skipped_of
from dfguard.context.ignore import clean
from dfguard.errors import EXIT_CLEAN, InputError
from dfguard.report.context import why_plain
from dfguard.report.context.story import Story, tell
from dfguard.report.context.view import ContextView


def parser() -> Parser:
    """The options of `why`."""
    p = Parser("why", "Tell the whole story of a path: which line keeps or drops it, which takes it, whether it ships.")
    p.add_argument("path", metavar="PATH", help="a file or folder, relative to here or to the build context")
    p.add_argument(
        "dockerfile", nargs="?", metavar="DOCKERFILE", help="a Dockerfile, a compose or bake file, or its folder (.)"
    )
    add_build_options(p)
    add_secret_options(p)
    p.add_argument("--format", choices=("plain", "json"), default="plain", help="the story's format")
    p.add_argument("--output", metavar="FILE", help="write the story to a file")
    return p


def run(arguments: Sequence[str]) -> int:
    """Print the story; what it says is no finding, so the exit code is 0."""
    options = parser().parse_args(arguments)
    with ProgressLine() as progress:
        units = builds_of(options, files_of(options), progress)
        views = meant(options.path, [all_seen(unit) for unit in units])
    say_skipped_of(units, options)
    stories = [(view, tell(view, inside(options.path, view.context.root))) for view in views]
    write_report(render(stories, options.format), options.output)
    return EXIT_CLEAN


def render(stories: Sequence[tuple[ContextView, Story]], form: str) -> str:
    """The stories in the format asked for."""
    if form == "json":
        from dfguard.report.context.as_json import render_stories

        return render_stories(stories)
    return why_plain.render_all(stories)


def meant(path: str, builds: Sequence[Sequence[ContextView]]) -> list[ContextView]:
    """The views, of all those of some builds, from the contexts that hold the path.

    If none does, those from the build contexts that it would lie in.
    """
    found = [view for views in builds for view in views if holds(path, view.context.root)]
    mains = [views[0] for views in builds]
    around = [view for view in mains if _from(path, view.context.root) is not None or not os.path.lexists(path)]
    return found or around or mains[:1]


def holds(path: str, root: str) -> bool:
    """Whether a path, as seen from here or from the root of a context, is there in it."""
    lies_in = _from(path, root) is not None and os.path.lexists(path)
    return lies_in or os.path.lexists(os.path.join(root, clean("/" + path)[1:]))


def _from(path: str, root: str) -> str | None:
    """The path as seen from the root of a context, None when it lies outside."""
    here = os.path.relpath(os.path.join(os.path.realpath("."), path), os.path.realpath(root))
    return None if here == ".." or here.startswith("../") else here


def inside(path: str, root: str) -> str:
    """The path relative to the context: as seen from here if that lies in it and is there, else as seen from its root.

    Raises InputError for a path outside.
    """
    here = _from(path, root)
    from_root = clean("/" + path)[1:]
    if here is not None and os.path.lexists(path):
        return clean("/" + here)[1:]
    if os.path.lexists(os.path.join(root, from_root)) or here is None:
        if os.path.lexists(path) and not os.path.lexists(os.path.join(root, from_root)):
            raise InputError(path, f"lies outside of the build context {root}")
        return from_root
    return clean("/" + here)[1:]
