"""Network policies read a second time, as plainly as the API defines them: one pair, one port, one policy at a time."""

from __future__ import annotations

import ipaddress
from typing import Any

Data = dict[str, Any]


def requirement_holds(expression: Data, labels: Data) -> bool:
    key, operator, values = expression["key"], expression["operator"], expression.get("values", [])
    return {
        "In": key in labels and labels[key] in values,
        "NotIn": key not in labels or labels[key] not in values,
        "Exists": key in labels,
        "DoesNotExist": key not in labels,
    }[operator]


def selected(selector: Data, labels: Data) -> bool:
    equal = all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
    return equal and all(requirement_holds(item, labels) for item in selector.get("matchExpressions", []))


class World:
    """The manifests as plain data, with the pods that their workloads make."""

    def __init__(self, namespaces: list[Data], pods: list[Data], policies: list[Data]) -> None:
        self.labels = {
            item["metadata"]["name"]: {
                **item["metadata"].get("labels", {}),
                "kubernetes.io/metadata.name": item["metadata"]["name"],
            }
            for item in namespaces
        }
        self.pods, self.policies = pods, policies

    def namespace_labels(self, pod: Data) -> Data:
        name = pod["metadata"]["namespace"]
        return self.labels.get(name, {"kubernetes.io/metadata.name": name})

    def allowed(self, source: Data | str, destination: Data | str, port: int, protocol: str) -> bool:
        egress = isinstance(source, str) or self.side_allows(source, destination, destination, port, protocol, "egress")
        return egress and (
            isinstance(destination, str)
            or self.side_allows(destination, source, destination, port, protocol, "ingress")
        )

    def side_allows(
        self, subject: Data, peer: Data | str, destination: Data | str, port: int, protocol: str, side: str
    ) -> bool:
        def ordered(kind: str) -> str:
            policies = [p for p in self.policies if p["kind"] == kind and self.admin_subject(p, subject)]
            for policy in sorted(policies, key=lambda p: (p["spec"].get("priority", 0), p["metadata"]["name"])):
                for rule in policy["spec"].get(side, []):
                    peers = rule["from" if side == "ingress" else "to"]
                    if any(self.admin_peer(item, peer, subject) for item in peers) and self.admin_port(
                        rule.get("ports"), destination, port, protocol
                    ):
                        return str(rule["action"])
            return "Pass"

        action = ordered("AdminNetworkPolicy")
        if action != "Pass":
            return action == "Allow"
        isolating = [p for p in self.policies if p["kind"] == "NetworkPolicy" and self.isolates(p, subject, side)]
        if isolating:
            return any(
                self.rule_matches(policy, rule, peer, destination, port, protocol, side)
                for policy in isolating
                for rule in policy["spec"].get(side, [])
            )
        return ordered("BaselineAdminNetworkPolicy") != "Deny"

    def isolates(self, policy: Data, pod: Data, side: str) -> bool:
        spec = policy["spec"]
        if policy["metadata"]["namespace"] != pod["metadata"]["namespace"]:
            return False
        if not selected(spec.get("podSelector", {}), pod["metadata"].get("labels", {})):
            return False
        types = spec.get("policyTypes") or (["Ingress", "Egress"] if spec.get("egress") else ["Ingress"])
        return side.capitalize() in types

    def rule_matches(
        self, policy: Data, rule: Data, peer: Data | str, destination: Data | str, port: int, protocol: str, side: str
    ) -> bool:
        peers, ports = rule.get("from" if side == "ingress" else "to"), rule.get("ports")
        if peers and not any(self.is_peer(policy, item, peer) for item in peers):
            return False
        return not ports or any(port_matches(item, destination, port, protocol) for item in ports)

    def is_peer(self, policy: Data, item: Data, peer: Data | str) -> bool:
        if "ipBlock" in item:
            return isinstance(peer, str) and in_block(item["ipBlock"], peer)
        if isinstance(peer, str):
            return False
        if "namespaceSelector" in item:
            if not selected(item["namespaceSelector"], self.namespace_labels(peer)):
                return False
        elif policy["metadata"]["namespace"] != peer["metadata"]["namespace"]:
            return False
        return selected(item.get("podSelector", {}), peer["metadata"].get("labels", {}))

    def admin_subject(self, policy: Data, pod: Data) -> bool:
        return self.admin_peer(policy["spec"]["subject"], pod, pod)

    def admin_peer(self, item: Data, peer: Data | str, subject: Data) -> bool:
        if "networks" in item:
            everything = isinstance(peer, dict) and "0.0.0.0/0" in item["networks"]
            return everything or any(isinstance(peer, str) and in_block({"cidr": c}, peer) for c in item["networks"])
        if isinstance(peer, str):
            return False
        labels, own = self.namespace_labels(peer), self.namespace_labels(subject)
        if "pods" in item:
            pods = selected(item["pods"]["podSelector"], peer["metadata"].get("labels", {}))
            return pods and selected(item["pods"]["namespaceSelector"], labels)
        namespaces = item["namespaces"]
        if "sameLabels" in namespaces:
            return all(key in labels and labels[key] == own.get(key) for key in namespaces["sameLabels"])
        if "notSameLabels" in namespaces:
            keys = namespaces["notSameLabels"]
            return all(key in labels for key in keys) and any(labels[key] != own.get(key) for key in keys)
        return selected(namespaces, labels)

    def admin_port(self, ports: list[Data] | None, destination: Data | str, port: int, protocol: str) -> bool:
        for item in ports or [{"all": True}]:
            if "all" in item:
                return True
            if "portNumber" in item and (item["portNumber"]["port"], item["portNumber"]["protocol"]) == (
                port,
                protocol,
            ):
                return True
            if "portRange" in item:
                wanted = item["portRange"]
                if wanted["start"] <= port <= wanted["end"] and wanted["protocol"] == protocol:
                    return True
            if (item.get("namedPort"), port, protocol) in declared(destination):
                return True
        return False


def declared(destination: Data | str) -> list[tuple[str, int, str]]:
    if isinstance(destination, str):
        return []
    return [
        (entry["name"], entry["containerPort"], entry.get("protocol", "TCP"))
        for key in ("containers", "initContainers")
        for container in destination["spec"].get(key, [])
        if key == "containers" or container.get("restartPolicy") == "Always"
        for entry in container["ports"]
    ]


def port_matches(item: Data, destination: Data | str, port: int, protocol: str) -> bool:
    if item.get("protocol", "TCP") != protocol:
        return False
    if "port" not in item:
        return True
    if isinstance(item["port"], str):
        return (item["port"], port, protocol) in declared(destination)
    return bool(item["port"] <= port <= item.get("endPort", item["port"]))


def in_block(block: Data, address: str) -> bool:
    ip = ipaddress.ip_address(address)
    return ip in ipaddress.ip_network(block["cidr"]) and not any(
        ip in ipaddress.ip_network(hole) for hole in block.get("except", [])
    )
