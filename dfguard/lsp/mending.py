"""Fixes that take more than a look: those made on request only, and all safe ones of a file at once."""

from __future__ import annotations

import os
from collections.abc import Mapping

from dfguard.buffers import Buffers
from dfguard.build_plan import Job
from dfguard.check import Settings
from dfguard.edit import UNSAFE, Fix
from dfguard.finding import Finding
from dfguard.fixing import PlanBench, Work
from dfguard.lsp.documents import IGNORE, kind_of
from dfguard.lsp.project import Project
from dfguard.settle import path_of, settle


def requested_fixes(project: Project, finding: Finding) -> tuple[tuple[Fix, ...], tuple[str, ...]]:
    """The fixes of a finding that are made on request only; if there are none, why."""
    wanted = _identity(finding)
    settings = Settings(wants_costly_fix=lambda found: _identity(found) == wanted)
    for job in _jobs(project, path_of(finding.place)):
        report = project.report(job, project.configs.of(job.path), settings)
        same = [found for found in report.outcome.findings if _identity(found) == wanted]
        made = tuple(fix for found in same for fix in found.fixes if fix not in finding.fixes)
        if same:
            return made, tuple(note for note in report.notes if "no fix:" in note)
    return (), ()


def all_fixed(project: Project, path: str, buffers: Buffers) -> Mapping[str, tuple[str, str]]:
    """The old and the new text of each file that changes when all safe fixes of one file are applied, by path."""
    real = os.path.realpath(path)

    def accept(finding: Finding, fix: Fix) -> bool:
        return fix.kind != UNSAFE and os.path.realpath(path_of(finding.place)) == real

    settings = Settings(project.settings.flags, project.settings.pedantic)
    named = (path,) if kind_of(os.path.basename(path)) == IGNORE else ()
    jobs = _jobs(project, path)
    work = Work(
        lambda texts: project.plan.but(jobs=jobs), lambda one: project.configs.of(one).config, settings, None, named
    )
    settled = settle(PlanBench(work), buffers, accept)
    changed: dict[str, tuple[str, str]] = {}
    for change in settled.applied:
        for source in change.sources.values():
            known = changed.get(os.path.realpath(source.path))
            new = settled.buffers.get(source.path)
            if new is not None:
                changed[os.path.realpath(source.path)] = (known[0] if known else source.text, new)
    return changed


def _jobs(project: Project, path: str) -> tuple[Job, ...]:
    """The jobs that a file is about: those of a Dockerfile, else all."""
    real = os.path.realpath(path)
    own = tuple(job for job in project.jobs if os.path.realpath(job.path) == real and job.inline is None)
    return own or project.jobs


def _identity(finding: Finding) -> tuple[object, ...]:
    return finding.code, finding.place, finding.message
