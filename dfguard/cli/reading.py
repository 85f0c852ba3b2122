"""The options of all commands that read images: with how many processes, and whether from the cache."""

from __future__ import annotations

import argparse
import os

from dfguard.cache import Cache, cache_folder
from dfguard.cli.options import Parser
from dfguard.cli.secret_options import deep_of
from dfguard.image.claim_paths import ClaimedFiles, ReadAgain
from dfguard.image.layer import Wanted
from dfguard.image.layer_cache import LayerCache
from dfguard.image.packages.reader import PackageReader
from dfguard.image.runtime import is_account_file, masked
from dfguard.image_unit import IMAGE_LIMITS
from dfguard.secrets.scanner import Progress, SecretScanner

IMAGE_HELP = "an archive, an OCI folder, - for stdin, docker:NAME, podman:NAME or registry:NAME"
_JOBS = 2  # each takes some 100 MB of memory


def add_reading_options(parser: Parser) -> None:
    """Add the group `reading`."""
    group = parser.add_argument_group("reading")
    group.add_argument("--jobs", metavar="N", type=int, default=0, help="read layers in N processes (1 or 2)")
    group.add_argument("--no-cache", action="store_true", help="read all layers anew, and remember none of them")


def wanted_of(
    options: argparse.Namespace,
    progress: Progress | None = None,
    *,
    packages: bool = False,
    claimed: ClaimedFiles | None = None,
) -> Wanted:
    """What layers are asked for, with the contents of `claimed` files.

    Raises UsageError for --deep-secrets where kingfisher is not installed.
    """
    deep = deep_of(options)
    cache = None if options.no_cache else _cache(deep=deep is not None, packages=packages)
    return Wanted(
        scanner=SecretScanner(IMAGE_LIMITS, progress, deep=deep),
        keeps=(lambda path: is_account_file(path) or claimed(path)) if claimed else is_account_file,
        reader=PackageReader() if packages else None,
        cache=ReadAgain(cache, claimed) if cache is not None and claimed else cache,
        jobs=options.jobs if options.jobs > 0 else min(_JOBS, _processors()),
    )


def _cache(*, deep: bool, packages: bool) -> LayerCache | None:
    folder = cache_folder()
    if folder is None:
        return None
    asked = f"packages={packages} deep={_kingfisher() if deep else ''}"
    return LayerCache(Cache(folder), asked, masked)


def _kingfisher() -> str:
    from importlib.metadata import version

    return version("kingfisher-secret-scanner")


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
