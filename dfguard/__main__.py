"""`python -m dfguard`."""

from dfguard.cli.main import console

console()
