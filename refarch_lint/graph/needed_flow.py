"""A connection that must be possible, and what network policies say of it: the value that rules and diagrams read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from refarch_lint.graph.connectivity_decision import Decision
from refarch_lint.graph.flow_ends import FlowEnd
from refarch_lint.graph.place import Place
from refarch_lint.model.resource import Resource


class FlowVerdict(StrEnum):
    """What network policies do with a needed connection.

    Partial: something that is not evaluated could change the answer. Unverifiable: the port is not known, and some
    ports are allowed while others are not.
    """

    ALLOWED = "allowed"
    DENIED = "denied"
    PARTIAL = "partial"
    UNVERIFIABLE = "unverifiable"


class FlowKind(StrEnum):
    """What a connection is for: application traffic, requests from outside, metrics, or a host outside the cluster."""

    TRAFFIC = "traffic"
    ENTRANCE = "entrance"
    SCRAPE = "scrape"
    OUTSIDE = "outside"


class Evidence(NamedTuple):
    """Why a connection is needed: in words, where it says so, and where the source takes that in if elsewhere."""

    reason: str
    place: Place
    via: Place | None = None


@dataclass(frozen=True, slots=True, eq=False)
class NeededFlow:
    """A connection that must be possible, from pods to the pods' own port, and what policies say of it.

    `asked_by` is the object that needs it. `decision` is None where nothing had to be decided. `why` explains a
    verdict that is neither allowed nor denied. `dialled` is the port of the Service, where it differs from `port`.
    """

    kind: FlowKind
    asked_by: Resource
    source: FlowEnd
    destination: FlowEnd
    port: int | None
    protocol: str
    verdict: FlowVerdict
    decision: Decision | None
    evidence: tuple[Evidence, ...]
    why: str = ""
    dialled: int | None = None


def verdict_on(decision: Decision, port: int | None) -> tuple[FlowVerdict, str]:
    """Return what a decision means for a needed connection, and why where it is neither allowed nor denied."""
    if decision.partial:
        return FlowVerdict.PARTIAL, decision.doubts[0].reason
    if decision.allowed:
        if port is None and not decision.ports.is_all:
            return FlowVerdict.UNVERIFIABLE, "the port is not known"
        return FlowVerdict.ALLOWED, ""
    for side in (decision.egress, decision.ingress):
        if not side.allowed and side.address_rules:
            policy = side.address_rules[0].policy
            return FlowVerdict.PARTIAL, f"whether an ipBlock of {policy} covers pods depends on the network plugin"
    return FlowVerdict.DENIED, ""
