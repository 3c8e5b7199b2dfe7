"""How the NetworkPolicy engine and a whole check grow: a generated fleet at a quarter, half and the whole of its size.

Run with `python benchmarks/network_scale.py [NAMESPACES]`. The whole fleet has 1,500 namespaces, 3,200 policies and
12,000 objects; for the check it is written to a temporary folder.
"""

from __future__ import annotations

import json
import os
import resource as process
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from refarch_lint.graph.connectivity import NetworkModel
from refarch_lint.graph.connectivity_flows import flows
from refarch_lint.model.resource import Resource, resource_of
from refarch_lint.model.workload import Workload, workload_of
from refarch_lint.source.document import Document

WHOLE = 1500
TIERS = ("frontend", "backend", "worker")
T = TypeVar("T")


def namespace_objects(number: int) -> Iterator[dict[str, Any]]:
    name, team = f"team-{number % 75}-app-{number}", f"team-{number % 75}"
    yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {"team": team}}}
    for tier in TIERS[: 2 + number % 2]:
        labels = {"app": f"app-{number}", "tier": tier}
        ports = [{"name": "http", "containerPort": 8080}, {"name": "metrics", "containerPort": 9090}]
        container = {"name": tier, "image": "registry.example/app:1.0", "ports": ports}
        template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
        yield {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": tier, "namespace": name},
            "spec": {"selector": {"matchLabels": labels}, "template": template},
        }
        yield {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": tier, "namespace": name},
            "spec": {"selector": labels, "ports": [{"port": 80, "targetPort": "http"}]},
        }
    for policy, spec in policies(number, team):
        metadata = {"name": policy, "namespace": name}
        yield {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


def policies(number: int, team: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield two or three policies: a default deny, and what one tier needs."""
    dns = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}
    yield (
        "default",
        {
            "podSelector": {},
            "policyTypes": ["Ingress", "Egress"],
            "egress": [
                {"to": [dns], "ports": [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")]},
                {"to": [{"podSelector": {}}]},
                {"to": [{"ipBlock": {"cidr": f"10.{number % 200}.0.0/16", "except": [f"10.{number % 200}.1.0/24"]}}]},
            ],
        },
    )
    yield (
        "frontend",
        {
            "podSelector": {"matchLabels": {"tier": "frontend"}},
            "ingress": [
                {"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}], "ports": [{"port": "http"}]},
                {"from": [{"namespaceSelector": {"matchLabels": {"team": team}}}], "ports": [{"port": "http"}]},
            ],
        },
    )
    if number % 15 in (0, 7):
        everyone = {"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "Exists"}]}}
        prober = {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "prober"}}}
        yield (
            "backend",
            {
                "podSelector": {"matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["frontend"]}]},
                "ingress": [
                    {"from": [everyone], "ports": [{"port": 9000, "endPort": 9100}]},
                    {"from": [prober, {"podSelector": {"matchLabels": {"tier": "frontend"}}}]},
                ],
            },
        )


def fleet(namespaces: int) -> list[Resource]:
    found: list[Resource] = []
    for number in range(namespaces):
        for data in namespace_objects(number):
            resource = resource_of(Document("generated", len(found), "", 1, data), data, ())
            if resource is not None:
                found.append(resource)
    for number in range(namespaces * 8 - len(found)):
        data = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"config-{number}", "namespace": "other"}}
        resource = resource_of(Document("generated", number, "", 1, data), data, ())
        if resource is not None:
            found.append(resource)
    return found


def timed(label: str, work: Callable[[], T]) -> T:
    start = time.perf_counter()
    result = work()
    print(f"  {label:<44}{time.perf_counter() - start:8.2f} s")
    return result


def isolate(model: NetworkModel, workloads: list[Workload]) -> int:
    return sum(bool(isolation.ingress) for isolation in map(model.isolation, workloads))


def decide(model: NetworkModel, workloads: list[Workload]) -> int:
    """Decide twenty connections of every workload: to the workloads that follow it in the input."""
    allowed = 0
    for index, workload in enumerate(workloads):
        for step in range(1, 21):
            other = workloads[(index + step) % len(workloads)]
            allowed += model.decide(workload, other, 8080).allowed
    return allowed


def check(resources: list[Resource]) -> None:
    """Time the command on the fleet as files and print the processor time that it took."""
    tool = str(Path(sys.executable).with_name("refarch-lint"))
    with tempfile.TemporaryDirectory() as folder:
        write(resources, Path(folder))
        before = process.getrusage(process.RUSAGE_CHILDREN).ru_utime
        command = [tool, "check", folder, "--format", "json", "--output", os.devnull, "--exit-zero"]
        timed("refarch-lint check, every rule", lambda: subprocess.run(command, check=True))
        print(f"    of it processor time {process.getrusage(process.RUSAGE_CHILDREN).ru_utime - before:26.2f} s")


def write(resources: list[Resource], folder: Path) -> None:
    """Write a fleet as manifests, one file per namespace."""
    texts: dict[str, list[str]] = {}
    for resource in resources:
        texts.setdefault(resource.namespace or resource.name, []).append(block(resource.data))
    folder.mkdir(exist_ok=True)
    for name, documents in texts.items():
        (folder / f"{name}.yaml").write_text("---\n".join(documents), encoding="utf-8")


def block(value: Any, indent: int = 0) -> str:
    """Return a value as YAML in block style, as people write manifests."""
    pad = "  " * indent
    if isinstance(value, dict) and value:
        return "".join(f"{pad}{json.dumps(key)}:{nested(item, indent + 1)}" for key, item in value.items())
    if isinstance(value, list) and value:
        return "".join(f"{pad}-{nested(item, indent + 1)}" for item in value)
    return f"{pad}{json.dumps(value)}\n"


def nested(value: Any, indent: int) -> str:
    return f"\n{block(value, indent)}" if isinstance(value, dict | list) and value else f" {json.dumps(value)}\n"


def main() -> None:
    whole = int(sys.argv[1]) if len(sys.argv) > 1 else WHOLE
    for namespaces in (whole // 4, whole // 2, whole):
        resources = fleet(namespaces)
        workloads = [workload for resource in resources if (workload := workload_of(resource))]
        count = sum(resource.kind == "NetworkPolicy" for resource in resources)
        print(f"{len(resources)} objects, {namespaces} namespaces, {len(workloads)} workloads, {count} policies")
        start = time.perf_counter()
        model = timed("building", lambda: NetworkModel.build(workloads, resources))  # noqa: B023
        isolated = timed("isolation of every workload", lambda: isolate(model, workloads))  # noqa: B023
        found = timed("all allowed connections, as rectangles", lambda: list(flows(model)))  # noqa: B023
        print(f"  {'together':<44}{time.perf_counter() - start:8.2f} s")
        timed("who reaches port 8080, for every workload", lambda: [model.sources_of(w, 8080) for w in workloads])  # noqa: B023
        timed("twenty decisions per workload", lambda: decide(model, workloads))  # noqa: B023
        pairs = sum(flow.sources.bit_count() * flow.destinations.bit_count() for flow in found)
        print(f"  {isolated} workloads isolated, {len(found)} rectangles over {pairs} pairs")
        check(resources)


if __name__ == "__main__":
    main()
