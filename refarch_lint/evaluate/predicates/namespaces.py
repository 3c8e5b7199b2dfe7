"""Namespaces: whether all that belongs together says where it goes, and whether concerns are kept apart."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator

from refarch_lint.catalogue.architecture import Architecture
from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Note, Outcome, Subject
from refarch_lint.graph.place import Place
from refarch_lint.model.resource import KUSTOMIZE, Resource
from refarch_lint.model.scope import is_cluster_scoped
from refarch_lint.model.workload import POD_TEMPLATES
from refarch_lint.severity import Severity

#: Kinds besides workloads that belong to the application they stand beside; bindings and monitors may not.
_COMPANIONS = frozenset(
    {
        ("", "ConfigMap"),
        ("", "PersistentVolumeClaim"),
        ("", "Secret"),
        ("", "Service"),
        ("", "ServiceAccount"),
        ("autoscaling", "HorizontalPodAutoscaler"),
        ("networking.k8s.io", "Ingress"),
        ("networking.k8s.io", "NetworkPolicy"),
        ("policy", "PodDisruptionBudget"),
    }
)
_SYSTEM = "kube-"
#: Concerns that the reference document itself keeps together: Loki stands beside Prometheus and Grafana.
_TOGETHER = {"loki": "monitoring"}


def consistent(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """The objects of a folder either all say their namespace or leave it all to whoever applies them."""
    for resource in context.graph.resources:
        if is_cluster_scoped(resource.group, resource.kind) and resource.metadata.get("namespace"):
            yield Fault(
                f"{resource} belongs to no namespace: what metadata.namespace says is ignored",
                Place(resource, ("metadata", "namespace")),
                severity=Severity.INFO,
            )
    if any(item.data.get("namespace") for item in context.graph.resources if item.group == KUSTOMIZE):
        yield NotApplicable("a kustomization sets the namespace")
        return
    for members in _by_folder(context).values():
        silent = [resource for resource in members if not resource.namespace_declared]
        declared = [resource for resource in members if resource.namespace_declared]
        named = dict.fromkeys(resource.namespace for resource in declared)
        if not silent or not declared or list(named) == [context.settings.default_namespace]:
            continue
        more = f" (nor do {len(silent) - 1} more)" if len(silent) > 1 else ""
        yield Fault(
            f"{silent[0]} names no namespace{more}, while other objects of its folder go to {', '.join(named)}",
            Place(silent[0], ("metadata", "namespace")),
            (Note(f"{declared[0]} names its namespace", Place(declared[0], ("metadata", "namespace"))),),
        )


def _by_folder(context: RuleContext) -> dict[str, list[Resource]]:
    found: dict[str, list[Resource]] = defaultdict(list)
    for resource in context.graph.resources:
        key = (resource.group, resource.kind)
        if (key in _COMPANIONS or key in POD_TEMPLATES) and not resource.namespace.startswith(_SYSTEM):
            found[posixpath.dirname(resource.document.file)].append(resource)
    return found


def separated(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Each concern to which the architecture gives a namespace has one that it shares with no other concern."""
    architecture = _spread(context)
    if architecture is None:
        yield NotApplicable("the architecture gives no namespaces")
        return
    for namespace, concerns in _concerns(context).items():
        own = namespace if namespace in concerns else next(iter(architecture.namespaces), "")
        home = own if own in concerns else next(iter(concerns))
        for concern, members in concerns.items():
            if concern == home:
                continue
            resource = members[0]
            more = f" (and {len(members) - 1} more)" if len(members) > 1 else ""
            yield Fault(
                f"{resource}{more} is in namespace {namespace} together with {concerns[home][0]}: "
                f"architecture {architecture.id} keeps {concern} and {home} apart",
                Place(resource, ("metadata", "namespace")),
                (Note(f"{concerns[home][0]} is part of {home}", Place(concerns[home][0], ("metadata", "name"))),),
            )


def _spread(context: RuleContext) -> Architecture | None:
    """Return the architecture that spreads the tree over namespaces, or None."""
    found = (part.architecture for part in context.roles.parts if part.architecture)
    return next((architecture for architecture in found if architecture.namespaces), None)


def _concerns(context: RuleContext) -> dict[str, dict[str, list[Resource]]]:
    """Return what plays a role with a namespace of its own, by actual namespace and by concern."""
    found: dict[str, dict[str, list[Resource]]] = defaultdict(lambda: defaultdict(list))
    for resource in context.graph.resources:
        role = context.roles.role_of(resource)
        if role is None or not role.namespace or not resource.namespace or context.graph.workload(resource) is None:
            continue
        component = context.roles.component(resource)
        concern = _TOGETHER.get(component.id, role.namespace) if component else role.namespace
        if component is not None and component.id in _TOGETHER and resource.namespace == role.namespace:
            concern = role.namespace
        found[resource.namespace][concern].append(resource)
    return {
        namespace: {name: concerns[name] for name in _ordered(concerns, context)}
        for namespace, concerns in found.items()
    }


def _ordered(concerns: dict[str, list[Resource]], context: RuleContext) -> list[str]:
    architecture = _spread(context)
    assert architecture is not None
    return sorted(concerns, key=architecture.namespaces.index)
