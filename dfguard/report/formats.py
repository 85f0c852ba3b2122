"""The formats of a report on findings, each made by a module of its own that is imported when asked for."""

from __future__ import annotations

from dfguard.run import Result

MODULES = {
    "json": "json_report",
    "sarif": "sarif",
    "rdjson": "rdjson",
    "rdjsonl": "rdjsonl",
    "github": "github",
    "gitlab": "gitlab",
    "checkstyle": "checkstyle",
    "junit": "junit",
    "sonarqube": "sonarqube",
    "github-review": "github_review",
    "gitlab-review": "gitlab_review",
}
REVIEWS = ("github-review", "gitlab-review")  # which need a change
FORMATS = ("plain", *MODULES)
WITH_FIXES = frozenset(("sarif", "rdjson", "rdjsonl", *REVIEWS))


def render(result: Result, form: str) -> str:
    """The report in any format but `plain`, which depends on where it is shown."""
    from importlib import import_module

    if result.verification is not None and form != "json":
        from dfguard.report.verdicts import fit, with_verdicts

        notes = (*fit(result.verification), *result.notes)
        result = with_verdicts(result, in_message=form != "sarif").but(notes=notes)
    return str(import_module(f"dfguard.report.{MODULES[form]}").render(result))
