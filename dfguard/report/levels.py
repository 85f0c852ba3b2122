"""Severities in the words of other programs."""

from __future__ import annotations

from dfguard.finding import Severity

_ERROR, _WARNING, _INFO, _HINT = Severity.ERROR, Severity.WARNING, Severity.INFO, Severity.HINT

REVIEWDOG = {_ERROR: "ERROR", _WARNING: "WARNING", _INFO: "INFO", _HINT: "INFO"}
GITHUB = {_ERROR: "error", _WARNING: "warning", _INFO: "notice", _HINT: "notice"}
GITLAB = {_ERROR: "critical", _WARNING: "major", _INFO: "minor", _HINT: "info"}
SONARQUBE = {_ERROR: "CRITICAL", _WARNING: "MAJOR", _INFO: "MINOR", _HINT: "INFO"}
CHECKSTYLE = {_ERROR: "error", _WARNING: "warning", _INFO: "info", _HINT: "info"}
