"""Diagrams: their exact text, escaping, and what happens to those too large to draw."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from refarch_lint.evaluate.finding import Related
from refarch_lint.location import Location, Position, Span
from refarch_lint.report.diagram import (
    Diagram,
    DiagramEdge,
    DiagramNode,
    EdgeStyle,
    collapse_by_namespace,
    to_dot,
    to_json,
    to_mermaid,
)
from refarch_lint.report.diagram.mermaid import MAX_CHARACTERS, MAX_EDGES

EVIDENCE = Related("env POSTGRES_HOST", Location("web.yaml", Span(Position(9, 20), Position(9, 24))))

SHOP = Diagram(
    nodes=(
        DiagramNode("shop/web[Deployment]", "Deployment/web", "frontend", "Deployment", "shop", "web", "frontend"),
        DiagramNode("shop/web[Service]", "Service/web", "frontend", "Service", "shop", "web"),
        DiagramNode("shop/pg[StatefulSet]", "StatefulSet/pg", "database", "StatefulSet", "shop", "pg", "database"),
        DiagramNode("shop/web[Ingress]", "Ingress/web", "", "Ingress", "shop", "web"),
    ),
    edges=(
        DiagramEdge("shop/web[Ingress]", "shop/web[Service]", "TCP 80", EdgeStyle.ALLOWED, "routes-to"),
        DiagramEdge("shop/web[Service]", "shop/web[Deployment]", relation="selects"),
        DiagramEdge(
            "shop/web[Deployment]", "shop/pg[StatefulSet]", "TCP 5432", EdgeStyle.DENIED, "connects-to", (EVIDENCE,)
        ),
        DiagramEdge("shop/web[Deployment]", "Service/redis", style=EdgeStyle.DANGLING, relation="connects-to"),
    ),
)

MERMAID = """\
flowchart LR
  n0["Service/redis"]
  n1{{"Ingress/web"}}
  subgraph g1["database"]
    n2["StatefulSet/pg"]
  end
  subgraph g2["frontend"]
    n3["Deployment/web"]
    n4(["Service/web"])
  end
  n3 -.->|"connects-to"| n0
  n3 --x|"TCP 5432"| n2
  n1 -->|"TCP 80"| n4
  n4 -->|"selects"| n3
  linkStyle 2 stroke:#2da44e
  linkStyle 1 stroke:#e5534b
  linkStyle 0 stroke:#d4883a
  linkStyle 3 stroke:#8b949e
  classDef absent stroke:#d4883a,stroke-dasharray:4 4
  class n0 absent
