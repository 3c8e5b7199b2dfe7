"""The diagram as JSON: nodes with kind, namespace, name and role; edges with relation, verdict and evidence."""

from __future__ import annotations

from typing import Any

from refarch_lint.report.diagram.value import Diagram, DiagramEdge, DiagramNode
from refarch_lint.report.serialization import json_text, location_json


def to_json(diagram: Diagram) -> str:
    """Return the diagram as a JSON document; an end that is not there is a node that is `absent`."""
    ordered = diagram.ordered()
    return json_text({"nodes": list(map(_node, ordered.nodes)), "edges": list(map(_edge, ordered.edges))})


def _node(node: DiagramNode) -> dict[str, str | bool]:
    return {
        "id": node.id,
        "kind": node.kind,
        "namespace": node.namespace,
        "name": node.name,
        "role": node.role,
        "absent": node.absent,
    }


def _edge(edge: DiagramEdge) -> dict[str, Any]:
    return {
        "source": edge.source,
        "relation": edge.relation,
        "target": edge.target,
        "label": edge.label,
        "verdict": edge.style.value,
        "evidence": [
            {"message": evidence.message, "location": location_json(evidence.location)} for evidence in edge.evidence
        ],
    }
