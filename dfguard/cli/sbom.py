"""The option `--sbom FORMAT[=FILE]`: which bills of materials go where."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dfguard.cli.main import near
from dfguard.cli.options import write_report
from dfguard.errors import UsageError
from dfguard.report.image.summary import Summary
from dfguard.report.sbom.parts import CYCLONEDX, SPDX


class Bills:
    """The bills that are asked for; made of the option's values. Raises UsageError for wrong ones."""

    def __init__(self, asked: Sequence[str]) -> None:
        pairs = [value.partition("=") for value in asked]
        for form, equals, file in pairs:
            if form not in (CYCLONEDX, SPDX):
                raise UsageError(f"--sbom {form}: no such format{near(form, (CYCLONEDX, SPDX))}")
            if equals and not file:
                raise UsageError(f"--sbom {form}=: expected the name of a file behind `=`")
            renderer(form)  # to say now that a library is absent, and not when all is read
        self._files = [(form, file) for form, _, file in pairs if file]
        self._report = [form for form, equals, _ in pairs if not equals]
        if len(self._report) > 1:
            raise UsageError("--sbom: one bill can take the place of the report; give the others a FILE")

    def write(self, summary: Summary) -> None:
        """Write those that have a file of their own. Raises UsageError if that can't be."""
        for form, file in self._files:
            write_report(renderer(form)(summary), file)

    def report(self, summary: Summary) -> str:
        """The one that takes the place of the report, "" for none."""
        return renderer(self._report[0])(summary) if self._report else ""


def renderer(form: str) -> Callable[[Summary], str]:
    """What renders one format. Raises UsageError where its library is not installed."""
    try:
        if form == SPDX:
            from dfguard.report.sbom.spdx import render as render_spdx

            return render_spdx
        from dfguard.report.sbom.cyclonedx import render

        return render
    except ImportError as error:
        raise UsageError(
            f"--sbom {form} needs {(error.name or '').partition('.')[0]}: pip install 'dockerfile-guard[sbom]'"
        ) from None
