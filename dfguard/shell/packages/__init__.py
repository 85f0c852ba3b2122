"""Package managers: their command lines as data, and a reader that turns commands into installs."""

from __future__ import annotations

from dfguard.shell.packages.model import Install, Option, Package, PackageCommand
from dfguard.shell.packages.read import package_commands, read_package_command

__all__ = ["Install", "Option", "Package", "PackageCommand", "package_commands", "read_package_command"]
