"""The options of all commands that look for secrets: with which engine, and what is said of what was passed over."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from dfguard.cli.main import printable
from dfguard.cli.options import Parser

if TYPE_CHECKING:
    from dfguard.image.model import Image
    from dfguard.run import Skipped
    from dfguard.secrets.scanner import Deep
    from dfguard.secrets.skips import Skip
    from dfguard.unit import Unit


def add_secret_options(parser: Parser) -> None:
    """Add the group `secrets`."""
    group = parser.add_argument_group("secrets")
    group.add_argument("--deep-secrets", action="store_true", help="ask kingfisher's rules too, if it is installed")
    group.add_argument("--show-skipped", action="store_true", help="list the files that were not looked into")


def deep_of(options: argparse.Namespace) -> Deep | None:
    """The deep engine if it is asked for; raises UsageError where it is not installed."""
    if not getattr(options, "deep_secrets", False):
        return None
    from dfguard.secrets.deep import load

    return load()


def say_skipped(skips: Iterable[Skip | Skipped]) -> None:
    """List what was not looked into, one line each."""
    for skip in skips:
        sys.stderr.write(f"dfguard: {printable(skip.path)}: {skip.reason}: {printable(skip.detail)}\n")


def say_skipped_of(units: Iterable[Unit], options: argparse.Namespace) -> None:
    """Count what some builds did not look into, and list it if that is asked for."""
    from dfguard.check import skipped_note
    from dfguard.file_check import skipped_of

    skipped = tuple(dict.fromkeys(skip for unit in units for skip in skipped_of(unit)))
    for note in skipped_note(skipped):
        sys.stderr.write(f"dfguard: {note}\n")
    say_skipped(skipped if options.show_skipped else ())


def skips_of(image: Image) -> Iterable[Skip]:
    """What was not looked into in all layers of an image."""
    return (skip for layer in image.layers for skip in layer.content.skips)
