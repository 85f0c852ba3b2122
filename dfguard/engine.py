"""Runs rules over units and merges what they find.

The only place with a broad `except`: a rule that crashes becomes an error of the run that names the
rule and the file, and the next rule goes on. One that crashes while it makes a fix makes none, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from dfguard import catalog
from dfguard.catalog import Entry
from dfguard.edit import Fix, Refusal
from dfguard.errors import EXIT_USAGE, DfguardError
from dfguard.finding import Confidence, Finding, Found, Severity
from dfguard.masking import masked
from dfguard.rule import Fixer, Need, Rule
from dfguard.run import NotRun, RunError
from dfguard.struct import Struct
from dfguard.subjects import INSTRUCTION_TYPES, Site
from dfguard.unit import Unit

if TYPE_CHECKING:
    from dfguard.ignore_unit import IgnoreUnit
    from dfguard.image_unit import ImageUnit
    from dfguard.suppression_unit import SuppressionUnit

    AnyUnit = Unit | IgnoreUnit | ImageUnit | SuppressionUnit

# Subjects that only exist where one of these instructions does.
_BORN_FROM = {
    "ValueFlow": ("Arg", "Env", "Run", "Copy", "Add"),
    "HeredocSecret": ("Copy", "Add", "Run"),
    "SecretValue": ("Env", "Arg", "Label", "Run", "Add", "Cmd", "Entrypoint", "Healthcheck"),
    "Absent": ("Copy", "Add", "Run", "Onbuild"),
    "Taking": ("Copy", "Add", "Run", "Onbuild"),
    "Script": ("Run",),
    "StartScript": ("Cmd", "Entrypoint", "Healthcheck"),
    "StartProgram": ("Cmd", "Entrypoint"),
    "Command": ("Run",),
    "PackageCommand": ("Run",),
    "DependencyInstall": ("Run",),
    "RequirementFile": ("Run",),
    "Install": ("Run",),
}
# Subjects and required needs that a look at the file rules out, before the rule is imported.
_PRESENT: dict[str, Callable[[Unit], bool]] = {
    "Problem": lambda unit: bool(unit.problems),
    "VariableUse": lambda unit: "$" in unit.dockerfile.source.text,
    "HeredocSecret": lambda unit: "<<" in unit.dockerfile.source.text,
    "Frontend": lambda unit: unit.frontend is not None,
    "SecretCopy": lambda unit: _takes_files(unit),
    "PythonSecret": lambda unit: _takes_files(unit),
}
_BY_PROGRAM = ("Command", "PackageCommand", "Install")
_MISSING = dict.fromkeys(("BuildContext", "IgnoreEffects"), "no build context")


class Selected(Struct):
    """A rule that is switched on, with the severity and options that the configuration gives it."""

    entry: Entry
    severity: Severity
    options: dict[str, Any]


class Outcome(Struct):
    """What the rules say of one unit; each finding holds in that unit's build."""

    findings: tuple[Finding, ...]
    not_run: tuple[NotRun, ...]
    errors: tuple[RunError, ...]


def run(unit: AnyUnit, selection: Sequence[Selected]) -> Outcome:
    """Run all selected rules that can fire on a unit."""
    findings: list[Finding] = []
    not_run: list[NotRun] = []
    errors: list[RunError] = []
    path = unit.path
    visits = _Visits(unit)
    for selected in selection:
        entry = selected.entry
        if not visits.may_fire(entry):
            continue
        missing = _missing_need(entry, unit)
        if missing:
            not_run.append(NotRun(entry.code, path, missing))
            continue
        try:
            findings += _run_rule(selected, visits)
        except DfguardError:  # the run asks for something that does not exist: that is no rule's fault
            raise
        except Exception as error:  # noqa: BLE001  see the module's docstring
            errors.append(RunError(path, _crash(entry, error), EXIT_USAGE))
    if unit.context_error is not None:
        errors.append(RunError(unit.context_error.path, unit.context_error.reason))
    if isinstance(unit, Unit):
        errors += (RunError(error.path, error.reason) for error in unit.named_errors.values())
    return Outcome(tuple(findings), tuple(not_run), tuple(errors))


