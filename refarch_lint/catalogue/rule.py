"""Rules as data: what a rule looks at, what must hold, and what it tells people."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from refarch_lint.location import Path
from refarch_lint.severity import Impact, Severity

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class Each(StrEnum):
    """What one evaluation of a rule looks at, within the selected resource."""

    RESOURCE = "resource"
    POD = "pod"
    CONTAINER = "container"
    ANY_CONTAINER = "any-container"


class Scope(StrEnum):
    """What a rule is asked once for: a resource, a namespace that runs something, a whole unit, or a file."""

    FILE = "file"
    RESOURCE = "resource"
    NAMESPACE = "namespace"
    UNIT = "unit"


class WorkloadClass(StrEnum):
    """Named sets of workloads, so that no rule lists kinds by hand."""

    ALL = "all"
    LONG_RUNNING = "long-running"
    REPLICATED = "replicated"
    COMPLETING = "completing"


class Operand(NamedTuple):
    """What a value is compared with: a literal or the name of a parameter."""

    value: Any = None
    parameter: str | None = None


class Condition(NamedTuple):
    """A field of the subject, or a named fact about it, compared with an operand."""

    operator: str
    operand: Operand
    field: Path | None = None
    fact: str | None = None


class Target(NamedTuple):
    """Which subjects a rule looks at.

    `kinds` holds `Kind` or `Kind.group` names; `workloads` and `role` narrow or replace them.
    """

    kinds: tuple[str, ...] = ()
    workloads: WorkloadClass | None = None
    role: str | None = None
    scope: Scope = Scope.RESOURCE
    each: Each = Each.RESOURCE
    where: tuple[Condition, ...] = ()


class FieldAssertion(NamedTuple):
    """A field of the subject must satisfy a condition; `message` is a template over the closed set of placeholders."""

    condition: Condition
    message: str


class RelationAssertion(NamedTuple):
    """The subject's resource must have a number of edges of one relation."""

    relation: str
    direction: str
    peer_kinds: tuple[str, ...]
    peer_role: str | None
    at_least: int | None
    at_most: int | None
    message: str


class PredicateAssertion(NamedTuple):
    """A function decides, named `module.function`; `arguments` are literal settings for it."""

    name: str
    arguments: Mapping[str, Any] = _NOTHING


Assertion = FieldAssertion | RelationAssertion | PredicateAssertion


class Parameter(NamedTuple):
    """A setting of a rule: its default and what it means."""

    default: Any
    description: str


class Rule(NamedTuple):
    """One demand: its texts, its severity, where it looks and what must hold there."""

    id: str
    title: str
    section: str
    severity: Severity
    rationale: str
    remediation: str
    target: Target
    assertions: tuple[Assertion, ...]
    checklist: str = ""
    references: tuple[str, ...] = ()
    parameters: Mapping[str, Parameter] = _NOTHING
    enabled: bool = True
    impact: Impact = Impact.RISK
