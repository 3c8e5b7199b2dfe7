"""What a run finds and reports: findings, verdicts, coverage, roles and the scorecard, all immutable."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from refarch_lint.location import Location, Path
from refarch_lint.severity import Impact, Severity


class ResourceRef(NamedTuple):
    """The object a finding is about; fields are empty where the finding is about a file or a folder."""

    api_version: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


class Related(NamedTuple):
    """A second place that explains a finding: the other end of an edge, the first of two duplicates."""

    message: str
    location: Location


class Suppression(NamedTuple):
    """Why a finding is not counted: who said so (`comment`, `annotation`, `config` or `baseline`), why, and where."""

    source: str
    reason: str
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, at its exact place.

    `fingerprint` names the finding by rule, object and path, without any line number, so that it survives edits.
    """

    rule: str
    severity: Severity
    message: str
    resource: ResourceRef | None
    path: Path
    location: Location
    related: tuple[Related, ...] = ()
    fingerprint: str = ""
    suppressed: Suppression | None = None


def part_name(unit: str, namespaces: tuple[str, ...], application: str = "") -> str:
    """Return what a part of a unit is called: the unit and its application or namespaces; the unit alone for all."""
    part = f"application {application}" if application else ""
    if namespaces and not part:
        part = f"namespace{'s' if len(namespaces) > 1 else ''} {', '.join(namespaces)}"
    return part if part and unit in ("", ".") else ", ".join(filter(None, (unit, part)))


class Verdict(StrEnum):
    """The five verdicts of a checklist item."""

    PASS = "pass"
    FAIL = "fail"
    NOT_APPLICABLE = "not applicable"
    NOT_VERIFIABLE = "not verifiable"
    ATTESTED = "attested"


class RuleOutcome(NamedTuple):
    """How often a rule held: assertions passed, failed (suppressed ones apart), unverifiable (each with why)."""

    rule: str
    passed: int
    failed: int
    suppressed: int
    unverifiable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemVerdict:
    """The verdict on one checklist item with the evidence for it, one sentence each."""

    id: str
    section: str
    title: str
    verdict: Verdict
    evidence: tuple[str, ...]
    findings: int = 0
    rules: tuple[str, ...] = ()
    section_title: str = ""


class UnitScorecard(NamedTuple):
    """The checklist of one unit, and the architecture that it was held against (empty for none).

    Where parts of a unit are held against an architecture each, the card is about `namespaces`, or about the
    `application` of that name.
    """

    unit: str
    architecture: str
    checklist: tuple[ItemVerdict, ...]
    namespaces: tuple[str, ...] = ()
    application: str = ""

    @property
    def name(self) -> str:
        """The unit, and the part of it that the card is about."""
        return part_name(self.unit, self.namespaces, self.application)


class RoleAssignment(NamedTuple):
    """Which resource plays which role of an architecture, and why; the part of the unit as that of the fit."""

    architecture: str
    unit: str
    role: str
    resource: ResourceRef
    location: Location
    reason: str
    namespaces: tuple[str, ...] = ()
    application: str = ""


class ArchitectureFit(NamedTuple):
    """How well an architecture fits what is deployed: `fit` from 0 to 1, what is missing, and why it was chosen.

    It was held against the `application` of that name, else against `namespaces` of the unit, else against all of it.
    """

    id: str
    unit: str
    fit: float
    named: bool
    missing: tuple[str, ...]
    reasons: tuple[str, ...]
    namespaces: tuple[str, ...] = ()
    application: str = ""


class Skipped(NamedTuple):
    """Something that was not read, and why."""

    file: str
    reason: str


class Coverage(NamedTuple):
    """How much of what was given was read; `blank` if files were, and nothing is in them but blanks and empty Lists."""

    files: int
    documents: int
    resources: int
    skipped: tuple[Skipped, ...] = ()
    blank: bool = False


class Help(NamedTuple):
    """What a reporter says about a rule."""

    id: str
    title: str
    section: str
    severity: Severity
    rationale: str
    remediation: str
    references: tuple[str, ...]
    checklist: str
    impact: Impact = Impact.RISK


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a run found; reporters read nothing else.

    `findings` are sorted by file, place and rule, suppressed ones included. `rules` describes every rule that ran, by
    id. `sources` holds the lines of every file that a finding points into, so that reporters can show them; secret
    values are already masked in it.
    """

    version: str
    profile: str
    kubernetes_version: str
    findings: tuple[Finding, ...]
    rules: tuple[Help, ...]
    outcomes: tuple[RuleOutcome, ...]
    checklist: tuple[ItemVerdict, ...]
    architectures: tuple[ArchitectureFit, ...]
    roles: tuple[RoleAssignment, ...]
    coverage: Coverage
    notes: tuple[str, ...] = ()
    sources: dict[str, tuple[str, ...]] = field(default_factory=dict)
    units: tuple[UnitScorecard, ...] = ()

    @property
    def active(self) -> tuple[Finding, ...]:
        """The findings that count: those not suppressed."""
        return tuple(finding for finding in self.findings if finding.suppressed is None)