class _Visits:
    """What rules can visit in one unit, found out once for all of them."""

    def __init__(self, unit: AnyUnit) -> None:
        self.unit = unit
        self.subjects = unit.subjects
        self.needs = unit.needs
        self._may_be: dict[str, bool] = {}
        self._subjects: dict[str, Sequence[tuple[Any, Site]]] = {}

    def may_fire(self, entry: Entry) -> bool:
        """Whether a look at the file does not rule out that the rule fires."""
        unit = self.unit
        if not isinstance(unit, Unit):
            return any(subject in self.subjects for subject in entry.subjects)
        if any(not optional and name in _PRESENT and not _PRESENT[name](unit) for name, optional in entry.needs):
            return False
        for subject in entry.subjects:
            known = self._may_be.get(subject)
            if known is None:
                known = self._may_be[subject] = subject in self.subjects and _may_be(subject, unit)
            if known and not (entry.programs and subject in _BY_PROGRAM and unit.programs.isdisjoint(entry.programs)):
                return True
        return False

    def calls(self, entry: Entry) -> Iterator[tuple[Any, Site, list[Any]]]:
        """What a rule is called with: each subject with its site and needs, None for those that no unit gives."""
        unit, programs = self.unit, entry.programs
        needs = [(self.needs.get(name), optional) for name, optional in entry.needs]
        for name in entry.subjects:
            for subject, site in self.of(name):
                if (programs or not entry.onbuild) and not _visits(entry, subject, site):
                    continue
                given = []
                for need, optional in needs:
                    given.append(need(unit, site) if need is not None else None)
                    if given[-1] is None and need is not None and not optional:
                        break
                else:
                    yield subject, site, given

    def of(self, name: str) -> Sequence[tuple[Any, Site]]:
        """The subjects of a type."""
        known = self._subjects.get(name)
        if known is None:
            known = self._subjects[name] = tuple(self.subjects[name](self.unit)) if name in self.subjects else ()
        return known


def _may_be(subject: str, unit: Unit) -> bool:
    if subject in _PRESENT and not _PRESENT[subject](unit):
        return False
    keywords = (subject,) if subject in INSTRUCTION_TYPES else _BORN_FROM.get(subject, ())
    return not keywords or not unit.by_keyword.keys().isdisjoint(keywords)


def _takes_files(unit: Unit) -> bool:
    """Whether files may come from elsewhere: by COPY and ADD, by a mount, or with a named context."""
    taken = not unit.by_keyword.keys().isdisjoint(("Copy", "Add")) or "--mount" in unit.dockerfile.source.text
    return taken or bool(unit.invocation.named_contexts)


def _missing_need(entry: Entry, unit: AnyUnit) -> str | None:
    for name, optional in entry.needs:
        if not optional and name in _MISSING and unit.needs[name](unit, Site()) is None:
            return _MISSING[name]
    return None


def _run_rule(selected: Selected, visits: _Visits) -> Iterator[Finding]:
    """What a rule finds; it is not even imported if there is nothing that it would be called for."""
    rule: Rule | None = None
    options: Any = None
    places: tuple[int, ...] = ()
    for subject, site, needs in visits.calls(selected.entry):
        if rule is None:
            rule = catalog.load(selected.entry)
            options = _options(rule, selected)
            places = tuple(at for at, need in enumerate(rule.needs) if need.type not in visits.needs)
        for at in places:
            needs[at] = options
        for found in rule.check(subject, *needs):
            yield _finding(found, selected, rule, visits.unit, site)


def _options(rule: Rule, selected: Selected) -> Any:
    options_type = rule.options_type
    return options_type(**selected.options) if options_type else None


def _visited(rule: Rule, subjects: Sequence[str], options: Any, unit: AnyUnit) -> Iterator[tuple[Any, Site, list[Any]]]:
    """What a rule is called with: each subject with its site and needs."""
    for subject_type in subjects:
        if subject_type not in unit.subjects:
            continue
        for subject, site in unit.subjects[subject_type](unit):
            needs = _given(rule.needs, options, unit, site) if _visits(rule, subject, site) else None
            if needs is not None:
                yield subject, site, needs


def _given(
    needs: Sequence[Need], options: Any, unit: AnyUnit, site: Site, mended: Found | None = None
) -> list[Any] | None:
    """The further arguments of a rule's function; None where one that is required is not known.

    `mended` is what a fix is asked for, which a function may take as a `Found`.
    """
    known = unit.needs
    others = {"Found": mended}
    found = [known[need.type](unit, site) if need.type in known else others.get(need.type, options) for need in needs]
    lacking = any(value is None and not need.optional for value, need in zip(found, needs, strict=True))
    return None if lacking else found


