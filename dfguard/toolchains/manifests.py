"""Manifests and lock files, by the package manager that reads them. Sources: the managers' own documentation."""

from __future__ import annotations

from dfguard.struct import Struct


class Manifest(Struct):
    """What a package manager installs from.

    `files` are the names of the manifest, `locks` those of lock files, the usual one first; `strict` are the verbs and
    options with which the lock must be there and fit. `projects` are options without which an install takes in the
    sources beside the manifest, too ("" where it always does, None where it never does).
    """

    manager: str
    files: tuple[str, ...]
    locks: tuple[str, ...]
    strict: tuple[str, ...] = ()
    projects: tuple[str, ...] | None = None


MANIFESTS = (
    Manifest("npm", ("package.json",), ("package-lock.json", "npm-shrinkwrap.json"), ("ci", "clean-install")),
    Manifest("yarn", ("package.json",), ("yarn.lock",), ("--frozen-lockfile", "--immutable")),
    Manifest("pnpm", ("package.json",), ("pnpm-lock.yaml",), ("--frozen-lockfile",)),
    Manifest("bun", ("package.json",), ("bun.lock", "bun.lockb"), ("--frozen-lockfile",)),
    Manifest("bundle", ("Gemfile",), ("Gemfile.lock",), ("--frozen", "--deployment")),
    Manifest("composer", ("composer.json",), ("composer.lock",), (), ("--no-autoloader",)),
    Manifest("poetry", ("pyproject.toml",), ("poetry.lock",), (), ("--no-root",)),
    Manifest("pipenv", ("Pipfile",), ("Pipfile.lock",), ("--deploy", "--ignore-pipfile", "sync")),
    Manifest("uv", ("pyproject.toml",), ("uv.lock",), ("--frozen", "--locked"), ("--no-install-project",)),
    Manifest("go", ("go.mod",), ("go.sum",)),
)
BY_MANAGER = {manifest.manager: manifest for manifest in MANIFESTS}
