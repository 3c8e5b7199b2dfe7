"""What edges and references are made of: relations, evidence at both ends, and what became of a name."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from refarch_lint.graph.place import Place
from refarch_lint.model.resource import Resource


class Relation(StrEnum):
    """Verbs read from source to target."""

    SELECTS = "selects"
    PROTECTS = "protects"
    ISOLATES = "isolates"
    SCRAPES = "scrapes"
    ROUTES_TO = "routes-to"
    SCALES = "scales"
    MOUNTS = "mounts"
    READS = "reads"
    RUNS_AS = "runs-as"
    GOVERNED_BY = "governed-by"
    GRANTS = "grants"
    BINDS = "binds"
    ISSUES = "issues"
    USES = "uses"
    CONNECTS_TO = "connects-to"


class Edge(NamedTuple):
    """One relation between two resources, with the place that states it and the place it arrives at."""

    relation: Relation
    source: Place
    target: Place


class ReferenceStatus(StrEnum):
    """What became of a name: found in the tree, provided by something in it, missing, or not to be judged from here."""

    FOUND = "found"
    PROVIDED = "provided"
    MISSING = "missing"
    KEY_MISSING = "key missing"
    UNVERIFIABLE = "unverifiable"


class Reference(NamedTuple):
    """A resource names another: where, which, and whether it is there.

    `key` is the entry asked of a ConfigMap or Secret, the port of a Service. `target` is the object found, or the one
    that provides it. `note` says why, for people.
    """

    relation: Relation
    place: Place
    group: str
    kind: str
    namespace: str
    name: str
    key: str | int | None
    status: ReferenceStatus
    target: Resource | None
    note: str = ""

    @property
    def is_broken(self) -> bool:
        """Whether what is named is certainly not there."""
        return self.status in (ReferenceStatus.MISSING, ReferenceStatus.KEY_MISSING)