def costly_fixes(unit: AnyUnit, selected: Selected, finding: Finding) -> tuple[Fix | Refusal, ...]:
    """The fixes of a finding that are made on request only, or why there are none; see `Rule.fix`."""
    fixer = catalog.load_fixer(selected.entry)
    if fixer is None:
        return ()
    options, sought = _options(fixer.rule, selected), (finding.place, finding.message)
    for subject, site, needs in _visited(fixer.rule, fixer.subjects, options, unit):
        same = (found for found in fixer.rule.check(subject, *needs) if (found.place, found.message) == sought)
        found = next(same, None)
        if found is not None:
            given = _given(fixer.needs, options, unit, site, found)
            return _made(fixer, selected.entry, subject, given) if given is not None else ()
    return ()


def _made(fixer: Fixer, entry: Entry, subject: Any, given: Sequence[Any]) -> tuple[Fix | Refusal, ...]:
    try:
        return tuple(fixer.make(subject, *given))
    except DfguardError:
        raise
    except Exception as error:  # noqa: BLE001  see the module's docstring
        return (Refusal(_crash(entry, error)),)


def _visits(rule: Rule | Entry, subject: Any, site: Site) -> bool:
    if site.instruction is not None and site.instruction.onbuild and not rule.onbuild:
        return False
    if not rule.programs:
        return True
    program = getattr(subject, "manager", None) or getattr(subject, "program", None)
    return program is None or program in rule.programs


def _finding(found: Found, selected: Selected, rule: Rule, unit: AnyUnit, site: Site) -> Finding:
    confidence = found.confidence
    needs_base = any(need.type == "Base" and not need.optional for need in rule.needs)
    if needs_base and isinstance(unit, Unit) and site.stage is not None and not unit.base(site.stage).known:
        confidence = Confidence.LOW
    severity = selected.severity if selected.severity is not selected.entry.severity else None
    return Finding(
        rule.code,
        rule.name,
        severity or found.severity or rule.severity,
        confidence,
        masked(found.message),
        found.place,
        tuple(related.but(message=masked(related.message)) for related in found.related),
        found.fixes,
        found.claim,
        rule.peers,
        unit.builds,
        found.secret,
    )


def _crash(entry: Entry, error: Exception) -> str:
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    where = f" at {at.tb_frame.f_globals.get('__name__')}:{at.tb_lineno}" if at else ""
    text = " ".join(str(error).split())[:120]
    return f"rule {entry.code} crashed{where} ({type(error).__name__}: {text}); please report it"


def merge(outcomes: Iterable[Outcome], builds: Sequence[str] = ()) -> Outcome:
    """Join the outcomes of all builds of one file: equal findings become one that lists its builds.

    `builds` are the names of all of them. A fix stays only if every build has the finding and offers the
    same one; the worst severity and the surest confidence count.
    """
    outcomes = tuple(outcomes)
    not_run = dict.fromkeys(entry for outcome in outcomes for entry in outcome.not_run)
    errors = dict.fromkeys(error for outcome in outcomes for error in outcome.errors)
    findings = joined(finding for outcome in outcomes for finding in outcome.findings)
    if builds:
        findings = tuple(_apart(finding, builds) for finding in findings)
    return Outcome(findings, tuple(not_run), tuple(errors))


def joined(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings with equal ones made one."""
    merged: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        key = (finding.code, finding.place, finding.message)
        known = merged.get(key)
        merged[key] = _join(known, finding) if known else finding
    return tuple(merged.values())


def _apart(finding: Finding, builds: Sequence[str]) -> Finding:
    """The finding with the builds that it does not hold in; a fix would change those too."""
    others = tuple(name for name in builds if name not in finding.builds)
    return finding.but(not_in=others, fixes=()) if others else finding


def _join(left: Finding, right: Finding) -> Finding:
    builds = tuple(dict.fromkeys((*left.builds, *right.builds)))
    fixes = tuple(fix for fix in left.fixes if fix in right.fixes)
    severity = min(left.severity, right.severity, key=lambda severity: severity.rank)
    confidence = min(left.confidence, right.confidence, key=lambda confidence: confidence.rank)
    related = tuple(dict.fromkeys((*left.related, *right.related)))
    return left.but(builds=builds, related=related, fixes=fixes, severity=severity, confidence=confidence)
