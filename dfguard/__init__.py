"""dfguard: a Dockerfile linter, a build-context guard and an image verifier."""

__version__ = "0.1.0"
