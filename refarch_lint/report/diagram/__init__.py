"""Diagrams of what is deployed and who reaches whom, as text that other programs draw."""

from __future__ import annotations

from refarch_lint.report.diagram.dot import to_dot
from refarch_lint.report.diagram.json_ import to_json
from refarch_lint.report.diagram.mermaid import to_mermaid
from refarch_lint.report.diagram.value import Diagram, DiagramEdge, DiagramNode, EdgeStyle, collapse_by_namespace

__all__ = [
    "Diagram",
    "DiagramEdge",
    "DiagramNode",
    "EdgeStyle",
    "collapse_by_namespace",
    "to_dot",
    "to_json",
    "to_mermaid",
]
