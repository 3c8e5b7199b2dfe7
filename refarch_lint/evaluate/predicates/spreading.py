"""Whether the replicas of a workload stand apart: on several nodes, in several zones."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject, Unverifiable
from refarch_lint.graph.place import Place
from refarch_lint.graph.placement import RETIRED_KEYS, ZONE_KEYS, SpreadTerm, pinned_node, takes_host_port
from refarch_lint.graph.scaling import Replicas

_NONE = ("", "")


def over_nodes(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Anti-affinity or a topology spread constraint that selects the pods themselves keeps them off one node.

    Zones and regions count: what stands in several zones stands on several nodes.
    """
    workload, replicas = subject.pods, context.graph.replicas(subject.pods)
    if replicas is None:
        yield NotApplicable("it has no replicas")
        return
    count = f"{replicas.minimum} replicas"
    if (node := pinned_node(workload)) is not None:
        # Terms that keep replicas apart leave the others without a node.
        told = f"no other node than {node} may run the {count} of {workload}"
        yield Fault(told, Place(workload.resource, workload.pod_spec_path))
        return
    if takes_host_port(workload):
        return
    terms = context.graph.spread_terms(workload)
    faults = [_fault(term, replicas) for term in terms]
    if any(fault == _NONE for fault in faults):
        return
    if None in faults:
        yield Unverifiable(f"whether {workload} stands apart depends on labels that the tree does not show")
        return
    if not terms:
        yield Fault(
            f"nothing keeps the {count} of {workload} off one node: it has no pod anti-affinity and no topology "
            "spread constraint",
            Place(workload.resource, (*workload.pod_spec_path, "topologySpreadConstraints")),
        )
    else:
        others = [(term, *fault) for term, fault in zip(terms, faults, strict=True) if fault]
        first, text, field = others[0]
        yield Fault(
            f"nothing keeps the {count} of {workload} off one node: {_title(first)} {text}",
            _below(first, field),
            tuple(Note(f"{_title(term)} {text}", _below(term, field)) for term, text, field in others[1:]),
        )


def _below(term: SpreadTerm, field: str) -> Place:
    return Place(term.place.resource, (*term.place.path, field))


def _title(term: SpreadTerm) -> str:
    return "its topology spread constraint" if "topologySpreadConstraints" in term.place.path else "its anti-affinity"


def _fault(term: SpreadTerm, replicas: Replicas) -> tuple[str, str] | None:
    """Return why a term keeps no two replicas apart, with the field to blame; None where the tree does not show it."""
    if term.selects_itself is False:
        return term.fault, term.fault_field
    key = term.topology_key
    if key in RETIRED_KEYS:
        return f"asks for {key}, which nodes no longer carry ({RETIRED_KEYS[key]} replaced it)", "topologyKey"
    if term.is_no_topology:
        return f"asks for {key or 'no label'}, which says nothing about where a node stands", "topologyKey"
    if term.max_skew is not None and term.max_skew >= replicas.minimum:
        return f"lets them all share a node: maxSkew {term.max_skew} of {replicas.minimum} replicas", "maxSkew"
    return _NONE if term.selects_itself and term.is_known_topology else None


def over_zones(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """A term over zones or regions selects the pods themselves."""
    workload, replicas = subject.pods, context.graph.replicas(subject.pods)
    if replicas is None:
        yield NotApplicable("it has no replicas")
        return
    terms = [term for term in context.graph.spread_terms(workload) if term.topology_key in ZONE_KEYS]
    faults = [_fault(term, replicas) for term in terms]
    if any(fault == _NONE for fault in faults):
        return
    told = [(term, *fault) for term, fault in zip(terms, faults, strict=True) if fault]
    if None in faults:
        yield Unverifiable(f"whether {workload} stands apart depends on labels that the tree does not show")
    elif told:
        term, text, field = told[0]
        yield Fault(
            f"nothing spreads the {replicas.minimum} replicas of {workload} over zones: {_title(term)} {text}",
            _below(term, field),
        )
    else:
        yield Fault(
            f"nothing spreads the {replicas.minimum} replicas of {workload} over zones",
            Place(workload.resource, (*workload.pod_spec_path, "topologySpreadConstraints")),
        )
