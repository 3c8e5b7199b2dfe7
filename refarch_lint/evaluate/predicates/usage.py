"""What nobody uses: configuration, Secrets, claims and roles that no object of the tree names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from refarch_lint.evaluate.context import RuleContext
from refarch_lint.evaluate.subject import Fault, NotApplicable, Outcome, Subject, Unverifiable
from refarch_lint.graph.place import Place
from refarch_lint.model.resource import Resource

#: Labels and annotations by which sidecars and controllers find objects that nobody names.
_FOUND_BY_LABEL: Final = (
    "grafana_",
    "grafana.com/",
    "prometheus",
    "argocd.argoproj.io/",
    "argoproj.io/",
    "velero.io/",
    "sealedsecrets.bitnami.com/",
    "reflector.",
    "replicator.",
    "kubernetes.io/service-account.name",
    "strimzi.io/",
    "cnpg.io/",
    "k8s.elastic.co/",
    "rbac.authorization.k8s.io/aggregate-to-",
    "config.linkerd.io/",
    "istio",
    "kustomize.toolkit.fluxcd.io/",
    "reconcile.fluxcd.io/",
    "cluster.x-k8s.io/",
    "helm.sh/hook",
)

#: Types of Secrets that the cluster or a tool reads by itself.
_READ_BY_TOOLS: Final = ("kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token", "helm.sh/release.v1")

_SYSTEM: Final = frozenset({"kube-system", "kube-public", "argocd", "flux-system", "istio-system"})


def used(subject: Subject, context: RuleContext) -> Iterator[Outcome]:
    """Something of the tree uses an object."""
    resource = subject.resource
    if _is_found_otherwise(resource):
        yield NotApplicable("a controller or a sidecar may find it by itself")
        return
    if context.graph.usage.is_used(resource):
        return
    namespace = resource.namespace
    if resource.kind != "ClusterRole" and namespace not in context.graph.index.workloads_by_namespace:
        yield Unverifiable(f"{resource}: no workload of namespace {namespace} is in the tree")
        return
    if makers := context.graph.pod_makers(namespace):
        yield Unverifiable(f"{resource}: pods of {makers[0]} may use it")
        return
    reader = context.graph.api_access.reader(resource.kind, namespace, resource.name)
    if reader is not None:
        yield Unverifiable(f"{resource}: by {reader}, a program may read it through the API server")
        return
    where = f" of namespace {namespace}" if namespace else ""
    yield Fault(f"nothing in the tree uses {resource}{where}", Place(resource, ("metadata", "name")))


def _is_found_otherwise(resource: Resource) -> bool:
    marks = (*resource.labels, *resource.annotations)
    if any(mark.startswith(_FOUND_BY_LABEL) for mark in marks) or resource.namespace in _SYSTEM:
        return True
    if resource.data.get("type") in _READ_BY_TOOLS or "generateName" in resource.metadata:
        return True
    return resource.kind == "ClusterRole" and "aggregationRule" in resource.data
