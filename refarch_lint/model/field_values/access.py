"""Roles and their bindings (kubernetes/pkg/apis/rbac/validation)."""

from __future__ import annotations

from refarch_lint.model.field_values.check import (
    Check,
    Faults,
    Node,
    all_of,
    each,
    fields,
    formatted,
    not_empty,
    one_of,
)
from refarch_lint.model.field_values.common import SELECTOR
from refarch_lint.model.field_values.formats import dns_subdomain, path_segment

_RBAC_GROUP = "rbac.authorization.k8s.io"


def _role_reference(*kinds: str) -> Check:
    return fields(
        {"apiGroup": one_of(_RBAC_GROUP), "kind": one_of(*kinds), "name": all_of(formatted(path_segment), not_empty)}
    )


def _subject(node: Node, faults: Faults) -> None:
    kind, group = node["kind"].text, node["apiGroup"].text
    if kind == "ServiceAccount":
        formatted(dns_subdomain)(node["name"], faults)
    if kind == "ServiceAccount" and group is not None:
        faults.append(node["apiGroup"].fault("is not allowed for a ServiceAccount"))
    elif kind in ("User", "Group") and group not in (None, _RBAC_GROUP):
        faults.append(node["apiGroup"].fault(f"is {group}, {_RBAC_GROUP} is required for a {kind}"))


def _account_namespace(node: Node, faults: Faults) -> None:
    if node["kind"].text == "ServiceAccount" and node["namespace"].value in (None, ""):
        faults.append(node.missing("namespace", "is required for a ServiceAccount"))


_SUBJECT: Check = fields({"kind": one_of("Group", "ServiceAccount", "User"), "name": not_empty}, _subject)

ROLE_BINDING: Check = fields({"roleRef": _role_reference("ClusterRole", "Role"), "subjects": each(_SUBJECT)})
CLUSTER_ROLE_BINDING: Check = fields(
    {"roleRef": _role_reference("ClusterRole"), "subjects": each(all_of(_SUBJECT, _account_namespace))}
)


def _policy_rule(namespaced: bool) -> Check:
    def check(node: Node, faults: Faults) -> None:
        if not isinstance(node.value, dict):
            return
        urls = node["nonResourceURLs"]
        if not urls.value:
            faults.extend(node.missing(key) for key in ("apiGroups", "resources") if not node[key].value)
        elif namespaced:
            faults.append(urls.fault("is not allowed in a Role; it needs a ClusterRole"))
        elif node["apiGroups"].value or node["resources"].value or node["resourceNames"].value:
            faults.append(urls.fault("is not allowed together with resources"))

    return fields({"verbs": not_empty}, check)


ROLE: Check = fields({"rules": each(_policy_rule(namespaced=True))})
CLUSTER_ROLE: Check = fields(
    {
        "rules": each(_policy_rule(namespaced=False)),
        "aggregationRule": fields({"clusterRoleSelectors": each(SELECTOR)}),
    }
)
