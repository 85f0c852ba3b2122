"""Compares our reading of compose and bake files with that of the real programs, over folders of repositories.

    python benchmarks/builds.py FOLDER... [--show N]

Each project that both read is compared build by build: context, Dockerfile, target, arguments, named contexts,
secrets and platforms. `docker compose` and `docker buildx` must be there (tests/engine/up.sh brings both; no
daemon is asked). Nothing is built.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "builds"))

from real_programs import Build, compose_config, own_reading

from dfguard.build_files import COMPOSE_NAMES, project_of
from dfguard.context.invocations.compose import builds_of
from dfguard.context.invocations.compose_files import load
from dfguard.context.invocations.territory import Territory
from dfguard.discovery import discover, read_source
from dfguard.errors import InputError


def compose(path: str, territory: Territory) -> tuple[dict[str, Build] | str, dict[str, Build] | str]:
    """Both readings of a compose project, or why there is none."""
    project = project_of(path, territory)
    folder = Path(os.path.abspath(os.path.dirname(project.paths[0]) or "."))
    try:
        paths = [os.path.abspath(name) for name in project.paths]
        model = load(paths, territory, {})
        found = {(build.name.rpartition(":")[2]): own_reading(build, folder) for build in builds_of(model, paths, "")}
        own: dict[str, Build] | str = found if not model.notes else model.notes[0]
    except InputError as error:
        own = str(error)
    args = [word for name in paths for word in ("-f", name)]
    try:
        return own, compose_config(folder, [*args, "--profile", "*"])
    except (AssertionError, subprocess.TimeoutExpired, KeyError) as error:
        return own, str(error).strip().splitlines()[-1][:200] if str(error).strip() else "nothing"


def main() -> int:
    """Compare and print the counts and the first differences."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--show", type=int, default=20)
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    shown = 0
    for top in options.folders:
        found = discover([top])
        territory = Territory(os.path.abspath(top), read_source)
        for path in found.build_files:
            if os.path.basename(path) not in COMPOSE_NAMES:
                continue
            own, real = compose(path, territory)
            if isinstance(own, str) or isinstance(real, str):
                kind = "both refuse" if isinstance(own, str) and isinstance(real, str) else "one refuses"
                counts[f"projects: {kind}"] += 1
                if kind == "one refuses" and shown < options.show:
                    shown += 1
                    said = (reading if isinstance(reading, str) else "fine" for reading in (own, real))
                    print(f"{path}\n  own:  {next(said)}\n  real: {next(said)}")
                continue
            counts["projects: both read"] += 1
            counts["builds"] += len(real)
            for name in {**own, **real}:
                if own.get(name) == real.get(name):
                    counts["builds: equal"] += 1
                elif shown < options.show:
                    shown += 1
                    print(f"{path}: {name}\n  own:  {own.get(name)}\n  real: {real.get(name)}")
    for name, count in sorted(counts.items()):
        print(f"{count:6} {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