"""

DOT = """\
digraph {
  rankdir="LR"
  node [shape="box", fontname="sans-serif"]
  edge [fontname="sans-serif", fontsize="10"]
  "Service/redis" [label="Service/redis", style="dashed", color="#d4883a"]
  "shop/web[Ingress]" [label="Ingress/web", shape="hexagon"]
  subgraph cluster_1 {
    label="database"
    "shop/pg[StatefulSet]" [label="StatefulSet/pg"]
  }
  subgraph cluster_2 {
    label="frontend"
    "shop/web[Deployment]" [label="Deployment/web"]
    "shop/web[Service]" [label="Service/web", shape="ellipse"]
  }
  "shop/web[Deployment]" -> "Service/redis" [label="connects-to", color="#d4883a", style="dashed"]
  "shop/web[Deployment]" -> "shop/pg[StatefulSet]" [label="TCP 5432", color="#e5534b", arrowhead="tee"]
  "shop/web[Ingress]" -> "shop/web[Service]" [label="TCP 80", color="#2da44e"]
  "shop/web[Service]" -> "shop/web[Deployment]" [label="selects", color="#8b949e"]
}
"""


def chain(nodes: int, per_namespace: int) -> Diagram:
    """Return nodes that each reach the next one, `per_namespace` of them in each namespace."""
    names = [f"ns{number // per_namespace:04}/w{number:05}" for number in range(nodes)]
    return Diagram(
        tuple(DiagramNode(name, name, kind="Deployment", namespace=name.split("/")[0]) for name in names),
        tuple(DiagramEdge(source, target, "TCP 80", EdgeStyle.ALLOWED) for source, target in pairwise(names)),
    )


def test_mermaid() -> None:
    assert to_mermaid(SHOP) == MERMAID


def test_dot() -> None:
    assert to_dot(SHOP) == DOT


def test_order_of_input_does_not_matter() -> None:
    reversed_shop = Diagram(SHOP.nodes[::-1], SHOP.edges[::-1])
    for render in (to_mermaid, to_dot, to_json):
        assert render(reversed_shop) == render(SHOP)


def test_json() -> None:
    shown = json.loads(to_json(SHOP))
    assert shown["nodes"][0] == {"id": "Service/redis", "kind": "", "namespace": "", "name": "", "role": ""} | {
        "absent": True
    }
    assert shown["nodes"][3] == {
        "id": "shop/web[Deployment]",
        "kind": "Deployment",
        "namespace": "shop",
        "name": "web",
        "role": "frontend",
        "absent": False,
    }
    assert shown["edges"][1] == {
        "source": "shop/web[Deployment]",
        "relation": "connects-to",
        "target": "shop/pg[StatefulSet]",
        "label": "TCP 5432",
        "verdict": "denied",
        "evidence": [
            {
                "message": "env POSTGRES_HOST",
                "location": {"file": "web.yaml", "line": 9, "column": 20, "endLine": 9, "endColumn": 24},
            }
        ],
    }


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ('a"b', "a#34;b"),
        ("a#35;b", "a#35;35#59;b"),
        ("<b>&", "#60;b#62;#38;"),
        ("`code`", "#96;code#96;"),
        ("1. item", "1#46; item"),
        ("- item", "#45; item"),
        ("a\nend", "a end"),
        ("%%{init}%%", "#37;#37;{init}#37;#37;"),
    ],
)
def test_mermaid_labels_are_only_text(label: str, shown: str) -> None:
    assert f'  n0["{shown}"]\n' in to_mermaid(Diagram((DiagramNode("a", label),), ()))


@pytest.mark.parametrize(("label", "shown"), [('a"b', 'a\\"b'), ("a\\n", "a\\\\n"), ("&lt;", "&amp;lt;")])
def test_dot_labels_are_only_text(label: str, shown: str) -> None:
    assert f'  "a" [label="{shown}"]\n' in to_dot(Diagram((DiagramNode("a", label),), ()))


def test_empty() -> None:
    nothing = Diagram((), ())
    assert to_mermaid(nothing) == "flowchart LR\n"
    assert json.loads(to_json(nothing)) == {"nodes": [], "edges": []}
    assert to_dot(nothing).endswith("}\n")


def test_collapse() -> None:
    coarse = collapse_by_namespace(chain(6, 2))
    assert [(node.id, node.label, node.kind) for node in coarse.nodes] == [
        ("ns0000", "ns0000: 2 objects", "Namespace"),
        ("ns0001", "ns0001: 2 objects", "Namespace"),
        ("ns0002", "ns0002: 2 objects", "Namespace"),
    ]
    assert [(edge.source, edge.target, edge.label, edge.style) for edge in coarse.edges] == [
        ("ns0000", "ns0001", "1 edge", EdgeStyle.ALLOWED),
        ("ns0001", "ns0002", "1 edge", EdgeStyle.ALLOWED),
    ]


def test_mermaid_at_its_limit_is_drawn_whole() -> None:
    text = to_mermaid(chain(MAX_EDGES + 1, 100))
    assert text.count(" -->") == MAX_EDGES
    assert "objects" not in text


def test_mermaid_above_its_limit_is_drawn_by_namespace() -> None:
    text = to_mermaid(chain(MAX_EDGES + 2, 100))
    assert text.count(" -->") == 5
    assert '[["ns0000: 100 objects"]]' in text


def test_mermaid_with_too_many_namespaces_says_what_is_left_out() -> None:
    text = to_mermaid(chain(2000, 1))
    assert text.count(" -->") == MAX_EDGES
    assert 'more["1499 more edges and 1499 more nodes not shown"]' in text
    assert len(text) <= MAX_CHARACTERS


def test_mermaid_with_long_names_stays_within_its_limit() -> None:
    nodes = tuple(DiagramNode(f"{number}", "x" * 300, namespace=f"{number}" + "y" * 200) for number in range(500))
    edges = tuple(DiagramEdge(f"{number}", f"{number + 1}") for number in range(499))
    text = to_mermaid(Diagram(nodes, edges))
    assert len(text) <= MAX_CHARACTERS
    assert "more nodes not shown" in text


def test_mermaid_with_too_many_nodes_and_no_edge() -> None:
    nodes = tuple(DiagramNode(f"{number}", "a", namespace=f"namespace-{number}") for number in range(5000))
    assert to_mermaid(Diagram(nodes, ())) == 'flowchart LR\n  more["5000 more nodes not shown"]\n'
