"""DOT, the language of Graphviz."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from refarch_lint.report.columns import printable
from refarch_lint.report.diagram.value import Diagram, DiagramEdge, DiagramNode, EdgeStyle

_EDGE_STYLES: dict[EdgeStyle, str] = {
    EdgeStyle.ALLOWED: 'color="#2da44e"',
    EdgeStyle.DENIED: 'color="#e5534b", arrowhead="tee"',
    EdgeStyle.DANGLING: 'color="#d4883a", style="dashed"',
    EdgeStyle.UNKNOWN: 'color="#8b949e"',
}

_SHAPES: dict[str, str] = {
    "Ingress": "hexagon",
    "Gateway": "hexagon",
    "HTTPRoute": "hexagon",
    "Service": "ellipse",
    "PersistentVolumeClaim": "cylinder",
    "ConfigMap": "note",
    "Secret": "note",
}


def to_dot(diagram: Diagram) -> str:
    """Return the diagram as a directed graph, whole, whatever its size."""
    ordered, absent = diagram.ordered(), diagram.absent()
    lines = ["digraph {", '  rankdir="LR"', '  node [shape="box", fontname="sans-serif"]']
    lines += ['  edge [fontname="sans-serif", fontsize="10"]', *_nodes(ordered, absent)]
    lines += [_edge(edge) for edge in ordered.edges]
    return "\n".join([*lines, "}"]) + "\n"


def _nodes(diagram: Diagram, absent: frozenset[str]) -> Iterator[str]:
    for number, (group, nodes) in enumerate(groupby(diagram.nodes, key=lambda node: node.group)):
        if not group:
            yield from (f"  {_node(node, absent)}" for node in nodes)
            continue
        yield f"  subgraph cluster_{number} {{"
        yield f"    label={_quoted(group)}"
        yield from (f"    {_node(node, absent)}" for node in nodes)
        yield "  }"


def _node(node: DiagramNode, absent: frozenset[str]) -> str:
    attributes = [f"label={_quoted(node.label)}"]
    if node.kind in _SHAPES:
        attributes.append(f'shape="{_SHAPES[node.kind]}"')
    if node.id in absent:
        attributes.append('style="dashed", color="#d4883a"')
    return f"{_quoted(node.id)} [{', '.join(attributes)}]"


def _edge(edge: DiagramEdge) -> str:
    label = edge.label or edge.relation
    named = f"label={_quoted(label)}, " if label else ""
    return f"  {_quoted(edge.source)} -> {_quoted(edge.target)} [{named}{_EDGE_STYLES[edge.style]}]"


def _quoted(text: str) -> str:
    """Return `text` as a double-quoted string in which Graphviz finds neither an escape nor an entity to expand."""
    line = " ".join(printable(text).split())
    return '"' + line.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"') + '"'
