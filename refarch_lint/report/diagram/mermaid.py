"""Mermaid flowcharts, as GitHub and GitLab draw them in Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from refarch_lint.regex import regex
from refarch_lint.report.columns import crop, printable
from refarch_lint.report.diagram.value import Diagram, DiagramEdge, DiagramNode, EdgeStyle, collapse_by_namespace
from refarch_lint.report.wording import count

#: Mermaid's defaults `maxEdges` and `maxTextSize`, which a diagram on GitHub cannot raise.
MAX_EDGES = 500
MAX_CHARACTERS = 50_000

_LABEL_WIDTH = 80

_ARROWS: dict[EdgeStyle, str] = {
    EdgeStyle.ALLOWED: "-->",
    EdgeStyle.DENIED: "--x",
    EdgeStyle.DANGLING: "-.->",
    EdgeStyle.UNKNOWN: "-->",
}

#: Readable on white and on black.
_COLORS: dict[EdgeStyle, str] = {
    EdgeStyle.ALLOWED: "#2da44e",
    EdgeStyle.DENIED: "#e5534b",
    EdgeStyle.DANGLING: "#d4883a",
    EdgeStyle.UNKNOWN: "#8b949e",
}

#: How a node of a kind is drawn: what stands before and after its label; a box if the kind is not named here.
_SHAPES: dict[str, tuple[str, str]] = {
    "Ingress": ("{{", "}}"),
    "Gateway": ("{{", "}}"),
    "HTTPRoute": ("{{", "}}"),
    "Service": ("([", "])"),
    "PersistentVolumeClaim": ("[(", ")]"),
    "ConfigMap": ("[/", "/]"),
    "Secret": ("[/", "/]"),
    "Namespace": ("[[", "]]"),
}

#: Characters that Mermaid, HTML or Markdown would read as more than text, as Mermaid's numbered entities.
_ENTITIES = str.maketrans({character: f"#{ord(character)};" for character in '"#&<>`\\;|*_~$%'})

#: What would make a label a list.
_LIST_MARKER = regex(r"^\d+\.|^[-+]")


def to_mermaid(diagram: Diagram) -> str:
    """Return the diagram as a flowchart within Mermaid's limits.

    What is too large is drawn with one node per namespace; of what is then still too large, only as many edges are
    drawn as fit, with their ends, and one more node says how much is not shown.
    """
    for whole in (diagram, collapse_by_namespace(diagram)):
        if len(whole.edges) <= MAX_EDGES:
            text = _flowchart(whole.ordered(), whole.absent())
            if len(text) <= MAX_CHARACTERS:
                return text
    coarse = collapse_by_namespace(diagram)
    everything, absent = coarse.ordered(), coarse.absent()
    kept = min(len(everything.edges), MAX_EDGES)
    while True:
        text = _part(everything, absent, kept)
        if len(text) <= MAX_CHARACTERS:
            return text
        kept = kept * 3 // 4


def _part(diagram: Diagram, absent: frozenset[str], kept: int) -> str:
    """Return the flowchart of the first `kept` edges and their ends, and of a node that counts the rest."""
    edges = diagram.edges[:kept]
    ends = {end for edge in edges for end in (edge.source, edge.target)}
    nodes = tuple(node for node in diagram.nodes if node.id in ends)
    rest = ((len(diagram.edges) - kept, "more edge"), (len(diagram.nodes) - len(nodes), "more node"))
    label = " and ".join(count(number, noun) for number, noun in rest if number)
    return _flowchart(Diagram(nodes, edges), absent) + f'  more["{label} not shown"]\n'


def _flowchart(diagram: Diagram, absent: frozenset[str]) -> str:
    names = {node.id: f"n{number}" for number, node in enumerate(diagram.nodes)}
    lines = ["flowchart LR", *_nodes(diagram, names)]
    lines += [_edge(edge, names) for edge in diagram.edges]
    lines += _styles(diagram, names, absent)
    return "\n".join(lines) + "\n"


def _nodes(diagram: Diagram, names: dict[str, str]) -> Iterator[str]:
    """Yield the nodes, each group in a box of its own."""
    for number, (group, nodes) in enumerate(groupby(diagram.nodes, key=lambda node: node.group)):
        if not group:
            yield from (f"  {_node(node, names)}" for node in nodes)
            continue
        yield f'  subgraph g{number}["{_text(group)}"]'
        yield from (f"    {_node(node, names)}" for node in nodes)
        yield "  end"


def _node(node: DiagramNode, names: dict[str, str]) -> str:
    before, after = _SHAPES.get(node.kind, ("[", "]"))
    return f'{names[node.id]}{before}"{_text(node.label)}"{after}'


def _edge(edge: DiagramEdge, names: dict[str, str]) -> str:
    text = _text(edge.label or edge.relation)
    label = f'|"{text}"|' if text else ""
    return f"  {names[edge.source]} {_ARROWS[edge.style]}{label} {names[edge.target]}"


def _styles(diagram: Diagram, names: dict[str, str], absent: frozenset[str]) -> Iterator[str]:
    """Yield the colours of the edges by style and the dashed border of what is not there."""
    for style in EdgeStyle:
        numbers = [str(number) for number, edge in enumerate(diagram.edges) if edge.style is style]
        if numbers:
            yield f"  linkStyle {','.join(numbers)} stroke:{_COLORS[style]}"
    missing = [names[node.id] for node in diagram.nodes if node.id in absent]
    if missing:
        yield f"  classDef absent stroke:{_COLORS[EdgeStyle.DANGLING]},stroke-dasharray:4 4"
        yield f"  class {','.join(missing)} absent"


def _text(text: str) -> str:
    escaped = crop(" ".join(printable(text).split()), _LABEL_WIDTH).translate(_ENTITIES)
    return _LIST_MARKER.sub(lambda match: f"{match.group()[:-1]}#{ord(match.group()[-1])};", escaped)
