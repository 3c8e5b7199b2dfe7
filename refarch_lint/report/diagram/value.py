"""What a diagram shows: nodes in groups and edges in four styles, and its coarser form, one node per namespace."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from refarch_lint.evaluate.finding import Related
from refarch_lint.report.wording import count

#: The group of what belongs to no namespace.
CLUSTER = "(cluster)"


class EdgeStyle(StrEnum):
    """What is known of an edge: it works, a policy denies it, its target is not there, or nobody can tell."""

    ALLOWED = "allowed"
    DENIED = "denied"
    DANGLING = "dangling"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DiagramNode:
    """A resource, or something outside; `group` names the box it stands in, such as a role, and may be empty.

    `kind` is a Kubernetes kind or empty. `namespace`, `name` and `role` are for programs that read the diagram as
    JSON; `namespace` also decides with what the node is merged when there is too much to draw. `absent` tells that
    something names the object and the tree has none.
    """

    id: str
    label: str
    group: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""
    role: str = ""
    absent: bool = False


@dataclass(frozen=True, slots=True)
class DiagramEdge:
    """A relation from one node to another, both by id; `label` is what is written on it, such as a port.

    `evidence` says where the relation is stated, at either end.
    """

    source: str
    target: str
    label: str = ""
    style: EdgeStyle = EdgeStyle.UNKNOWN
    relation: str = ""
    evidence: tuple[Related, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagram:
    """Nodes and edges; an end of an edge that is no node's id is drawn as a node that is not there."""

    nodes: tuple[DiagramNode, ...]
    edges: tuple[DiagramEdge, ...]

    def ordered(self) -> Diagram:
        """Return the same diagram with every end of an edge as a node, and everything sorted."""
        known = {node.id for node in self.nodes}
        ends = {end for edge in self.edges for end in (edge.source, edge.target)}
        ghosts = tuple(DiagramNode(id=end, label=end, absent=True) for end in sorted(ends - known))
        nodes = sorted(self.nodes + ghosts, key=lambda node: (node.group, node.namespace, node.id))
        edges = sorted(self.edges, key=lambda edge: (edge.source, edge.target, edge.relation, edge.label, edge.style))
        return Diagram(tuple(nodes), tuple(edges))

    def absent(self) -> frozenset[str]:
        """Return the ids of what is not there: absent nodes, ends that are no nodes, and targets of dangling edges."""
        known = {node.id for node in self.nodes if not node.absent}
        ends = {end for edge in self.edges for end in (edge.source, edge.target)}
        dangling = {edge.target for edge in self.edges if edge.style is EdgeStyle.DANGLING}
        return frozenset((ends - known) | dangling)


def collapse_by_namespace(diagram: Diagram) -> Diagram:
    """Return one node per namespace and one edge per pair of namespaces and style, which stands for several.

    The labels say for how many. Edges within a namespace are left out. What is not there stays as it is.
    """
    homes = {node.id: node.namespace or CLUSTER for node in diagram.nodes if not node.absent}
    sizes = Counter(homes.values())
    nodes = tuple(
        DiagramNode(
            id=namespace,
            label=f"{namespace}: {count(sizes[namespace], 'object')}",
            kind="Namespace",
            name=namespace,
        )
        for namespace in sorted(sizes)
    )
    merged: Counter[tuple[str, str, EdgeStyle]] = Counter()
    for edge in diagram.edges:
        source, target = homes.get(edge.source, edge.source), homes.get(edge.target, edge.target)
        if source != target:
            merged[source, target, edge.style] += 1
    edges = tuple(
        DiagramEdge(source, target, count(number, "edge"), style)
        for (source, target, style), number in sorted(merged.items())
    )
    ends = {end for edge in edges for end in (edge.source, edge.target)}
    return Diagram((*nodes, *(node for node in diagram.nodes if node.absent and node.id in ends)), edges)
